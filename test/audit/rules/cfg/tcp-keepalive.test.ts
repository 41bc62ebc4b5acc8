import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cfg/tcp-keepalive.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: keepalive that is off or rare is found, the default is not', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    expect((await audit(rule)).passed).toEqual(['cfg/tcp-keepalive'])
    await client.call('CONFIG', 'SET', 'tcp-keepalive', '0')
    expect((await audit(rule)).findings).toMatchObject([{ about: 'tcp-keepalive', severity: 'warning' }])
    await client.call('CONFIG', 'SET', 'tcp-keepalive', '7200')
    expect((await audit(rule)).findings).toMatchObject([{ about: 'tcp-keepalive', severity: 'note' }])
  })
})

const find = (keepalive: string | undefined, source: 'server' | 'files' = 'server', options = {}) =>
  checkRule(rule, { config: configFacts({ 'tcp-keepalive': keepalive }, source) }, options)

test('ten minutes are the longest', () => {
  expect(find('600')).toEqual([])
  expect(find('601')[0]).toMatchObject({
    message: 'is 10m 1s: firewalls and load balancers forget an idle connection before it is probed',
    evidence: { seconds: 601 },
    at: { parameter: 'tcp-keepalive' },
  })
  expect(find('601', 'server', { longest: '20m' })).toEqual([])
  expect(find('300', 'server', { longest: '240s' })).toHaveLength(1)
})

test('a file in which it stands nowhere has the default', () => {
  expect(find(undefined, 'files')).toEqual([])
  expect(find('0', 'files')).toMatchObject([{ message: 'is 0: connections whose other end is gone stay, and count against maxclients' }])
})

test('is the same finding at every value, and not assessed where it is not shown', () => {
  expect([...find('0'), ...find('9999')].map(identity)).toEqual(['tcp-keepalive', 'tcp-keepalive'])
  expect(blindness(rule, { config: configFacts({ 'tcp-keepalive': undefined }) })?.kind).toBe('not assessed')
})
