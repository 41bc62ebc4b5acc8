import { expect, test } from 'vitest'
import { nameClass } from '#redline/audit/inventory/name-class.js'
import { factsOf, patternOf, record, times } from './records.js'

test.each([
  ['lock:res:1', 'lock'],
  ['orders:mutex', 'lock'],
  ['cache:user:lock', 'lock'],
  ['session:user:1', 'session'],
  ['userSessions:1', 'session'],
  ['sess:abc', 'session'],
  ['password-reset-token:1', 'token'],
  ['otp:1', 'token'],
  ['csrf:1', 'token'],
  ['cache:token:1', 'cache'],
  ['jobs:default', 'queue'],
  ['queue:cache-warm', 'queue'],
  ['rate:login:1', 'rate-limit'],
  ['login_limit:1', 'rate-limit'],
  ['api:throttle:1', 'rate-limit'],
  ['stats:daily', 'counter'],
  ['leaderboard:weekly', 'leaderboard'],
  // Whole words, and words that mean something else.
  ['blockchain:1', undefined],
  ['clocks:1', undefined],
  ['exchange:rate:eur', undefined],
  ['credit:limit:1', undefined],
  ['cacheable:1', undefined],
  ['press:1', undefined],
  ['user:1', undefined],
])('%s looks like %s', (name, expected) => {
  expect(nameClass(name.split(':'))).toBe(expected)
})

const KEYSPACE = {
  'bull:mail:id': 'BullMQ',
  'bull:mail:meta': 'BullMQ',
  'bull:mail:wait': 'BullMQ',
  'bull:mail:17': 'BullMQ',
  'jobs:pdf:id': 'BullMQ',
  'jobs:pdf:events': 'BullMQ',
  'jobs:pdf:completed': 'BullMQ',
  'jobs:pdf:12:lock': 'BullMQ',
  'jobs:other:id': undefined,
  queues: 'Sidekiq',
  'queue:default': 'Sidekiq',
  retry: 'Sidekiq',
  'stat:processed:2026-11-23': 'Sidekiq',
  celery: 'Celery',
  '_kombu.binding.celery': 'Celery',
  unacked_index: 'Celery',
  'celery-task-meta-123e4567-e89b-12d3-a456-426614174000': 'Celery',
  'rq:job:123e4567-e89b-12d3-a456-426614174000': 'RQ',
  'resque:queues': 'Resque',
  'sess:AbC-9_xyzQ0w3rT_yUi-OpAsD2fGh4Jk': 'connect-redis',
  'spring:session:sessions:123e4567-e89b-12d3-a456-426614174000': 'Spring Session',
  'laravel_cache:abc': 'Laravel',
  'rlflx:203.0.113.1': 'rate-limiter-flexible',
  'keyv:user': 'Keyv',
  ':1:views.decorators.cache.cache_page': 'Django',
  'user:1': undefined,
}

test('products are known by their names, some by names that stand together', () => {
  const facts = factsOf(Object.keys(KEYSPACE).map((name) => record(name)))
  const productOf = (name: string) => facts.patterns.find(({ examples }) => examples.includes(name))?.product
  expect(Object.fromEntries(Object.keys(KEYSPACE).map((name) => [name, productOf(name)]))).toEqual(KEYSPACE)
})

test('queue keys of a product are durable; its locks and results are temporary', () => {
  const facts = factsOf(Object.keys(KEYSPACE).map((name) => record(name)))
  expect(patternOf(facts, 'bull:mail:<int>')).toMatchObject({ durable: true, temporary: false, looksLike: 'queue' })
  expect(patternOf(facts, 'jobs:pdf:<int>:lock')).toMatchObject({ durable: false, temporary: true, looksLike: 'lock' })
  expect(patternOf(facts, 'celery-task-meta-<uuid>')).toMatchObject({ durable: false, temporary: true })
  expect(patternOf(facts, 'sess:<*>')).toMatchObject({ durable: false, temporary: true, looksLike: 'session' })
})

test('a queue of many names is still one', () => {
  const queues = times(300, String).flatMap((_, i) =>
    ['id', 'wait', 'meta'].map((key) => `bull:tenant${String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26))}x:${key}`),
  )
  const facts = factsOf(queues.map((name) => record(name)))
  expect(facts.patterns.map(({ pattern, product }) => [pattern, product])).toEqual(
    ['id', 'meta', 'wait'].map((key) => [`bull:<*>:${key}`, 'BullMQ']),
  )
})

test('keys that are all streams look like streams', () => {
  expect(factsOf([record('orders:events', { type: 'stream' })]).patterns[0]!.looksLike).toBe('stream')
})

test.each([
  [{ ttl: 'none' as const }, { temporary: false, durable: false, looksLike: 'session' }],
  [
    { ttl: 'required' as const, looks_like: 'counter' as const },
    { temporary: true, durable: false, looksLike: 'counter' },
  ],
  [{ durability: 'durable' as const }, { temporary: false, durable: true, looksLike: 'session' }],
  [{ looks_like: 'queue' as const }, { temporary: false, durable: true, looksLike: 'queue' }],
  [
    { looks_like: 'queue' as const, durability: 'cache' as const },
    { temporary: false, durable: false, looksLike: 'queue' },
  ],
  [{}, { temporary: true, durable: false, looksLike: 'session' }],
])('a contract has the last word: %j', (fields, expected) => {
  const contracts = [{ pattern: 'session:*', ...fields }]
  expect(factsOf([record('session:1')], { contracts }).patterns[0]).toMatchObject(expected)
})
