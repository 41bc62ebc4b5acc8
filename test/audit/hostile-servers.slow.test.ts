import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { DEFAULT_BUDGET } from '#redline/audit/budget/budget.js'
import type { ProgressEvent } from '#redline/core/events.js'
import { numberOf, readInfo } from '#redline/redis/info.js'
import { ReplyError } from '#redline/wire/decoder.js'
import { asText } from '#redline/wire/client.js'
import { connect } from '../redis/connect.js'
import { ask, type Cluster, eventually, startCluster, startReplicated, untilCluster } from '../support/deployments.js'
import { mixedKeys, run } from '../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { auditWhole, contradictions, type WholeAudit, type WholeAuditOptions } from '../support/whole-audits.js'

/* Servers in trouble, from the beginning or from the middle of an audit on: it ends in time, and what it says is true. */

const KEYS = 2000
/** Patience for a server that comes back soon, or not at all. */
const SHORT_PATIENCE = { timeoutMs: 400, backoffMs: [200, 400, 800] }
/** A slow audit that something can happen in the middle of. */
const SLOW: WholeAuditOptions = { limits: { opsPerSecond: 10_000 }, ...SHORT_PATIENCE }
const newest = availableEngines().at(-1)!

async function start(config: Record<string, string> = {}, engine?: string): Promise<TestServer> {
  const server = await startServer({ config, ...(engine ? { engine } : {}) })
  onTestFinished(() => server.stop())
  await run(server.url, mixedKeys(KEYS))
  return server
}

/** A server that takes so many clients more: its keys were written by one that it has let go of, which takes it a moment. */
async function startWithRoomFor(clients: number): Promise<TestServer> {
  const server = await start()
  const holder = await connect(server.url)
  onTestFinished(() => holder.close())
  await eventually('others to be gone', async () => numberOf(await readInfo(holder), 'connected_clients') === 1)
  await holder.call('CONFIG', 'SET', 'maxclients', String(clients + 1))
  return server
}

/** Calls once when so many keys have been read. */
function when(keys: number, call: () => unknown): (event: ProgressEvent) => void {
  let called = false
  return (event) => {
    if (called || event.kind !== 'scan' || event.keys < keys) return
    called = true
    void call()
  }
}

/** What is not as it should be in an audit that ended early because of `why`. */
function unlikePartial({ result, text }: WholeAudit, why: RegExp): string[] {
  const { coverage, totals, failure, gate, rules } = result
  const unseen = rules.passed.filter((rule) => /^(ttl\/missing|ttl\/inconsistent|mem\/big|stream\/|lock\/)/.test(rule))
  return [
    ...contradictions(result),
    ...(coverage.complete ? ['complete'] : []),
    ...(totals.keys.value < KEYS ? [] : ['as many keys as there are']),
    ...(why.test(failure ?? '') ? [] : [`the failure is ${failure}`]),
    ...(gate.exitCode === 2 && why.test(gate.reasons[0] ?? '') ? [] : [`exit ${gate.exitCode}: ${gate.reasons.join('; ')}`]),
    ...(why.test(text.replaceAll(/\s+/g, ' ')) ? [] : ['the report does not say why']),
    ...unseen.map((rule) => `${rule} passed`),
  ]
}

/** What is not as it should be in an audit that saw everything. */
function unlikeComplete({ result }: WholeAudit): string[] {
  const { coverage, totals, failure } = result
  return [
    ...contradictions(result),
    ...(coverage.complete && coverage.keysSeen === KEYS && totals.keys.value === KEYS ? [] : [`${coverage.keysSeen} keys`]),
    ...(failure === null ? [] : [failure]),
  ]
}

