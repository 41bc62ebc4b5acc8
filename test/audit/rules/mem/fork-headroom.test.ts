import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/mem/fork-headroom.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: what the server tells is compared with the memory of its machine', async (engine) => {
  await onServer({ engine }, async ({ audit }) => {
    expect((await audit(rule)).passed).toEqual(['mem/fork-headroom'])
    const { findings } = await audit(rule, { share: 0.000001, floor: '1MB' })
    expect(findings).toMatchObject([{ about: 'fork', severity: 'warning' }])
    expect(Number(findings[0]?.evidence['residentBytes'])).toBeGreaterThan(1024 ** 2)
    expect(Number(findings[0]?.evidence['systemBytes'])).toBeGreaterThan(100 * 1024 ** 2)
  })
})

const GB = 1024 ** 3
const facts = (residentGb: number, copiedGb: number, fields: Record<string, number | undefined> = {}) => ({
  info: infoFacts({ used_memory_rss: residentGb * GB, rdb_last_cow_size: copiedGb * GB, total_system_memory: 10 * GB, ...fields }),
})

test('what the last fork copied has to fit beside the data', () => {
  expect(checkRule(rule, facts(6, 3))).toMatchObject([
    {
      about: 'fork',
      message: "needs 9 GB (6 GB resident and 3 GB copied by the last one), 90% of the system's 10 GB",
      evidence: { residentBytes: 6 * GB, copiedBytes: 3 * GB, systemBytes: 10 * GB, share: 0.9 },
    },
  ])
})

test('it is reported from 80% on, which is an option', () => {
  expect(checkRule(rule, facts(7, 0.9))).toEqual([])
  expect(checkRule(rule, facts(7, 1))).toHaveLength(1)
  expect(checkRule(rule, facts(5, 0.5), { share: 0.5 })).toHaveLength(1)
  expect(checkRule(rule, facts(0.05, 0, { total_system_memory: GB / 20 }))).toEqual([])
  expect(checkRule(rule, facts(0.05, 0, { total_system_memory: GB / 20 }), { floor: '1MB' })).toHaveLength(1)
})

test('the fork that copied most counts, whatever it was for', () => {
  expect(checkRule(rule, facts(6, 0, { aof_last_cow_size: 3 * GB }))).toHaveLength(1)
  expect(checkRule(rule, facts(6, 0, { module_fork_last_cow_size: 3 * GB }))).toHaveLength(1)
})

test('without the memory of the system it is not assessed', () => {
  for (const total_system_memory of [0, undefined]) {
    expect(blindness(rule, facts(6, 3, { total_system_memory }))).toMatchObject({ kind: 'not assessed' })
  }
  expect(blindness(rule, facts(1, 1))).toBeUndefined()
})

test('it is the same finding when the numbers change', () => {
  expect(checkRule(rule, facts(6, 3)).map(identity)).toEqual(checkRule(rule, facts(9, 5)).map(identity))
})
