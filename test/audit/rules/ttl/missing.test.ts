import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/ttl/missing.js'
import { onServer } from '../../../support/live.js'
import { checkRule, distribution, identity, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: sessions, tokens and contracts are held to their TTL', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    const write = (name: string, keys: number, bytes: number, ttl: string) =>
      client.call('EVAL', `for i = 1, ${keys} do redis.call('SET', '${name}:' .. i, string.rep('x', ${bytes}) ${ttl}) end`, '0')
    await write('session', 1000, 2000, ", 'EX', 3600")
    await write('user', 1000, 2000, '')
    expect((await auditKeys(rule)).passed).toEqual(['ttl/missing'])

    await write('session', 600, 2000, '')
    await write('token', 1, 10, '')
    const { findings } = await auditKeys(rule)
    expect(findings).toMatchObject([
      {
        about: 'session:<int>',
        severity: 'warning',
        evidence: { keys: 1000, persistentKeys: 600, persistentShare: 0.6, looksLike: 'session' },
      },
      { about: 'token:<int>', evidence: { persistentKeys: 1 } },
    ])

    const contracts = [
      { pattern: 'user:*', ttl: 'required' },
      { pattern: 'session:*', ttl: 'none' },
      { pattern: 'token:*', ttl: 'none' },
    ]
    expect((await auditKeys(rule, {}, { contracts })).findings).toMatchObject([
      { about: 'user:*', severity: 'error', evidence: { persistentKeys: 1000, contract: true } },
    ])
  })
})

const MB = 1024 ** 2
const sessions = (fields: Parameters<typeof patternFacts>[0] = {}) =>
  patternFacts({ pattern: 'session:<hex>', looksLike: 'session', temporary: true, keys: 100_000, bytes: 100 * MB, ...fields })
const check = (pattern: ReturnType<typeof patternFacts>, options = {}) =>
  checkRule(rule, { keyspace: keyspaceFacts({ patterns: [pattern] }) }, options)

test('sessions are reported from 5% and 1 MB without a TTL', () => {
  expect(check(sessions({ persistent: 5000 }))).toHaveLength(1)
  expect(check(sessions({ persistent: 4999 }))).toEqual([])
  expect(check(sessions({ bytes: 10 * MB, persistent: { keys: 50_000, bytes: MB - 1 } }))).toEqual([])
})

test('both limits are options', () => {
  expect(check(sessions({ persistent: 1000 }), { share: 0.01 })).toHaveLength(1)
  expect(check(sessions({ keys: 10, bytes: 1000, persistent: 10 }), { floor: '1KB' })).toEqual([])
  expect(check(sessions({ keys: 10, bytes: 2000, persistent: 10 }), { floor: '1KB' })).toHaveLength(1)
})

test('of tokens and rate limits one is too many', () => {
  for (const looksLike of ['token', 'rate-limit'] as const) {
    const found = check(patternFacts({ pattern: 'reset:<hex>', looksLike, temporary: true, persistent: 1 }))
    expect(found).toMatchObject([{ message: '0.1% of 1,000 keys never expire (100 B)' }])
    expect(check(patternFacts({ looksLike, temporary: true, persistent: 0 }))).toEqual([])
  }
})

test('what does not look temporary may stay, and locks have their own rule', () => {
  expect(check(patternFacts({ pattern: 'user:<int>', keys: 1e6, bytes: 1000 * MB, persistent: 1e6 }))).toEqual([])
  expect(check(sessions({ looksLike: 'lock', persistent: 100_000 }))).toEqual([])
})

test('a contract that asks for a TTL is broken by one key, whatever it looks like', () => {
  const [finding] = check(patternFacts({ pattern: 'user:*', persistent: 1, contract: { ttl: 'required' } }))
  expect(finding).toMatchObject({
    severity: 'error',
    message: '0.1% of 1,000 keys never expire (100 B), though its contract asks for a TTL',
  })
  expect(check(patternFacts({ persistent: 1, contract: { ttl: { max: 3_600_000 } } }))).toHaveLength(1)
  expect(check(patternFacts({ persistent: 0, contract: { ttl: 'required' } }))).toEqual([])
})

test('the command sets the TTL that the contract allows, that others have, or a day', () => {
  const command = (fields: Parameters<typeof patternFacts>[0]) => check(sessions({ persistent: 100_000, ...fields }))[0]?.commands
  expect(command({ contract: { ttl: { max: 3_600_000 } } })).toEqual(['SET session:<hex> <value> EX 3600'])
  expect(command({ persistent: 50_000 })).toEqual(['SET session:<hex> <value> EX 43200'])
  // Of 30 days, three seconds ago.
  expect(command({ persistent: 50_000, ttl: distribution({ value: 2_591_997, keys: 50_000 }) })).toEqual([
    'SET session:<hex> <value> EX 2592000',
  ])
  expect(command({})).toEqual(['SET session:<hex> <value> EX 86400'])
  expect(command({ types: { hash: { keys: 100_000, bytes: 100 * MB } } })).toEqual(['EXPIRE session:<hex> 86400'])
})

test('a sample has to be sure of the share and of the bytes', () => {
  const sure = { keys: { value: 50_000, low: 45_000, high: 55_000 }, bytes: { value: 50 * MB, low: 45 * MB, high: 55 * MB } }
  expect(check(sessions({ persistent: sure }))[0]?.message).toBe('50% of 100k keys never expire (about 50 MB)')
  expect(check(sessions({ persistent: { ...sure, keys: { value: 6000, low: 4000, high: 8000 } } }))).toEqual([])
  expect(check(sessions({ persistent: { ...sure, bytes: { value: 2 * MB, low: 0.5 * MB, high: 4 * MB } } }))).toEqual([])
})

test('it is the same finding when the numbers change', () => {
  expect(check(sessions({ persistent: 9000 })).map(identity)).toEqual(check(sessions({ persistent: 100_000 })).map(identity))
})
