import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UNLIMITED } from '#redline/audit/scan/pace.js'
import { asNumber, asText } from '#redline/wire/client.js'
import { ReplyError } from '#redline/wire/decoder.js'
import { mixedKeys, monitored, run, scanAll, scanTargets, tally, targetOf } from '../../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../../support/servers.js'

const LENGTHS: Record<string, string> = { hash: 'HLEN', list: 'LLEN', set: 'SCARD', zset: 'ZCARD', stream: 'XLEN', string: 'STRLEN' }
const latin1 = (name: string) => Buffer.from(name, 'latin1')

for (const engine of availableEngines()) {
  describe(`a scan of ${engine}`, () => {
    let server: TestServer
    let canBeUntouched: boolean
    beforeAll(async () => {
      server = await startServer({ engine })
      await run(server.url, mixedKeys(3000))
      canBeUntouched = !((await run(server.url, [['CLIENT', 'NO-TOUCH', 'ON']]))[0] instanceof ReplyError)
    })
    afterAll(() => server.stop())

    test('delivers each key once, and says so', async () => {
      const { report, names } = await scanAll([server.url])
      expect(new Set(names).size).toBe(3000)
      expect(names).toHaveLength(3000)
      expect(report).toMatchObject({ complete: true, keysSeen: 3000, vanished: 0, repeated: 0, reconnects: 0, refused: [], databases: [0] })
      expect(report).toMatchObject({ mode: 'full', strata: [], failure: undefined, lengths: canBeUntouched ? 'all' : 'none' })
    })

    test('tells of each key what single commands tell', async () => {
      const { records } = await scanAll([server.url], { lengths: 'all' })
      const single = (words: string[]) =>
        run(
          server.url,
          records.map(({ name }) => [...words, latin1(name)]),
        )
      const [types, ttls, sizes, encodings] = await Promise.all([
        single(['TYPE']),
        single(['PTTL']),
        single(['MEMORY', 'USAGE']),
        single(['OBJECT', 'ENCODING']),
      ])
      expect(records.map(({ type }) => type)).toEqual(types.map(asText))
      expect(records.map(({ encoding }) => encoding)).toEqual(encodings.map(asText))
      expect(records.map(({ bytes }) => bytes)).toEqual(sizes.map(asNumber))
      const ttlsLater = ttls.map(asNumber)
      for (const [i, { ttlMs }] of records.entries()) {
        expect(ttlMs < 0).toBe(ttlsLater[i]! < 0)
        expect(ttlMs).toBeGreaterThanOrEqual(ttlsLater[i]!)
        expect(ttlMs - ttlsLater[i]!).toBeLessThan(20_000)
      }
      expect(tally(records.map(({ type }) => type))).toEqual({ string: 600, hash: 600, list: 600, set: 600, zset: 300, stream: 300 })
    })

    test('tells the length of collections that are not small, and only of those', async () => {
      const { records } = await scanAll([server.url], { lengths: 'all' })
      const asked = records.filter(({ elements }) => elements !== undefined)
      const lengths = await run(
        server.url,
        asked.map(({ name, type }) => [LENGTHS[type]!, latin1(name)]),
      )
      expect(asked.map(({ elements }) => elements)).toEqual(lengths.map(asNumber))
      const kinds = tally(asked.map(({ name }) => name.split(':')[0]!))
      expect(kinds).toEqual({ bighash: 300, tags: 300, zset: 300, stream: 300, biglist: 300 })
    })

    test('leaves idle times as they were, lengths included where the server knows CLIENT NO-TOUCH; else asks for lengths last', async () => {
      await new Promise((resolve) => setTimeout(resolve, 2100))
      const least = (seconds: readonly (number | undefined)[]) => Math.min(...seconds.map((idle) => idle ?? -1))
      const asked = await scanAll([server.url])
      const idle = await run(
        server.url,
        asked.records.map(({ name }) => ['OBJECT', 'IDLETIME', latin1(name)]),
      )
      expect(least(asked.records.map(({ idleSeconds }) => idleSeconds))).toBeGreaterThanOrEqual(1)
      expect(least(idle.map(asNumber))).toBeGreaterThanOrEqual(1)
      expect(asked.records.some(({ elements }) => elements !== undefined)).toBe(canBeUntouched)

      const touching = await scanAll([server.url], { lengths: 'all' })
      expect(touching.report.lengths).toBe('all')
      expect(least(touching.records.map(({ idleSeconds }) => idleSeconds))).toBeGreaterThanOrEqual(1)

      const without = await scanAll([server.url], { lengths: 'none' })
      expect(without.report.lengths).toBe('none')
      expect(without.records.every(({ elements }) => elements === undefined)).toBe(true)
    })

    test('reads several databases, and of each only its own keys', async () => {
      await run(
        server.url,
        [...Array(40).keys()].map((i) => ['SET', `three:${i}`, 'x']),
        3,
      )
      await run(
        server.url,
        [...Array(40).keys()].map((i) => ['SET', `three:${i}`, 'x']),
        5,
      )
      const { records, report } = await scanAll([server.url], { databases: [0, 3, 4, 5] })
      expect(tally(records.map(({ db }) => String(db)))).toEqual({ 0: 3000, 3: 40, 5: 40 })
      expect(records.every(({ db, name }) => (db === 0) !== name.startsWith('three:'))).toBe(true)
      expect(report.databases).toEqual([0, 3, 4, 5])
    })

    test('takes any bytes for a name', async () => {
      const hostile = [
        '',
        '\n\r\n+OK\r\n',
        '\0\0',
        '\x1b[2J\x1b]0;x\x07',
        '<script>alert(1)</script>',
        '\xff\xfe\xc3(',
        '$5\r\nhello\r\n',
        '*3\r\n',
      ]
      const long = [4096, 4097, 65_536, 100_000].map((length) => `${'n'.repeat(length - 5)}\r\n:1`)
      await run(
        server.url,
        [...hostile, ...long].map((name) => ['SET', latin1(name), 'x']),
        7,
      )
      const { records, report } = await scanAll([server.url], { databases: [7] })
      expect(records.map(({ name }) => name).toSorted()).toEqual([...hostile, ...long].toSorted())
      expect(records.every(({ type, bytes }) => type === 'string' && bytes > 0)).toBe(true)
      expect(report).toMatchObject({ complete: true, keysSeen: 12 })
    })

    test('leaves out keys whose names are longer than a megabyte, and counts them', async () => {
      await run(
        server.url,
        [
          ['SET', 'x'.repeat(1_500_000), 'x'],
          ['SET', 'short', 'x'],
          ['SET', 'y'.repeat(1_000_000), 'x'],
        ],
        8,
      )
      const { report, records } = await scanAll([server.url], { databases: [8] })
      expect(report).toMatchObject({ complete: true, keysSeen: 2, longNames: 1 })
      expect(records.map(({ name }) => name.length).toSorted((a, b) => a - b)).toEqual([5, 1_000_000])
    })

    test('knows frequencies under an LFU policy, and goes on without when it is told a wrong policy', async () => {
      await run(server.url, [['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu']])
      try {
        const right = await scanAll([server.url], { idle: 'freq' })
        expect(right.records.every(({ frequency, idleSeconds }) => frequency !== undefined && idleSeconds === undefined)).toBe(true)
        const wrong = await scanAll([server.url], { idle: 'idletime' })
        expect(wrong.records).toHaveLength(3000)
        expect(wrong.records.every(({ idleSeconds, bytes }) => idleSeconds === undefined && bytes > 0)).toBe(true)
        expect(wrong.report.refused).toEqual([{ command: 'OBJECT IDLETIME', why: expect.stringContaining('LFU') }])
      } finally {
        await run(server.url, [['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']])
      }
    })

    test('reads keys that vanish meanwhile as vanished', async () => {
      await run(
        server.url,
        [...Array(2000).keys()].map((i) => ['SET', `short:${i}`, 'x']),
        9,
      )
      let deleted = false
      let delivered = 0
      const { report, names } = await scanAll([server.url], {
        databases: [9],
        pace: {
          batch: 500,
          window: 1,
          done: () => undefined,
          // Between the listing of some keys and the questions about them.
          turn() {
            if (deleted || delivered === 0) return undefined
            deleted = true
            return run(server.url, [['FLUSHDB']], 9).then(() => undefined)
          },
        },
        onRecord: () => delivered++,
      })
      expect(deleted).toBe(true)
      expect(report.vanished).toBeGreaterThan(0)
      expect(report).toMatchObject({ complete: true, keysSeen: names.length })
      expect(report.keysSeen + report.vanished).toBeLessThanOrEqual(2000)
    })

    test('sends nothing but reads, as MONITOR shows', async () => {
      const target = await targetOf(server.url, { shard: 0, databases: [0, 3], cluster: false, pace: UNLIMITED })
      const commands = await monitored(server.url, () => scanTargets([target], { lengths: 'all' }))
      const expected = ['info', 'client no-touch', 'client setname', 'select', 'scan', 'type', 'pttl', 'memory usage', 'object encoding']
      const lengths = ['hlen', 'llen', 'scard', 'zcard', 'xlen']
      // A command that it does not know is not shown, nor is CLIENT by 6.0.
      const shown = new Set([...commands, 'client no-touch', 'client setname'])
      expect([...shown].toSorted()).toEqual([...expected, 'object idletime', ...lengths].toSorted())
    })
  })
}
