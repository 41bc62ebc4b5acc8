import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionError, InterruptedError, messageOf } from '#redline/core/errors.js'
import { Rng } from '#redline/core/rng.js'
import { UNLIMITED } from '#redline/audit/scan/pace.js'
import { scanKeyspace } from '#redline/audit/scan/scan.js'
import { parseAddress } from '#redline/wire/address.js'
import { asText, Client } from '#redline/wire/client.js'
import { startCuttingRelay } from '../../support/cutting-relay.js'
import { eventually } from '../../support/deployments.js'
import { mixedKeys, run, scanAll, scanTargets } from '../../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../../support/servers.js'

const KEYS = 3000

async function start(config: Record<string, string> = {}, engine?: string): Promise<TestServer> {
  const server = await startServer({ config, ...(engine ? { engine } : {}) })
  onTestFinished(() => server.stop())
  return server
}

async function relay(upstreams: TestServer[], cuts: number[]) {
  const cutting = await startCuttingRelay(upstreams, cuts)
  onTestFinished(() => cutting.stop())
  return cutting
}

/** A target that need not be there. */
const target = (url: string, shard = 0) => ({
  ...{ shard, address: parseAddress(url, {}), databases: [0], keys: new Map([[0, KEYS]]), cluster: false, pace: UNLIMITED },
})

