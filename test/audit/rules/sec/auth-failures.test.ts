import { describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sec/auth-failures.js'
import { connect } from '../../../redis/connect.js'
import { onServer } from '../../../support/live.js'
import { aclLogEntry, checkRule, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

describe.each(availableEngines())('%s', (engine) => {
  test('logins that fail again and again are found, a slip is not', async () => {
    await onServer({ engine }, async ({ client, audit }) => {
      await client.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~*', '+@all')
      const slip = async (times: number) => {
        // One by one: some versions leave failed logins of one write without an answer.
        for (let i = 0; i < times; i++) await expect(client.call('AUTH', 'app', 'wrong')).rejects.toThrow(/WRONGPASS/)
      }
      await slip(3)
      expect((await audit(rule)).passed).toEqual(['sec/auth-failures'])
      await slip(9)
      expect((await audit(rule)).findings).toMatchObject([
        { about: 'logins', message: 'failed 12 times in the last 24h, as app', evidence: { failures: 12 } },
      ])
    })
  })

  test('a user that is refused a command again and again is found', async () => {
    await onServer({ engine }, async ({ server, client, audit }) => {
      await client.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~app:*', '-@all', '+get', '+ping')
      const app = await connect(`redis://app:pw@${server.host}:${server.port}`)
      await app.callAll(Array.from({ length: 12 }, () => ['FLUSHALL']))
      await app.callAll(Array.from({ length: 5 }, () => ['GET', 'other:1']))
      app.close()
      expect((await audit(rule)).findings).toMatchObject([
        {
          about: 'user app',
          message: 'was refused 17 times in the last 24h: FLUSHALL and keys that it may not touch',
          evidence: { denials: 17 },
        },
      ])
    })
  })
})

const check = (entries: Parameters<typeof aclLogEntry>[0][], options = {}) => checkRule(rule, { aclLog: entries.map(aclLogEntry) }, options)

test('counts what is recent, and as often as it happened', () => {
  expect(check([{ count: 9 }])).toEqual([])
  expect(check([{ count: 9 }, { count: 1 }])).toMatchObject([{ about: 'logins', evidence: { failures: 10, users: 1 } }])
  expect(check([{ count: 500, ageSeconds: 86_401 }])).toEqual([])
  expect(check([{ count: 3 }], { logins: 3 })).toHaveLength(1)
  expect(check([{ count: 30 }], { within: '30s' })).toEqual([])
  expect(check([{ reason: 'command', object: 'keys', count: 9 }], { denials: 9 })).toHaveLength(1)
  expect(check([{ reason: 'command', object: 'keys', count: 9 }])).toEqual([])
  expect(check([], { logins: 0, denials: 0 })).toEqual([])
})

test('names users, most refused first, and what they were refused', () => {
  const findings = check([
    { username: 'root', count: 5 },
    { username: '(no such user)', count: 40 },
    { reason: 'command', object: 'config|set', username: 'app', count: 4 },
    { reason: 'command', object: 'keys', username: 'app', count: 8 },
    { reason: 'key', object: 'order:42', username: 'app', count: 2 },
    { reason: 'channel', object: 'news', username: 'app', count: 1 },
  ])
  expect(findings.map(({ message }) => message)).toEqual([
    'failed 45 times in the last 24h, as (no such user) and root',
    'was refused 15 times in the last 24h: KEYS, CONFIG|SET, keys that it may not touch and channels that it may not touch',
  ])
  expect(JSON.stringify(findings)).not.toMatch(/order:42|news/)
})

test('is one finding for all logins, and one for each user, in every audit', () => {
  const denied = (count: number) => ({ reason: 'command', object: 'keys', username: 'app', count })
  const findings = [...check([{ count: 10 }, denied(10)]), ...check([{ username: 'other', count: 99 }, denied(500)])]
  expect(findings.map(identity)).toEqual(['logins', 'user app', 'logins', 'user app'])
})
