import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EngineName, parseEngine } from '#redline/server/engine.js'
import { askVersion, findOnPath } from '#redline/server/exec.js'
import { launch, type ServerProgram } from '#redline/server/launch.js'
import { unpackedProgram } from '#redline/server/providers/cache.js'
import { enginesFolder, isWished, listUnpacked } from '#redline/server/unpacked.js'
import { parseAddress } from '#redline/wire/address.js'
import { asArray, asText, Client } from '#redline/wire/client.js'
import { startServer, type TestServer } from './servers.js'

/*
 * Several real servers that belong together, for tests: a primary with replicas, a cluster, sentinels. All on loopback, all
 * ended with the test process. They need servers that run here, not in containers: each must reach the others at their ports.
 */

const SLOTS = 16_384
const PORT_ATTEMPTS = 5

export interface Replicated {
  primary: TestServer
  replicas: TestServer[]
  stop: () => Promise<void>
}

/** A primary and its replicas, each of which has caught up. */
export async function startReplicated(
  options: { engine?: string; replicas?: number; config?: Record<string, string>; replicaConfig?: Record<string, string> } = {},
): Promise<Replicated> {
  const { engine, config = {} } = options
  const quick = { 'repl-diskless-sync': 'yes', 'repl-diskless-sync-delay': '0', 'repl-ping-replica-period': '1' }
  const servers = await startAll(1 + (options.replicas ?? 1), (index) =>
    startServer({ ...(engine ? { engine } : {}), config: { ...quick, ...config, ...(index > 0 ? options.replicaConfig : {}) } }),
  )
  const primary = servers[0]!
  const replicas = servers.slice(1)
  return orStop(servers, async () => {
    for (const replica of replicas) await ask(replica, ['REPLICAOF', primary.host, String(primary.port)])
    await Promise.all(replicas.map((replica) => untilInfo(replica, 'master_link_status', 'up')))
    // The primary takes them for online only when they have acknowledged what they got.
    await untilOnline(primary, replicas.length)
    return { primary, replicas, stop: () => stopAll(servers) }
  })
}

export interface Cluster {
  /** In the order of their slots. */
  primaries: TestServer[]
  /** `replicas[i]` is one of `primaries[i % primaries.length]`. */
  replicas: TestServer[]
  stop: () => Promise<void>
}

/** A cluster whose slots are spread evenly, in state ok, with replicas that have caught up. Takes about three seconds. */
export async function startCluster(
  options: { engine?: string; primaries?: number; replicasEach?: number; config?: Record<string, string> } = {},
): Promise<Cluster> {
  const count = options.primaries ?? 3
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-node-timeout': '1000',
    'repl-diskless-sync': 'yes',
    'repl-diskless-sync-delay': '0',
    ...options.config,
  }
  const servers = await startAll(count * (1 + (options.replicasEach ?? 0)), () => startOnBusPort(options.engine, settings))
  const primaries = servers.slice(0, count)
  const replicas = servers.slice(count)
  return orStop(servers, async () => {
    await joinUp(primaries, replicas)
    return { primaries, replicas, stop: () => stopAll(servers) }
  })
}

