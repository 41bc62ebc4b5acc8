import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { createServer, createConnection } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A real server on loopback, started for one test file. */
export interface TestServer {
  host: string
  port: number
  /** `redis://127.0.0.1:7001` */
  url: string
  /** `redis` or `valkey` */
  engine: string
  /** `7.0.15` */
  version: string
  pid: number
  /** Ends the server and removes its files; a second call does nothing. */
  stop(): Promise<void>
}

/** Engines at hand, as `redis@7.0`; never empty. */
export function availableEngines(): string[] {
  const names = existsSync(cacheFolder()) ? readdirSync(cacheFolder()).filter((name) => /^(redis|valkey)@\d+\.\d+$/.test(name)) : []
  if (names.length === 0) throw new Error(`no engine below ${cacheFolder()}`)
  return names.toSorted()
}

/** Starts an empty server without persistence; by default `redis@7.0` when it is at hand, else the first that is. */
export async function startServer(options: { engine?: string; config?: Record<string, string> } = {}): Promise<TestServer> {
  const engines = availableEngines()
  const name = options.engine ?? (engines.includes('redis@7.0') ? 'redis@7.0' : engines[0]!)
  const engine = name.split('@')[0]!
  const [command, ...prefix] = serverCommand(join(cacheFolder(), name), engine)
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'redline-test-'))
  const settings = { bind: '127.0.0.1', port: String(port), save: '', appendonly: 'no', dir, ...options.config }
  const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value])
  const child = spawn(command!, [...prefix, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)))
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)))
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  const stop = async () => {
    process.off('exit', killWithUs)
    await end(child)
    rmSync(dir, { recursive: true, force: true })
  }
  await waitUntilItAnswers(port, child).catch(async (error: unknown) => {
    await stop()
    throw new Error(`${name} did not start: ${log}`, { cause: error })
  })
  const version = /version=(\d+\.\d+\.\d+)/i.exec(log)?.[1] ?? name.split('@')[1]!
  return { host: '127.0.0.1', port, url: `redis://127.0.0.1:${port}`, engine, version, pid: child.pid!, stop }
}

function cacheFolder(): string {
  const { REDLINE_ENGINES, XDG_CACHE_HOME } = process.env
  return REDLINE_ENGINES ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'redline', 'engines')
}

/** The engine brings its own C library, so its own loader has to start it. */
function serverCommand(root: string, engine: string): string[] {
  const link = join(root, 'lib64/ld-linux-x86-64.so.2')
  const target = readlinkIfLink(link)
  const loader = target?.startsWith('/') ? join(root, target) : link
  const libraries = ['lib', 'usr/lib'].map((folder) => join(root, folder, 'x86_64-linux-gnu')).join(':')
  return [loader, '--library-path', libraries, join(root, 'usr/bin', `${engine}-server`)]
}

function readlinkIfLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return address.port
}

async function waitUntilItAnswers(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended')
    if (await answers(port)) return
    await sleep(20)
  }
  throw new Error('no answer in 10 s')
}

/** Whether anything replies to PING: PONG, or NOAUTH where a test asked for a password. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'))
    socket.once('data', (reply) => {
      socket.destroy()
      resolve(/^\+PONG|^-NOAUTH/.test(reply.toString()))
    })
    socket.once('error', () => resolve(false))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
