import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Rng } from '#redline/core/rng.js'
import {
  asData,
  BASE36,
  BASE64URL,
  factsOf,
  HEXADECIMAL,
  patternOf,
  patternsOf,
  randomText,
  record,
  shuffled,
  times,
  uuid,
} from './records.js'

const rng = new Rng(20_261_123)

test.each([
  ['user:1001', 'user:<int>'],
  ['h:0001', 'h:<int>'],
  ['user:{1001}:profile', 'user:{<int>}:profile'],
  ['{user:1001}:cart', '{user:<int>}:cart'],
  ['celery-task-meta-123e4567-e89b-12d3-a456-426614174000', 'celery-task-meta-<uuid>'],
  ['spring:session:sessions:123E4567-E89B-12D3-A456-426614174000', 'spring:session:sessions:<uuid>'],
  ['_kombu.binding.celery', '_kombu.binding.celery'],
  ['laravel_cache:da39a3ee5e6b4b0d3255bfef95601890afd80709', 'laravel_cache:<hex>'],
  ['bull:mail:repeat:9b2f1c7e8d6a5b4c3d2e1f0a9b8c7d6e:1700000000000', 'bull:mail:repeat:<hex>:<int>'],
  ['temperature.2026.11.23', 'temperature.<date>'],
  ['stats:2026-11-23:views', 'stats:<date>:views'],
  ['stats:20261123', 'stats:<date>'],
  ['log:2026-11-23T10:15:00.123Z', 'log:<date>'],
  ['rl:127.0.0.1', 'rl:<ip>'],
  ['rl:::1', 'rl:<ip>'],
  ['rl:::ffff:203.0.113.7', 'rl:<ip>'],
  ['rl:2001:db8::8a2e:370:7334:login', 'rl:<ip>:login'],
  ['rate:login:user@example.com', 'rate:login:<email>'],
  ['rate:login:jane.van-doe_1+tag@mail.example.com:5', 'rate:login:<email>:<int>'],
  ['cache:GET:/api/v1/users/17?page=2', 'cache:GET:/api/v1/users/<int>?page=<int>'],
  ['sess:AbC-9_xyzQ0w3rT_yUi-OpAsD2fGh4Jk', 'sess:<*>'],
  ['item1042', 'item<int>'],
  ['api:v1:users', 'api:v1:users'],
  ['books::42', 'books::<int>'],
  ['cafe::1', 'cafe::<int>'],
  ['1.2.3', '<int>.<int>.<int>'],
  ['1.2.3.4.5', '<int>.<int>.<int>.<int>.<int>'],
  ['deploy:1.2.3', 'deploy:<int>.<int>.<int>'],
  ['user:', 'user:'],
  ['', ''],
  ['a<int>b', String.raw`a\x3cint>b`],
  ['two\nlines', String.raw`two\nlines`],
])('%j is %s', (name, pattern) => {
  expect(Object.keys(patternsOf([name]))).toEqual([pattern])
})

test('words are not taken for random identifiers, however they are written', () => {
  for (const name of [
    'getUserProfileById2',
    'X-Forwarded-For',
    'OAuth2TokenStore',
    'my-first-post-2024',
    'USER_PROFILE_CACHE',
    'iPhone12ProMax',
  ]) {
    expect(Object.keys(patternsOf([name]))[0]).not.toContain('<*>')
  }
})

const KINDS = {
  sessions: times(3000, () => `sess:${randomText(rng, BASE64URL, 32)}`),
  nanoids: times(2000, () => `link:${randomText(rng, BASE64URL, 21)}`),
  base36: times(2000, () => `cart:${randomText(rng, BASE36, 12)}:items`),
  hashes: times(2000, () => `avatar:${randomText(rng, HEXADECIMAL, 8)}`),
  uuids: times(1000, () => `celery-task-meta-${uuid(rng)}`),
  numbers: times(3000, (i) => `user:${i + 1}:profile`),
  days: times(300, (i) => `views:2026${String(1 + (i % 12)).padStart(2, '0')}${String(1 + (i % 28)).padStart(2, '0')}`),
  people: times(900, (i) => `user:name_${randomText(rng, BASE36.slice(0, 26), 3 + (i % 9))}:mail`),
  titles: times(400, (i) => `post:${times(2 + (i % 4), () => randomText(rng, BASE36.slice(0, 26), 4)).join('-')}`),
  queue: ['id', 'meta', 'wait', 'active', 'events'].map((key) => `bull:mail:${key}`),
  jobs: times(500, (i) => `bull:mail:${i + 1}`),
  rare: ['config:flags', 'deploy:lock', 'a:b:c'],
}

const EXPECTED = {
  'sess:<*>': 3000,
  'link:<*>': 2000,
  'cart:<*>:items': 2000,
  'avatar:<hex>': 2000,
  'celery-task-meta-<uuid>': 1000,
  'user:<int>:profile': 3000,
  'views:<date>': 300,
  'user:name_<*>:mail': 900,
  'post:<*>': 400,
  'bull:mail:<int>': 500,
  ...Object.fromEntries(KINDS.queue.map((name) => [name, 1])),
  ...Object.fromEntries(KINDS.rare.map((name) => [name, 1])),
}

