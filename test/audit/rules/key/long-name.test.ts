import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/key/long-name.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: names are weighed against what keys take', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    const write = (prefix: string, bytes: number) =>
      client.call('EVAL', `for i = 1, 500 do redis.call('SET', '${prefix}:' .. i, string.rep('x', ${bytes})) end`, '0')
    await write('production:customer-service:user-preferences:theme:of:article', 2000)
    expect((await auditKeys(rule, { floor: '10KB' })).passed).toEqual(['key/long-name'])
    await write('production:customer-service:user-preferences:colour:of:user', 8)
    const { findings } = await auditKeys(rule, { floor: '10KB' })
    expect(findings).toMatchObject([{ about: 'production:customer-service:user-preferences:colour:of:user:<int>', severity: 'note' }])
    expect(findings[0]?.evidence['meanNameBytes']).toBeCloseTo(62.78, 1)
    expect((await auditKeys(rule)).passed).toEqual(['key/long-name'])
  })
})

const MB = 1024 ** 2
const check = (fields: Parameters<typeof patternFacts>[0], options = {}) =>
  checkRule(
    rule,
    {
      keyspace: keyspaceFacts({
        patterns: [patternFacts({ pattern: 'production:user-preferences:<uuid>:theme', keys: 200_000, ...fields })],
      }),
    },
    options,
  )

test('names that take a large part of the memory are reported, with their length', () => {
  expect(check({ nameBytes: 16 * MB, bytes: 40 * MB })).toMatchObject([
    {
      about: 'production:user-preferences:<uuid>:theme',
      message: 'names take 40% of 40 MB, 83.9 B a key',
      evidence: { nameBytes: 16 * MB, bytes: 40 * MB, nameShare: 0.4 },
    },
  ])
})

test('it takes a quarter of the bytes, ten megabytes, and names that can be shortened', () => {
  expect(check({ nameBytes: 16 * MB, bytes: 64 * MB })).toEqual([])
  expect(check({ nameBytes: 10 * MB, bytes: 12 * MB })).toEqual([])
  expect(check({ nameBytes: 11 * MB, bytes: 12 * MB })).toHaveLength(1)
  expect(check({ keys: 1_000_000, nameBytes: 11 * MB, bytes: 12 * MB })).toEqual([])
})

test('each is an option', () => {
  expect(check({ nameBytes: 16 * MB, bytes: 64 * MB }, { share: 0.2 })).toHaveLength(1)
  expect(check({ nameBytes: 10 * MB, bytes: 12 * MB }, { floor: '5MB' })).toHaveLength(1)
  expect(check({ keys: 1_000_000, nameBytes: 11 * MB, bytes: 12 * MB }, { length: 8 })).toHaveLength(1)
})

test('a sample must be sure that it is so much', () => {
  expect(check({ keys: { value: 200_000, low: 100_000, high: 300_000 }, nameBytes: 16 * MB, bytes: 40 * MB })).toEqual([])
})

test('it is the same finding when the numbers change', () => {
  expect(check({ nameBytes: 16 * MB, bytes: 40 * MB }).map(identity)).toEqual(check({ nameBytes: 60 * MB, bytes: 90 * MB }).map(identity))
})
