import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sentinel/unreachable-replica.js'
import { eventually, startSentinels } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { checkRule, identity, sentinelFacts } from '../../../support/rules.js'
import { oldAndNew, sentinelOf } from './live-sentinel.js'

test.each(oldAndNew())('%s: a replica that is gone is found', async (engine) => {
  const group = await startSentinels({ engine, replicas: 1, sentinels: 1, quorum: 1 })
  try {
    const [sentinel] = group.sentinels
    const asked = async () => auditRule(group.primary, rule, {}, await sentinelOf(sentinel!))
    await eventually('the sentinel to reach the replica', async () => (await asked()).passed.length > 0)
    const { port } = group.replicas[0]!
    await group.replicas[0]!.stop()
    await eventually('the loss to be seen', async () => (await asked()).failed.length > 0)
    expect((await asked()).findings).toMatchObject([
      {
        about: 'primary main',
        severity: 'error',
        message: `its only replica can't be reached (127.0.0.1:${port}): there is nothing to fail over to`,
        evidence: { lost: 1, replicas: 1 },
      },
    ])
  } finally {
    await group.stop()
  }
})

const check = (...reachable: boolean[]) =>
  checkRule(rule, {
    sentinel: sentinelFacts({ replicas: reachable.map((each, i) => ({ address: `10.0.0.${i + 2}:6379`, reachable: each })) }),
  })

test('is an error when none is left, else a warning', () => {
  expect(check(true, true)).toEqual([])
  expect(check()).toEqual([])
  expect(check(false, true)).toMatchObject([{ severity: 'warning', message: "1 of 2 replicas can't be reached (10.0.0.2:6379)" }])
  expect(check(false, false)).toMatchObject([
    {
      severity: 'error',
      message: 'none of its 2 replicas can be reached (10.0.0.2:6379 and 10.0.0.3:6379): there is nothing to fail over to',
    },
  ])
})

test('is the same finding whichever is lost', () => {
  expect([...check(false, true), ...check(true, false)].map(identity)).toEqual(Array(2).fill('primary mymaster'))
})