describe('a server that does not work when the audit begins', () => {
  test('because it has lost its primary and may not tell', async () => {
    const replica = await start({ 'replica-serve-stale-data': 'no' })
    await run(replica.url, [['REPLICAOF', '127.0.0.1', 1]])
    expect(unlikePartial(await auditWhole(replica.url), /MASTERDOWN/)).toEqual([])
  })

  test.each([...new Set([availableEngines()[0]!, newest])])('because a script holds %s', async (engine) => {
    const server = await start({ 'lua-time-limit': '20' }, engine)
    const client = await connect(server.url)
    const script = client.callAll([['EVAL', 'while true do end', 0]]).catch(() => undefined)
    await eventually('a script that holds the server', () => isBusy(server))
    const audit = await auditWhole(server.url)
    expect(unlikePartial(audit, /BUSY/)).toEqual([])
    expect(audit.result.findings.map(({ rule }) => rule)).toContain('lua/running')
    await kill(server)
    await script
    client.close()
  })

  test('because it is loading, and so its primary is read in its place', async () => {
    const { primary, replicas, stop } = await startReplicated({ engine: newest })
    onTestFinished(stop)
    const [replica] = replicas
    await ask(replica!, ['REPLICAOF', 'NO', 'ONE'])
    await run(
      primary.url,
      Array.from({ length: 500 }, (_, i) => ['SET', `key:${i}`, randomBytes(50_000)]),
    )
    await run(replica!.url, [
      ['CONFIG', 'SET', 'key-load-delay', '8000'],
      ['CONFIG', 'SET', 'loading-process-events-interval-bytes', '1024'],
    ])
    await ask(replica!, ['REPLICAOF', primary.host, String(primary.port)])
    const watcher = await connect(replica!.url)
    await eventually('the replica to load', async () => numberOf(await readInfo(watcher), 'loading') === 1)
    watcher.close()
    const own = await auditWhole(replica!.url)
    expect(unlikePartial(own, /still loading its data/)).toEqual([])
    const whole = await auditWhole(primary.url)
    expect(whole.result.coverage).toMatchObject({ complete: true, keysSeen: 500 })
    expect(whole.result.coverage.notes.join()).toContain('still loading its data')
    expect(whole.result.target.nodes.filter(({ scanned }) => scanned).map(({ role }) => role)).toEqual(['master'])
  })

  test('because it has no room for more clients', async () => {
    for (const clients of [1, 2]) {
      const server = await startWithRoomFor(clients)
      expect(unlikePartial(await auditWhole(server.url), /has no room for another client/)).toEqual([])
    }
    expect(unlikeComplete(await auditWhole((await startWithRoomFor(3)).url))).toEqual([])
  })

  test.each(availableEngines())('because the memory of %s is used up, which reading it does not need', async (engine) => {
    const server = await start({}, engine)
    await run(server.url, [['CONFIG', 'SET', 'maxmemory', '1mb']])
    const audit = await auditWhole(server.url, { mayTouch: true })
    expect(unlikeComplete(audit)).toEqual([])
    expect(audit.result.findings.map(({ rule }) => rule)).toContain('evict/noeviction-full')
  })
})

