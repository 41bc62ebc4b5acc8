import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Inventory } from '#redline/audit/inventory/inventory.js'
import type { KeyRecord } from '#redline/audit/key-record.js'
import { InputError } from '#redline/core/errors.js'
import { Rng } from '#redline/core/rng.js'
import { asData, BASE64URL, factsOf, inventory, NOW, patternOf, randomText, record, SCANNED, shuffled, times } from './records.js'

test('everything that a rule may ask of a pattern is counted', () => {
  const facts = factsOf([
    record('user:1', { type: 'hash', encoding: 'listpack', bytes: 200, elements: 8, ttlMs: 60_000, idleSeconds: 10 }),
    record('user:2', { type: 'hash', encoding: 'hashtable', bytes: 9000, elements: 600, ttlMs: 61_000, idleSeconds: 20 }),
    record('user:30', { type: 'hash', encoding: 'listpack', bytes: 300, elements: 9, idleSeconds: 4000 }),
    record('user:4', { type: 'string', encoding: 'raw', bytes: 100, elements: 40, ttlMs: 7200_000, idleSeconds: undefined }),
  ])
  const user = patternOf(facts, 'user:<int>')
  expect(user).toMatchObject({
    other: false,
    variables: 1,
    keys: { value: 4, low: 4, high: 4 },
    bytes: { value: 9600, low: 9600, high: 9600 },
    persistent: { keys: { value: 1 }, bytes: { value: 300 } },
    nameBytes: 25,
    badNames: { keys: 0, examples: [] },
    ttl: { keys: 3, bytes: 9300, min: 60, max: 7200, sum: 7321 },
    peakMinute: { at: NOW + 60, keys: 2 },
    size: { keys: 4, bytes: 9600, min: 100, max: 9000 },
    idle: { keys: 3, min: 10, max: 4000 },
    idlePersistent: { keys: 1, bytes: 300, min: 4000, max: 4000 },
    // Characters of strings are no elements.
    elements: { keys: 3, min: 8, max: 600 },
    collections: [
      { type: 'hash', encoding: 'hashtable', elements: { keys: 1, max: 600 } },
      { type: 'hash', encoding: 'listpack', elements: { keys: 2, max: 9 } },
    ],
    persistentExamples: ['user:30'],
  })
  expect([...user.types]).toEqual([
    ['hash', { keys: 3, bytes: 9500 }],
    ['string', { keys: 1, bytes: 100 }],
  ])
  expect([...user.encodings.keys()]).toEqual(['hashtable', 'listpack', 'raw'])
  expect(user.sizes.get('string')).toMatchObject({ keys: 1, max: 100 })
  expect(user.largest.map(({ key }) => key)).toEqual(['user:2', 'user:30', 'user:1'])
  expect(user.largest[0]).toEqual({
    ...{ key: 'user:2', pattern: 'user:<int>', db: 0, type: 'hash', encoding: 'hashtable' },
    ...{ bytes: 9000, elements: 600, idleSeconds: 20, ttlSeconds: 61 },
  })
  expect(facts).toMatchObject({
    mode: 'full',
    complete: true,
    keys: { value: 4 },
    bytes: { value: 9600 },
    contracts: false,
    lengths: 'all',
  })
})

test('the largest, longest and idlest keys are listed, most first and the same in every audit', () => {
  const records = times(3000, (i) => `user:${i}`).map((name, i) =>
    record(name, { bytes: 100 + (i % 100), idleSeconds: i % 7, type: 'set', encoding: 'listpack', elements: i % 11 }),
  )
  const { top } = factsOf(records)
  expect(top.bytes.map(({ bytes }) => bytes)).toEqual(times(20, () => '199').map(Number))
  expect(top.idle.every(({ idleSeconds }) => idleSeconds === 6)).toBe(true)
  expect(top.elements.map(({ elements }) => elements)).toEqual(times(20, () => '10').map(Number))
  expect(factsOf(shuffled(records, new Rng(3))).top).toEqual(top)
  expect(factsOf(records, { limits: { top: 5 } }).top.bytes).toEqual(top.bytes.slice(0, 5))
})

test('the top keys are those of a sort of all keys', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 120 }), (sizes) => {
      const facts = factsOf(
        sizes.map((bytes, i) => record(`k:${i}`, { bytes })),
        { limits: { top: 7, big: 9 } },
      )
      expect(facts.top.bytes.map(({ bytes }) => bytes)).toEqual(sizes.toSorted((a, b) => b - a).slice(0, 7))
    }),
  )
})

