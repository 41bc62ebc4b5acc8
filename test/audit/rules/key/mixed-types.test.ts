import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/key/mixed-types.js'
import { checkRule, identity, keyFacts, keyspaceFacts, patternFacts } from '../../../support/rules.js'

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
      message: '100 keys of 10k keys are string, though the contract says hash',
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
