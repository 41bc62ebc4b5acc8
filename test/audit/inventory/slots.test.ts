import { expect, test } from 'vitest'
import { hashTag, slotOf } from '#redline/audit/inventory/slots.js'
import { factsOf, record, times } from './records.js'

const slot = (name: string) => slotOf(Buffer.from(name))

/** The first from the cluster specification; the others as CLUSTER KEYSLOT of Redis 7.0 answers them. */
test.each([
  ['123456789', 0x31c3],
  ['foo', 12_182],
  ['bar', 5061],
  ['hello', 866],
  ['', 0],
])('the slot of %j is %i', (name, expected) => {
  expect(slot(name)).toBe(expected)
})

test('only what stands in the first braces decides, unless it is empty', () => {
  expect(slot('{user1000}.following')).toBe(slot('{user1000}.followers'))
  expect(slot('foo{{bar}}zap')).toBe(slot('{bar'))
  expect(slot('foo{bar}{zap}')).toBe(slot('bar'))
  expect(slot('foo{}{bar}')).not.toBe(slot('bar'))
  expect(hashTag(Buffer.from('foo{}{bar}'))).toBeUndefined()
  expect(hashTag(Buffer.from('foo{bar'))).toBeUndefined()
})

test('keys and bytes are counted by slot in a cluster, by shard and by hash tag everywhere', () => {
  const records = [
    ...times(30, (i) => `{one}:${i}`).map((name) => record(name, { shard: 1 })),
    ...times(10, (i) => `cart:{${i % 2}}:${i}`).map((name) => record(name, { bytes: 1000 })),
    record('plain'),
  ]
  const facts = factsOf(records, { cluster: true, shards: ['a', 'b'] })
  expect(facts.slots!.keys[slot('one')]).toBe(30)
  expect(facts.slots!.bytes[slot('0')]).toBe(5000)
  expect(facts.shards).toEqual([
    { name: 'a', keys: 11, bytes: 10_100 },
    { name: 'b', keys: 30, bytes: 3000 },
  ])
  expect(facts.hashTags).toEqual([
    { tag: 'one', keys: 30, bytes: 3000 },
    { tag: '0', keys: 5, bytes: 5000 },
    { tag: '1', keys: 5, bytes: 5000 },
  ])
  expect(factsOf(records, { shards: ['a', 'b'] }).slots).toBeUndefined()
})

test('a tag that holds much is found among more tags than are counted at once, whenever it comes', () => {
  const tags = times(5000, (i) => `{user${i}}:cart`)
  const heavy = times(500, (i) => `{all}:${i}`)
  for (const names of [
    [...tags, ...heavy],
    [...heavy, ...tags],
  ]) {
    const facts = factsOf(
      names.map((name) => record(name)),
      { limits: { tags: 100 } },
    )
    expect(facts.hashTags[0]).toEqual({ tag: 'all', keys: 500, bytes: 50_000 })
  }
})
