import { existsSync, readdirSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { acquireServer, PROVIDERS } from '#redline/server/acquire.js'
import type { Provider, RunningServer } from '#redline/server/provider.js'
import { enginesFolder } from '#redline/server/unpacked.js'
import { parseAddress } from '#redline/wire/address.js'
import { asArray, asText, Client } from '#redline/wire/client.js'

/** A real server on loopback, started for a test. It ends with the test process, however that ends. */
export interface TestServer {
  host: string
  port: number
  /** `redis://127.0.0.1:7001` */
  url: string
  /** `redis` or `valkey` */
  engine: string
  /** `7.0.15` */
  version: string
  /** Throws where the server runs in a container and so has no process here. */
  readonly pid: number
  /** Ends the server and removes its files; a second call does nothing. */
  stop(): Promise<void>
}

export interface TestServerOptions {
  engine?: string
  /** Any directive, also those that redline would not take from a scenario. */
  config?: Record<string, string>
}

/**
 * The engines that a test which is repeated for each runs against, as `redis@7.0`: one by default, every unpacked one with
 * `REDLINE_TEST_ENGINES=all` (npm run test:engines), or those that it names (`redis@6.0,valkey@9.1`). Never empty, so that no
 * test is ever skipped.
 */
export function availableEngines(): string[] {
  const wanted = process.env['REDLINE_TEST_ENGINES'] ?? ''
  if (wanted === 'all') return enginesAtHand()
  return wanted === '' ? [usualEngine()] : wanted.split(',')
}

/** All that are unpacked (REDLINE_ENGINES), or else the one that can be had here. */
function enginesAtHand(): string[] {
  const folder = enginesFolder(process.env)
  const unpacked = existsSync(folder) ? readdirSync(folder).filter((name) => /^(redis|valkey)@\d+\.\d+$/.test(name)) : []
  if (unpacked.length > 0) return unpacked.toSorted((a, b) => a.localeCompare(b))
  return [!isOnPath('redis-server') && isOnPath('valkey-server') ? 'valkey' : 'redis']
}

/** `redis@7.0` when it is at hand, else the first engine that is. */
function usualEngine(): string {
  const engines = enginesAtHand()
  return engines.includes('redis@7.0') ? 'redis@7.0' : engines[0]!
}

/** Starts an empty server without persistence, where the engine makes no difference the usual one: `redis@7.0` when it is at hand. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const engine = options.engine ?? usualEngine()
  const { unixsocket, ...config } = options.config ?? {}
  const context = { env: process.env, signal: new AbortController().signal, onProgress: () => undefined }
  const server = await acquireServer({ engine }, context, PROVIDERS.map(withConfig(config)))
  if (unixsocket !== undefined) await symlink(await socketOf(server, config['requirepass']), unixsocket)
  if ('path' in server.address) throw new TypeError('a server that listens on TCP was asked for')
  return {
    ...server.address,
    url: server.url,
    engine: server.engine,
    version: server.version,
    get pid(): number {
      if (server.pid === undefined) throw new Error(`the server of this test runs in a container (${server.origin})`)
      return server.pid
    },
    stop: () => server.stop(),
  }
}

/** Adds configuration behind the check of what a scenario may ask for. */
function withConfig(config: Record<string, string>): (provider: Provider) => Provider {
  return (provider) => ({ title: provider.title, start: (wanted, context) => provider.start({ ...wanted, config }, context) })
}

/** The unix socket that a server of redline has beside its port. */
async function socketOf(server: RunningServer, password: string | undefined): Promise<string> {
  const address = { ...parseAddress(server.url, {}), password }
  const client = await Client.open(address, { protocol: 2, timeoutMs: 5000, signal: new AbortController().signal })
  const [, path] = asArray(await client.call('CONFIG', 'GET', 'unixsocket'))
  client.close()
  return asText(path)
}

function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}
