import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/ttl/expiry-backlog.js'
import { eventually } from '../../../support/deployments.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, counters, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: keys that all expire at once keep the server busy longer than a cycle lasts', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('SET', 'page:1', 'x', 'PX', '1')
    expect((await audit(rule)).passed).toEqual(['ttl/expiry-backlog'])

    await client.call('EVAL', "for i = 1, 100000 do redis.call('SET', 'page:' .. i, 'x', 'PX', 500) end", '0')
    // Keys that wait are seen before, or without, a cycle that was cut short.
    const said = async () => (await audit(rule)).findings.map(({ about, severity, message }) => `${severity}: ${about} ${message}`).join()
    await eventually('a cycle to run out of time', async () =>
      /^warning: active expiry .*expiry cycles? a minute ran out of time$/.test(await said()),
    )
  })
})

const facts = (stale: number, expires: number, caps: Parameters<typeof counters>[0] = {}, fields: Record<string, string> = {}) => ({
  info: infoFacts({ expired_stale_perc: stale.toFixed(2), ...fields }, { keyspace: { db0: `keys=50000,expires=${expires},avg_ttl=7` } }),
  counters: counters(caps),
})
const caps = (count: number) => ({ grown: { expired_time_cap_reached_count: count } })

test('expired keys that wait to be deleted are reported from a tenth of the keys with a TTL', () => {
  expect(checkRule(rule, facts(12, 40_000))).toMatchObject([
    {
      about: 'active expiry',
      message: 'about 12% of 40k keys with a TTL are expired and not yet deleted',
      evidence: { staleShare: 0.12, keysWithTtl: 40_000, timeCapsPerMinute: 0 },
      commands: ['redis-cli CONFIG SET active-expire-effort 5'],
    },
  ])
  expect(checkRule(rule, facts(10, 40_000))).toEqual([])
})

test('a tenth of a few keys is nothing', () => {
  expect(checkRule(rule, facts(50, 999))).toEqual([])
  expect(checkRule(rule, facts(50, 1000))).toHaveLength(1)
  expect(checkRule(rule, facts(50, 10), { keys: 10, stale: 0.4 })).toHaveLength(1)
})

test('keys are counted over all databases', () => {
  const info = infoFacts(
    { expired_stale_perc: '20.00' },
    { keyspace: { db0: 'keys=600,expires=600', db3: 'keys=900,expires=400,avg_ttl=1' } },
  )
  expect(checkRule(rule, { info, counters: counters() })).toMatchObject([{ evidence: { keysWithTtl: 1000 } }])
})

test('cycles that ran out of time are reported by their rate: over all the time, and while the audit ran', () => {
  expect(checkRule(rule, facts(0, 0, { seconds: 600, ...caps(10) }))).toMatchObject([
    { message: '1 expiry cycle a minute ran out of time', evidence: { timeCapsPerMinute: 1 } },
  ])
  expect(checkRule(rule, facts(0, 0, { seconds: 600, ...caps(9) }))).toEqual([])
  expect(checkRule(rule, facts(0, 0, { during: { seconds: 30, ...caps(2) } }))).toMatchObject([
    { message: '4 expiry cycles a minute ran out of time' },
  ])
  expect(checkRule(rule, facts(0, 0, { seconds: 600, ...caps(9) }), { time_caps: 0.5 })).toHaveLength(1)
})

test('both at once are one finding', () => {
  expect(checkRule(rule, facts(30, 40_000, { seconds: 60, ...caps(5) }))).toMatchObject([
    { message: 'about 30% of 40k keys with a TTL are expired and not yet deleted; 5 expiry cycles a minute ran out of time' },
  ])
})

test('a replica expires nothing by itself', () => {
  expect(blindness(rule, facts(50, 40_000, {}, { role: 'slave' }))).toMatchObject({ kind: 'not applicable' })
  expect(blindness(rule, facts(0, 40_000))).toBeUndefined()
})

test('it is the same finding for either reason', () => {
  expect(checkRule(rule, facts(12, 40_000)).map(identity)).toEqual(checkRule(rule, facts(0, 0, { seconds: 60, ...caps(5) })).map(identity))
})
