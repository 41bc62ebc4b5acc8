import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/client/unnamed.js'
import { connect } from '../../../redis/connect.js'
import { onServer } from '../../../support/live.js'
import { checkRule, clientFacts, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: connections without a name are found, those with one are not', async (engine) => {
  await onServer({ engine }, async ({ server, audit }) => {
    const clients = await Promise.all(Array.from({ length: 12 }, () => connect(server.url)))
    expect((await audit(rule)).findings).toMatchObject([
      { about: 'connections', severity: 'note', message: '13 of 13 (100%) have no name' },
    ])
    await Promise.all(clients.map((client) => client.call('CLIENT', 'SETNAME', 'checkout-api')))
    expect((await audit(rule)).passed).toEqual(['client/unnamed'])
    for (const client of clients) client.close()
  })
})

const check = (unnamed: number, total: number, options = {}) =>
  checkRule(rule, { clients: clientFacts({ total, named: total - unnamed }) }, options)

test('needs both more than half and ten of them', () => {
  expect(check(11, 21)).toMatchObject([{ evidence: { unnamed: 11, of: 21 } }])
  expect(check(10, 20)).toEqual([])
  expect(check(9, 9)).toEqual([])
  expect(check(2, 10, { share: 0.1, connections: 2 })).toHaveLength(1)
  expect(check(0, 0, { share: 0, connections: 0 })).toEqual([])
})

test('is the same finding whatever the numbers', () => {
  expect([...check(10, 10), ...check(800, 1000)].map(identity)).toEqual(['connections', 'connections'])
})
