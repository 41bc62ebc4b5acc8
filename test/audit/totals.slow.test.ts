import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AuditResult } from '#redline/schema/audit.js'
import { asNumber, asText } from '#redline/wire/client.js'
import { ask, startCluster, startReplicated, untilInfo } from '../support/deployments.js'
import { engineCli } from '../support/engine-cli.js'
import { mixedKeys, run } from '../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { auditWhole, contradictions } from '../support/whole-audits.js'

const KEYS = 3000

async function start(engine: string, config: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer({ engine, config })
  onTestFinished(() => server.stop())
  return server
}

/** What a keyspace amounts to, as somebody else counted it. */
interface Amount {
  keys: number
  nameBytes: number
  types: Record<string, { keys: number; bytes: number }>
}

/** The sums of `redis-cli --memkeys`: `100 lists with 456736 bytes (20.00% of keys, avg size 4567.36)`. */
function amountIn(output: string): Amount {
  const sums = [...output.matchAll(/^(\d+) (\w+?)s with (\d+) bytes/gm)].filter(([, keys]) => keys !== '0')
  return {
    keys: Number(/^Sampled (\d+) keys/m.exec(output)?.[1]),
    nameBytes: Number(/^Total key length in bytes is (\d+)/m.exec(output)?.[1]),
    types: Object.fromEntries(sums.map(([, keys, type, bytes]) => [type, { keys: Number(keys), bytes: Number(bytes) }])),
  }
}

/** The same by asking for each key, where there is no redis-cli. */
async function amountOfEach(server: TestServer): Promise<Amount> {
  const [keys] = await run(server.url, [['KEYS', '*']])
  if (!Array.isArray(keys)) throw new TypeError('KEYS lists keys')
  const names = keys.map(asText)
  const replies = await run(
    server.url,
    names.flatMap((name) => [
      ['TYPE', name],
      ['MEMORY', 'USAGE', name],
    ]),
  )
  const amount: Amount = { keys: names.length, nameBytes: names.reduce((sum, name) => sum + Buffer.byteLength(name), 0), types: {} }
  for (let i = 0; i < replies.length; i += 2) {
    const tally = (amount.types[asText(replies[i])] ??= { keys: 0, bytes: 0 })
    tally.keys++
    tally.bytes += asNumber(replies[i + 1])
  }
  return amount
}

const amountOf = ({ totals, patterns }: AuditResult): Amount => ({
  keys: totals.keys.value,
  nameBytes: patterns.reduce((sum, { nameBytes }) => sum + nameBytes, 0),
  types: totals.types,
})

async function databaseSizes(urls: readonly string[], databases: readonly number[] = [0]): Promise<number> {
  const sizes = urls.flatMap((url) => databases.map(async (db) => asNumber((await run(url, [['DBSIZE']], db))[0])))
  return (await Promise.all(sizes)).reduce((sum, keys) => sum + keys, 0)
}

