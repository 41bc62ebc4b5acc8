import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sentinel/timeouts.js'
import { ask, startSentinels } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { checkRule, identity, sentinelFacts } from '../../../support/rules.js'
import { oldAndNew, sentinelOf } from './live-sentinel.js'

test.each(oldAndNew())('%s: times far from the usual are found', async (engine) => {
  const group = await startSentinels({ engine, replicas: 0, sentinels: 1, quorum: 1 })
  try {
    const [sentinel] = group.sentinels
    const asked = async () => auditRule(group.primary, rule, {}, await sentinelOf(sentinel!))
    expect((await asked()).passed).toEqual(['sentinel/timeouts'])
    await ask(sentinel!, ['SENTINEL', 'SET', 'main', 'down-after-milliseconds', '120000', 'failover-timeout', '600000'])
    expect((await asked()).findings).toMatchObject([
      { about: 'primary main', role: 'down-after-milliseconds', message: 'is missing for 2m before anybody takes it for down' },
      { about: 'primary main', role: 'failover-timeout', evidence: { failoverTimeoutSeconds: 600 } },
    ])
  } finally {
    await group.stop()
  }
})

const check = (downAfterMs: number, failoverTimeoutMs: number, options = {}) =>
  checkRule(rule, { sentinel: sentinelFacts({ downAfterMs, failoverTimeoutMs }) }, options)

test('has a bound on each side of the time until a failure is noticed', () => {
  expect(check(60_000, 180_000)).toEqual([])
  expect(check(60_001, 180_000)).toMatchObject([{ role: 'down-after-milliseconds' }])
  expect(check(1000, 180_000)).toEqual([])
  expect(check(999, 180_000)[0]!.message).toBe('is taken for down after 999ms: a slow command or a fork is enough for a failover')
  expect(check(500, 180_000, { hasty: '500ms' })).toEqual([])
  expect(check(30_000, 180_000, { down: '10s' })).toHaveLength(1)
})

test('says how long the next attempt takes', () => {
  expect(check(30_000, 180_001)[0]!.message).toBe('is tried again only after 6m when a failover does not succeed (failover-timeout 3m)')
  expect(check(30_000, 60_000, { failover: '30s' })).toHaveLength(1)
})

test('tells both times apart, the same in every audit', () => {
  expect([...check(90_000, 300_000), ...check(500, 900_000)].map(identity)).toEqual([
    'primary mymaster down-after-milliseconds',
    'primary mymaster failover-timeout',
    'primary mymaster down-after-milliseconds',
    'primary mymaster failover-timeout',
  ])
})
