import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/mem/swapping.js'
import { announceBulk, onServer } from '../../../support/live.js'
import { checkRule, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

// 6.0 soon gives room back that nobody fills; but it doubles a string that is appended to.
const HALF_EMPTY = `local page = string.rep('x', 520000)
for i = 1, 140 do redis.call('SET', 'page:' .. i, page) redis.call('APPEND', 'page:' .. i, 'y') end`

test.each(availableEngines())('%s: memory that was allocated and never touched is not resident', async (engine) => {
  await onServer({ engine }, async ({ server, client, audit }) => {
    expect((await audit(rule)).passed).toEqual(['mem/swapping'])
    const announced = engine === 'redis@6.0' ? undefined : await announceBulk(server, 256 * MB)
    if (!announced) await client.call('EVAL', HALF_EMPTY, '0')
    try {
      const { findings } = await audit(rule)
      expect(findings).toMatchObject([{ about: 'memory', severity: 'error' }])
      expect(findings[0]?.message).toMatch(/^only \d+(\.\d+)? MB of \d+ MB in use are resident/)
    } finally {
      announced?.destroy()
    }
  })
})

const MB = 1024 ** 2
const check = (usedMb: number, residentMb: number, options = {}) =>
  checkRule(rule, { info: infoFacts({ used_memory: usedMb * MB, used_memory_rss: residentMb * MB }) }, options)

test('less resident than in use is reported, with the lines that confirm it', () => {
  expect(check(1000, 620)).toMatchObject([
    {
      about: 'memory',
      message: 'only 620 MB of 1000 MB in use are resident (ratio 0.62): the rest is likely swapped out',
      evidence: { usedBytes: 1000 * MB, residentBytes: 620 * MB, ratio: 0.62 },
    },
  ])
})

test('it takes both: the ratio and 100 MB in use', () => {
  expect(check(1000, 1000)).toEqual([])
  expect(check(1000, 999)).toHaveLength(1)
  expect(check(100, 50)).toEqual([])
  expect(check(101, 50)).toHaveLength(1)
  expect(check(50, 40, { floor: '10MB' })).toHaveLength(1)
  expect(check(1000, 950, { ratio: 0.9 })).toEqual([])
})

test('a server that does not know its resident memory says nothing', () => {
  expect(check(1000, 0)).toEqual([])
  expect(checkRule(rule, { info: infoFacts({ used_memory_rss: undefined }) })).toEqual([])
})

test('it is the same finding when the numbers change', () => {
  expect(check(1000, 620).map(identity)).toEqual(check(3000, 50).map(identity))
})
