import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Budget, BudgetEnded, DEFAULT_BUDGET, type Limits } from '#redline/audit/budget/budget.js'
import { Governor, type GovernorOptions } from '#redline/audit/budget/governor.js'
import { ProbeThread } from '#redline/audit/budget/probe-thread.js'
import { ConnectionError } from '#redline/core/errors.js'
import { costSchema } from '#redline/schema/audit.js'
import { parseAddress } from '#redline/wire/address.js'
import { asArray, asText, Client } from '#redline/wire/client.js'
import { availableEngines, startServer, type TestServer } from '../../support/servers.js'

const KEYS = 8000

async function connect(server: TestServer, login = ''): Promise<Client> {
  const address = parseAddress(server.url.replace('//', `//${login}`), {})
  const client = await Client.open(address, { protocol: 2, timeoutMs: 5000, signal: new AbortController().signal })
  onTestFinished(() => client.close())
  return client
}

async function fill(server: TestServer): Promise<void> {
  const client = await connect(server)
  await client.callAll(Array.from({ length: KEYS }, (_, i) => ['SET', `user:${i}:profile`, 'x'.repeat(40)]))
}

/** A governor that ends with the test. */
async function govern(server: TestServer, budget: Budget | 'none', limits: Limits = {}, options: Partial<GovernorOptions> = {}) {
  const connectOptions = { protocol: 2 as const, timeoutMs: 5000, signal: new AbortController().signal, ...options.connect }
  const governor = await Governor.open(parseAddress(server.url, {}), budget, limits, { ...options, connect: connectOptions })
  onTestFinished(() => void governor.finish())
  return governor
}

/** Reads keys and three facts of each until the keys or the milliseconds are over; returns the keys that were read. */
async function scan(server: TestServer, pace: Governor, ms = Infinity): Promise<number> {
  const client = await connect(server)
  const end = performance.now() + ms
  let cursor = '0'
  let names: string[] = []
  let seen = 0
  do {
    await pace.turn()
    const facts = names.flatMap((name) => [
      ['TYPE', name],
      ['PTTL', name],
      ['MEMORY', 'USAGE', name],
    ])
    const sentAt = performance.now()
    const [reply] = await client.callAll([['SCAN', cursor, 'COUNT', pace.batch], ...facts])
    pace.done(names.length, 1 + facts.length, performance.now() - sentAt)
    const [next, found] = asArray(reply)
    cursor = asText(next)
    names = asArray(found).map(asText)
    seen += names.length
  } while (cursor !== '0' && performance.now() < end)
  return seen
}

async function until(condition: () => boolean, ms: number): Promise<boolean> {
  const end = performance.now() + ms
  while (!condition() && performance.now() < end) await passed(10)
  return condition()
}

const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const isPending = async (promise: Promise<unknown> | undefined) => {
  const first = await Promise.race([promise?.then(() => 'settled'), passed(50).then(() => 'pending')])
  return first === 'pending'
}

/** A script that keeps the server's only thread busy until it is killed. */
async function keepBusy(server: TestServer): Promise<() => Promise<void>> {
  const [script, killer] = [await connect(server), await connect(server)]
  const ran = script.call('EVAL', 'while true do end', 0).catch(() => undefined)
  return async () => {
    await killer.call('SCRIPT', 'KILL')
    await ran
  }
}

describe.each(availableEngines())('on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ engine, config: { 'lua-time-limit': '300' } })
  })
  afterAll(() => server.stop())

  test('a scan within a budget reads every key and says what it cost', async () => {
    await fill(server)
    const governor = await govern(server, DEFAULT_BUDGET)
    expect(await scan(server, governor)).toBeGreaterThanOrEqual(KEYS)
    const { latency, serverCpuSeconds, serverCpuShare, pausedSeconds, backOffs, reasons } = await governor.finish()
    const cost = { latency, serverCpuSeconds, serverCpuShare, pausedSeconds, backOffs }
    expect(
      costSchema.pick({ latency: true, serverCpuSeconds: true, serverCpuShare: true, pausedSeconds: true, backOffs: true }).parse(cost),
    ).toEqual(cost)
    expect(latency?.probes).toBeGreaterThan(10)
    expect(serverCpuSeconds).toBeGreaterThan(0)
    expect(pausedSeconds).toBeGreaterThan(0)
    expect(reasons.length).toBeLessThanOrEqual(backOffs + 1)
  })

  test('a server that is busy is left alone within a second, and is read again afterwards', async () => {
    const governor = await govern(server, DEFAULT_BUDGET)
    expect(governor.turn()).toBeUndefined()
    governor.done(20, 100, 0.2)
    const release = await keepBusy(server)
    expect(await until(() => governor.note !== undefined, 1000)).toBe(true)
    const turn = governor.turn()
    expect(await isPending(turn)).toBe(true)
    expect(
      (await until(() => governor.note === 'paused: the server answers BUSY', 2000)) || governor.note === 'paused: a probe is not answered',
    ).toBe(true)
    await release()
    await turn
    expect(governor.note).toBeUndefined()
    const { backOffs, reasons, latency } = await governor.finish()
    // A server that is held shows it in several ways, and not always in all: late probes, BUSY, a risen CPU.
    expect(backOffs).toBeGreaterThanOrEqual(1)
    expect(reasons.join()).toMatch(/BUSY|probe/)
    expect(latency!.addedP99Ms).toBeGreaterThan(40)
  })
})

