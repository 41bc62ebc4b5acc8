import { describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sec/over-granted.js'
import { connect } from '../../../redis/connect.js'
import { onServer } from '../../../support/live.js'
import { aclUser, checkRule, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

describe.each(availableEngines())('%s', (engine) => {
  test('a user of everything is found, one of its own keys and data is not', async () => {
    await onServer({ engine }, async ({ client, audit }) => {
      await client.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~app:*', '-@all', '+@read', '+@write', '-@dangerous')
      expect((await audit(rule)).passed).toEqual(['sec/over-granted'])
      await client.call('ACL', 'SETUSER', 'web', 'on', '>pw', '~web:*', '+@all')
      const { findings } = await audit(rule)
      expect(findings).toMatchObject([{ about: 'user web', role: 'administration', severity: 'warning' }])
      expect(findings[0]!.message).toMatch(/^may administer the server: CONFIG SET, ACL SETUSER, MODULE LOAD and \d+ more$/)
    })
  })

  test('FLUSHALL comes with @write, and key patterns do not hold it back', async () => {
    await onServer({ engine }, async ({ server, client, audit }) => {
      await client.call('SET', 'other:1', 'x')
      await client.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~app:*', '-@all', '+@write')
      expect((await audit(rule)).findings).toMatchObject([{ about: 'user app', role: 'flush', severity: 'note' }])
      const app = await connect(`redis://app:pw@${server.host}:${server.port}`)
      await app.call('FLUSHALL')
      expect(await client.call('DBSIZE')).toBe(0)
      // What the remedy says.
      await client.call('ACL', 'SETUSER', 'app', '-@dangerous')
      await expect(app.call('FLUSHALL')).rejects.toThrow(/NOPERM/)
      expect((await audit(rule)).passed).toEqual(['sec/over-granted'])
      app.close()
    })
  })
})

test.each(availableEngines().filter((engine) => engine !== 'redis@6.0'))('%s: a selector counts as the user itself', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~app:*', '-@all', '+get', '(~cache:* +@admin)')
    expect((await audit(rule)).findings).toMatchObject([{ about: 'user app', role: 'administration' }])
  })
})

const check = (commands: string, options: Record<string, unknown> = {}) =>
  checkRule(rule, { acl: { users: [aclUser({ commands })] } }, options)
const roles = (commands: string) => check(commands).map(({ role }) => role)

test('reads rules from left to right', () => {
  expect(roles('+@all')).toEqual(['administration'])
  expect(roles('+@all -@admin -@dangerous')).toEqual([])
  expect(roles('-@all +@dangerous')).toEqual(['administration'])
  expect(roles('+@all -@all +get')).toEqual([])
  expect(roles('+@all -@dangerous +@admin')).toEqual(['administration'])
  expect(roles('-@all +@keyspace')).toEqual(['flush'])
})

test('CLIENT KILL alone, which comes with the commands of a connection, is not yet administration', () => {
  const own = '-@all +@read +@write -@dangerous +@connection'
  expect(roles(own)).toEqual([])
  expect(check(own, { commands: 1 })[0]!.message).toBe('may administer the server: CLIENT KILL')
})

test('what is allowed by its name was meant', () => {
  expect(roles('-@all +config|set +acl +flushall')).toEqual([])
  expect(roles('+@all -@dangerous +config +shutdown')).toEqual([])
})

test('taking single commands away from everything leaves the rest', () => {
  const [finding] = check('+@all -flushall -flushdb -keys -config -shutdown')
  expect(finding!.message).toMatch(/^may administer the server: ACL SETUSER, MODULE LOAD, DEBUG and \d+ more$/)
  expect(check('+@all', { commands: 12 })).toMatchObject([{ role: 'administration' }])
  expect(check('+@all', { commands: 13 })).toMatchObject([{ role: 'flush' }])
})

const writer = (name: string, keys: string[]) => aclUser({ name, keys })

test('every key is too much only where others write, too', () => {
  const alone = [writer('app', ['~*']), aclUser({ name: 'monitor', commands: '-@all +info' })]
  expect(checkRule(rule, { acl: { users: alone } })).toEqual([])
  const shared = [writer('app', ['~*']), writer('web', ['~web:*'])]
  expect(checkRule(rule, { acl: { users: shared } })).toMatchObject([
    { about: 'user app', role: 'keys', severity: 'note', message: 'may write every key, on a server that 2 users write to' },
  ])
  expect(checkRule(rule, { acl: { users: shared } }, { shared: 3 })).toEqual([])
})

test('keys that may only be read are no matter', () => {
  const users = ['%R~*', '%RW~*', '%W~*'].map((pattern, i) => writer(`app${i}`, [pattern]))
  expect(checkRule(rule, { acl: { users } }).map(({ about }) => about)).toEqual(['user app1', 'user app2'])
})

test('a selector writes its own keys with its own commands', () => {
  const reader = aclUser({
    name: 'reader',
    commands: '-@all +get',
    keys: ['~*'],
    selectors: [{ commands: '-@all +set', keys: ['~tmp:*'], channels: [] }],
  })
  expect(checkRule(rule, { acl: { users: [reader, writer('web', ['~web:*'])] } })).toEqual([])
  const other = { ...reader, selectors: [{ commands: '-@all +set', keys: ['~*'], channels: [] }] }
  expect(checkRule(rule, { acl: { users: [other, writer('web', ['~web:*'])] } })).toMatchObject([{ role: 'keys' }])
})

test('leaves out operators, and users who are off', () => {
  const users = ['default', 'admin', 'Admin-2', 'root', 'ops-alice'].map((name) => aclUser({ name, commands: '+@all', keys: ['~*'] }))
  expect(checkRule(rule, { acl: { users: [...users, aclUser({ commands: '+@all', enabled: false })] } })).toEqual([])
  expect(checkRule(rule, { acl: { users } }, { admins: ['default'] })).toHaveLength(8)
})

test('is told apart by what is too much, and the same in every audit', () => {
  const users = [aclUser({ commands: '+@all', keys: ['~*'] }), writer('web', ['~*'])]
  const findings = checkRule(rule, { acl: { users } })
  expect(findings.map(identity)).toEqual(['user app administration', 'user app keys', 'user web keys'])
  expect(findings[0]!.at).toEqual({ user: 'app' })
})
