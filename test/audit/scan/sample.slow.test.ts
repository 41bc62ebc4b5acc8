import { describe, expect, onTestFinished, test } from 'vitest'
import { Rng } from '#redline/core/rng.js'
import { Batch, type ScanRequest } from '#redline/audit/scan/batch.js'
import { cursorAt, planBlocks, shareOut } from '#redline/audit/scan/sample-plan.js'
import { SampleSource } from '#redline/audit/scan/sample-source.js'
import { slotOf } from '#redline/audit/scan/slot.js'
import { asNumber, asText } from '#redline/wire/client.js'
import { startCuttingRelay } from '../../support/cutting-relay.js'
import { eventually, startCluster } from '../../support/deployments.js'
import { run, type Scanned, scanAll, scanTargets, type ScanTry, targetOf } from '../../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../../support/servers.js'

const sampleOf = (keys: number, seed: number): ScanTry => ({ mode: { kind: 'sample', keys }, seed, idle: 'none', lengths: 'none' })

/** The share of keys with a property, each stratum counting for as many keys as it has. */
function shareIn({ blocks, report }: Scanned, has: (name: string) => boolean): number {
  const drawn = report.strata.map(() => ({ keys: 0, having: 0 }))
  for (const { stratum, keys, names } of blocks) {
    drawn[stratum]!.keys += keys
    drawn[stratum]!.having += names.filter(has).length
  }
  const all = report.strata.reduce((sum, { keys }) => sum + keys, 0)
  return report.strata.reduce(
    (sum, { keys }, i) => sum + (drawn[i]!.keys === 0 ? 0 : (keys / all) * (drawn[i]!.having / drawn[i]!.keys)),
    0,
  )
}

/**
 * Whether the mean of many samples is the truth but for chance, or within one percent of it: starts are drawn by chance, but where keys
 * stand is not, and they do not stand quite evenly. Five standard errors, because servers hash with a seed of their own: every run of a
 * test is another.
 */
function expectUnbiased(shares: readonly number[], truth: number): void {
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (shares.length - 1)
  expect(Math.abs(mean - truth)).toBeLessThan(Math.max(5 * Math.sqrt(variance / shares.length), truth / 100))
}

async function isRehashing(server: TestServer): Promise<boolean> {
  return asText((await run(server.url, [['DEBUG', 'HTSTATS', 0]]))[0]).includes('rehashing target')
}

async function samples(url: string, keys: number, count: number): Promise<Scanned[]> {
  const target = await targetOf(url, {
    shard: 0,
    databases: [0],
    cluster: false,
    pace: { batch: 1000, window: 4, turn: () => undefined, done: () => undefined },
  })
  const drawn: Scanned[] = []
  for (let seed = 0; seed < count; seed++) drawn.push(await scanTargets([target], sampleOf(keys, seed)))
  return drawn
}