describe('a server that stops working in the middle of an audit', () => {
  test('for as long as a script takes is read to the end', async () => {
    const server = await start({ 'lua-time-limit': '20' })
    const client = await connect(server.url)
    const hold = () => {
      void client.callAll([['EVAL', 'while true do end', 0]]).catch(() => undefined)
      setTimeout(() => void kill(server), 600)
    }
    const audit = await auditWhole(server.url, { ...SLOW, onProgress: when(KEYS / 4, hold) })
    client.close()
    expect(unlikeComplete(audit)).toEqual([])
    expect(audit.result.coverage.notes.join()).toMatch(/the scan was interrupted .* and went on; no key was counted twice/)
  })

  test('because a script holds it for ever', async () => {
    const server = await start({ 'lua-time-limit': '20' })
    const client = await connect(server.url)
    const hold = () => client.callAll([['EVAL', 'while true do end', 0]]).catch(() => undefined)
    const audit = await auditWhole(server.url, { ...SLOW, onProgress: when(KEYS / 4, hold) })
    await kill(server)
    client.close()
    expect(unlikePartial(audit, /BUSY|did not answer/)).toEqual([])
    expect(audit.result.coverage.keysSeen).toBeGreaterThanOrEqual(KEYS / 4)
  })

  test.each([
    ['for less than --timeout', 200],
    ['for longer than --timeout', 1200],
  ])('%s is read to the end', async (_, ms) => {
    const server = await start()
    const stall = () => {
      process.kill(server.pid, 'SIGSTOP')
      setTimeout(() => process.kill(server.pid, 'SIGCONT'), ms)
    }
    expect(unlikeComplete(await auditWhole(server.url, { ...SLOW, onProgress: when(KEYS / 4, stall) }))).toEqual([])
  })

  test('for a second under a budget is left alone, and both progress and report say so', async () => {
    const server = await start()
    const stall = when(KEYS / 4, () => {
      process.kill(server.pid, 'SIGSTOP')
      setTimeout(() => process.kill(server.pid, 'SIGCONT'), 1200)
    })
    const notes: string[] = []
    const onProgress = (event: ProgressEvent) => {
      stall(event)
      if (event.kind === 'scan' && event.note !== undefined) notes.push(event.note)
    }
    const audit = await auditWhole(server.url, { ...SLOW, timeoutMs: 5000, budget: DEFAULT_BUDGET, onProgress })
    expect(unlikeComplete(audit)).toEqual([])
    expect(notes.join()).toContain('paused: a probe is not answered')
    const { cost, coverage } = audit.result
    expect(cost.backOffs).toBeGreaterThan(0)
    expect(coverage.notes.join()).toMatch(/paused because a probe took far longer than ever without the audit/)
  })

  test.each([
    ['for ever', 'SIGSTOP', /did not answer/],
    ['because it is killed', 'SIGKILL', /refused the connection/],
  ] as const)('%s is reported as far as it was read, in time', async (_, signal, why) => {
    const server = await start()
    const { pid } = server
    const audit = await auditWhole(server.url, { ...SLOW, onProgress: when(KEYS / 4, () => process.kill(pid, signal)) })
    if (signal === 'SIGSTOP') process.kill(pid, 'SIGCONT')
    expect(unlikePartial(audit, why)).toEqual([])
    expect(audit.result.coverage.keysSeen).toBeGreaterThanOrEqual(KEYS / 4)
    expect(audit.result.coverage.notes.join()).toContain('did not answer in the end')
  })

  test('and is another one afterwards is not read any further', async () => {
    const server = await start()
    let again: Promise<unknown> = Promise.resolve()
    const restart = () => {
      process.kill(server.pid, 'SIGKILL')
      again = startServer({ config: { port: String(server.port) } }).then((other) => onTestFinished(() => other.stop()))
    }
    const audit = await auditWhole(server.url, { ...SLOW, onProgress: when(KEYS / 4, restart) })
    await again
    expect((await run(server.url, [['DBSIZE']]))[0]).toBe(0)
    expect(unlikePartial(audit, /was restarted, or another server answers there now/)).toEqual([])
    expect(audit.result.coverage.notes.join()).toContain('was restarted while it was audited')
  })
})

