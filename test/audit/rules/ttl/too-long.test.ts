import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/ttl/too-long.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, distribution, identity, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: the TTLs that a server tells are held against a contract', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    const contracts = [{ pattern: 'session:*', ttl: { min: '10m', max: '1h' } }]
    await client.call('EVAL', "for i = 1, 200 do redis.call('SET', 'session:' .. i, 'x', 'EX', 600 + i) end", '0')
    expect((await auditKeys(rule)).notApplicable).toMatchObject([{ rule: 'ttl/too-long' }])
    expect((await auditKeys(rule, {}, { contracts })).passed).toEqual(['ttl/too-long'])

    await client.call('SET', 'session:1', 'x', 'EX', '86400')
    const { findings } = await auditKeys(rule, {}, { contracts })
    expect(findings).toMatchObject([{ about: 'session:*', severity: 'error', evidence: { overKeys: 1, limitSeconds: 3600 } }])
    expect(findings[0]?.message).toMatch(/^1 of 200 keys lives longer than the contract's 1h, the longest another 24h$/)

    await client.call('EVAL', "for i = 1, 200 do redis.call('PEXPIRE', 'session:' .. i, 200000 + i) end", '0')
    expect((await auditKeys(rule, {}, { contracts })).findings).toMatchObject([{ about: 'session:*', severity: 'warning' }])
  })
})

const HOUR = 3_600_000
const facts = (ttl: { min?: number; max?: number } | undefined, ...seconds: Parameters<typeof distribution>) => ({
  keyspace: keyspaceFacts({
    patterns: [patternFacts({ pattern: 'session:*', ttl: distribution(...seconds), ...(ttl ? { contract: { ttl } } : {}) })],
  }),
})

test('a key that lives longer than the contract allows is an error, and says by how much', () => {
  expect(checkRule(rule, facts({ max: HOUR }, { value: 1800, keys: 990 }, { value: 7200, keys: 10 }))).toMatchObject([
    {
      about: 'session:*',
      message: "10 of 1,000 keys live longer than the contract's 1h, the longest another 2h",
      evidence: { overKeys: 10, maxSeconds: 7200, limitSeconds: 3600 },
      commands: ['EXPIRE session:* 3600'],
    },
  ])
})

test('what is within the limit, or above it by no more than counting is exact, is fine', () => {
  expect(checkRule(rule, facts({ max: HOUR }, { value: 3600, keys: 1000 }))).toEqual([])
  expect(checkRule(rule, facts({ max: HOUR }, { value: 3660, keys: 1000 }))).toEqual([])
  expect(checkRule(rule, facts({ max: HOUR }, { value: 3660, keys: 1000 }), { tolerance: 0 })).toHaveLength(1)
})

test('where no key has as much left as the minimum, the TTLs are too short', () => {
  expect(checkRule(rule, facts({ min: HOUR }, { value: 60, keys: 500 }, { value: 590, keys: 500 }))).toMatchObject([
    { role: 'min', severity: 'warning', message: 'none of 1,000 keys lives for another 9m 50s, though the contract asks for 1h at least' },
  ])
})

test('one that has been written just now is enough, and few keys say nothing', () => {
  expect(checkRule(rule, facts({ min: HOUR }, { value: 60, keys: 999 }, { value: 3599, keys: 1 }))).toEqual([])
  expect(checkRule(rule, facts({ min: HOUR }, { value: 60, keys: 99 }))).toEqual([])
  expect(checkRule(rule, facts({ min: HOUR }, { value: 60, keys: 99 }), { keys: 99 })).toHaveLength(1)
})

test('without a contract that limits TTLs it does not apply; with one it does', () => {
  expect(blindness(rule, facts(undefined, 60))).toEqual({ kind: 'not applicable', why: 'no contract limits the TTL of any key' })
  expect(blindness(rule, facts({ max: HOUR }, 60))).toBeUndefined()
})

test('too long and too short are two findings, each the same when the numbers change', () => {
  const long = (seconds: number) => checkRule(rule, facts({ max: HOUR }, { value: seconds, keys: 100 })).map(identity)
  const short = (seconds: number) => checkRule(rule, facts({ min: HOUR }, { value: seconds, keys: 100 })).map(identity)
  expect(long(5000)).toEqual(long(9000))
  expect(short(50)).toEqual(short(90))
  expect(long(5000)).not.toEqual(short(50))
})
