import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/ttl/unevictable.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, keyspaceFacts, patternFacts, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: keys that may not be evicted fill the server', async (engine) => {
  await onServer({ engine, config: { maxmemory: '100mb', 'maxmemory-policy': 'volatile-lru' } }, async ({ client, auditKeys }) => {
    const write = (name: string, ttl: string) =>
      client.call('EVAL', `for i = 1, 1500 do redis.call('SET', '${name}:' .. i, string.rep('x', 1000) ${ttl}) end`, '0')
    await write('page', ", 'EX', 3600")
    expect((await auditKeys(rule)).passed).toEqual(['ttl/unevictable'])
    await write('user', '')
    await write('order', '')
    const { findings } = await auditKeys(rule)
    expect(findings).toMatchObject([{ about: 'maxmemory-policy', severity: 'warning', evidence: { policy: 'volatile-lru' } }])
    expect(findings[0]?.evidence['persistentShare']).toBeCloseTo(2 / 3, 1)

    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    expect((await auditKeys(rule)).notApplicable).toMatchObject([{ rule: 'ttl/unevictable' }])
  })
})

const MB = 1024 ** 2
const users = (fields: Parameters<typeof patternFacts>[0]) => patternFacts({ pattern: 'user:<int>', keys: 1000, bytes: 10 * MB, ...fields })
const check = (patterns: ReturnType<typeof patternFacts>[], server: Parameters<typeof serverFacts>[0] = {}, options = {}) =>
  checkRule(rule, { keyspace: keyspaceFacts({ patterns }), server: serverFacts({ maxmemoryPolicy: 'volatile-lru', ...server }) }, options)

test('a volatile policy over keys of which most never expire is reported, with how full memory is', () => {
  expect(check([users({ persistent: 720 })])).toMatchObject([
    {
      about: 'maxmemory-policy',
      severity: 'warning',
      message: 'volatile-lru evicts only keys with a TTL, and 72% of all bytes (7.2 MB) have none; memory is 50% full',
      evidence: { policy: 'volatile-lru', persistentShare: 0.72, usedShare: 0.5 },
      commands: ['redis-cli CONFIG SET maxmemory-policy allkeys-lru'],
    },
  ])
})

test('it is an error once memory is nearly full', () => {
  const [finding] = check([users({ persistent: 720 })], { usedMemoryBytes: 1.6 * 1024 ** 3 })
  expect(finding?.severity).toBe('error')
})

test('it takes more than half of all bytes, and a megabyte', () => {
  expect(check([users({ persistent: 500 })])).toEqual([])
  expect(check([users({ persistent: 501 })])).toHaveLength(1)
  expect(check([users({ bytes: MB, persistent: 999 })])).toEqual([])
  expect(check([users({ bytes: MB, persistent: 999 })], {}, { floor: '900KB' })).toHaveLength(1)
  expect(check([users({ persistent: 300 })], {}, { share: 0.2 })).toHaveLength(1)
})

test('without a limit nothing is evicted, and other policies are another matter', () => {
  expect(check([users({ persistent: 1000 })], { maxmemoryBytes: 0 })).toEqual([])
  expect(rule.inapplicable?.(serverFacts({ maxmemoryPolicy: 'allkeys-lru' }))).toBe('the policy is allkeys-lru, not a volatile one')
  expect(rule.inapplicable?.(serverFacts({ maxmemoryPolicy: 'volatile-ttl' }))).toBeUndefined()
})

test('a sample must be sure, over all patterns together', () => {
  const unsure = (low: number) => users({ persistent: { keys: 900, bytes: { value: 6 * MB, low: low * MB, high: 8 * MB } } })
  expect(check([unsure(4)])).toEqual([])
  expect(check([unsure(5.5)])).toHaveLength(1)
  // What is unsure about each pattern partly evens out over many.
  expect(check(Array.from({ length: 9 }, () => unsure(4)))).toHaveLength(1)
})

test('it is the same finding under another volatile policy', () => {
  const found = (maxmemoryPolicy: string) => check([users({ persistent: 720 })], { maxmemoryPolicy }).map(identity)
  expect(found('volatile-lru')).toEqual(found('volatile-ttl'))
})
