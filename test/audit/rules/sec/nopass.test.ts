import { describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sec/nopass.js'
import { auditRule, onServer } from '../../../support/live.js'
import { aclUser, checkRule, configFacts, identity, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

describe.each(availableEngines())('%s', (engine) => {
  test('a fresh server is open, which is a note on loopback; with a password it is not', async () => {
    await onServer({ engine }, async ({ server, client, audit }) => {
      expect((await audit(rule)).findings).toMatchObject([{ about: 'user default', severity: 'note', evidence: { exposure: 'loopback' } }])
      await client.call('ACL', 'SETUSER', 'default', '>secret')
      const url = `redis://:secret@${server.host}:${server.port}`
      expect((await auditRule({ url }, rule)).passed).toEqual(['sec/nopass'])
    })
  })

  test('where it listens for others it is more than a note', async () => {
    // 198.51.100.7 is for documentation: no machine has it, so nothing really listens there.
    const bind = engine === 'redis@6.0' ? '127.0.0.1 198.51.100.7' : '127.0.0.1 -198.51.100.7'
    await onServer({ engine, config: { bind, 'protected-mode': 'no' } }, async ({ client, audit }) => {
      expect((await audit(rule)).findings).toMatchObject([{ severity: 'error' }])
      await client.call('CONFIG', 'SET', 'protected-mode', 'yes')
      // Before 7.0 protected mode does nothing once an address is bound.
      expect((await audit(rule)).findings).toMatchObject([{ severity: engine === 'redis@6.0' ? 'error' : 'warning' }])
    })
  })

  test('a user of its own is found by its name', async () => {
    await onServer({ engine }, async ({ client, audit }) => {
      await client.call('ACL', 'SETUSER', 'guest', 'on', 'nopass', '~*', '+get')
      await client.call('ACL', 'SETUSER', 'nobody', 'on', 'nopass')
      await client.call('ACL', 'SETUSER', 'gone', 'off', 'nopass', '+get')
      expect((await audit(rule)).findings.map(({ about }) => about)).toEqual(['user default', 'user guest'])
    })
  })
})

const open = { users: [aclUser({ name: 'default', nopass: true, passwords: 0, commands: '+@all', keys: ['~*'] })] }
const severityWith = (parameters: Record<string, string | undefined>) =>
  checkRule(rule, { acl: open, config: configFacts(parameters), server: serverFacts() })[0]!.severity

test('is as severe as the server is open', () => {
  const anywhere = { bind: '* -::*', 'protected-mode': 'no' }
  expect(severityWith(anywhere)).toBe('error')
  expect(severityWith({ bind: '10.0.0.7', 'protected-mode': 'no' })).toBe('error')
  expect(severityWith({ bind: '* -::*', 'protected-mode': 'yes' })).toBe('warning')
  expect(severityWith({ bind: '127.0.0.1 -::1', 'protected-mode': 'no' })).toBe('note')
  expect(severityWith({ ...anywhere, port: '0' })).toBe('note')
  expect(severityWith({ bind: undefined })).toBe('warning')
  expect(checkRule(rule, { acl: open })[0]!.severity).toBe('warning')
})

test('in files, what stands nowhere is as by default: every address, and protected mode', () => {
  const config = configFacts({ bind: undefined, 'protected-mode': undefined, port: undefined }, 'files')
  expect(checkRule(rule, { acl: open, config })).toMatchObject([{ severity: 'warning', at: { user: 'default' } }])
})

test('says it of everybody, and of a user', () => {
  const acl = { users: [...open.users, aclUser({ name: 'guest', nopass: true })] }
  const config = configFacts({ bind: '0.0.0.0', 'protected-mode': 'no' })
  expect(checkRule(rule, { acl, config }).map(({ message }) => message)).toEqual([
    'is everybody who connects: it has no password, on a server that listens on public addresses or on all',
    'logs in with any password, on a server that listens on public addresses or on all',
  ])
})

test('leaves alone users with a password, who are off, or may do nothing', () => {
  const users = [aclUser(), aclUser({ nopass: true, enabled: false }), aclUser({ nopass: true, commands: '-@all' })]
  expect(checkRule(rule, { acl: { users } })).toEqual([])
})

test('is the same finding wherever the server listens', () => {
  const both = ['127.0.0.1', '* -::*'].flatMap((bind) => checkRule(rule, { acl: open, config: configFacts({ bind }) }))
  expect(both.map(identity)).toEqual(['user default', 'user default'])
})
