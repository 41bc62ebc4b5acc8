import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sentinel/disagreement.js'
import { ask, startSentinels } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { blindness, checkRule, identity, sentinelFacts } from '../../../support/rules.js'
import { startServer } from '../../../support/servers.js'
import { oldAndNew, sentinelOf } from './live-sentinel.js'

test.each(oldAndNew())('%s: a sentinel that names another primary is found', async (engine) => {
  const group = await startSentinels({ engine, replicas: 0, sentinels: 2 })
  const stranger = await startServer({ engine })
  try {
    const [first, second] = group.sentinels
    const asked = async () => auditRule(group.primary, rule, {}, await sentinelOf(first!))
    expect((await asked()).passed).toEqual(['sentinel/disagreement'])
    await ask(second!, ['SENTINEL', 'REMOVE', 'main'])
    await ask(second!, ['SENTINEL', 'MONITOR', 'main', stranger.host, String(stranger.port), '2'])
    expect((await asked()).findings).toMatchObject([
      {
        about: 'primary main',
        severity: 'error',
        message: `is 127.0.0.1:${group.primary.port} here, but 127.0.0.1:${second!.port} says 127.0.0.1:${stranger.port}`,
      },
    ])
  } finally {
    await stranger.stop()
    await group.stop()
  }
})

const sentinel = (n: number, namesPrimary: string | undefined) => ({
  address: `10.0.0.${n}:26379`,
  reachable: namesPrimary !== undefined,
  namesPrimary,
})
const check = (...names: (string | undefined)[]) =>
  checkRule(rule, { sentinel: sentinelFacts({ sentinels: names.map((name, i) => sentinel(i + 2, name)) }) })

test('agreement, and silence, are no disagreement', () => {
  expect(check('10.0.0.1:6379', '10.0.0.1:6379')).toEqual([])
  expect(check('10.0.0.1:6379', undefined)).toEqual([])
  expect(check('10.0.0.9:6379', '10.0.0.1:6379')).toMatchObject([{ evidence: { sentinels: 3, disagreeing: 1, primary: '10.0.0.1:6379' } }])
})

test('passes nothing when no other sentinel answered', () => {
  const facts = (name: string | undefined) => ({ sentinel: sentinelFacts({ sentinels: [sentinel(2, name)] }) })
  expect(blindness(rule, facts(undefined))).toEqual({ kind: 'not assessed', why: 'no other sentinel answered' })
  expect(blindness(rule, facts('10.0.0.1:6379'))).toBeUndefined()
})

test('is the same finding whatever they name', () => {
  expect([...check('10.0.0.8:6379'), ...check('10.0.0.9:6379', '10.0.0.7:6379')].map(identity)).toEqual(Array(2).fill('primary mymaster'))
})
