import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/key/multi-db.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: databases count once they hold keys', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('MSET', 'user:1', 'x', 'user:2', 'x')
    expect((await audit(rule)).passed).toEqual(['key/multi-db'])
    await client.callAll([
      ['SELECT', '5'],
      ['SET', 'user:1', 'x'],
      ['SELECT', '0'],
    ])
    expect((await audit(rule)).findings).toMatchObject([
      { about: 'databases', severity: 'note', message: '2 are in use: db0 2 keys, db5 1 key' },
    ])
  })
})

const check = (databases: Record<string, number>, options = {}) => {
  const keyspace = Object.fromEntries(Object.entries(databases).map(([name, keys]) => [name, `keys=${keys},expires=0,avg_ttl=0`]))
  return checkRule(rule, { info: infoFacts({}, { keyspace }) }, options)
}

test('several databases with keys are noted, each with its keys', () => {
  expect(check({ db0: 12_000, db1: 300, db5: 1 })).toMatchObject([
    { about: 'databases', message: '3 are in use: db0 12k keys, db1 300 keys, db5 1 key', evidence: { databases: 3, keys: 12_301 } },
  ])
})

test('one database, whichever, is fine, and so is none', () => {
  expect(check({ db0: 12_000 })).toEqual([])
  expect(check({ db3: 12_000 })).toEqual([])
  expect(check({})).toEqual([])
})

test('how many databases, and how many keys in one count, are options', () => {
  expect(check({ db0: 100, db1: 9 }, { keys: 10 })).toEqual([])
  expect(check({ db0: 100, db1: 10 }, { keys: 10 })).toHaveLength(1)
  expect(check({ db0: 100, db1: 10 }, { databases: 3 })).toEqual([])
})

test('many are counted and not all named', () => {
  const many = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`db${i}`, 1]))
  expect(check(many)[0]?.message).toMatch(/^16 are in use: db0 1 key, .*db7 1 key \.\.\.$/)
})

test('fields that only look like databases are none', () => {
  expect(check({ db0: 1, db0_distrib_strings_sizes: 5 })).toEqual([])
})

test('it is the same finding when the databases change', () => {
  expect(check({ db0: 1, db1: 1 }).map(identity)).toEqual(check({ db4: 9, db7: 1, db8: 1 }).map(identity))
})
