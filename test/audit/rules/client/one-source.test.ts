import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/client/one-source.js'
import { connect } from '../../../redis/connect.js'
import { onServer } from '../../../support/live.js'
import { checkRule, clientFacts, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: many connections from one address are found, few are not', async (engine) => {
  await onServer({ engine }, async ({ server, audit }) => {
    expect((await audit(rule)).passed).toEqual(['client/one-source'])
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect(server.url)))
    expect((await audit(rule, { connections: 20 })).findings).toMatchObject([
      { about: 'connections', severity: 'note', message: '100% of 21 come from 127.0.0.1 (21 connections)' },
    ])
    for (const client of clients) client.close()
  })
})

const from = (first: number, total: number, options = {}) =>
  checkRule(
    rule,
    {
      clients: clientFacts({
        total,
        sources: [
          { host: '10.0.0.7', connections: first },
          { host: '10.0.0.8', connections: total - first },
        ],
      }),
    },
    options,
  )

test('needs both more than half and 200 connections', () => {
  expect(from(101, 200)).toMatchObject([{ evidence: { host: '10.0.0.7', connections: 101, of: 200, hosts: 2 } }])
  expect(from(100, 200)).toEqual([])
  expect(from(199, 199)).toEqual([])
  expect(from(60, 199, { share: 0.3, connections: 100 })).toHaveLength(1)
  expect(checkRule(rule, { clients: clientFacts({ total: 0, sources: [] }) }, { connections: 0, share: 0 })).toEqual([])
})

test('is the same finding when another host has most', () => {
  expect([...from(150, 200), ...from(900, 1000)].map(identity)).toEqual(['connections', 'connections'])
})