describe('a governor', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  test('without a budget never waits, and accounts for the CPU alone', async () => {
    await fill(server)
    const governor = await govern(server, 'none')
    expect([governor.batch, governor.window]).toEqual([500, 4])
    expect(governor.turn()).toBeUndefined()
    governor.done(0, 1, 0)
    await scan(server, governor, 500)
    const { latency, serverCpuSeconds, pausedSeconds, backOffs } = await governor.finish()
    expect({ latency, pausedSeconds, backOffs }).toEqual({ latency: null, pausedSeconds: 0, backOffs: 0 })
    expect(serverCpuSeconds).toBeGreaterThan(0)
  })

  test('holds commands to the rate that was set, with a budget and without', async () => {
    for (const budget of [DEFAULT_BUDGET, 'none'] as const) {
      const governor = await govern(server, budget, { opsPerSecond: 2000 })
      expect(governor.batch).toBeLessThan(50)
      const begun = performance.now()
      const seen = await scan(server, governor, 1000)
      const seconds = (performance.now() - begun) / 1000
      // A batch or two that the last moments have not paid for yet.
      expect(seen * 3).toBeLessThan(2000 * (seconds + 0.3))
    }
  })

  test('ends the scan when its time is over, also while it waits', async () => {
    const governor = await govern(server, 'none', { opsPerSecond: 1, timeMs: 2000 })
    expect(governor.turn()).toBeUndefined()
    await expect(governor.turn()).rejects.toThrow(BudgetEnded)
    await expect(governor.turn()).rejects.toMatchObject({ limit: 'time limit', message: 'the time limit of 2s was reached' })
  })

  test('ends with its signal, with its reason', async () => {
    const abort = new AbortController()
    const governor = await govern(server, 'none', { opsPerSecond: 1 }, { connect: { protocol: 2, timeoutMs: 5000, signal: abort.signal } })
    expect(governor.turn()).toBeUndefined()
    const turn = governor.turn()
    abort.abort(new Error('interrupted by the test'))
    await expect(turn).rejects.toThrow('interrupted by the test')
    await expect(governor.turn()).rejects.toThrow('interrupted by the test')
    expect((await governor.finish()).backOffs).toBe(0)
  })

  test('does not open when its signal is aborted, before or meanwhile', async () => {
    const abort = new AbortController()
    const options = { connect: { protocol: 2 as const, timeoutMs: 5000, signal: abort.signal } }
    const opening = govern(server, DEFAULT_BUDGET, {}, options)
    setTimeout(() => abort.abort(new Error('no longer wanted')), 200)
    await expect(opening).rejects.toThrow('no longer wanted')
    await expect(govern(server, DEFAULT_BUDGET, {}, options)).rejects.toThrow('no longer wanted')
  })

  test('says why there is no server', async () => {
    const gone = await startServer()
    await gone.stop()
    await expect(govern(gone, DEFAULT_BUDGET)).rejects.toThrow(ConnectionError)
    await expect(govern(gone, DEFAULT_BUDGET)).rejects.toThrow('refused the connection')
  })

  test('opens its probe again when the connection is cut, and goes on', async () => {
    const governor = await govern(
      server,
      DEFAULT_BUDGET,
      {},
      { connect: { protocol: 2, timeoutMs: 5000, signal: new AbortController().signal, name: 'the-probe' } },
    )
    expect(governor.turn()).toBeUndefined()
    governor.done(20, 100, 0.2)
    const client = await connect(server)
    const probe = () => client.call('CLIENT', 'LIST').then((list) => /id=(\d+) .*name=the-probe/.exec(asText(list))?.[1])
    const first = await probe()
    await client.call('CLIENT', 'KILL', 'ID', first ?? '')
    await governor.turn()
    await expect.poll(probe).toBeDefined()
    expect(await probe()).not.toBe(first)
    expect((await governor.finish()).latency?.probes).toBeGreaterThanOrEqual(0)
  })

  test('ends the scan when the server does not come back', async () => {
    const dying = await startServer()
    const governor = await govern(dying, DEFAULT_BUDGET, {}, { giveUpMs: 500 })
    expect(governor.turn()).toBeUndefined()
    governor.done(20, 100, 0.2)
    await dying.stop()
    await expect.poll(() => governor.note).toBeDefined()
    await expect(governor.turn()).rejects.toThrow(/can't go on: .*refused the connection/)
  })

  test('probes several servers in one thread', async () => {
    const other = await startServer()
    onTestFinished(() => other.stop())
    const probes = new ProbeThread()
    onTestFinished(() => probes.stop())
    const governors = await Promise.all([server, other].map((one) => govern(one, DEFAULT_BUDGET, {}, { probes })))
    await Promise.all(governors.map((governor, i) => scan([server, other][i]!, governor, 300)))
    const [first, second] = await Promise.all(governors.map((governor) => governor.finish()))
    expect(first?.latency?.probes).toBeGreaterThan(10)
    expect(second?.serverCpuSeconds).not.toBeNull()
    expect(await govern(server, 'none', {}, { probes })).toBeInstanceOf(Governor)
  })

  test('keeps a budget without INFO, and does not invent what it can not know', async () => {
    const client = await connect(server)
    await client.call('ACL', 'SETUSER', 'limited', 'on', '>pw', '~*', '+@all', '-info')
    const limited = { ...server, url: server.url.replace('//', '//limited:pw@') }
    const governor = await govern(limited, DEFAULT_BUDGET)
    await scan(server, governor, 300)
    const report = await governor.finish()
    expect([report.serverCpuSeconds, report.serverCpuShare]).toEqual([null, null])
    expect(report.latency?.probes).toBeGreaterThan(10)
  })
})