describe('a connection that is cut', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await run(server.url, mixedKeys(KEYS))
  })
  afterAll(() => server.stop())

  test('at any place costs no key and gives none twice', async () => {
    const { report } = await scanAll([server.url])
    const rng = new Rng(7)
    for (let i = 0; i < 40; i++) {
      // From the first bytes of the log-in to the last of the scan; several cuts in one scan.
      const cuts = Array.from({ length: 1 + rng.below(3) }, () => 800 + rng.below(report.bytesReceived - 3000))
      const cutting = await relay([server], cuts)
      const { names, report: broken } = await scanTargets([target(cutting.url)])
      expect({ cuts, failure: broken.failure, complete: broken.complete }).toEqual({ cuts, failure: undefined, complete: true })
      expect(names).toHaveLength(KEYS)
      expect(new Set(names).size).toBe(KEYS)
      expect(broken).toMatchObject({ keysSeen: KEYS, vanished: 0, repeated: 0, reconnects: cutting.connections - 1 })
      expect(broken.reconnects).toBeGreaterThan(0)
    }
  })

  test('again and again without any progress ends the scan after three attempts, and says why', async () => {
    const cutting = await relay([server], [40_000, 3000, 3000, 3000, 3000, 3000])
    const { names, report } = await scanTargets([target(cutting.url)])
    expect(report).toMatchObject({ complete: false, reconnects: 3, keysSeen: names.length })
    expect(report.failure).toBeInstanceOf(ConnectionError)
    expect(report.failure?.message).toMatch(/closed the connection|cut the connection/)
    expect(cutting.connections).toBe(4)
    expect(names.length).toBeGreaterThan(0)
    expect(names.length).toBeLessThan(KEYS)
  })

  test('while it logs in for the first time ends the scan at once', async () => {
    const cutting = await relay([server], [3])
    const { report } = await scanTargets([target(cutting.url)])
    expect(report).toMatchObject({ complete: false, keysSeen: 0, reconnects: 0 })
    expect(report.failure).toBeInstanceOf(ConnectionError)
  })

  test('is not followed by a scan of another process, in which the cursor would mean nothing', async () => {
    const other = await start()
    await run(other.url, mixedKeys(KEYS))
    const cutting = await relay([server, other], [60_000])
    const { report } = await scanTargets([target(cutting.url)])
    expect(report).toMatchObject({ complete: false, reconnects: 1 })
    expect(report.failure?.message).toContain('was restarted, or another server answers there')
  })

  test('can not be repaired where nothing tells whether it is the same process', async () => {
    await run(server.url, [['ACL', 'SETUSER', 'shy', 'on', 'nopass', '~*', '+@all', '-info']])
    const cutting = await relay([server], [60_000])
    const { report } = await scanTargets([target(cutting.url.replace('//', '//shy:x@'))])
    expect(report.complete).toBe(false)
    expect(report.failure?.message).toContain('does not tell its run_id')
    const whole = await scanTargets([{ ...target(server.url.replace('//', '//shy:x@')), databases: [0, 1] }])
    expect(whole.report).toMatchObject({ complete: true, keysSeen: KEYS, databases: [0, 1] })
  })

  test('leaves a state from which a later scan delivers exactly the rest', async () => {
    const cutting = await relay([server], [60_000])
    const first = await scanTargets([target(cutting.url)], { backoffMs: [] })
    expect(first.report.complete).toBe(false)
    // Another address is another server.
    const state = JSON.parse(JSON.stringify(first.report.state).replaceAll(cutting.url, server.url))
    const second = await scanTargets([target(server.url)], { resume: state })
    expect(second.report).toMatchObject({ complete: true, keysSeen: KEYS })
    expect(second.names.length).toBe(KEYS - first.names.length)
    expect(new Set([...first.names, ...second.names]).size).toBe(KEYS)
    const third = await scanTargets([target(server.url)], { resume: second.report.state })
    expect(third.names).toEqual([])
    expect(third.report).toMatchObject({ complete: true, keysSeen: KEYS })
  })

  test('does not resume in a server that was started anew', async () => {
    const { report } = await scanAll([server.url])
    const state = structuredClone(report.state)!
    Object.assign(state.shards[0]!.databases[0]!, { done: false, cursor: '5' })
    state.shards[0]!.runId = 'f'.repeat(40)
    const resumed = await scanTargets([target(server.url)], { resume: state })
    expect(resumed.report.failure?.message).toContain('was restarted')
    expect(resumed.names).toEqual([])
  })

  test('of one shard leaves the others alone', async () => {
    const cutting = await relay([server], [60_000])
    const gone = 'redis://127.0.0.1:1'
    const { report, records } = await scanTargets([target(cutting.url, 0), target(gone, 1), target(server.url, 2)], { backoffMs: [] })
    expect(report.complete).toBe(false)
    expect(report.shards.map(({ complete }) => complete)).toEqual([false, false, true])
    expect(report.shards[1]?.failure?.message).toContain('refused the connection')
    expect(records.filter(({ shard }) => shard === 2)).toHaveLength(KEYS)
  })

  test('by the user delivers nothing more, and throws nothing', async () => {
    const aborting = new AbortController()
    let delivered = 0
    const { report, names } = await scanAll([server.url], {
      signal: aborting.signal,
      onRecord: () => ++delivered === 700 && aborting.abort(new InterruptedError()),
    })
    expect(report).toMatchObject({ complete: false, failure: undefined, keysSeen: names.length })
    expect(names.length).toBeLessThan(700 + 2 * UNLIMITED.batch)
    const rest = await scanAll([server.url], { resume: report.state })
    expect(rest.report).toMatchObject({ complete: true, keysSeen: KEYS })
    expect(new Set([...names, ...rest.names]).size).toBe(KEYS)
  })

  test('by the pace ends the scan with its reason', async () => {
    let turns = 0
    const reason = new ConnectionError('the time is over')
    const pace = { ...UNLIMITED, turn: () => (++turns > 4 ? Promise.reject(reason) : undefined) }
    const { report } = await scanAll([server.url], { pace })
    expect(report).toMatchObject({ complete: false, failure: reason, reconnects: 0 })
    expect(report.keysSeen).toBeGreaterThan(0)
  })

  test('never: what the sink throws is thrown on', async () => {
    const sink = { add: () => { throw new TypeError('a defect') }, endBlock: () => undefined } // prettier-ignore
    const options = {
      mode: { kind: 'full' },
      idle: 'none',
      lengths: 'none',
      seed: 1,
      connect: { timeoutMs: 5000, replyTimeoutMs: 5000 },
    } as const
    const signal = new AbortController().signal
    await expect(scanKeyspace([target(server.url)], sink, { ...options, signal })).rejects.toThrow('a defect')
  })
})