test('a mixed keyspace is named as a person would name it, rare keys too, with every key in its place', () => {
  expect(patternsOf(Object.values(KINDS).flat())).toEqual(EXPECTED)
})

test('the order in which keys come makes no difference, to patterns or to anything that is counted of them', () => {
  const records = Object.values(KINDS)
    .flat()
    .map((name, i) =>
      record(name, {
        bytes: 50 + ((i * 7919) % 4000),
        ttlMs: i % 3 ? (i % 5000) * 60_000 : -1,
        type: i % 7 ? 'string' : 'hash',
        elements: i % 90,
      }),
    )
  const whole = (seed: number) => JSON.stringify(asData(factsOf(seed === 0 ? records : shuffled(records, new Rng(seed)))))
  const first = whole(0)
  for (const seed of [1, 2, 3, 4]) expect(whole(seed) === first, `shuffle ${seed}`).toBe(true)
  expect(whole(0) === JSON.stringify(asData(factsOf(records.slice(1))))).toBe(false)
})

test('small keyspaces of any names are counted whole, whatever their order', () => {
  const word = fc.constantFrom('user', 'a', 'b', 'item7', '17', '2026', 'x9', 'DEAD', 'deadbeef01', '', '@', 'ä')
  const name = fc
    .array(fc.tuple(word, fc.constantFrom(':', '-', '_', '.', '/', '{', '}', '|')), { maxLength: 20 })
    .map((parts) => parts.flat().join(''))
  fc.assert(
    fc.property(fc.array(fc.oneof(name, fc.string({ unit: 'binary', maxLength: 300 })), { maxLength: 80 }), fc.integer(), (names, seed) => {
      const found = patternsOf(names)
      expect(Object.values(found).reduce((sum, keys) => sum + keys, 0)).toBe(names.length)
      expect(patternsOf(shuffled(names, new Rng(seed)))).toEqual(found)
    }),
    { numRuns: 150 },
  )
})

test('a few names of kinds stay apart, however many keys each has; many are a variable', () => {
  const kinds = (count: number, keys: number) =>
    times(count * keys, (i) => `app:kind${String.fromCharCode(97 + (i % count) / 10, 97 + ((i % count) % 10))}:${i}`)
  expect(Object.keys(patternsOf(kinds(40, 3)))).toHaveLength(40)
  expect(Object.keys(patternsOf(kinds(120, 150)))).toHaveLength(120)
  expect(patternsOf(kinds(120, 3))).toEqual({ 'app:<*>:<int>': 360 })
})

test('what holds much of a place keeps its name beside many that hold little', () => {
  const found = patternsOf([
    ...times(4000, (i) => `orders:${i}`),
    ...times(3000, (i) => `carts:${i}`),
    ...times(300, () => randomText(rng, BASE36.slice(0, 26), 7)),
  ])
  expect(found).toEqual({ 'orders:<int>': 4000, 'carts:<int>': 3000, '<*>': 300 })
})

test('a namespace that comes late keeps its name, though so many names came before that their place collapsed', () => {
  const strays = times(3000, () => randomText(rng, BASE36.slice(0, 26), 9))
  const found = patternsOf([...strays, ...times(6000, (i) => `orders:${i}`)])
  expect(Object.keys(found).toSorted()).toEqual(['<*>', '<*>:<int>', 'orders:<int>'])
  expect(found['orders:<int>']).toBeGreaterThan(5900)
})

test('databases are told apart while names are learned, and joined in what is shown', () => {
  const strays = times(1000, () => randomText(rng, BASE36.slice(0, 26), 9)).map((name) => record(name))
  const orders = times(1000, (i) => `orders:${i}`).map((name) => record(name, { db: 1 }))
  const joined = factsOf([...strays, ...orders])
  expect(patternOf(joined, 'orders:<int>').keys.value).toBe(1000)
  expect(patternOf(joined, '<*>').keys.value).toBe(1000)
})

test('numbers among numbers are no dates, and hexadecimal identifiers without letters are no numbers', () => {
  expect(patternsOf(times(500, (i) => `order:${20_261_100 + i}`))).toEqual({ 'order:<int>': 500 })
  expect(patternsOf(times(3000, () => `etag:${randomText(rng, HEXADECIMAL, 8)}`))).toEqual({ 'etag:<hex>': 3000 })
})

test('a long name is looked at to a bound, and the rest of it is shown as such', () => {
  const deep = `${'a:'.repeat(40)}end`
  expect(Object.keys(patternsOf([deep, 'x'.repeat(65_536), `user:${'y'.repeat(600)}`])).toSorted()).toEqual([
    '<...>',
    `${'a:'.repeat(16)}<...>`,
    'user:<...>',
  ])
})

test('contracts come before anything that is inferred, the first that matches before the others', () => {
  const contracts = [{ pattern: 'user:*:profile' }, { pattern: 'user:*' }, { pattern: 'user:never' }]
  const facts = factsOf(
    ['user:1:profile', 'user:1', 'user:never', 'other:1'].map((name) => record(name)),
    { contracts },
  )
  expect(facts.patterns.map(({ pattern, keys, contract }) => [pattern, keys.value, contract])).toEqual([
    ['user:*', 2, contracts[1]],
    ['other:<int>', 1, undefined],
    ['user:*:profile', 1, contracts[0]],
  ])
  expect(facts.contracts).toBe(true)
})
