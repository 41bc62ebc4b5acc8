import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionError } from '#redline/core/errors.js'
import { watch } from '#redline/audit/watch/watch.js'
import type { WatchSample } from '#redline/schema/watch.js'
import { parseAddress } from '#redline/wire/address.js'
import { CommandError, Client } from '#redline/wire/client.js'
import { availableEngines, startServer, type TestServer } from '../../support/servers.js'

const never = () => new AbortController().signal

async function connect({ url }: { url: string }): Promise<Client> {
  const client = await Client.open(parseAddress(url, {}), { protocol: 2, timeoutMs: 5000, signal: never() })
  onTestFinished(() => client.close())
  return client
}

/** Takes samples one at a time; the watch ends with the test. */
function watching(server: { url: string }, options: { everyMs?: number; forMs?: number; timeoutMs?: number; signal?: AbortSignal } = {}) {
  const samples = watch(parseAddress(server.url, {}), { everyMs: 50, signal: never(), ...options })
  onTestFinished(async () => void (await samples.return(undefined)))
  return async (): Promise<WatchSample> => {
    const { value, done } = await samples.next()
    if (done) throw new Error('the watch has ended')
    return value
  }
}

/** The first sample of which something is true. */
async function sampleWhere(next: () => Promise<WatchSample>, condition: (sample: WatchSample) => boolean): Promise<WatchSample> {
  for (let i = 0; i < 200; i++) {
    const sample = await next()
    if (condition(sample)) return sample
  }
  throw new Error('there was no such sample')
}

describe.each(availableEngines())('on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ engine })
  })
  afterAll(() => server.stop())

  test('a sample tells what was done since the one before', async () => {
    const client = await connect(server)
    const next = watching(server, { everyMs: 100 })
    const first = await next()
    expect(first).toMatchObject({ notes: [], unreachable: undefined, rates: undefined })
    expect(first.state).toMatchObject({ server: expect.stringMatching(/^(redis|valkey) \d.*, master$/), blockedClients: 0 })
    expect(first.state!.usedMemoryBytes).toBeGreaterThan(100_000)
    expect(first.state!.clients).toBeGreaterThanOrEqual(2)

    await client.callAll([
      ['SET', 'a', 'x'],
      ...Array.from({ length: 30 }, () => ['GET', 'a']),
      ...Array.from({ length: 10 }, () => ['GET', 'none']),
    ])
    const { rates } = await next()
    const { seconds } = rates!
    expect({ hits: rates!.hits * seconds, misses: rates!.misses * seconds, hitRate: rates!.hitRate }).toEqual({
      hits: expect.closeTo(30),
      misses: expect.closeTo(10),
      hitRate: 0.75,
    })
    expect(rates!.operations * seconds).toBeCloseTo(41)
    expect(rates!.topByCalls.map(({ command }) => command)).toEqual(['get', 'set'])
    expect(rates!.topByCalls[0]!.callsPerSecond * seconds).toBeCloseTo(40)
    expect(rates!.topByTime.length).toBe(2)
    expect(rates!.cpuShare).toBeGreaterThanOrEqual(0)

    const quiet = await next()
    expect(quiet.rates).toMatchObject({ hits: 0, misses: 0, hitRate: undefined, operations: 0, topByCalls: [] })
  })

  test('latencies are told where the server tracks them', async () => {
    const client = await connect(server)
    const next = watching(server)
    await next()
    await client.call('GET', 'a')
    const { rates } = await next()
    const tracked = Number.parseInt(server.version) >= 7
    const { latency } = rates!.topByCalls[0]!
    expect(latency !== undefined && latency.p99Ms >= latency.p50Ms && latency.p50Ms > 0).toBe(tracked)
  })

  test('a reset of the statistics is said, and what follows counts from it', async () => {
    const client = await connect(server)
    const next = watching(server)
    await client.callAll(Array.from({ length: 100 }, () => ['GET', 'a']))
    await next()
    await client.call('CONFIG', 'RESETSTAT')
    const reset = await next()
    expect(reset.notes.join()).toContain('statistics were reset')
    expect(reset.rates).toBeUndefined()
    await client.callAll(Array.from({ length: 5 }, () => ['GET', 'none']))
    const after = await next()
    expect(after.notes).toEqual([])
    expect(after.rates!.misses * after.rates!.seconds).toBeCloseTo(5)
  })
})