for (const engine of availableEngines()) {
  describe(`samples of ${engine}`, () => {
    async function filled(count: number): Promise<TestServer> {
      const debug = engine === 'redis@6.0' ? {} : { 'enable-debug-command': 'yes' }
      const server = await startServer({ engine, config: { hz: '100', ...debug } })
      onTestFinished(() => server.stop())
      // The first keys of a table are the old ones; where new ones go while it is rehashed is where old ones are not.
      for (let from = 0; from < count; from += 5000)
        await run(server.url, Array.from({ length: Math.min(5000, count - from) }, (_, i) => ['SET', `key:${from + i}`, 'x'])) // prettier-ignore
      await eventually('the table to be at rest', async () => !(await isRehashing(server)))
      return server
    }
    const number = (name: string) => Number(name.slice(4))

    test('hold each key at most once, and about as many as were asked for', async () => {
      const server = await filled(20_000)
      for (const drawn of await samples(server.url, 2000, 10)) {
        expect(new Set(drawn.names).size).toBe(drawn.names.length)
        expect(drawn.names.length).toBe(63 * 32)
        expect(Math.max(...drawn.blocks.map(({ keys }) => keys))).toBe(32)
        expect(drawn.blocks.length).toBeLessThanOrEqual(64)
        expect(drawn.report).toMatchObject({ mode: 'sample', complete: true, state: undefined })
        expect(drawn.report.strata).toEqual([{ shard: 0, db: 0, keys: 20_000, whole: false }])
        expect(drawn.blocks.reduce((sum, { keys }) => sum + keys, 0)).toBe(drawn.names.length)
        expect(drawn.blocks.every(({ keys, names }) => keys === names.length)).toBe(true)
      }
    })

    test('are the same for the same seed, and others for another', async () => {
      const server = await filled(20_000)
      const [one, again, other] = [await scanAll([server.url], sampleOf(500, 3)), await scanAll([server.url], sampleOf(500, 3)), await scanAll([server.url], sampleOf(500, 4))] // prettier-ignore
      expect(again.names).toEqual(one.names)
      expect(other.names.filter((name) => one.names.includes(name)).length).toBeLessThan(one.names.length / 2)
    })

    test('are unbiased: all together hold old and new keys as the keyspace does, in a table at rest', async () => {
      const server = await filled(20_000)
      const drawn = await samples(server.url, 500, 60)
      for (const below of [1000, 7000, 16_000]) {
        const shares = drawn.map((sample) => shareIn(sample, (name) => number(name) < below))
        expectUnbiased(shares, below / 20_000)
      }
      // Every key has its chance: 60 samples of 1 in 40 leave few keys out.
      expect(new Set(drawn.flatMap(({ names }) => names)).size).toBeGreaterThan(12_000)
    })

    test('are unbiased while the table is rehashed, though new keys are all in the new table', async () => {
      // The number of keys at which a table grows: buckets hold one key each, and seven in Valkey from 8.1 on.
      const limit = engine.startsWith('valkey') ? 28_672 : 16_384
      const server = await filled(limit - 100)
      const keysFrom = (from: number, count: number) => Array.from({ length: count }, (_, i) => ['SET', `key:${from + i}`, 'x'])
      await run(server.url, [['CONFIG', 'SET', 'activerehashing', 'no'], ...keysFrom(limit - 100, 400)])
      // As long as a child saves, tables stay as they are (but in 6.0, where the commands of the samples go on with it).
      await run(server.url, [['CONFIG', 'SET', 'rdb-key-save-delay', 100_000], ['BGSAVE'], ...keysFrom(limit + 300, 2700)])
      expect(await isRehashing(server)).toBe(true)
      const drawn = await samples(server.url, 500, 60)
      expect(await isRehashing(server)).toBe(engine !== 'redis@6.0')
      const shares = drawn.map((sample) => shareIn(sample, (name) => number(name) >= limit))
      expectUnbiased(shares, 3000 / (limit + 3000))
      for (const { names } of drawn) expect(new Set(names).size).toBe(names.length)
    })

    test('are unbiased in a table that was far larger before', async () => {
      const server = await filled(60_000)
      await run(
        server.url,
        Array.from({ length: 56_000 }, (_, i) => ['DEL', `key:${i}`]),
      )
      const drawn = await samples(server.url, 400, 60)
      for (const { names } of drawn) expect(new Set(names).size).toBe(names.length)
      expectUnbiased(
        drawn.map((sample) => shareIn(sample, (name) => number(name) < 57_000)),
        1 / 4,
      )
    })

    test('of several databases weigh them by their keys, and read small ones whole', async () => {
      const server = await filled(20_000)
      await run(server.url, Array.from({ length: 5000 }, (_, i) => ['SET', `five:${i}`, 'x']), 1) // prettier-ignore
      await run(server.url, Array.from({ length: 300 }, (_, i) => ['SET', `two:${i}`, 'x']), 2) // prettier-ignore
      const drawn = await scanAll([server.url], { ...sampleOf(2000, 1), databases: [0, 1, 2] })
      expect(drawn.report.strata.toSorted((a, b) => a.db - b.db)).toEqual([
        { shard: 0, db: 0, keys: 20_000, whole: false },
        { shard: 0, db: 1, keys: 5000, whole: false },
        { shard: 0, db: 2, keys: 300, whole: true },
      ])
      const of = (db: number) => drawn.records.filter((record) => record.db === db).length
      expect(of(2)).toBe(300)
      expect(of(0) / of(1)).toBeGreaterThan(3)
      expect(of(0) / of(1)).toBeLessThan(5)
      expect(shareIn(drawn, (name) => name.startsWith('five'))).toBeCloseTo(5000 / 25_300, 10)
    })

    test('that would be most of the keys are a full scan', async () => {
      const server = await filled(3000)
      const { report, blocks, names } = await scanAll([server.url], sampleOf(2000, 1))
      expect(report).toMatchObject({ mode: 'full', complete: true, keysSeen: 3000, strata: [] })
      expect(blocks).toEqual([])
      expect(new Set(names).size).toBe(3000)
    })

    test('go on after a broken connection with the same blocks', async () => {
      const server = await filled(20_000)
      const whole = await scanAll([server.url], sampleOf(3000, 5))
      for (const cuts of [[20_000], [1500, 60_000, 30_000], [100_000, 40_000]]) {
        const cutting = await startCuttingRelay([server], cuts)
        onTestFinished(() => cutting.stop())
        const broken = await scanAll([server.url], { ...sampleOf(3000, 5) })
        const target = await targetOf(server.url, {
          shard: 0,
          databases: [0],
          cluster: false,
          pace: { batch: 500, window: 4, turn: () => undefined, done: () => undefined },
        })
        const again = await scanTargets(
          [{ ...target, address: { ...target.address, port: Number(new URL(cutting.url).port) } }],
          sampleOf(3000, 5),
        )
        expect(again.report).toMatchObject({ complete: true, reconnects: cutting.connections - 1 })
        expect(again.report.reconnects).toBeGreaterThan(0)
        expect(again.names).toEqual(whole.names)
        expect(again.blocks).toEqual(broken.blocks)
      }
    })
  })
}

