import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { safeText } from '../core/text.js'
import { configArguments, refusedConfig } from './config.js'
import type { Engine, EngineName } from './engine.js'
import { plainLocale } from './exec.js'
import { Guarded } from './guard.js'
import { answersPing } from './ping.js'
import {
  type RunningServer,
  type ServerAddress,
  type ServerCondition,
  type ServerContext,
  type ServerExit,
  urlOf,
  type Wanted,
} from './provider.js'

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
const STOPPED_WITHIN_MS = 2000
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
      return new LaunchedServer(program, guarded, address, await guarded.pid)
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

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
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

class LaunchedServer implements RunningServer {
  readonly address: ServerAddress
  readonly url: string
  readonly engine: EngineName
  readonly version: string
  readonly origin: string
  readonly exited: Promise<ServerExit>
  pid: number
  condition: ServerCondition = 'running'
  readonly #guarded: Guarded

  constructor({ engine, origin }: ServerProgram, guarded: Guarded, address: ServerAddress, pid: number) {
    this.address = address
    this.url = urlOf(address)
    this.engine = engine.name
    this.version = engine.version
    this.origin = origin
    this.exited = guarded.exited
    this.pid = pid
    this.#guarded = guarded
  }

  async pause(): Promise<void> {
    assertCondition(this, 'running')
    process.kill(this.pid, 'SIGSTOP')
    this.condition = 'paused'
    await untilStopped(this.pid)
  }

  // oxlint-disable-next-line typescript/require-await -- what it throws is a rejection, as in the others
  async resume(): Promise<void> {
    assertCondition(this, 'paused')
    process.kill(this.pid, 'SIGCONT')
    this.condition = 'running'
  }

  async kill(): Promise<void> {
    assertCondition(this, 'running', 'paused')
    await this.#guarded.kill()
    this.condition = 'killed'
  }

  async restart(): Promise<void> {
    assertCondition(this, 'killed')
    await this.#guarded.start()
    this.pid = await this.#guarded.pid
    const path = 'path' in this.address ? this.address.path : socketIn(this.#guarded.dir)
    await untilReady(this.#guarded, path, new AbortController().signal)
    this.condition = 'running'
  }

  stop(): Promise<void> {
    return this.#guarded.stop()
  }
}

/** Throws an Error that says what a server is where something else is needed. */
export function assertCondition({ url, condition }: Pick<RunningServer, 'url' | 'condition'>, ...wanted: ServerCondition[]): void {
  if (!wanted.includes(condition)) throw new Error(`the server at ${url} is ${condition}, not ${wanted.join(' or ')}`)
}

/** A signal is on its way for a moment; Linux tells when it has arrived (proc_pid_stat(5)). */
async function untilStopped(pid: number): Promise<void> {
  const deadline = Date.now() + STOPPED_WITHIN_MS
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined)
    if (stat === undefined || stat.charAt(stat.lastIndexOf(')') + 2) === 'T') return
    if (Date.now() > deadline) throw new Error(`process ${pid} did not stop within ${STOPPED_WITHIN_MS / 1000} s`)
    await sleep(1)
  }
}
