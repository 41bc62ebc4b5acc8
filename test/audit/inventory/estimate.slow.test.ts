import { expect, test } from 'vitest'
import type { KeyspaceFacts } from '#redline/audit/facts.js'
import type { KeyRecord, Stratum } from '#redline/audit/key-record.js'
import { estimateBytes, estimateKeys, exactly, sampleFrame } from '#redline/audit/inventory/estimate.js'
import { Rng } from '#redline/core/rng.js'
import { inventory, record } from './records.js'

/** What a keyspace is made of: names, how they come, how long they live and what they take. */
interface Kind {
  pattern: string
  keys: number
  /** Only in this stratum. */
  stratum?: number
  persistentShare: number
  bytes: (rng: Rng) => number
}

const normal = (rng: Rng) => Math.sqrt(-2 * Math.log(1 - rng.float())) * Math.cos(2 * Math.PI * rng.float())
const lognormal = (median: number, sigma: number) => (rng: Rng) => Math.round(median * Math.exp(sigma * normal(rng)))

const KINDS: Kind[] = [
  { pattern: 'user:<int>', keys: 90_000, persistentShare: 1, bytes: lognormal(200, 0.5) },
  { pattern: 'session:<int>', keys: 60_000, persistentShare: 0.3, bytes: () => 150 },
  { pattern: 'cart:<int>', keys: 9000, persistentShare: 0.02, bytes: lognormal(1000, 1.5) },
  { pattern: 'page:<int>', keys: 30_000, stratum: 1, persistentShare: 0, bytes: lognormal(5000, 1) },
  { pattern: 'rare:<int>', keys: 400, persistentShare: 0.5, bytes: lognormal(300, 1) },
]

/** Keys by stratum, in the order in which a scan would come across them. */
function keyspace(rng: Rng): KeyRecord[][] {
  const strata: KeyRecord[][] = [[], [], []]
  for (const { pattern, keys, stratum, persistentShare, bytes } of KINDS) {
    for (let i = 0; i < keys; i++) {
      const where = stratum ?? (rng.float() < 0.6 ? 0 : rng.float() < 0.7 ? 1 : 2)
      const ttlMs = rng.float() < persistentShare ? -1 : 60_000
      strata[where]!.push(record(pattern.replace('<int>', String(i)), { bytes: bytes(rng), ttlMs }))
    }
  }
  for (const records of strata) {
    for (let i = records.length - 1; i > 0; i--) {
      const j = rng.below(i + 1)
      ;[records[i], records[j]] = [records[j]!, records[i]!]
    }
  }
  return strata
}

const STRATA_KEYS = 10

/** Blocks of about ten keys, as many as one key in fifty asks for. */
function sample(strata: KeyRecord[][], rng: Rng): KeyspaceFacts {
  const counted = inventory({ mode: 'sample' })
  strata.forEach((records, stratum) => {
    for (let blocks = Math.round(records.length / 50 / STRATA_KEYS); blocks > 0; blocks--) {
      const size = STRATA_KEYS - 3 + rng.below(7)
      const start = rng.below(records.length - size)
      for (const each of records.slice(start, start + size)) counted.add(each)
      counted.endBlock(stratum, size)
    }
  })
  const population = strata.map(({ length: keys }): Stratum => ({ shard: 0, db: 0, keys, whole: false }))
  return counted.finish({ complete: true, strata: population, lengths: 'none', idleKnown: true })
}

test(
  'the intervals of a sample contain the truth in 93 of 100 samples and more: counts, shares and skewed bytes',
  { timeout: 120_000 },
  () => {
    const strata = keyspace(new Rng(7))
    const all = strata.flat()
    const runs = 100
    const covered = new Map<string, number>()
    const note = (what: string, { low, high }: { low: number; high: number }, truth: number) =>
      covered.set(what, (covered.get(what) ?? 0) + Number(low <= truth && truth <= high))
    const truths = KINDS.map(({ pattern }) => {
      const its = all.filter(({ name }) => Buffer.from(name).toString().startsWith(pattern.slice(0, 4)))
      const persistent = its.filter(({ ttlMs }) => ttlMs < 0)
      const bytes = (records: KeyRecord[]) => records.reduce((sum, each) => sum + each.bytes, 0)
      return { pattern, keys: its.length, bytes: bytes(its), persistentKeys: persistent.length, persistentBytes: bytes(persistent) }
    })
    for (let run = 1; run <= runs; run++) {
      const facts = sample(strata, new Rng(run))
      expect(facts.keys).toEqual(exactly(all.length))
      note(
        'all bytes',
        facts.bytes,
        truths.reduce((sum, { bytes }) => sum + bytes, 0),
      )
      for (const truth of truths) {
        const found = facts.patterns.find(({ pattern }) => pattern === truth.pattern)
        if (!found) continue
        note(`${truth.pattern} keys`, found.keys, truth.keys)
        note(`${truth.pattern} bytes`, found.bytes, truth.bytes)
        note(`${truth.pattern} persistent keys`, found.persistent.keys, truth.persistentKeys)
        note(`${truth.pattern} persistent bytes`, found.persistent.bytes, truth.persistentBytes)
      }
    }
    const user = sample(strata, new Rng(1)).patterns.find(({ pattern }) => pattern === 'user:<int>')!
    expect((user.keys.high - user.keys.low) / user.keys.value).toBeLessThan(0.1)
    expect((user.bytes.high - user.bytes.low) / user.bytes.value).toBeLessThan(0.15)
    const tooFew = [...covered].filter(([, times]) => times < 0.93 * runs)
    expect(tooFew).toEqual([])
    expect(covered.size).toBe(1 + 4 * KINDS.length)
  },
)