describe('a server that stalls', () => {
  test('is given up when it stays silent, and scanned to its end when it wakes up in time', async () => {
    const server = await start()
    await run(server.url, mixedKeys(KEYS))
    const connect = { timeoutMs: 150, replyTimeoutMs: 150 }
    let delivered = 0
    const stop = () => ++delivered === 500 && process.kill(server.pid, 'SIGSTOP')
    const silent = await scanAll([server.url], { connect, onRecord: stop })
    expect(silent.report.complete).toBe(false)
    expect(silent.report.failure?.message).toMatch(/did not answer/)

    process.kill(server.pid, 'SIGCONT')
    delivered = 0
    const waking = scanAll([server.url], { connect, onRecord: stop, backoffMs: [10, 2000, 2000] })
    setTimeout(() => process.kill(server.pid, 'SIGCONT'), 800)
    const { report, names } = await waking
    expect(report).toMatchObject({ complete: true, keysSeen: KEYS })
    expect(new Set(names).size).toBe(KEYS)
    expect(report.reconnects).toBeGreaterThan(0)
  })
})

describe('a server that refuses', () => {
  test('because a script blocks it is a failure that says so', async () => {
    const server = await start({ 'lua-time-limit': '50' })
    await run(server.url, mixedKeys(100))
    const endless = await Client.open(parseAddress(server.url, {}), {
      protocol: 2,
      timeoutMs: 5000,
      signal: new AbortController().signal,
    })
    const script = endless.call('EVAL', 'while true do end', 0).catch(() => undefined)
    await eventually('BUSY', async () =>
      run(server.url, [['GET', 'x']]).then(
        () => false,
        (error: unknown) => messageOf(error).includes('BUSY'),
      ),
    )
    const { report } = await scanTargets([target(server.url)])
    await run(server.url, [['SCRIPT', 'KILL']]).catch(() => undefined)
    endless.close()
    await script
    expect(report.complete).toBe(false)
    expect(report.failure?.message).toContain('BUSY')
  })

  test('because it has lost its primary is a failure that says so', async () => {
    const replica = await start({ 'replica-serve-stale-data': 'no' })
    await run(replica.url, [['REPLICAOF', '127.0.0.1', 1]])
    const { report } = await scanTargets([target(replica.url)])
    expect(report.complete).toBe(false)
    expect(report.failure?.message).toContain('MASTERDOWN')
  })

  test('because it is loading is a failure that says so', async () => {
    const config = { 'key-load-delay': '2000', 'loading-process-events-interval-bytes': '1024' }
    // Redis 7.0 allows DEBUG only when it is told to, and 6.0 does not know how to be told.
    const server = await start({ ...config, 'enable-debug-command': 'yes' }).catch(() => start(config))
    await run(server.url, mixedKeys(KEYS))
    const open = () => Client.open(parseAddress(server.url, {}), { protocol: 2, timeoutMs: 5000, signal: new AbortController().signal })
    const [loader, watcher] = [await open(), await open()]
    const loading = loader.call('DEBUG', 'RELOAD').catch(() => undefined)
    await eventually('loading', async () => asText(await watcher.call('INFO', 'persistence')).includes('loading:1'))
    const { report } = await scanTargets([target(server.url)])
    await server.stop()
    await loading
    watcher.close()
    expect(report.complete).toBe(false)
    expect(report.failure?.message).toMatch(/loading|LOADING/)
  })
})

