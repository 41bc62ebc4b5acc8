import { expect, test } from 'vitest'
import { countersOf } from '#redline/audit/collectors/counters.js'
import { rule } from '#redline/audit/rules/evict/active.js'
import { readInfo } from '#redline/redis/info.js'
import { onServer } from '../../../support/live.js'
import { checkRule, counters, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: evictions are seen from one reading of INFO to the next', async (engine) => {
  await onServer({ engine, config: { maxmemory: '10mb', 'maxmemory-policy': 'allkeys-lru' } }, async ({ client, audit }) => {
    const page = 'x'.repeat(100_000)
    const write = (from: number, pages: number) =>
      client.callAll(Array.from({ length: pages }, (_, i) => ['SET', `page:${from + i}`, page]))
    const counted = async (work: () => Promise<unknown>) => {
      const before = await readInfo(client)
      await work()
      return { counters: countersOf({ before, at: Date.now(), after: await readInfo(client), seconds: 2 }) }
    }
    expect((await audit(rule, {}, await counted(() => write(0, 50)))).passed).toEqual(['evict/active'])
    const { findings } = await audit(rule, {}, await counted(() => write(50, 100)))
    expect(findings).toMatchObject([{ about: 'evicted_keys', severity: 'warning' }])
    expect(findings[0]?.message).toMatch(/^\d+ keys evicted while the audit ran \(2s\) under allkeys-lru/)
    // They are no news any more.
    expect((await audit(rule)).passed).toEqual(['evict/active'])
  })
})

const evicted = (keys: number) => ({ grown: { evicted_keys: keys } })
const since = (keys: number) => ({ counters: counters({ basis: 'previous audit', seconds: 86_400, ...evicted(keys) }) })
const during = (keys: number) => ({ counters: counters({ during: { seconds: 4, ...evicted(keys) } }) })

test('evictions since the previous audit are reported', () => {
  expect(checkRule(rule, { ...since(1200), info: infoFacts() })).toMatchObject([
    {
      about: 'evicted_keys',
      message: '1,200 keys evicted since the previous audit (24h ago) under allkeys-lru',
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
