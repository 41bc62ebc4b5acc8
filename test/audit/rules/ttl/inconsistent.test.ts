import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/ttl/inconsistent.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a writer that forgets the TTL leaves a mixture', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    await client.call('EVAL', "for i = 1, 500 do redis.call('SET', 'session:user:' .. i, 'x', 'EX', 3600) end", '0')
    expect((await auditKeys(rule)).passed).toEqual(['ttl/inconsistent'])

    await client.call('EVAL', "for i = 1, 190 do redis.call('SET', 'session:user:' .. i, 'y') end", '0')
    const { findings } = await auditKeys(rule)
    expect(findings).toMatchObject([{ about: 'session:user:<int>', severity: 'warning', evidence: { keys: 500, persistentShare: 0.38 } }])
    expect(findings[0]?.message).toMatch(/^38% of 500 keys never expire/)

    const contracts = [{ pattern: 'session:*', ttl: 'none' }]
    expect((await auditKeys(rule, {}, { contracts })).findings).toMatchObject([{ severity: 'error', evidence: { expiringKeys: 310 } }])
  })
})

test('a sample of a real keyspace finds the mixture, and says that it has estimated', async () => {
  await onServer({}, async ({ client, auditKeys }) => {
    const write = (name: string, every: number) =>
      `for i = 1, 20000 do if i % ${every} == 0 then redis.call('SET', '${name}:' .. i, 'x') else redis.call('SET', '${name}:' .. i, 'x', 'EX', 3600) end end`
    await client.call('EVAL', `${write('session', 2)} ${write('page', 50)}`, '0')
    const { findings } = await auditKeys(rule, {}, { sample: 4000 })
    expect(findings).toMatchObject([{ about: 'session:<int>' }])
    expect(findings[0]?.message).toMatch(/^\d\d% of about \d+(\.\d)?k keys never expire \(about /)
    expect(findings[0]?.evidence['persistentShare']).toBeGreaterThan(0.4)
    expect(findings[0]?.evidence['persistentShare']).toBeLessThan(0.6)
  })
})

const check = (fields: Parameters<typeof patternFacts>[0], options = {}) =>
  checkRule(rule, { keyspace: keyspaceFacts({ patterns: [patternFacts({ pattern: 'session:user:<int>', ...fields })] }) }, options)

test('a pattern of which some keys expire and others do not is reported, with the share that stays', () => {
  expect(check({ keys: 500_000, bytes: 500_000 * 163, persistent: 190_000 })).toMatchObject([
    {
      about: 'session:user:<int>',
      message: '38% of 500k keys never expire (29.5 MB)',
      evidence: { keys: 500_000, persistentKeys: 190_000, persistentShare: 0.38 },
      commands: ["redis-cli --scan --pattern 'session:user:*' | head"],
    },
  ])
})

test('a few exceptions on either side are no mixture', () => {
  expect(check({ persistent: 99 })).toEqual([])
  expect(check({ persistent: 100 })).toHaveLength(1)
  expect(check({ persistent: 900 })).toHaveLength(1)
  expect(check({ persistent: 901 })).toEqual([])
})

test('both bounds are options, and so is the number of keys from which it says something', () => {
  expect(check({ persistent: 50 }, { high: 0.95 })).toHaveLength(1)
  expect(check({ persistent: 950 }, { low: 0.05 })).toHaveLength(1)
  expect(check({ keys: 99, persistent: 50 })).toEqual([])
  expect(check({ keys: 99, persistent: 50 }, { keys: 99 })).toHaveLength(1)
})

test('keys that fitted no pattern are no pattern', () => {
  expect(check({ other: true, persistent: 500 })).toEqual([])
})

test('a sample must be sure that it is a mixture', () => {
  const persistent = (low: number, high: number) => ({ keys: { value: 500, low, high }, bytes: { value: 5e4, low: 1e4, high: 9e4 } })
  expect(check({ persistent: persistent(300, 700) })).toHaveLength(1)
  expect(check({ persistent: persistent(50, 700) })).toEqual([])
  expect(check({ persistent: persistent(300, 950) })).toEqual([])
  expect(check({ keys: { value: 120, low: 60, high: 200 }, persistent: 60 })).toEqual([])
})

test('a contract that wants keys to stay is broken by one that expires; one that wants a TTL is the business of ttl/missing', () => {
  expect(check({ keys: 10, persistent: 9, contract: { ttl: 'none' } })).toMatchObject([
    { severity: 'error', role: 'contract', message: '1 of 10 keys will expire, though the contract says that they stay (ttl: none)' },
  ])
  expect(check({ keys: 10, persistent: 10, contract: { ttl: 'none' } })).toEqual([])
  expect(check({ persistent: 500, contract: { ttl: 'required' } })).toEqual([])
})

test('it is the same finding when the numbers change', () => {
  expect(check({ persistent: 200 }).map(identity)).toEqual(check({ keys: 5e6, persistent: 4e6 }).map(identity))
})
