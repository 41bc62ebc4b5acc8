import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/mem/near-limit.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a server fills up to its limit', async (engine) => {
  await onServer({ engine, config: { maxmemory: '10mb', 'maxmemory-policy': 'noeviction' } }, async ({ client, audit }) => {
    expect((await audit(rule)).passed).toEqual(['mem/near-limit'])
    await client.call('EVAL', "for i = 1, 97 do redis.call('SET', 'page:' .. i, string.rep('x', 81900)) end", '0')
    expect((await audit(rule)).findings).toMatchObject([{ about: 'maxmemory', severity: 'warning' }])
    await client.call('EVAL', "for i = 98, 107 do redis.call('SET', 'page:' .. i, string.rep('x', 81900)) end", '0')
    expect((await audit(rule)).findings).toMatchObject([{ about: 'maxmemory', severity: 'error' }])
  })
})

const MB = 1024 ** 2
const check = (usedMb: number, fields: Record<string, string | number> = {}, options = {}) =>
  checkRule(
    rule,
    { info: infoFacts({ used_memory: usedMb * MB, maxmemory: 100 * MB, maxmemory_policy: 'noeviction', ...fields }) },
    options,
  )

test('from 80% of maxmemory it is a warning, from 90% an error', () => {
  expect(check(79)).toEqual([])
  expect(check(80)).toMatchObject([
    {
      about: 'maxmemory',
      severity: 'warning',
      message: '80% is in use: 80 MB of 100 MB, under noeviction',
      evidence: { usedBytes: 80 * MB, maxmemoryBytes: 100 * MB, usedShare: 0.8 },
      commands: ['redis-cli CONFIG SET maxmemory 120mb'],
    },
  ])
  expect(check(89)).toMatchObject([{ severity: 'warning' }])
  expect(check(90)).toMatchObject([{ severity: 'error' }])
})

test('a full cache that evicts from all keys is as it should be: a note', () => {
  expect(check(99, { maxmemory_policy: 'allkeys-lfu' })).toMatchObject([{ severity: 'note', commands: ['redis-cli INFO stats'] }])
  expect(check(99, { maxmemory_policy: 'volatile-lru' })).toMatchObject([{ severity: 'error' }])
})

test('buffers that do not count for eviction do not count', () => {
  expect(check(85, { mem_not_counted_for_evict: 10 * MB })).toEqual([])
})

test('without a limit, and on a replica, there is nothing to near', () => {
  expect(check(99, { maxmemory: 0 })).toEqual([])
  expect(check(99, { role: 'slave' })).toEqual([])
})

test('every number is an option; a nearly empty server is not judged', () => {
  expect(check(60, {}, { warn: 0.5 })).toMatchObject([{ severity: 'warning' }])
  expect(check(60, {}, { warn: 0.5, error: 0.55 })).toMatchObject([{ severity: 'error' }])
  expect(check(0.9, { maxmemory: MB })).toEqual([])
  expect(check(0.9, { maxmemory: MB }, { floor: 1000 })).toHaveLength(1)
})

test('it is the same finding at 80% and at 99%', () => {
  expect(check(80).map(identity)).toEqual(check(99).map(identity))
})
