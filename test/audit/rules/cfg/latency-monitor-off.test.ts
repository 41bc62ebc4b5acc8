import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cfg/latency-monitor-off.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: the default is off and found, and what the remedy says is not', async (engine) => {
  await onServer({ engine, config: { 'latency-monitor-threshold': '0' } }, async ({ client, audit }) => {
    const { findings } = await audit(rule)
    expect(findings).toMatchObject([{ about: 'latency-monitor-threshold', severity: 'note' }])
    expect(findings[0]!.commands![0]).toBe('redis-cli CONFIG SET latency-monitor-threshold 100')
    await client.call('CONFIG', 'SET', 'latency-monitor-threshold', '100')
    expect((await audit(rule)).passed).toEqual(['cfg/latency-monitor-off'])
  })
})

const find = (threshold: string | undefined, source: 'server' | 'files' = 'server', options = {}) =>
  checkRule(rule, { config: configFacts({ 'latency-monitor-threshold': threshold }, source) }, options)

test('a threshold is as good as off from a second on', () => {
  expect(find('999')).toEqual([])
  expect(find('1')).toEqual([])
  expect(find('2500')[0]).toMatchObject({ message: 'lets pauses of up to 2.5s pass unnoticed', evidence: { thresholdSeconds: 2.5 } })
  expect(find('2500', 'server', { slowest: '3s' })).toEqual([])
})

test('a file in which it stands nowhere leaves it off', () => {
  expect(find(undefined, 'files')).toMatchObject([
    { message: 'is 0: pauses of the server are not recorded', at: { parameter: 'latency-monitor-threshold' } },
  ])
  expect(find('100', 'files')).toEqual([])
})

test('is the same finding at every value, and not assessed where the value is not shown', () => {
  expect([...find('0'), ...find('5000')].map(identity)).toEqual(['latency-monitor-threshold', 'latency-monitor-threshold'])
  expect(blindness(rule, { config: configFacts({ 'latency-monitor-threshold': undefined }) })?.kind).toBe('not assessed')
})
