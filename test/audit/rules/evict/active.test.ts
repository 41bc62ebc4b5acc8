import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/evict/active.js'
import { checkRule, counters, identity, infoFacts } from '../../../support/rules.js'

const evicted = (keys: number) => ({ grown: { evicted_keys: keys } })
const since = (keys: number) => ({ counters: counters({ basis: 'previous audit', seconds: 86_400, ...evicted(keys) }) })
const during = (keys: number) => ({ counters: counters({ during: { seconds: 4, ...evicted(keys) } }) })

test('evictions since the previous audit are reported', () => {
  expect(checkRule(rule, { ...since(1200), info: infoFacts() })).toMatchObject([
    {
      about: 'evicted_keys',
      message: '1.2k keys evicted since the previous audit (24h ago) under allkeys-lru',
      evidence: { evictedKeys: 1200, seconds: 86_400 },
    },
  ])
})

test('so are those while the audit runs', () => {
  expect(checkRule(rule, during(58))).toMatchObject([{ message: '58 keys evicted while the audit ran (4s)' }])
})

test('evictions of long ago say nothing about now', () => {
  expect(checkRule(rule, { counters: counters({ basis: 'server start', ...evicted(1e6) }) })).toEqual([])
})

test('none is fine, and as many as the option says are let pass', () => {
  expect(checkRule(rule, since(0))).toEqual([])
  expect(checkRule(rule, since(99), { keys: 100 })).toEqual([])
  expect(checkRule(rule, since(100), { keys: 100 })).toHaveLength(1)
})

test('it says when memory stays above its limit', () => {
  const info = infoFacts({ current_eviction_exceeded_time: 3000 })
  expect(checkRule(rule, { ...since(1), info })[0]?.message).toMatch(/^1 key evicted .*; memory has been above its limit for 3s$/)
})

test('it is the same finding on either ground', () => {
  expect(checkRule(rule, since(5)).map(identity)).toEqual(checkRule(rule, during(5)).map(identity))
})