// One that keeps a single table in a cluster, and two that keep one for each slot, each its own kind.
const clustered = availableEngines().filter((engine) => /^(redis@7.0|redis@8.0|valkey@9.1|redis|valkey)$/.test(engine))

describe('in a cluster', () => {
  for (const engine of clustered) {
    test(
      `${engine}: shards are read at once, keys equal DBSIZE, samples are unbiased for slots and hash tags`,
      { timeout: 60_000 },
      async () => {
        const cluster = await startCluster({ engine, primaries: 3 })
        onTestFinished(() => cluster.stop())
        const nodeOf = (name: string) => [5461, 10_922, 16_384].findIndex((end) => slotOf(Buffer.from(name)) < end)
        // Keys that are spread over all slots, and two tags that fill one slot each.
        const tags = [2000, 4000]
        const names = [
          ...Array.from({ length: 12_000 }, (_, i) => `key:${i}`),
          ...tags.flatMap((count, tag) => Array.from({ length: count }, (_, i) => `{tag${tag}}:${i}`)),
        ]
        for (const [node, primary] of cluster.primaries.entries())
        await run(primary.url, names.filter((name) => nodeOf(name) === node).map((name) => ['SET', name, 'x'])) // prettier-ignore
        const urls = cluster.primaries.map(({ url }) => url)

        const full = await scanAll(urls, { cluster: true })
        expect(full.report).toMatchObject({ complete: true, keysSeen: names.length, elsewhere: 0 })
        expect(new Set(full.records.map(({ name }) => name)).size).toBe(names.length)
        const sizes = await Promise.all(urls.map(async (url) => asNumber((await run(url, [['DBSIZE']]))[0])))
        expect(full.report.shards.map(({ keysSeen }) => keysSeen)).toEqual(sizes)

        const drawn: Scanned[] = []
        for (let seed = 0; seed < 20; seed++) drawn.push(await scanAll(urls, { ...sampleOf(1500, seed), cluster: true }))
        for (const { names: sampled, report } of drawn) {
          expect(new Set(sampled).size).toBe(sampled.length)
          expect(report.strata.reduce((sum, { keys }) => sum + keys, 0)).toBe(names.length)
        }
        for (const [tag, count] of tags.entries()) {
          const shares = drawn.map((sample) => shareIn(sample, (name) => name.startsWith(`{tag${tag}}`)))
          expectUnbiased(shares, count / names.length)
        }
        // Keys of the first slots of a shard have the same chance as all others.
        const first = (name: string) => (slotOf(Buffer.from(name, 'latin1')) * 3) % 16_384 < 300
        const truth = names.filter(first).length / names.length
        expectUnbiased(drawn.map((sample) => shareIn(sample, first)), truth) // prettier-ignore
      },
    )
  }
})

