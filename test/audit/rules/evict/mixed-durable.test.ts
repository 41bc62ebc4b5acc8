import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/evict/mixed-durable.js'
import { checkRule, identity, keyspaceFacts, patternFacts, serverFacts } from '../../../support/rules.js'

type Fields = Parameters<typeof patternFacts>[0]
const queue = (fields: Fields = {}) =>
  patternFacts({ pattern: 'bull:mail:<int>', product: 'BullMQ', durable: true, keys: 4200, bytes: 4_200_000, persistent: 4200, ...fields })
const check = (patterns: ReturnType<typeof patternFacts>[], server: Parameters<typeof serverFacts>[0] = {}, options = {}) =>
  checkRule(rule, { keyspace: keyspaceFacts({ patterns }), server: serverFacts(server) }, options)

test('a queue beside a cache that evicts is an error', () => {
  expect(check([queue(), patternFacts()])).toMatchObject([
    {
      about: 'BullMQ',
      severity: 'error',
      message: '4.2k keys (4.01 MB) may be evicted under allkeys-lru',
      evidence: { keys: 4200, bytes: 4_200_000, patterns: 1, policy: 'allkeys-lru' },
      examples: ['bull:mail:1'],
    },
  ])
})

test('the keys of one product are one finding, other patterns one each', () => {
  const patterns = [
    queue(),
    queue({ pattern: 'bull:mail:wait', keys: 1, bytes: 100, persistent: 1 }),
    patternFacts({ pattern: 'tasks:<*>', looksLike: 'queue', durable: true, keys: 10, persistent: 10 }),
  ]
  expect(check(patterns).map(({ about, message }) => [about, message])).toEqual([
    ['BullMQ', '4.2k keys (4.01 MB) in 2 patterns, such as bull:mail:<int>, may be evicted under allkeys-lru'],
    ['tasks:<*>', '10 keys (1000 B) may be evicted under allkeys-lru'],
  ])
})

test('caches alone may be evicted', () => {
  expect(check([patternFacts()])).toEqual([])
})

test('noeviction evicts nothing', () => {
  expect(rule.inapplicable?.(serverFacts({ maxmemoryPolicy: 'noeviction' }))).toBe('the policy is noeviction')
  expect(rule.inapplicable?.(serverFacts())).toBeUndefined()
})

test('a volatile policy takes only those with a TTL', () => {
  const volatile = { maxmemoryPolicy: 'volatile-lru' }
  expect(check([queue()], volatile)).toEqual([])
  expect(check([queue({ persistent: 4000 })], volatile)).toMatchObject([{ evidence: { keys: 200, bytes: 200_000 } }])
})

test('while there is no limit nothing is evicted yet: a warning', () => {
  expect(check([queue()], { maxmemoryBytes: 0 })).toMatchObject([
    { severity: 'warning', message: '4.2k keys (4.01 MB) may be evicted under allkeys-lru once maxmemory is set' },
  ])
})

test('what a contract declares is judged by the contract, under its own pattern', () => {
  const declared = queue({ pattern: 'bull:*', contract: { durability: 'queue' } })
  expect(check([declared])).toMatchObject([
    { about: 'bull:*', message: '4.2k keys (4.01 MB) may be evicted under allkeys-lru, though the contract says that they stay' },
  ])
  expect(check([queue({ durable: false, contract: { durability: 'cache' } })])).toEqual([])
})

test('as many as the option says are let pass', () => {
  expect(check([queue()], {}, { keys: 4201 })).toEqual([])
  expect(check([queue()], {}, { keys: 4200 })).toHaveLength(1)
})

test('it is the same finding when a queue gets more keys, or the product another queue', () => {
  const one = check([queue()]).map(identity)
  expect(check([queue({ keys: 9000 }), queue({ pattern: 'bull:video:<int>' })]).map(identity)).toEqual(one)
})