describe('a cluster of which a shard', () => {
  const keys = 1500
  let cluster: Cluster
  let first: TestServer
  /** Keys on the shards other than the first. */
  let others: number

  beforeAll(async () => {
    cluster = await startCluster({ config: { 'cluster-require-full-coverage': 'no' } })
    first = cluster.primaries[0]!
    for (const server of cluster.primaries)
      await run(
        server.url,
        Array.from({ length: keys }, (_, i) => ['SET', `user:${i}`, 'x'.repeat(200)]),
      )
    const sizes = await Promise.all(cluster.primaries.slice(1).map((server) => run(server.url, [['DBSIZE']])))
    others = sizes.reduce((sum, [size]) => sum + Number(size), 0)
  })
  afterAll(() => cluster.stop())

  /** What is told of all shards but the first, of which nothing may be told: not how even they are, nor that it passes. */
  function told({ result, audited }: WholeAudit) {
    const shards = audited.keyspace!.shards.filter((shard) => shard.keys > 0)
    const passed = result.rules.passed.filter((rule) => /^(cluster\/skew|ttl\/missing|mem\/big-string)$/.test(rule))
    return {
      contradictions: contradictions(result),
      complete: result.coverage.complete,
      keys: [result.coverage.keysSeen, shards.reduce((sum, shard) => sum + shard.keys, 0)],
      shards: shards.map(({ name }) => name),
      assessed: [...passed, ...result.findings.map(({ rule }) => rule).filter((rule) => rule === 'cluster/skew')],
      exitCode: result.gate.exitCode,
    }
  }

  const ofOthers = () => ({
    ...{ contradictions: [], complete: false, keys: [others, others], assessed: [], exitCode: 2 },
    shards: cluster.primaries.slice(1).map(({ host, port }) => `${host}:${port}`),
  })

  test('takes no more clients is read but for that one', async () => {
    // The nodes' connections to each other count, too, and there is one for the audit, and none for the probe beside it.
    const links = /cluster_connections:(\d+)/.exec(asText(await ask(first, ['INFO', 'clients'])))?.[1] ?? '0'
    await ask(first, ['CONFIG', 'SET', 'maxclients', String(Number(links) + 1)])
    const audit = await auditWhole(cluster.primaries[1]!.url)
    await ask(first, ['CONFIG', 'SET', 'maxclients', '1000'])
    expect(told(audit)).toEqual(ofOthers())
    expect(audit.result.failure).toContain('has no room for another client')
  })

  test('dies in the middle is read but for the rest of that one', async () => {
    const onProgress = when(keys / 5, () => process.kill(first.pid, 'SIGKILL'))
    const { result } = await auditWhole(cluster.primaries[1]!.url, {
      ...SHORT_PATIENCE,
      limits: { opsPerSecond: 4000 },
      onProgress,
    })
    expect(contradictions(result)).toEqual([])
    expect(result.coverage.complete).toBe(false)
    expect(result.coverage.keysSeen).toBeGreaterThan(others)
    expect(result.coverage.keysSeen).toBeLessThan(keys)
    expect(result.failure).toContain('refused the connection')
    expect(result.gate.exitCode).toBe(2)
    expect(result.findings.map(({ rule }) => rule)).not.toContain('cluster/skew')
  })

  test('is down is read but for that one', async () => {
    const audit = await auditWhole(cluster.primaries[1]!.url)
    expect(told(audit)).toEqual(ofOthers())
    expect(audit.result.failure).toMatch(/1 of 3 shards could not be read: .*refused the connection/)
  })

  test('is left alone by the others, and therefore serves nothing, is not read', async () => {
    const left = cluster.primaries[1]!
    process.kill(cluster.primaries[2]!.pid, 'SIGKILL')
    await untilCluster(left, 'cluster_state', 'fail')
    const { result } = await auditWhole(left.url, SHORT_PATIENCE)
    expect(contradictions(result)).toEqual([])
    expect(result.coverage).toMatchObject({ complete: false, keysSeen: 0 })
    expect(result.failure).toContain('CLUSTERDOWN')
    expect(result.gate.exitCode).toBe(2)
  })
})

/** Whether a script holds the server. It answers HELLO all the same. */
async function isBusy(server: TestServer): Promise<boolean> {
  const client = await connect(server.url, { protocol: 3 })
  const [reply] = await client.callAll([['PING']])
  client.close()
  return reply instanceof ReplyError && reply.code === 'BUSY'
}

/** Ends the script that holds the server. */
async function kill(server: TestServer): Promise<void> {
  const client = await connect(server.url, { protocol: 3 })
  await client.callAll([['SCRIPT', 'KILL']])
  client.close()
}
