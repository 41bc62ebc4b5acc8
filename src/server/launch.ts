import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { safeText } from '../core/text.js'
import { configArguments, refusedConfig } from './config.js'
import type { Engine } from './engine.js'
import { plainLocale } from './exec.js'
import { Guarded } from './guard.js'
import { answersPing } from './ping.js'
import { type RunningServer, type ServerAddress, type ServerContext, urlOf, type Wanted } from './provider.js'

/** A server program at hand. */
export interface ServerProgram {
  /** What to run, without options. */
  command: readonly string[]
  /** What it needs in its environment, besides ours. */
  env?: Record<string, string>
  engine: Engine
  origin: string
}

const START_TIMEOUT_MS = 20_000
const PORT_ATTEMPTS = 5
/** The shortest limit on a socket's path (macOS), less its terminating zero. */
const MAX_SOCKET_PATH = 103

/**
 * Starts a server program on a free port of 127.0.0.1, or on a unix socket in a folder of its own, and waits until it
 * answers. It keeps nothing on disk unless its configuration asks for that, and then in that folder. Throws InputError
 * when it refuses its configuration, Error when it ends or stays silent.
 */
export async function launch(program: ServerProgram, wanted: Wanted, context: ServerContext): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted.listen === 'tcp' ? await freePort() : 0
    const dir = privateFolder(context.env)
    const guarded = new Guarded([...program.command, ...options(wanted, port, dir)], dir, { ...plainLocale(context.env), ...program.env })
    try {
      await untilReady(guarded, socketIn(dir), context.signal)
      const address = port === 0 ? { path: socketIn(dir) } : { host: '127.0.0.1', port }
      return await running(program, guarded, address)
    } catch (error) {
      await guarded.stop()
      const portTaken = guarded.log.some((line) => line.includes('Address already in use'))
      if (portTaken && attempt < PORT_ATTEMPTS) continue
      throw refusedConfig(guarded.log, program.engine) ?? error
    }
  }
}

/**
 * Every server has a unix socket, also one that listens on TCP: a port may be taken from us between the choice and the
 * start, and then a stranger would answer there; nobody else answers in our folder. The socket opens after the ports.
 */
function options(wanted: Wanted, port: number, dir: string): string[] {
  const fixed = { bind: '127.0.0.1', port: String(port), unixsocket: socketIn(dir), unixsocketperm: '700', dir }
  return [...Object.entries(fixed).flatMap(([name, value]) => [`--${name}`, value]), ...configArguments({ ...QUIET, ...wanted.config })]
}

/** Nothing is written to disk. */
export const QUIET: Record<string, string> = { save: '', appendonly: 'no' }

function privateFolder(env: NodeJS.ProcessEnv): string {
  const name = `redline-${randomBytes(8).toString('hex')}`
  const preferred = join(env['TMPDIR'] || '/tmp', name)
  return socketIn(preferred).length <= MAX_SOCKET_PATH ? preferred : join('/tmp', name)
}

function socketIn(dir: string): string {
  return join(dir, 'redis.sock')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new TypeError('the probe has no port')
  return address.port
}

async function untilReady(guarded: Guarded, path: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    signal.throwIfAborted()
    if (guarded.exit) throw new Error(`it ended at once (${guarded.exit.reason})${lastWords(guarded)}`)
    if (await answersPing({ path })) return
    if (Date.now() > deadline) throw new Error(`it did not answer within ${START_TIMEOUT_MS / 1000} s${lastWords(guarded)}`)
    await Promise.race([sleep(5), guarded.exited])
  }
}

function lastWords(guarded: Guarded): string {
  const line = guarded.log.at(-1)
  return line === undefined ? '' : `: ${safeText(line)}`
}

async function running(program: ServerProgram, guarded: Guarded, address: ServerAddress): Promise<RunningServer> {
  return {
    address,
    url: urlOf(address),
    engine: program.engine.name,
    version: program.engine.version,
    origin: program.origin,
    pid: await guarded.pid,
    exited: guarded.exited,
    stop: () => guarded.stop(),
  }
}