const frameOf = (population: number[], drawn: number[][], whole = -1) =>
  sampleFrame(
    population.map((keys, i) => ({ shard: 0, db: 0, keys, whole: i === whole })),
    new Map(drawn.map((groups, stratum) => [stratum, new Map(groups.map((keys, i) => [stratum * 64 + i, keys]))])),
  )

test('what was never seen among n keys may be about 3.7 of n, at most; what was always seen is the mirror of that', () => {
  const frame = frameOf([1_000_000], [[250, 250, 250, 250]])
  expect(estimateKeys(frame, new Map())).toEqual({ value: 0, low: 0, high: 3683 })
  const all = estimateKeys(frame, new Map([0, 1, 2, 3].map((group) => [group, 250])))
  expect(all.value).toBe(1_000_000)
  expect(all.low).toBe(1_000_000 - 3683)
  expect(all.high).toBe(1_000_000)
})

test('blocks whose keys are alike tell less than as many keys drawn one by one', () => {
  const frame = frameOf([100_000], [[100, 100, 100, 100, 100, 100, 100, 100]])
  const mixed = estimateKeys(frame, new Map([0, 1, 2, 3, 4, 5, 6, 7].map((group) => [group, 50])))
  const alike = estimateKeys(frame, new Map([0, 1, 2, 3].map((group) => [group, 100])))
  expect(mixed.value).toBe(alike.value)
  expect(alike.high - alike.low).toBeGreaterThan(3 * (mixed.high - mixed.low))
})

test('a stratum counts by its keys, not by how many were drawn from it', () => {
  const frame = frameOf(
    [90_000, 10_000],
    [
      [50, 50],
      [50, 50],
    ],
  )
  expect(estimateKeys(frame, new Map([64, 65].map((group) => [group, 50]))).value).toBe(10_000)
})

test('strata with one block are put together, and those with none are like the others', () => {
  const alone = frameOf([5000, 5000], [[50], [50]])
  const half = estimateKeys(alone, new Map([[0, 50]]))
  expect(half.value).toBe(5000)
  expect(half.low).toBeLessThan(500)
  expect(half.high).toBeGreaterThan(9500)
  const skipped = frameOf([5000, 5000], [[25, 25], []])
  expect(estimateKeys(skipped, new Map([0, 1].map((group) => [group, 10]))).value).toBe(4000)
  expect(estimateKeys(frameOf([1000], [[100]]), new Map([[0, 10]]))).toMatchObject({ value: 100, low: 49 })
  expect(estimateKeys(frameOf([0], []), new Map())).toEqual(exactly(0))
})

test('the bytes of one key tell little of those of others', () => {
  const frame = frameOf([100_000], [[500, 500]])
  const [keys, bytes] = [new Map([[0, 1]]), new Map([[0, 1000]])]
  const few = estimateBytes(frame, estimateKeys(frame, keys), keys, bytes, { keys: 1, variation: 0, skewness: 0 })
  expect(few.value).toBe(100_000)
  expect(few.low).toBeLessThan(20_000)
  expect(few.high).toBeGreaterThan(1_000_000)
})

test('nothing is estimated of a stratum that was read whole', () => {
  const frame = frameOf(
    [100_000, 30],
    [
      [500, 500],
      [20, 10],
    ],
    1,
  )
  const [keys, bytes] = [
    new Map([
      [64, 20],
      [65, 4],
    ]),
    new Map([
      [64, 2000],
      [65, 5000],
    ]),
  ]
  expect(frame.population).toBe(100_030)
  const found = estimateKeys(frame, keys)
  expect(found).toEqual({ value: 24, low: 24, high: 24 + 369 })
  expect(estimateBytes(frame, exactly(24), keys, bytes, { keys: 24, variation: 1, skewness: 1 })).toEqual(exactly(7000))
  const both = estimateKeys(
    frame,
    new Map([
      [0, 5],
      [1, 5],
      [64, 20],
    ]),
  )
  expect(both.value).toBe(1020)
  expect(both.low).toBeGreaterThan(400)
})
