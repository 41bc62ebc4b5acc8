import { describe, expect, test } from 'vitest'
import { rule as nopass } from '#redline/audit/rules/sec/nopass.js'
import { rule } from '#redline/audit/rules/sec/protected-off.js'
import { onServer } from '../../../support/live.js'
import { aclUser, blindness, checkRule, configFacts, identity, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

describe.each(availableEngines())('%s', (engine) => {
  // 198.51.100.7 is for documentation: no machine has it, so nothing really listens there.
  const bind = engine === 'redis@6.0' ? '127.0.0.1 198.51.100.7' : '127.0.0.1 -198.51.100.7'

  test('is a warning beside the error of sec/nopass while the default user is open, and nothing once it has a password', async () => {
    await onServer({ engine, config: { bind, 'protected-mode': 'no' } }, async ({ client, audit }) => {
      expect((await audit(rule)).findings).toMatchObject([{ about: 'protected-mode', severity: 'warning', evidence: { exposure: 'any' } }])
      expect((await audit(nopass)).findings).toMatchObject([{ about: 'user default', severity: 'error' }])
      await client.call('ACL', 'SETUSER', 'auditor', 'on', 'nopass', '~*', '+@all')
      const secured = { users: [aclUser({ name: 'default', commands: '+@all' })] }
      expect((await audit(rule, {}, { acl: secured })).passed).toEqual(['sec/protected-off'])
    })
  })

  test('protects unless an address is bound before 7.0', async () => {
    await onServer({ engine, config: { bind, 'protected-mode': 'yes' } }, async ({ audit }) => {
      const messages = (await audit(rule)).findings.map(({ message }) => message.split(',', 1)[0])
      expect(messages).toEqual(engine === 'redis@6.0' ? ['has no effect'] : [])
    })
  })

  test('does not matter on loopback', async () => {
    await onServer({ engine, config: { 'protected-mode': 'no' } }, async ({ audit }) => {
      expect((await audit(rule)).passed).toEqual(['sec/protected-off'])
    })
  })
})

const open = { users: [aclUser({ name: 'default', nopass: true })] }
const off = { bind: '0.0.0.0', 'protected-mode': 'no' }

test('is there, too, while nobody knows whether there is a password', () => {
  expect(checkRule(rule, { config: configFacts(off) })).toMatchObject([{ evidence: { defaultUserOpen: 'unknown' } }])
  expect(checkRule(rule, { config: configFacts(off), acl: open })).toMatchObject([
    { message: expect.stringContaining('(sec/nopass)'), at: { parameter: 'protected-mode' } },
  ])
})

test('does not matter when the default user has a password or is off', () => {
  for (const user of [aclUser({ name: 'default' }), aclUser({ name: 'default', nopass: true, enabled: false })])
    expect(checkRule(rule, { config: configFacts(off), acl: { users: [user] } })).toEqual([])
})

test('looks at every address, and at whether there is a port at all', () => {
  const found = (parameters: Record<string, string>) =>
    checkRule(rule, { config: configFacts({ ...off, ...parameters }), acl: open }).length
  expect(found({ bind: '127.0.0.1 ::1 localhost' })).toBe(0)
  expect(found({ bind: '127.0.0.1 192.168.1.4' })).toBe(1)
  expect(found({ port: '0' })).toBe(0)
  expect(found({ port: '0', 'tls-port': '6380' })).toBe(1)
})

test('an empty bind is every address before 7.0, and none since', () => {
  const found = (version: string) =>
    checkRule(rule, { config: configFacts({ ...off, bind: '' }), acl: open, server: serverFacts({ version }) }).length
  expect([found('6.0.16'), found('7.0.15')]).toEqual([1, 0])
})

test('passes nothing that it could not see', () => {
  expect(blindness(rule, { config: configFacts({ bind: undefined }) })).toEqual({
    kind: 'not assessed',
    why: 'the configuration does not tell where the server listens',
  })
  expect(blindness(rule, { config: configFacts() })).toBeUndefined()
})

test('is the same finding on any address', () => {
  const both = ['0.0.0.0', '10.1.2.3'].flatMap((bind) => checkRule(rule, { config: configFacts({ ...off, bind }), acl: open }))
  expect(both.map(identity)).toEqual(['protected-mode', 'protected-mode'])
})
