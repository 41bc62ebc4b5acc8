import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/key/dominant-pattern.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, keyFacts, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: what takes most of the memory is named', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    const write = (name: string) =>
      client.call('EVAL', `for i = 1, 500 do redis.call('SET', '${name}:' .. i, string.rep('x', 1000)) end`, '0')
    await write('page')
    await write('user')
    expect((await auditKeys(rule, { floor: '100KB' })).passed).toEqual(['key/dominant-pattern'])
    await client.call('EVAL', "for i = 1, 500 do redis.call('APPEND', 'page:' .. i, string.rep('x', 3000)) end", '0')
    expect((await auditKeys(rule, { floor: '100KB' })).findings).toMatchObject([{ about: 'page:<int>', severity: 'note' }])
    expect((await auditKeys(rule)).passed).toEqual(['key/dominant-pattern'])
  })
})

const MB = 1024 ** 2
const check = (fields: Parameters<typeof patternFacts>[0], restBytes: number, options = {}) =>
  checkRule(
    rule,
    {
      keyspace: keyspaceFacts({
        patterns: [patternFacts({ pattern: 'session:<hex>', keys: 400_000, ...fields }), patternFacts({ bytes: restBytes })],
      }),
    },
    options,
  )

test('a pattern that takes most of the memory is noted', () => {
  const largest = [keyFacts({ key: 'session:ff', pattern: 'session:<hex>' })]
  expect(check({ bytes: 300 * MB, largest }, 100 * MB)).toMatchObject([
    {
      about: 'session:<hex>',
      message: 'takes 75% of all bytes: 300 MB in 400k keys',
      evidence: { bytes: 300 * MB, bytesShare: 0.75, keys: 400_000 },
      commands: ['redis-cli MEMORY USAGE session:ff'],
      examples: ['session:ff'],
    },
  ])
})

test('it takes more than half of the bytes, and more than 100 MB', () => {
  expect(check({ bytes: 150 * MB }, 150 * MB)).toEqual([])
  expect(check({ bytes: 151 * MB }, 150 * MB)).toHaveLength(1)
  expect(check({ bytes: 100 * MB }, 1 * MB)).toEqual([])
  expect(check({ bytes: 20 * MB }, 1 * MB, { floor: '10MB' })).toHaveLength(1)
  expect(check({ bytes: 150 * MB }, 200 * MB, { share: 0.3 })).toHaveLength(2)
})

test('what fitted no pattern is no pattern', () => {
  expect(check({ bytes: 300 * MB, other: true }, 1 * MB)).toEqual([])
})

test('a sample must be sure of both', () => {
  expect(check({ bytes: { value: 300 * MB, low: 190 * MB, high: 410 * MB } }, 100 * MB)).toEqual([])
  expect(check({ bytes: { value: 300 * MB, low: 250 * MB, high: 350 * MB } }, 100 * MB)).toMatchObject([
    { message: 'takes 75% of all bytes: about 300 MB in 400k keys' },
  ])
})

test('it is the same finding when the numbers change', () => {
  expect(check({ bytes: 300 * MB }, 1).map(identity)).toEqual(check({ bytes: 900 * MB }, 1).map(identity))
})
