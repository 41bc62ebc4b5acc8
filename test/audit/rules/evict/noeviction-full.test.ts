import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/evict/noeviction-full.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a server without eviction fills up, until writes fail', async (engine) => {
  await onServer({ engine, config: { maxmemory: '10mb', 'maxmemory-policy': 'noeviction' } }, async ({ client, audit }) => {
    expect((await audit(rule)).passed).toEqual(['evict/noeviction-full'])
    const page = 'x'.repeat(100_000)
    await client.callAll(Array.from({ length: 120 }, (_, i) => ['SET', `page:${i}`, page]))
    const { findings } = await audit(rule)
    expect(findings).toMatchObject([{ about: 'maxmemory-policy', severity: 'error' }])
    // 6.0 does not count errors by their kind.
    expect(Number(findings[0]?.evidence['oomErrors']) > 10).toBe(engine !== 'redis@6.0')

    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    expect((await audit(rule)).passed).toEqual(['evict/noeviction-full'])
  })
})

const MB = 1024 ** 2
const check = (usedMb: number, fields: Record<string, string | number> = {}, options = {}) =>
  checkRule(
    rule,
    { info: infoFacts({ used_memory: usedMb * MB, maxmemory: 100 * MB, maxmemory_policy: 'noeviction', ...fields }) },
    options,
  )

test('from 85% on writes are about to fail', () => {
  expect(check(84)).toEqual([])
  expect(check(85)).toMatchObject([
    {
      about: 'maxmemory-policy',
      message: 'noeviction, and 85% of maxmemory is in use (85 MB of 100 MB): at the limit writes fail',
      evidence: { usedShare: 0.85, oomErrors: 0 },
      commands: ['redis-cli CONFIG SET maxmemory 128mb'],
    },
  ])
})

test('it says when they have failed already', () => {
  expect(check(99, { errorstat_OOM: 'count=12' })[0]?.message).toMatch(/; 12 commands were answered with OOM so far$/)
  expect(check(99, { errorstat_OOM: 'count=1' })[0]?.message).toMatch(/; 1 command was answered with OOM so far$/)
})

test('policies that evict, servers without a limit and replicas are another matter', () => {
  expect(check(99, { maxmemory_policy: 'allkeys-lru' })).toEqual([])
  expect(check(99, { maxmemory: 0 })).toEqual([])
  expect(check(99, { role: 'slave' })).toEqual([])
})

test('both numbers are options', () => {
  expect(check(60, {}, { share: 0.5 })).toHaveLength(1)
  expect(check(0.9, { maxmemory: MB })).toEqual([])
  expect(check(0.9, { maxmemory: MB }, { floor: '100KB' })).toHaveLength(1)
})

test('it is the same finding when it is fuller', () => {
  expect(check(86).map(identity)).toEqual(check(100).map(identity))
})
