import { expect, test } from 'vitest'
import { keyspaceResult } from '#redline/audit/inventory/result.js'
import { auditResultSchema } from '#redline/schema/audit.js'
import { asData, factsOf, record, times } from './records.js'

const partsSchema = auditResultSchema.pick({ totals: true, patterns: true, top: true, hashTags: true })
const letters = (i: number) => String.fromCharCode(97 + (i % 26), 97 + (Math.floor(i / 26) % 26), 97 + Math.floor(i / 676))

function resultOf(...args: Parameters<typeof factsOf>) {
  return partsSchema.parse(keyspaceResult(factsOf(...args)))
}

test('a keyspace is part of a document as the schema says, with what is not known as null', () => {
  const result = resultOf(
    [
      ...times(50, (i) => `user:{${i}}`).map((name, i) =>
        record(name, { type: 'hash', encoding: 'listpack', elements: i, ttlMs: i * 1000 }),
      ),
      record('config', { idleSeconds: undefined }),
    ],
    { contracts: [{ pattern: 'user:*', owner: 'accounts', looks_like: 'session' }] },
  )
  expect(result.totals).toMatchObject({ keys: { value: 51 }, types: { hash: { keys: 50, bytes: 5000 }, string: { keys: 1 } } })
  expect(result.patterns[0]).toMatchObject({
    ...{ pattern: 'user:*', declared: true, looksLike: 'session', owner: 'accounts' },
    ttl: { unit: 'seconds', keys: 50, min: 0, p50: 24, max: 49 },
    size: { unit: 'bytes', keys: 50, p99: 100, buckets: [[100, 50]] },
    elements: { unit: 'elements', keys: 50, max: 49 },
  })
  expect(result.patterns[1]).toMatchObject({ declared: false, looksLike: null, owner: null, ttl: null, idle: null, elements: null })
  expect(result.top.bytes).toHaveLength(20)
  expect(result.top.elements[0]).toMatchObject({ elements: 49, ttlSeconds: 49 })
  expect(result.top.bytes.find(({ key }) => key === 'config')?.ttlSeconds ?? null).toBeNull()
  expect(result.hashTags).toHaveLength(20)
})

test('distributions have at most sixty buckets, which hold every key once', () => {
  const [pattern] = resultOf(times(5000, (i) => `k:${i}`).map((name, i) => record(name, { bytes: Math.floor(1.005 ** i) + i }))).patterns
  const { buckets, keys, min, max } = pattern!.size
  expect(buckets.length).toBeLessThanOrEqual(60)
  expect(buckets.length).toBeGreaterThan(20)
  expect(buckets.reduce((sum, [, inIt]) => sum + inIt, 0)).toBe(keys)
  expect(buckets.map(([highest]) => highest)).toEqual(buckets.map(([highest]) => highest).toSorted((a, b) => a - b))
  expect(buckets[0]![0]).toBeGreaterThanOrEqual(min)
  expect(buckets.at(-1)![0]).toBeGreaterThanOrEqual(max)
})

test('no more than two hundred patterns are listed, the others as one; nothing is lost', () => {
  const records = times(400, (i) => `kind${letters(i)}:`).flatMap((kind, i) =>
    times(3 + (i % 5), (j) => `app${letters(i % 40)}:${kind}${j}`),
  )
  const facts = factsOf(records.map((name, i) => record(name, { bytes: 100 + (i % 300), ttlMs: i % 2 ? -1 : 5000 })))
  expect(facts.patterns.length).toBeGreaterThan(200)
  const { patterns, totals } = partsSchema.parse(keyspaceResult(facts))
  expect(patterns).toHaveLength(200)
  const other = patterns.at(-1)!
  expect(other.pattern).toBe('<other>')
  const sum = (of: (pattern: (typeof patterns)[number]) => number) => patterns.reduce((total, pattern) => total + of(pattern), 0)
  expect(sum(({ keys }) => keys.value)).toBe(totals.keys.value)
  expect(sum(({ bytes }) => bytes.value)).toBe(totals.bytes.value)
  expect(sum(({ size }) => size.keys)).toBe(totals.keys.value)
  expect(sum(({ types }) => types['string']!.keys)).toBe(totals.keys.value)
  expect(sum(({ ttl }) => ttl?.keys ?? 0)).toBe(totals.keys.value - sum(({ persistent }) => persistent.keys.value))
  expect(asData(other.size.min)).toBeGreaterThanOrEqual(100)
})
