import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sentinel/quorum.js'
import { messageOf } from '#redline/core/errors.js'
import { ask, eventually, startSentinels } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { checkRule, identity, sentinelFacts } from '../../../support/rules.js'
import { oldAndNew, sentinelOf } from './live-sentinel.js'

test.each(oldAndNew())('%s: sentinels that lose each other are found before the primary fails', async (engine) => {
  const group = await startSentinels({ engine, replicas: 1, lines: ['sentinel down-after-milliseconds main 1000'] })
  try {
    const [first, second, third] = group.sentinels
    const asked = async () => auditRule(group.primary, rule, {}, await sentinelOf(first!))
    expect((await asked()).passed).toEqual(['sentinel/quorum'])
    await second!.stop()
    await third!.stop()
    await eventually('the loss to be seen', async () => (await asked()).failed.length > 0)
    await eventually('both to be missed', async () => (await asked()).findings[0]!.message.startsWith("can't fail over: 1 of 3"))
    expect((await asked()).findings).toMatchObject([
      { about: 'primary main', severity: 'error', evidence: { known: 3, reachable: 1, quorum: 2, majority: 2 } },
    ])
    // The sentinel comes to the same once it takes them for down.
    const agrees = () =>
      ask(first!, ['SENTINEL', 'CKQUORUM', 'main']).then(
        () => false,
        (error: unknown) => messageOf(error).includes('NOQUORUM'),
      )
    await eventually('the sentinel to say so itself', agrees)
  } finally {
    await group.stop()
  }
})

const sentinel = (n: number, reachable = true) => ({ address: `10.0.0.${n}:26379`, reachable, namesPrimary: '10.0.0.1:6379' })
const check = (quorum: number, reachable: boolean[], options = {}) =>
  checkRule(rule, { sentinel: sentinelFacts({ quorum, sentinels: reachable.map((each, i) => sentinel(i + 2, each)) }) }, options)

test('needs the quorum and a majority', () => {
  expect(check(2, [true, true])).toEqual([])
  expect(check(2, [true, false])).toEqual([])
  expect(check(2, [false, false])).toMatchObject([
    { message: "can't fail over: 1 of 3 sentinels can be reached and the quorum is 2 (lost: 10.0.0.2:26379 and 10.0.0.3:26379)" },
  ])
  expect(check(1, [false, false])).toMatchObject([{ message: expect.stringContaining('a leader needs 2 votes') }])
  expect(check(3, [true, false])).toMatchObject([{ about: 'primary mymaster', evidence: { reachable: 2 } }])
})

test('a quorum above their number is never reached', () => {
  expect(check(4, [true, true])).toMatchObject([
    {
      message: "can't fail over: 3 of 3 sentinels can be reached and the quorum is 4",
      commands: ['redis-cli -p 26379 SENTINEL CKQUORUM mymaster', 'redis-cli -p 26379 SENTINEL SET mymaster quorum 2'],
    },
  ])
})

test('warns of fewer than three', () => {
  expect(check(1, [])).toMatchObject([{ role: 'too few', severity: 'warning', evidence: { known: 1, wanted: 3 } }])
  expect(check(2, [true])).toMatchObject([{ role: 'too few' }])
  expect(check(2, [true, true], { sentinels: 5 })).toMatchObject([{ role: 'too few' }])
})

test('is the same finding whichever sentinels are lost', () => {
  expect([...check(2, [false, false]), ...check(3, [false, true])].map(identity)).toEqual(Array(2).fill('primary mymaster'))
})