async function joinUp(primaries: readonly TestServer[], replicas: readonly TestServer[]): Promise<void> {
  const all = [...primaries, ...replicas]
  for (const [index, server] of all.entries()) await ask(server, ['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)])
  for (const [index, server] of primaries.entries()) {
    const from = Math.floor((index * SLOTS) / primaries.length)
    const to = Math.floor(((index + 1) * SLOTS) / primaries.length)
    await ask(server, ['CLUSTER', 'ADDSLOTS', ...Array.from({ length: to - from }, (_, i) => String(from + i))])
  }
  for (const server of all.slice(1)) await ask(all[0]!, ['CLUSTER', 'MEET', server.host, String(server.port)])
  for (const server of all) await untilCluster(server, 'cluster_known_nodes', String(all.length))
  for (const [index, replica] of replicas.entries()) {
    const id = asText(await ask(primaries[index % primaries.length]!, ['CLUSTER', 'MYID']))
    // A node that is being met is known, though not yet by its name.
    await eventually(`${id} to be known`, () =>
      ask(replica, ['CLUSTER', 'REPLICATE', id]).then(
        () => true,
        () => false,
      ),
    )
  }
  await Promise.all(all.map((server) => untilCluster(server, 'cluster_state', 'ok')))
  await Promise.all(replicas.map((replica) => untilInfo(replica, 'master_link_status', 'up')))
  await Promise.all(primaries.map((primary) => untilOnline(primary, replicas.length / primaries.length)))
  // Whose replica a node is its neighbours learn by gossip, and whoever is asked before takes it for a primary without slots.
  for (const server of all)
    await eventually(`${server.url} to know ${replicas.length} replicas`, async () => {
      const nodes = asText(await ask(server, ['CLUSTER', 'NODES']))
      return (nodes.match(/\bslave\b/g)?.length ?? 0) === replicas.length
    })
}

async function untilOnline(primary: TestServer, replicas: number): Promise<void> {
  await eventually(`${replicas} replicas of ${primary.url}`, async () => {
    const info = asText(await ask(primary, ['INFO', 'replication']))
    return (info.match(/state=online/g)?.length ?? 0) === replicas
  })
}

export interface Sentinels extends Replicated {
  /** They answer the commands of a sentinel: SENTINEL MASTERS and the like. */
  sentinels: TestServer[]
}

/** A primary named `main` with replicas, watched by sentinels that all know each other and the replicas. Takes about three seconds. */
export async function startSentinels(
  options: {
    engine?: string
    replicas?: number
    sentinels?: number
    quorum?: number
    /** Lines of a sentinel's configuration: `sentinel down-after-milliseconds main 1000`. */
    lines?: string[]
  } = {},
): Promise<Sentinels> {
  const { quorum = 2, lines = [] } = options
  const watched = await startReplicated({ ...(options.engine ? { engine: options.engine } : {}), replicas: options.replicas ?? 1 })
  const servers = [watched.primary, ...watched.replicas]
  return orStop(servers, async () => {
    const monitor = `sentinel monitor main ${watched.primary.host} ${watched.primary.port} ${quorum}`
    const sentinels = await startAll(options.sentinels ?? 3, () => startSentinel(options.engine, [monitor, ...lines]))
    servers.push(...sentinels)
    for (const sentinel of sentinels) {
      await untilSentinel(sentinel, 'num-other-sentinels', String(sentinels.length - 1))
      await untilSentinel(sentinel, 'num-slaves', String(watched.replicas.length))
    }
    return { ...watched, sentinels, stop: () => stopAll(servers) }
  })
}

/** A sentinel keeps what it learns in its configuration file, which therefore has to be one that it may write. */
async function startSentinel(engine: string | undefined, lines: readonly string[]): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redline-sentinel-'))
  const file = join(folder, 'sentinel.conf')
  await writeFile(file, `${lines.join('\n')}\n`)
  const program = await nativeProgram(engine)
  const sentinel = { ...program, command: [...program.command, file, '--sentinel'] }
  const context = { env: process.env, signal: new AbortController().signal, onProgress: () => undefined }
  const server = await launch(sentinel, { engine: parseEngine(engine), config: {}, listen: 'tcp' }, context)
  if ('path' in server.address) throw new TypeError('a sentinel that listens on TCP was asked for')
  const { pid } = server
  if (pid === undefined) throw new TypeError('a sentinel runs here')
  const { host, port } = server.address
  const stop = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { host, port, url: server.url, engine: server.engine, version: server.version, pid, stop }
}

/** The program behind `startServer({ engine })`. Throws where that runs in a container. */
async function nativeProgram(engine: string | undefined): Promise<ServerProgram> {
  const wish = parseEngine(engine)
  const context = { env: process.env, signal: new AbortController().signal, onProgress: () => undefined }
  const unpacked = (await listUnpacked(enginesFolder(process.env))).find((candidate) => isWished(candidate, wish))
  if (unpacked) return unpackedProgram(unpacked, 'unpacked', context)
  for (const name of wish.name ? [wish.name] : (['redis', 'valkey'] satisfies EngineName[])) {
    const file = await findOnPath(`${name}-server`, process.env)
    if (file !== undefined) return { command: [file], engine: await askVersion([file], process.env, context.signal), origin: file }
  }
  throw new Error('a sentinel of a test needs redis-server or valkey-server here, not in a container')
}

/**
 * A server on a port from which 10000 can be added: that is where a cluster's nodes talk to each other, and 6.0 has no
 * cluster-port. Below the range from which the system takes ports of outgoing connections.
 */
async function startOnBusPort(engine: string | undefined, config: Record<string, string>): Promise<TestServer> {
  for (let attempt = 1; ; attempt++) {
    const port = 10_000 + Math.floor(Math.random() * 12_000)
    if (!(await isFree(port)) || !(await isFree(port + 10_000))) continue
    try {
      const server = await startServer({ ...(engine ? { engine } : {}), config: { ...config, port: String(port) } })
      return { ...server, port, url: `redis://${server.host}:${port}`, pid: server.pid, stop: () => server.stop() }
    } catch (error) {
      if (attempt === PORT_ATTEMPTS) throw error
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/** One command on a connection of its own. */
export async function ask(server: { url: string }, command: readonly string[]) {
  const address = parseAddress(server.url, {})
  const client = await Client.open(address, { protocol: 2, timeoutMs: 5000, replyTimeoutMs: 20_000, signal: new AbortController().signal })
  try {
    return await client.call(...command)
  } finally {
    client.close()
  }
}

/** Asks again and again until the answer is yes. Throws with `what` after 20 seconds. */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited 20 s for ${what}`)
    await sleep(50)
  }
}

/** Waits until INFO has a field with a value. */
export function untilInfo(server: TestServer, field: string, value: string): Promise<void> {
  return eventually(`${field}:${value} of ${server.url}`, async () =>
    asText(await ask(server, ['INFO', 'ALL'])).includes(`\n${field}:${value}\r\n`),
  )
}

/** Waits until CLUSTER INFO has a field with a value. */
export function untilCluster(server: TestServer, field: string, value: string): Promise<void> {
  return eventually(`${field}:${value} of ${server.url}`, async () =>
    `\n${asText(await ask(server, ['CLUSTER', 'INFO']))}`.includes(`\n${field}:${value}\r\n`),
  )
}

/** Waits until a sentinel's view of `main` has a field with a value. */
export function untilSentinel(sentinel: TestServer, field: string, value: string): Promise<void> {
  return eventually(`${field} ${value} of ${sentinel.url}`, async () => {
    const flat = asArray(await ask(sentinel, ['SENTINEL', 'MASTER', 'main'])).map(asText)
    return flat[flat.indexOf(field) + 1] === value
  })
}

async function startAll(count: number, start: (index: number) => Promise<TestServer>): Promise<TestServer[]> {
  const started = await Promise.allSettled(Array.from({ length: count }, (_, index) => start(index)))
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = started.find((result) => result.status === 'rejected')
  if (!failed) return servers
  await stopAll(servers)
  throw failed.reason
}

async function orStop<T>(servers: readonly TestServer[], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await stopAll(servers)
    throw error
  }
}

async function stopAll(servers: readonly TestServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()))
}