for (const engine of availableEngines()) {
  describe(`a user of ${engine} with few rights`, () => {
    let server: TestServer
    const as = (user: string) => target(server.url.replace('//', `//${user}:x@`))
    beforeAll(async () => {
      server = await startServer({ engine })
      await run(server.url, mixedKeys(KEYS))
      await run(server.url, [['MSET', 'secret:1', 'x', 'secret:2', 'x']])
      const user = (name: string, ...rights: string[]) => ['ACL', 'SETUSER', name, 'on', 'nopass', ...rights]
      await run(server.url, [
        user('few', '~*', '+scan', '+ping', '+type', '+pttl', '+info', '+select'),
        user('part', '~str:*', '~hash:*', '~bighash:*', '+@all'),
        user('blind', '~*', '+@all', '-scan'),
        user('short', '~*', '+@all', '-hlen', '-client'),
      ])
    })
    afterAll(() => server.stop())

    test('gets the facts that it may have, and is told which it may not', async () => {
      const { report, records } = await scanTargets([as('few')], { lengths: 'all' })
      expect(report).toMatchObject({ complete: true, keysSeen: KEYS + 2 })
      expect(report.refused.map(({ command }) => command)).toEqual(
        expect.arrayContaining(['MEMORY USAGE', 'OBJECT ENCODING', 'OBJECT IDLETIME', 'LLEN']),
      )
      expect(report.lengths).toBe('some')
      expect(records.filter(({ type, ttlMs }) => type === 'string' && ttlMs > 0)).toHaveLength(300)
      expect(records.every(({ bytes, encoding, idleSeconds }) => bytes === 0 && encoding === '' && idleSeconds === undefined)).toBe(true)
    })

    test('gets the keys that it may read, and the number of those that it may not', async () => {
      const { report, names } = await scanTargets([as('part')])
      expect(report).toMatchObject({ complete: true, keysSeen: 900, denied: KEYS + 2 - 900, vanished: 0, refused: [] })
      expect(names.every((name) => /^0\/0\/(str|hash|bighash):/.test(name))).toBe(true)
    })

    test('gets nothing without SCAN, and hears why', async () => {
      const { report } = await scanTargets([as('blind')])
      expect(report).toMatchObject({ complete: false, keysSeen: 0, reconnects: 0 })
      expect(report.failure).toMatchObject({ message: expect.stringContaining('NOPERM'), hint: expect.stringContaining('--print-acl') })
    })

    test('gets lengths but for the command that is refused, and needs neither a name nor NO-TOUCH', async () => {
      const { report, records } = await scanTargets([as('short')], { lengths: 'all' })
      expect(report).toMatchObject({ complete: true, lengths: 'some', refused: [{ command: 'HLEN' }] })
      expect(records.some(({ type, elements }) => type === 'hash' && elements !== undefined)).toBe(false)
      expect(records.filter(({ type, elements }) => type === 'zset' && elements !== undefined)).toHaveLength(300)
      const gentle = await scanTargets([as('short')])
      expect(gentle.report).toMatchObject({ complete: true, lengths: 'none' })
    })
  })

  test(`${engine} shrinks its table during a scan: no key comes twice, and none that stays is missed`, async () => {
    const server = await start({ hz: '100' }, engine)
    const total = 6000
    const all = Array.from({ length: total }, (_, i) => `key:${i}`)
    const going = all.filter((_, i) => i % 40 !== 0)
    await run(
      server.url,
      all.map((name) => ['SET', name, 'x']),
    )
    let delivered = 0
    let shrunk = false
    const pace = {
      ...UNLIMITED,
      batch: 100,
      window: 1,
      turn() {
        if (delivered < total / 2 || shrunk) return undefined
        shrunk = true
        return deleteAndWait()
      },
    }
    const deleteAndWait = async () => {
      await run(
        server.url,
        going.map((name) => ['DEL', name]),
      )
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    const { names, report } = await scanAll([server.url], { pace, onRecord: () => delivered++ })
    expect(shrunk).toBe(true)
    expect(new Set(names).size).toBe(names.length)
    expect(report).toMatchObject({ complete: true, keysSeen: names.length })
    expect(names).toEqual(expect.arrayContaining(all.filter((_, i) => i % 40 === 0).map((name) => `0/0/${name}`)))
  })
}