describe.each(availableEngines())('the totals of a still keyspace, on %s', (engine) => {
  test('are those of redis-cli --memkeys: keys, bytes and names, by type', async () => {
    const server = await start(engine)
    await run(server.url, mixedKeys(KEYS))
    const output = await engineCli(engine, server, ['--memkeys'])
    const theirs = output === undefined ? await amountOfEach(server) : amountIn(output)
    const { result } = await auditWhole(server.url)
    expect(Object.keys(theirs.types).toSorted()).toEqual(['hash', 'list', 'set', 'stream', 'string', 'zset'])
    expect(amountOf(result)).toEqual(theirs)
    expect(contradictions(result)).toEqual([])
    // Asking for lengths, and reading in small steps, changes nothing of it.
    const careful = await auditWhole(server.url, { mayTouch: true, limits: { opsPerSecond: 60_000 } })
    expect(amountOf(careful.result)).toEqual(theirs)
  })

  test('are those of DBSIZE in all databases together', async () => {
    const server = await start(engine)
    for (const [db, keys] of [
      [0, 700],
      [3, 1100],
      [15, 1],
    ] as const)
      await run(server.url, mixedKeys(keys), db)
    const { result } = await auditWhole(server.url)
    expect(result.coverage).toMatchObject({ complete: true, databases: [0, 3, 15], keysThere: 1801 })
    expect(result.totals.keys.value).toBe(await databaseSizes([server.url], [0, 3, 15]))
    expect(contradictions(result)).toEqual([])
  })

  test('leave the frequencies of an LFU policy as they were', async () => {
    const { server, used } = await keysInUse('allkeys-lfu', 'FREQ')
    const before = await used()
    const { result } = await auditWhole(server.url)
    expect(result.coverage.complete).toBe(true)
    expect(await used()).toEqual(before)
    expect(new Set(before).size).toBeGreaterThan(5)
    // Where the server counts how often, it does not know how long ago.
    expect(result.patterns.filter(({ idle }) => idle !== null)).toEqual([])
  })

  test('leave the idle times of an LRU policy as they were', async () => {
    const { server, used } = await keysInUse('allkeys-lru', 'IDLETIME')
    await sleep(1100)
    const before = await used()
    const { result } = await auditWhole(server.url)
    expect(result.coverage.complete).toBe(true)
    const after = await used()
    expect(after.filter((seconds, i) => seconds < Math.max(1, before[i]!))).toEqual([])
    expect(result.patterns.filter(({ idle }) => idle === null)).toEqual([])
  })

  /** A server that evicts by what is asked of OBJECT, some of whose keys are used more than others. */
  async function keysInUse(policy: string, asked: 'FREQ' | 'IDLETIME'): Promise<{ server: TestServer; used: () => Promise<number[]> }> {
    const server = await start(engine, { 'maxmemory-policy': policy, maxmemory: '1gb', 'lfu-decay-time': '0', 'lfu-log-factor': '0' })
    const names = ['str:0', 'int:1', 'hash:2', 'bighash:3', 'list:4', 'set:5', 'tags:6', 'zset:7', 'stream:8', 'biglist:9']
    const uses = names.flatMap((name, i) => Array.from({ length: i * 3 }, () => ['TOUCH', name]))
    await run(server.url, [...mixedKeys(300), ...uses])
    const used = async () =>
      (
        await run(
          server.url,
          names.map((name) => ['OBJECT', asked, name]),
        )
      ).map(asNumber)
    return { server, used }
  }
})

describe('the totals of several servers', () => {
  test('are those of all primaries of a cluster, whichever of their replicas they were read from', async () => {
    const cluster = await startCluster({ primaries: 3, replicasEach: 1 })
    onTestFinished(() => cluster.stop())
    const keys = Array.from({ length: 1500 }, (_, i) => ['SET', `user:${i}`, 'x'.repeat(i % 200)])
    for (const server of cluster.primaries) await run(server.url, keys)
    for (const [i, replica] of cluster.replicas.entries()) {
      const offset = /master_repl_offset:(\d+)/.exec(asText(await ask(cluster.primaries[i]!, ['INFO', 'replication'])))![1]!
      await untilInfo(replica, 'slave_repl_offset', offset)
    }
    const { result } = await auditWhole(cluster.primaries[1]!.url)
    expect(await databaseSizes(cluster.primaries.map(({ url }) => url))).toBe(1500)
    expect(result.coverage).toMatchObject({ complete: true, keysSeen: 1500, keysThere: 1500 })
    expect(result.target.nodes.filter(({ scanned }) => scanned).map(({ role }) => role)).toEqual(['replica', 'replica', 'replica'])
    expect(contradictions(result)).toEqual([])
    const primaries = await auditWhole(cluster.primaries[1]!.url, { preferReplica: false })
    expect(primaries.result.totals).toEqual(result.totals)
  })

  test('are those of one, read from its replica', async () => {
    const { primary, replicas, stop } = await startReplicated({ replicas: 2 })
    onTestFinished(stop)
    await run(primary.url, [...mixedKeys(1000), ['WAIT', 2, 5000]])
    const { result } = await auditWhole(primary.url)
    const read = result.target.nodes.find(({ scanned }) => scanned)!
    expect(read.role).toBe('replica')
    // Sorted sets take a little more or less memory by chance, so that the primary's bytes are not quite those of a replica.
    const replica = replicas.find(({ url }) => url.endsWith(read.address))!
    expect(amountOf(result)).toEqual(await amountOfEach(replica))
    expect(result.totals.keys.value).toBe(await databaseSizes([primary.url]))
  })
})
