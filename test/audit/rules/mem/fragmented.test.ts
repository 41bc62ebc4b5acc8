import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/mem/fragmented.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const FILL = "for i = 1, 60000 do redis.call('SET', 'page:' .. i, string.rep('x', 480)) end"
const THIN_OUT = "for i = 1, 60000 do if i % 16 > 0 then redis.call('DEL', 'page:' .. i) end end"

test.each(availableEngines())('%s: what is left after most was deleted is scattered over the pages of all', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('EVAL', FILL, '0')
    expect((await audit(rule, { floor: '25MB' })).passed).toEqual(['mem/fragmented'])
    await client.call('EVAL', THIN_OUT, '0')
    const { findings } = await audit(rule, { floor: '25MB' })
    expect(findings).toMatchObject([{ about: 'memory', severity: 'warning' }])
    expect(Number(findings[0]?.evidence['ratio'])).toBeGreaterThan(5)
    // By itself a small server is not worth a word.
    expect((await audit(rule)).passed).toEqual(['mem/fragmented'])
  })
})

const MB = 1024 ** 2
const check = (usedMb: number, residentMb: number, fields: Record<string, number> = {}, options = {}) =>
  checkRule(rule, { info: infoFacts({ used_memory: usedMb * MB, used_memory_rss: residentMb * MB, ...fields }) }, options)

test('resident memory far above what is in use is reported', () => {
  expect(check(300, 600)).toMatchObject([
    {
      about: 'memory',
      message: '600 MB resident for 300 MB of use (ratio 2): 300 MB more, mostly holes between values in the same pages',
      evidence: { usedBytes: 300 * MB, residentBytes: 600 * MB, ratio: 2, excessBytes: 300 * MB, cause: 'fragmentation' },
    },
  ])
})

test('it takes both: the ratio and the megabytes', () => {
  expect(check(300, 450)).toEqual([])
  expect(check(300, 451)).toHaveLength(1)
  expect(check(10, 110)).toEqual([])
  expect(check(10, 111)).toHaveLength(1)
  expect(check(10, 20, {}, { floor: '5MB' })).toHaveLength(1)
  expect(check(1000, 1300, {}, { ratio: 1.2 })).toHaveLength(1)
})

test('the remedy is that of the largest part', () => {
  const parts = (frag: number, kept: number, outside: number) => ({
    allocator_frag_bytes: frag * MB,
    allocator_rss_bytes: kept * MB,
    rss_overhead_bytes: outside * MB,
  })
  expect(check(300, 600, parts(200, 50, 50))[0]?.commands).toEqual(['redis-cli CONFIG SET activedefrag yes'])
  expect(check(300, 600, parts(50, 200, 50))[0]?.commands).toEqual(['redis-cli MEMORY PURGE'])
  expect(check(300, 600, parts(50, 50, 200))[0]?.evidence['cause']).toBe('outside the allocator')
})

test('a part that the server let fall below zero is not the largest', () => {
  expect(check(300, 600, { allocator_frag_bytes: 200 * MB, rss_overhead_bytes: 2 ** 64 - 5 * MB })[0]?.evidence['cause']).toBe(
    'fragmentation',
  )
})

test('it is the same finding when the numbers change', () => {
  expect(check(300, 600).map(identity)).toEqual(check(200, 900, { allocator_rss_bytes: 600 * MB }).map(identity))
})
