import { describe, expect, test } from 'vitest'
import type { KeyspaceFacts } from '#redline/audit/facts.js'
import { Rng } from '#redline/core/rng.js'
import type { Estimate } from '#redline/schema/audit.js'
import { HashTable, type TableKey } from '../support/hash-table.js'
import { inventory, record } from './inventory/records.js'

/*
 * How often the intervals of samples hold the truth, from where blocks begin to what is estimated. Servers hash with a seed that they draw
 * by chance, so that of 100 samples of theirs some are wrong more often by chance alone (totals-sampled.slow.test.ts); here all
 * seeds are fixed, and each measure has to hold 93 times.
 */

const RUNS = 100
const KEYS = 20_000
/** Tables that the samples are drawn from: with one alone, 100 samples would meet the same neighbours again and again. */
const TABLES = 20

const normal = (rng: Rng) => Math.sqrt(-2 * Math.log(1 - rng.float())) * Math.cos(2 * Math.PI * rng.float())
const lognormal = (rng: Rng, median: number, sigma: number) => Math.round(median * Math.exp(sigma * normal(rng)))
const keyspace = (make: (i: number) => TableKey) => Array.from({ length: KEYS }, (_, i) => make(i))

/** Sessions of which a third never expires, users, and few reports, which hold a fifth of the bytes. */
function shop(): TableKey[] {
  return keyspace((i) => {
    if (i % 100 === 0) return { name: `report:${i}`, type: 'hash', bytes: 1300 + 20 * (i % 700), ttlMs: -1 }
    if (i % 10 < 3) return { name: `user:${i}`, type: 'hash', bytes: 110 + (i % 50), ttlMs: -1 }
    return { name: `session:${i}`, type: 'string', bytes: 160 + (i % 400), ttlMs: i % 3 === 0 ? -1 : 5_000_000 }
  })
}

/** Sizes as they are found in the field, where some carts are a thousand times the size of others. */
function skewed(): TableKey[] {
  const rng = new Rng(1)
  return keyspace((i) => {
    const kind = rng.float()
    if (kind < 0.45) return { name: `user:${i}`, type: 'hash', bytes: lognormal(rng, 200, 0.5), ttlMs: -1 }
    if (kind < 0.75) return { name: `session:${i}`, type: 'string', bytes: 150, ttlMs: rng.float() < 0.3 ? -1 : 60_000 }
    if (kind < 0.8) return { name: `cart:${i}`, type: 'hash', bytes: lognormal(rng, 1000, 1.5), ttlMs: rng.float() < 0.02 ? -1 : 60_000 }
    if (kind < 0.99) return { name: `page:${i}`, type: 'string', bytes: lognormal(rng, 5000, 1), ttlMs: 60_000 }
    return { name: `rare:${i}`, type: 'string', bytes: lognormal(rng, 300, 1), ttlMs: rng.float() < 0.5 ? -1 : 60_000 }
  })
}

/** Everything that is estimated, by what it is called. */
function measuresOf({ bytes, patterns }: KeyspaceFacts): Map<string, Estimate> {
  const ofPatterns = patterns.flatMap(({ pattern, keys, bytes: size, persistent }): [string, Estimate][] => [
    [`${pattern}: keys`, keys],
    [`${pattern}: bytes`, size],
    [`${pattern}: persistent keys`, persistent.keys],
    [`${pattern}: persistent bytes`, persistent.bytes],
  ])
  return new Map([['all: bytes', bytes], ...ofPatterns])
}

function truthOf(keys: readonly TableKey[]): Map<string, number> {
  const whole = inventory()
  for (const { name, ...fields } of keys) whole.add(record(name, fields))
  const counted = measuresOf(whole.finish({ complete: true, strata: [], lengths: 'none', idleKnown: false }))
  return new Map(Array.from(counted, ([measure, { value }]) => [measure, value]))
}

/** How many of 100 samples hold the truth, by measure, each with so many keys drawn. */
function held(keys: readonly TableKey[], quota: number): Map<string, number> {
  const tables = Array.from({ length: TABLES }, (_, seed) => new HashTable(keys, seed))
  const truths = truthOf(keys)
  const times = new Map(Array.from(truths.keys(), (measure) => [measure, 0]))
  for (let seed = 1; seed <= RUNS; seed++) {
    const counted = inventory({ mode: 'sample' })
    const { strata, keysSeen } = tables[seed % TABLES]!.sample(counted, quota, seed)
    expect(Math.abs(keysSeen - quota)).toBeLessThanOrEqual(32)
    const estimates = measuresOf(counted.finish({ complete: true, strata, lengths: 'none', idleKnown: false }))
    for (const [measure, truth] of truths) {
      const { low, high } = estimates.get(measure)!
      if (low <= truth && truth <= high) times.set(measure, times.get(measure)! + 1)
    }
  }
  return times
}

describe.each([
  ['a shop', shop(), 1500],
  ['sizes that differ much', skewed(), 1500],
] as const)('%s', (_, keys, quota) => {
  test('each measure holds the truth in 93 of 100 samples and more', { timeout: 120_000 }, () => {
    const times = held(keys, quota)
    expect(times.size).toBeGreaterThan(12)
    expect([...times].filter(([, runs]) => runs < 0.93 * RUNS)).toEqual([])
  })
})

test('a table is scanned as servers do it: every key once, wherever a scan begins, and no bucket in part', () => {
  const table = new HashTable(shop(), 3)
  const listed: number[] = []
  let cursor = '0'
  do {
    const step = table.scan(cursor, 100)
    listed.push(...step.listed)
    cursor = step.cursor
  } while (cursor !== '0')
  expect(listed.length).toBe(KEYS)
  expect(new Set(listed).size).toBe(KEYS)
  const [first] = table.scan('1', 1).listed
  const from = listed.indexOf(first!)
  expect(table.scan('1', 100).listed).toEqual(listed.slice(from, from + table.scan('1', 100).listed.length))
})
