import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/key/mixed-types.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, keyFacts, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a string among hashes of one name is found', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    await client.call('EVAL', "for i = 1, 200 do redis.call('HSET', 'user:' .. i, 'name', 'x') end", '0')
    await client.call('SET', 'page:1', 'x')
    expect((await auditKeys(rule)).passed).toEqual(['key/mixed-types'])
    await client.call('SET', 'user:7', 'x')
    expect((await auditKeys(rule)).findings).toMatchObject([
      { about: 'user:<int>', severity: 'warning', evidence: { keys: 200, mainType: 'hash', otherKeys: 1 } },
    ])
    const contracts = [
      { pattern: 'user:*', type: 'hash' },
      { pattern: 'page:*', type: 'hash' },
    ]
    const { findings } = await auditKeys(rule, {}, { contracts })
    expect(findings.map(({ about, severity }) => `${severity} ${about}`).toSorted()).toEqual(['error page:*', 'error user:*'])
  })
})

const tally = (keys: number) => ({ keys, bytes: 100 * keys })
const check = (types: Record<string, number>, fields: Parameters<typeof patternFacts>[0] = {}, options = {}) => {
  const keys = Object.values(types).reduce((sum, each) => sum + each, 0)
  const tallies = Object.fromEntries(Object.entries(types).map(([type, count]) => [type, tally(count)]))
  const patterns = [patternFacts({ pattern: 'user:<int>', keys, types: tallies, ...fields })]
  return checkRule(rule, { keyspace: keyspaceFacts({ patterns }) }, options)
}

test('two types in one pattern are reported, most first, with the line that lists the rarer ones', () => {
  expect(check({ string: 100, hash: 9900 })).toMatchObject([
    {
      about: 'user:<int>',
      message: '10k keys are of 2 types: hash 99%, string 1%',
      evidence: { keys: 10_000, types: 2, mainType: 'hash', otherKeys: 100 },
      commands: ["redis-cli --scan --pattern 'user:*' --type string"],
    },
  ])
})

test('one type is fine, and as many strays as the option says are let pass', () => {
  expect(check({ hash: 10_000 })).toEqual([])
  expect(check({ hash: 10_000, string: 0 })).toEqual([])
  expect(check({ hash: 10_000, string: 9 }, {}, { keys: 10 })).toEqual([])
  expect(check({ hash: 10_000, string: 10 }, {}, { keys: 10 })).toHaveLength(1)
})

test('what fitted no pattern may be anything, and the layout of a library is its own', () => {
  expect(check({ hash: 10, string: 10 }, { other: true })).toEqual([])
  expect(check({ hash: 10, list: 10 }, { product: 'BullMQ' })).toEqual([])
})

test('with a type in the contract that one alone is right', () => {
  const contract = { type: 'hash' }
  const largest = [keyFacts({ key: 'user:7', type: 'string' }), keyFacts({ key: 'user:8', type: 'hash' })]
  expect(check({ string: 100, hash: 9900 }, { contract, largest })).toMatchObject([
    {
      role: 'contract',
      severity: 'error',
      message: '100 of 10k keys are string, though the contract says hash',
      examples: ['user:7'],
    },
  ])
  expect(check({ string: 10 }, { contract })).toHaveLength(1)
  expect(check({ hash: 10 }, { contract })).toEqual([])
})

test('the name of a module type that is no plain word does not get into a command', () => {
  expect(check({ hash: 10, "x'; reboot": 1 })[0]?.commands).toEqual([])
})

test('it is the same finding when the shares change', () => {
  expect(check({ string: 1, hash: 99 }).map(identity)).toEqual(check({ string: 99, hash: 1, list: 5 }).map(identity))
})