describe('the blocks of a sample', () => {
  const plan = planBlocks([{ slot: undefined, keys: 10_000 }], 128, new Rng(1))
  const begin = () => new SampleSource(plan, 5, new Rng(1))

  /** A batch as the server would answer: so many keys for each SCAN, and where it ended. */
  function answered(scans: readonly ScanRequest[], keys: readonly number[], cursors: readonly string[]): Batch {
    const batch = new Batch()
    batch.begin(scans)
    for (const [i, count] of keys.entries()) {
      for (let key = 0; key < count; key++) batch.list(batch.count, batch.count + 1)
      batch.ends.push(batch.count)
      batch.cursors.push(cursors[i]!)
    }
    return batch
  }
  const parts = (scans: readonly ScanRequest[] | undefined) =>
    scans?.map(({ part, cursor, block, most }) => `${part} ${block} ${cursor} ${most}`)

  test('begin where one step from their start has ended, so that none begins within a bucket of a smaller table', () => {
    const source = begin()
    const steps = source.next(undefined, 16)!
    expect(plan).toMatchObject({ blocks: 16, blockKeys: 8 })
    expect(steps.map(({ cursor, count, part }) => [cursor, count, part])).toEqual([0, 1].map((block) => [plan.cursorOf(block), 1, 'step'])) // prettier-ignore
    const stepped = answered(steps, [3, 5], ['77', '88'])
    const blocks = source.next(stepped, 16)
    expect(stepped.count).toBe(0)
    expect(parts(blocks)).toEqual(['block 0 77 8', 'block 1 88 8'])
    expect(blocks?.every(({ stratum }) => stratum === 5)).toBe(true)
  })

  test('hold as many keys as they shall: of too many some are drawn, each with the same chance, and with too few they go on', () => {
    const kept = new Map<number, number>()
    for (let seed = 0; seed < 400; seed++) {
      const source = new SampleSource(plan, 0, new Rng(seed))
      const blocks = source.next(answered(source.next(undefined, 16)!, [1, 1], ['7', '8']), 16)!
      const listed = answered(blocks, [12, 5], ['70', '80'])
      expect(parts(source.next(listed, 16))).toEqual(['block 1 80 3'])
      expect(listed).toMatchObject({ count: 13, ends: [8, 13] })
      for (let key = 0; key < 8; key++) kept.set(listed.nameFrom[key]!, (kept.get(listed.nameFrom[key]!) ?? 0) + 1)
      expect([8, 9, 10, 11, 12].map((key) => listed.nameFrom[key])).toEqual([12, 13, 14, 15, 16])
    }
    // 267 times each, with a standard deviation of 9.
    expect([...kept.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i))
    expect(Math.min(...kept.values())).toBeGreaterThan(227)
    expect(Math.max(...kept.values())).toBeLessThan(307)
  })

  test('go on at the beginning when they meet the end of the table: the last one alone, and once', () => {
    const source = begin()
    const steps = source.next(undefined, 1000)!
    const blocks = source.next(answered(steps, Array(16).fill(1), steps.map(() => '5')), 1000)! // prettier-ignore
    const short = answered(blocks, [...Array(14).fill(8), 2, 3], [...Array(14).fill('9'), '0', '0'])
    const rest = source.next(short, 1000)!
    expect(parts(rest)).toEqual(['rest 15 0 5'])
    expect(source.next(answered(rest, [4], ['0']), 1000)).toBeUndefined()
  })

  test('end after a hundred SCANs in a table that is all but empty', () => {
    const source = begin()
    const step = source.next(undefined, 8)!
    let scans = source.next(answered(step, [1], ['5']), 8)!
    let sent = 1
    while (scans[0]?.block === 0 && scans[0].part === 'block') {
      scans = source.next(answered(scans, [0], ['6']), 8)!
      sent++
    }
    expect(sent).toBe(101)
  })

  test('are sent again after a broken connection as far as they were not delivered, with what delivered ones still lack', () => {
    const source = begin()
    const first = source.next(answered(source.next(undefined, 16)!, [1, 1], ['7', '8']), 16)!
    const listed = answered(first, [8, 5], ['70', '80'])
    const more = source.next(listed, 16)!
    source.delivered(listed)
    source.rewind()
    expect(parts(source.next(undefined, 16))).toEqual(parts(more))
    const rest = answered(more, [3], ['81'])
    expect(source.next(rest, 16)?.map(({ block }) => block)).toEqual([2, 3])
    source.delivered(rest)
    source.rewind()
    expect(source.next(undefined, 16)?.map(({ part, block }) => [part, block])).toEqual([['step', 2], ['step', 3]]) // prettier-ignore
  })
})

