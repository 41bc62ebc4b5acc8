import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cfg/timeout-none.js'
import { connect } from '../../../redis/connect.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, clientFacts, configFacts, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: idle connections without a timeout are found, with one they are not', async (engine) => {
  await onServer({ engine, config: { timeout: '0' } }, async ({ server, client, audit }) => {
    const options = { idle: '0s', clients: 4 }
    expect((await audit(rule, options)).passed).toEqual(['cfg/timeout-none'])
    const idle = await Promise.all(Array.from({ length: 3 }, () => connect(server.url)))
    expect((await audit(rule, options)).findings).toMatchObject([
      { about: 'timeout', severity: 'note', evidence: { idle: 4, connections: 4 } },
    ])
    await client.call('CONFIG', 'SET', 'timeout', '3600')
    expect((await audit(rule, options)).passed).toEqual(['cfg/timeout-none'])
    for (const connection of idle) connection.close()
  })
})

const facts = (idle: number, total: number, timeout: string | undefined = '0') => ({
  config: configFacts({ timeout }),
  clients: clientFacts({
    total,
    idleSeconds: [...Array.from({ length: total - idle }, () => 3599), ...Array.from({ length: idle }, () => 3600)],
  }),
})

test('needs both a share and a number of connections that were idle for an hour', () => {
  const found = (idle: number, total: number) => checkRule(rule, facts(idle, total)).length
  expect([found(20, 100), found(19, 19), found(20, 101)]).toEqual([1, 0, 0])
  expect(checkRule(rule, facts(50, 100, '60'))).toEqual([])
})

test('says how many, and for how long', () => {
  const [finding] = checkRule(rule, facts(45, 60))
  expect(finding!.message).toBe('is 0, and 45 connections (75%) have sent nothing for 1h or longer')
  expect(finding!.evidence).toEqual({ idle: 45, connections: 60, share: 0.75, longestIdleSeconds: 3600 })
  expect(finding!.at).toEqual({ parameter: 'timeout' })
})

test('is the same finding in every audit, and not assessed where the timeout is not shown', () => {
  expect([...checkRule(rule, facts(45, 60)), ...checkRule(rule, facts(99, 100))].map(identity)).toEqual(['timeout', 'timeout'])
  expect(blindness(rule, { ...facts(45, 60), config: configFacts({ timeout: undefined }) })?.why).toBe('the server does not show timeout')
})
