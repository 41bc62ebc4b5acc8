import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/client/leak.js'
import { connect } from '../../../redis/connect.js'
import { onServer } from '../../../support/live.js'
import { checkRule, clientFacts, configFacts, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: idle connections are found unless the server closes them', async (engine) => {
  await onServer({ engine }, async ({ server, client, audit }) => {
    const idle = await Promise.all(Array.from({ length: 12 }, () => connect(server.url)))
    const options = { connections: 12, idle: '1s' }
    expect((await audit(rule, { ...options, idle: '1h' })).passed).toEqual(['client/leak'])
    await sleep(2100)
    expect((await audit(rule, options)).findings).toMatchObject([{ about: 'idle connections', severity: 'warning', evidence: { of: 13 } }])
    await client.call('CONFIG', 'SET', 'timeout', '3600')
    expect((await audit(rule, options)).passed).toEqual(['client/leak'])
    for (const each of idle) each.close()
  })
})

const hours = (connections: number, total: number) =>
  clientFacts({
    total,
    idleSeconds: [...Array.from({ length: total - connections }, () => 0), ...Array.from({ length: connections }, (_, i) => 3600 + i)],
  })

test('needs both a number and a share of idle connections', () => {
  const found = (connections: number, total: number, options = {}) =>
    checkRule(rule, { clients: hours(connections, total) }, options).length
  expect(found(100, 500)).toBe(1)
  expect(found(99, 200)).toBe(0)
  expect(found(100, 501)).toBe(0)
  expect(found(10, 501, { connections: 10, share: 0.01 })).toBe(1)
  expect(found(0, 0, { connections: 0, share: 0 })).toBe(0)
})

test('says how many, of how many, and for how long', () => {
  const clients = clientFacts({ total: 300, idleSeconds: Array.from({ length: 150 }, () => 200_000) })
  expect(checkRule(rule, { clients })[0]!.message).toBe('150 of 300 connections (50%) have sent nothing for 1h, the longest for 2d 8h')
})

test('trusts a timeout, and does without the configuration', () => {
  const clients = hours(200, 200)
  expect(checkRule(rule, { clients, config: configFacts({ timeout: '7200' }) })).toEqual([])
  expect(checkRule(rule, { clients, config: configFacts({ timeout: '0' }) })).toHaveLength(1)
  expect(checkRule(rule, { clients })).toHaveLength(1)
  expect(checkRule(rule, { clients, config: configFacts({ timeout: undefined }) })).toHaveLength(1)
})

test('is the same finding whatever the numbers', () => {
  expect([hours(100, 100), hours(900, 1000)].flatMap((clients) => checkRule(rule, { clients })).map(identity)).toEqual([
    'idle connections',
    'idle connections',
  ])
})
