import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sec/default-user.js'
import { connect } from '../../../redis/connect.js'
import { onServer } from '../../../support/live.js'
import { aclUser, checkRule, clientFacts, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: applications as default are found, those with a user of their own are not', async (engine) => {
  await onServer({ engine }, async ({ server, client, audit }) => {
    await client.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~*', '+@all')
    const as = (login: string) => Promise.all(Array.from({ length: 5 }, () => connect(`redis://${login}${server.host}:${server.port}`)))
    const named = await as('app:pw@')
    expect((await audit(rule)).passed).toEqual(['sec/default-user'])
    const nameless = await as('')
    // The test's own connection is one of them.
    expect((await audit(rule)).findings).toMatchObject([
      {
        about: 'user default',
        severity: 'warning',
        message: 'is used by 6 connections of 11 (55%), though there is another user',
        evidence: { otherUsers: 1 },
      },
    ])
    for (const each of [...named, ...nameless]) each.close()
  })
})

const check = (used: number, total: number, options = {}) =>
  checkRule(rule, { clients: clientFacts({ total, users: new Map([['default', used]]) }) }, options)

test('needs both a number and a share of the connections', () => {
  expect(check(5, 50)).toHaveLength(1)
  expect(check(4, 4)).toEqual([])
  expect(check(5, 51)).toEqual([])
  expect(check(4, 51, { connections: 4, share: 0.05 })).toHaveLength(1)
  expect(check(0, 0, { connections: 0, share: 0 })).toEqual([])
})

test('is a note while nobody has begun with users', () => {
  const clients = clientFacts({ users: new Map([['default', 10]]) })
  const severity = (...users: ReturnType<typeof aclUser>[]) => checkRule(rule, { clients, acl: { users } })[0]!.severity
  expect(severity(aclUser({ name: 'default' }))).toBe('note')
  expect(severity(aclUser({ name: 'default' }), aclUser())).toBe('warning')
  expect(severity(aclUser({ name: 'default' }), aclUser({ enabled: false }))).toBe('note')
  expect(checkRule(rule, { clients })[0]!.severity).toBe('note')
})

test('is the same finding whatever the numbers', () => {
  expect([...check(5, 5), ...check(800, 1000)].map(identity)).toEqual(['user default', 'user default'])
})