describe('a watch', () => {
  test('says that its connection was lost, and goes on over a new one', async () => {
    const server = await startServer()
    onTestFinished(() => server.stop())
    const client = await connect(server)
    const next = watching(server)
    await next()
    await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    const again = await sampleWhere(next, ({ notes }) => notes.length > 0)
    expect(again.notes).toEqual(['connected again'])
    expect(again.rates).toBeDefined()
  })

  test('says that the server is gone, and that another one answers after it', async () => {
    const before = await startServer()
    const { port } = before
    const next = watching(before)
    await next()
    await before.stop()
    const gone = await sampleWhere(next, ({ unreachable }) => unreachable !== undefined && unreachable.includes('refused'))
    expect(gone).toMatchObject({ state: undefined, rates: undefined, notes: [] })
    const after = await startServer({ config: { port: String(port) } }).catch(() => undefined)
    onTestFinished(() => after?.stop())
    expect(after).toBeDefined()
    const back = await sampleWhere(next, ({ state }) => state !== undefined)
    expect(back.notes).toEqual(['connected again', 'the server was restarted, or another one answers at its address'])
    expect(back.rates).toBeUndefined()
  })

  test('tells how far replicas are behind, and that a link is down', async () => {
    const master = await startServer({ config: { 'repl-diskless-sync-delay': '0' } })
    const replica = await startServer({ config: { replicaof: `${master.host} ${master.port}` } })
    onTestFinished(() => replica.stop())
    const [ofMaster, ofReplica] = [watching(master), watching(replica)]
    const linked = await sampleWhere(ofReplica, ({ state }) => state?.replicationLagSeconds !== Infinity)
    expect(linked.state).toMatchObject({ server: expect.stringContaining('replica'), replicationLagSeconds: expect.any(Number) })
    const known = await sampleWhere(ofMaster, ({ state }) => (state?.replicationLagSeconds ?? Infinity) < 60)
    expect(known.state?.replicationLagSeconds).toBeGreaterThanOrEqual(0)
    await master.stop()
    expect(await sampleWhere(ofReplica, ({ state }) => state?.replicationLagSeconds === Infinity)).toBeDefined()
  })

  test('tells of a server that does not answer, and of it again when it does', async () => {
    const server = await startServer({ config: { 'lua-time-limit': '10000' } })
    onTestFinished(() => server.stop())
    const client = await connect(server)
    const next = watching(server, { timeoutMs: 200 })
    await next()
    const busy = client.call('EVAL', "local t = redis.call('TIME')[1] + 2; while redis.call('TIME')[1] + 0 < t do end", 0)
    const stalled = await sampleWhere(next, ({ unreachable }) => unreachable !== undefined)
    expect(stalled.unreachable).toContain('did not answer INFO within 200ms')
    await busy
    expect((await sampleWhere(next, ({ state }) => state !== undefined)).notes).toContain('connected again')
  })

  test('keeps its ticks and ends after its time', async () => {
    const server = await startServer()
    onTestFinished(() => server.stop())
    const times: number[] = []
    for await (const { at } of watch(parseAddress(server.url, {}), { everyMs: 100, forMs: 450, signal: never() })) times.push(at)
    expect(times.length).toBeGreaterThanOrEqual(3)
    expect(times.length).toBeLessThanOrEqual(5)
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(250)
  })

  test('ends at once and quietly with its signal, also while it waits for a reply', async () => {
    const server = await startServer()
    onTestFinished(() => server.stop())
    const abort = new AbortController()
    const samples = watch(parseAddress(server.url, {}), { everyMs: 60_000, signal: abort.signal })
    expect((await samples.next()).done).toBe(false)
    const second = samples.next()
    abort.abort(new Error('told to end'))
    expect((await second).done).toBe(true)
    expect((await watch(parseAddress(server.url, {}), { everyMs: 1000, signal: abort.signal }).next()).done).toBe(true)
  })

  test('does not begin where there is no server, or no INFO', async () => {
    const server = await startServer()
    const client = await connect(server)
    await client.call('ACL', 'SETUSER', 'blind', 'on', '>pw', '~*', '+@all', '-info')
    await expect(watching({ url: server.url.replace('//', '//blind:pw@') })()).rejects.toThrow(CommandError)
    await server.stop()
    await expect(watching(server)()).rejects.toThrow(ConnectionError)
  })
})