test('big keys are known by name: from 100 KB, or 5000 elements', () => {
  const facts = factsOf([
    record('blob', { bytes: 200_000, encoding: 'raw' }),
    record('members', { bytes: 9000, type: 'set', elements: 7000 }),
    record('text', { bytes: 90_000, elements: 90_000 }),
    ...times(2000, (i) => `user:${i}`).map((name) => record(name)),
  ])
  expect(facts.big('blob')).toMatchObject({ key: 'blob', bytes: 200_000 })
  expect(facts.big('members')).toMatchObject({ elements: 7000, pattern: 'members' })
  expect(facts.big('text')).toBeUndefined()
  expect(facts.big('user:1')).toBeUndefined()
})

test('a key that the scan meets twice is listed once', () => {
  const { top, patterns } = factsOf([record('a', { bytes: 9 }), record('a', { bytes: 9 }), record('b', { bytes: 8 })])
  expect(top.bytes.map(({ key }) => key)).toEqual(['a', 'b'])
  expect(patterns.flatMap(({ examples }) => examples).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['a', 'b'])
})

test('names that make trouble are counted and shown safely', () => {
  const bad = ['user:1\n', 'user:2 x', 'user:\x1b[2J', 'user:\u202egnp', 'user:\u0085']
  const good = ['user:käse', 'user:键', 'user:1']
  const invalid = Buffer.concat([Buffer.from('user:'), Uint8Array.of(0xff)])
  const { patterns } = factsOf([...bad, ...good].map((name) => record(name)).concat(record(invalid)))
  expect(patterns.reduce((sum, { badNames }) => sum + badNames.keys, 0)).toBe(6)
  const examples = patterns.flatMap(({ badNames }) => badNames.examples)
  expect(examples).toContain(String.raw`user:\xff`)
  expect(JSON.stringify(asData(patterns))).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

test('a name of 64 KB is shown by its beginning and its length', () => {
  const { top } = factsOf([record('x'.repeat(65_536))])
  expect(top.bytes[0]!.key).toBe(`${'x'.repeat(512)}... (65536 bytes)`)
})

test('redacted facts hold no name, and the same hash for the same name and salt', () => {
  const names = ['user:jane:mail', 'secret-project', 'order:1', ...times(20, (i) => `invoice:${i}:open`)]
  const redacted = (redact: string) => factsOf([...names.map((name) => record(name, { bytes: 200_000 })), record('{jane}:x')], { redact })
  const facts = redacted('salt')
  const text = JSON.stringify(asData(facts))
  expect(text).not.toMatch(/jane|secret|project|order/)
  expect(facts.patterns.map(({ pattern }) => pattern)).toContain('invoice:<int>:open')
  expect(patternOf(facts, 'invoice:<int>:open').examples[0]).toMatch(/^invoice:<int>:open#[\da-f]{12}$/)
  expect(facts.hashTags[0]!.tag).toMatch(/^#[\da-f]{12}$/)
  // Who knows a name may still look it up.
  expect(facts.big('user:jane:mail')!.key).toMatch(/#[\da-f]{12}$/)
  expect(JSON.stringify(asData(redacted('salt')))).toBe(text)
  expect(JSON.stringify(asData(redacted('other')))).not.toBe(text)
})

function mixed(count: number): KeyRecord[] {
  const rng = new Rng(11)
  return times(
    count,
    (i) => [`user:${i}`, `sess:${randomText(rng, BASE64URL, 32)}`, `{t${i % 50}}:cart`, `w${randomText(rng, BASE64URL, 3)}:x`][i % 4]!,
  ).map((name, i) =>
    record(name, {
      ...{ shard: i % 2, db: i % 3, type: i % 5 ? 'string' : 'zset', bytes: 100 + ((i * 31) % 5000), elements: i % 300 },
      ...{ ttlMs: i % 4 ? ((i * 7919) % 90_000) * 1000 : -1, idleSeconds: i % 1000 },
    }),
  )
}

test.each(['full', 'sample'] as const)('a %s inventory goes through JSON, and goes on where it stopped', (mode) => {
  const options = { mode, shards: ['a', 'b'], cluster: true, contracts: [{ pattern: 'user:1*' }] }
  const end = {
    ...SCANNED,
    strata: [
      { shard: 0, db: 0, keys: 50_000, whole: false },
      { shard: 1, db: 0, keys: 70_000, whole: false },
    ],
  }
  const take = (into: Inventory, records: KeyRecord[]) =>
    records.forEach((each, i) => {
      into.add(each)
      if (mode === 'sample' && i % 20 === 19) into.endBlock((i / 20) & 1, 20)
    })
  const records = mixed(8000)
  const whole = inventory(options)
  take(whole, records)
  const first = inventory(options)
  take(first, records.slice(0, 4000))
  const second = Inventory.restore(JSON.parse(JSON.stringify(first.save())), { nowSeconds: NOW, ...options })
  take(second, records.slice(4000))
  expect(asData(second.finish(end))).toEqual(asData(whole.finish(end)))
})

test('an inventory that was saved with other contracts, or is no inventory, is refused', () => {
  const saved = inventory({ contracts: [{ pattern: 'a:*' }] }).save()
  const options = { nowSeconds: NOW, mode: 'full', shards: ['a'], cluster: false } as const
  expect(() => Inventory.restore(saved, { ...options, contracts: [] })).toThrow(InputError)
  for (const damaged of [null, 'x', {}, Object.assign({}, saved, { trie: { roots: 7 } })]) {
    expect(() => Inventory.restore(damaged, { ...options, contracts: [{ pattern: 'a:*' }] })).toThrow(InputError)
  }
})

test('facts may be asked for while keys still come', () => {
  const counted = inventory()
  const records = mixed(3000).map((each) => ({ ...each, shard: 0 }))
  for (const each of records.slice(0, 1000)) counted.add(each)
  expect(counted.finish(SCANNED).keys.value).toBe(1000)
  for (const each of records.slice(1000)) counted.add(each)
  expect(asData(counted.finish(SCANNED))).toEqual(asData(factsOf(records)))
})

test('the pattern of any key can be asked for', () => {
  const counted = inventory({ contracts: [{ pattern: 'job:*' }] })
  for (const each of mixed(2000)) counted.add({ ...each, shard: 0, db: 0 })
  counted.add(record('job:1'))
  counted.finish(SCANNED)
  const patternOf = (name: string) => counted.patternOf(Buffer.from(name), 0)
  expect(['user:4', 'job:1', 'job:77', 'never:seen:before'].map(patternOf)).toEqual(['user:<int>', 'job:*', 'job:*', '<other>'])
})

test('a sample stands for the keyspace: tallies, distributions, shards and tags are of all keys', () => {
  const counted = inventory({ mode: 'sample', shards: ['a', 'b'] })
  for (let block = 0; block < 40; block++) {
    for (let i = 0; i < 10; i++) {
      const name = i < 4 ? `{tag}:${block}${i}` : `user:${block}${i}`
      counted.add(record(name, { shard: block % 2, bytes: i < 4 ? 1000 : 100, ttlMs: i < 2 ? -1 : 60_000 }))
    }
    counted.endBlock(block % 2, 10)
  }
  const strata = [0, 1].map((shard) => ({ shard, db: 0, keys: 50_000, whole: false }))
  const facts = counted.finish({ ...SCANNED, strata })
  expect(facts.keys).toEqual({ value: 100_000, low: 100_000, high: 100_000 })
  expect(facts.bytes.value).toBe(46_000_000)
  expect(facts.types.get('string')).toEqual({ keys: 100_000, bytes: 46_000_000 })
  const tagged = patternOf(facts, '{tag}:<int>')
  expect(tagged.keys.value).toBe(40_000)
  expect(tagged.persistent.keys.value).toBe(20_000)
  expect(tagged.size.from(500)).toEqual({ keys: 40_000, bytes: 40_000_000 })
  expect(tagged.peakMinute!.keys).toBe(20_000)
  expect(tagged.keys.low).toBeLessThan(40_000)
  expect(tagged.keys.high).toBeGreaterThan(40_000)
  const never = patternOf(facts, 'user:<int>').persistent.keys
  expect(never).toMatchObject({ value: 0, low: 0 })
  expect(never.high).toBeGreaterThan(500)
  expect(facts.shards).toEqual([
    { name: 'a', keys: 50_000, bytes: 23_000_000 },
    { name: 'b', keys: 50_000, bytes: 23_000_000 },
  ])
  expect(facts.hashTags).toEqual([{ tag: 'tag', keys: 40_000, bytes: 40_000_000 }])
})

test('an empty keyspace has no patterns', () => {
  expect(factsOf([])).toMatchObject({ keys: { value: 0 }, bytes: { value: 0 }, patterns: [], hashTags: [] })
  const nothing = inventory({ mode: 'sample' }).finish({ ...SCANNED, strata: [{ shard: 0, db: 0, keys: 0, whole: false }] })
  expect(nothing).toMatchObject({ keys: { value: 0 }, bytes: { value: 0, high: 0 }, patterns: [] })
})

test('what remains of a TTL counts from when it was read: keys that expire together are together also after a slow scan', () => {
  const counted = inventory()
  for (let i = 0; i < 600; i++) {
    const afterMs = i * 1000
    counted.add(record(`cache:${i}`, { ttlMs: 3_600_000 - afterMs, afterMs }))
  }
  const facts = counted.finish(SCANNED)
  expect(patternOf(facts, 'cache:<int>').peakMinute?.keys).toBe(600)
})
