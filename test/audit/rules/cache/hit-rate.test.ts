import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cache/hit-rate.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, counters, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: lookups that miss are found by what the server counts', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    expect((await audit(rule)).notAssessed).toEqual([{ rule: 'cache/hit-rate', why: 'only 0 lookups so far' }])
    await client.call('SET', 'page:1', 'x')
    const look = (key: string, count: number) => client.callAll(Array.from({ length: count }, () => ['GET', key]))
    await look('page:1', 9000)
    await look('page:2', 1000)
    expect((await audit(rule)).passed).toEqual(['cache/hit-rate'])
    await look('page:2', 5000)
    expect((await audit(rule)).findings).toMatchObject([{ about: 'hit rate', evidence: { hits: 9000, misses: 6000, hitShare: 0.6 } }])
  })
})

const facts = (hits: number, misses: number, fields: Parameters<typeof counters>[0] = {}) => ({
  counters: counters({ grown: { keyspace_hits: hits, keyspace_misses: misses }, ...fields }),
})

test('a cache that misses often is reported, with the time over which it did', () => {
  expect(checkRule(rule, facts(620_000, 380_000))).toMatchObject([
    {
      about: 'hit rate',
      message: '62% of 1M lookups found a key since the server started 24h ago',
      evidence: { hits: 620_000, misses: 380_000, hitShare: 0.62, seconds: 86_400 },
    },
  ])
  expect(checkRule(rule, facts(6000, 4000, { basis: 'previous audit', seconds: 3600 }))[0]?.message).toBe(
    '60% of 10k lookups found a key since the audit 1h ago',
  )
})

test('four in five are enough', () => {
  expect(checkRule(rule, facts(80_000, 20_000))).toEqual([])
  expect(checkRule(rule, facts(79_999, 20_001))).toHaveLength(1)
  expect(checkRule(rule, facts(80_000, 20_000), { share: 0.9 })).toHaveLength(1)
})

test('few lookups say nothing, and nothing has passed', () => {
  expect(blindness(rule, facts(0, 9999))).toEqual({ kind: 'not assessed', why: 'only 9,999 lookups so far' })
  expect(blindness(rule, facts(0, 0))).toEqual({ kind: 'not assessed', why: 'only 0 lookups so far' })
  expect(checkRule(rule, facts(0, 10_000))).toHaveLength(1)
  expect(checkRule(rule, facts(0, 100), { lookups: 100 })).toHaveLength(1)
  expect(blindness(rule, facts(10_000, 0))).toBeUndefined()
})

test('it is the same finding when the rate changes', () => {
  expect(checkRule(rule, facts(1, 99_999)).map(identity)).toEqual(checkRule(rule, facts(700_000, 300_000)).map(identity))
})
