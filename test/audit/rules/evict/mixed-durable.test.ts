import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/evict/mixed-durable.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, keyspaceFacts, patternFacts, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a queue beside a cache is found by its names, under a policy that takes it', async (engine) => {
  await onServer({ engine, config: { maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' } }, async ({ client, auditKeys }) => {
    await client.call('EVAL', "for i = 1, 200 do redis.call('SET', 'cache:page:' .. i, 'x', 'EX', 600) end", '0')
    expect((await auditKeys(rule)).passed).toEqual(['evict/mixed-durable'])
    const queue = `for i = 1, 100 do redis.call('HSET', 'bull:mail:' .. i, 'data', '{}') redis.call('RPUSH', 'bull:mail:wait', i) end
      redis.call('SET', 'bull:mail:id', 100) redis.call('HSET', 'bull:mail:meta', 'opts', 1) redis.call('ZADD', 'bull:mail:delayed', 1, 'x')`
    await client.call('EVAL', queue, '0')
    expect((await auditKeys(rule)).findings).toMatchObject([{ about: 'BullMQ', severity: 'error', evidence: { keys: 104 } }])
    const contracts = [{ pattern: 'bull:*', durability: 'cache' }]
    expect((await auditKeys(rule, {}, { contracts })).passed).toEqual(['evict/mixed-durable'])

    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru')
    expect((await auditKeys(rule)).passed).toEqual(['evict/mixed-durable'])
    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    expect((await auditKeys(rule)).notApplicable).toMatchObject([{ rule: 'evict/mixed-durable' }])
  })
})

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
      message: '4,200 keys (4.01 MB) may be evicted under allkeys-lru',
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
    ['BullMQ', '4,201 keys (4.01 MB) in 2 patterns, such as bull:mail:<int>, may be evicted under allkeys-lru'],
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
    { severity: 'warning', message: '4,200 keys (4.01 MB) may be evicted under allkeys-lru once maxmemory is set' },
  ])
})

test('what a contract declares is judged by the contract, under its own pattern', () => {
  const declared = queue({ pattern: 'bull:*', contract: { durability: 'queue' } })
  expect(check([declared])).toMatchObject([
    { about: 'bull:*', message: '4,200 keys (4.01 MB) may be evicted under allkeys-lru, though the contract says that they stay' },
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