describe('planning a sample', () => {
  test('a cursor is the reversed bits of the place it leads to', () => {
    expect(cursorAt(0, undefined)).toBe('0')
    expect(cursorAt(0.5, undefined)).toBe('1')
    expect(cursorAt(0.25, undefined)).toBe('2')
    expect(cursorAt(0.75, undefined)).toBe('3')
    expect(cursorAt(0.5, 12_182)).toBe(String(2 ** 14 + 12_182))
    expect(BigInt(cursorAt(0.999_999_999_999, undefined))).toBeLessThan(2n ** 48n)
  })

  test('the slot of a key is that of its hash tag', () => {
    // From the cluster specification, and CLUSTER KEYSLOT.
    const slot = (name: string) => slotOf(Buffer.from(name))
    expect(slot('123456789')).toBe(0x31c3)
    expect(slot('{user1000}.following')).toBe(slot('user1000'))
    expect(slot('foo{}{bar}')).toBe(slotOf(Buffer.from('foo{}{bar}')))
    expect(slot('foo{}{bar}')).not.toBe(slot('bar'))
    expect(slot('foo{{bar}}zap')).toBe(slot('{bar'))
    expect(slot('foo{bar}{zap}')).toBe(slot('bar'))
    expect(slot('tag')).toBe(8338)
  })

  test('blocks are spread evenly over a line in proportion to the keys of its segments', () => {
    const segments = [{ slot: 3, keys: 1000 }, { slot: 7, keys: 10 }, { slot: 9, keys: 8990 }] // prettier-ignore
    const starts = new Map<number, number>()
    for (let seed = 0; seed < 200; seed++) {
      const plan = planBlocks(segments, 640, new Rng(seed))
      expect(plan).toMatchObject({ blocks: 20, blockKeys: 32, strata: [10_000] })
      for (let block = 0; block < plan.blocks; block++) {
        const slot = Number(BigInt(plan.cursorOf(block)) & 16_383n)
        starts.set(slot, (starts.get(slot) ?? 0) + 1)
      }
    }
    expect(starts.get(3)! / 4000).toBeCloseTo(0.1, 2)
    expect((starts.get(7) ?? 0) / 4000).toBeLessThan(0.004)
    expect(starts.get(9)! / 4000).toBeCloseTo(0.899, 2)
  })

  test('strata have enough blocks each to tell their spread, and all keys together', () => {
    const segments = Array.from({ length: 16_384 }, (_, slot) => ({ slot, keys: 1 + (slot % 7) }))
    const keys = segments.reduce((sum, segment) => sum + segment.keys, 0)
    const plan = planBlocks(segments, 10_000, new Rng(1))
    const blocks = plan.strata.map(() => 0)
    for (let block = 0; block < plan.blocks; block++) blocks[plan.stratumOf(block)]!++
    expect(plan.strata.length).toBeGreaterThan(10)
    expect(Math.min(...blocks)).toBeGreaterThanOrEqual(15)
    expect(plan.strata.reduce((sum, one) => sum + one, 0)).toBe(keys)
  })

  test('a sample is shared out by keys; what would be drawn for the most part is read whole', () => {
    const share = (sizes: number[], sample: number) =>
      shareOut(sizes.map((keys, db) => ({ shard: 0, db, keys })), sample).map(({ quota }) => quota) // prettier-ignore
    expect(share([80_000, 20_000], 10_000)).toEqual([8000, 2000])
    expect(share([80_000, 900], 10_000)[1]).toBe('whole')
    expect(share([100_000], 60_000)).toEqual(['whole'])
    expect(share([0], 10)).toEqual(['whole'])
    // However small the share, there are blocks enough.
    expect(share([10_000_000, 5000], 10_000)[1]).toBe(256)
  })
})
