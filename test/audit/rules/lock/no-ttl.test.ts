import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/lock/no-ttl.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: of the locks that a server holds, those without a TTL are found', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    const take = (id: number, ...ttl: string[]) => client.call('SET', `lock:invoice:${id}`, 'worker-1', 'NX', ...ttl)
    for (let id = 1; id <= 20; id++) await take(id, 'PX', '30000')
    expect((await auditKeys(rule)).passed).toEqual(['lock/no-ttl'])

    await take(21)
    const { findings } = await auditKeys(rule)
    expect(findings).toMatchObject([{ about: 'lock:invoice:<int>', severity: 'error', examples: ['lock:invoice:21'] }])
    expect(findings[0]?.evidence).toMatchObject({ keys: 21, persistentKeys: 1 })

    const contracts = [{ pattern: 'lock:invoice:*', ttl: 'none' }]
    expect((await auditKeys(rule, {}, { contracts })).passed).toEqual(['lock/no-ttl'])
  })
})

const locks = (fields: Parameters<typeof patternFacts>[0] = {}) =>
  patternFacts({ pattern: 'lock:invoice:<int>', looksLike: 'lock', temporary: true, keys: 40, ...fields })
const check = (...patterns: ReturnType<typeof patternFacts>[]) => checkRule(rule, { keyspace: keyspaceFacts({ patterns }) })

test('one lock without a TTL among many is an error, with the command that takes it rightly', () => {
  const [finding, ...more] = check(locks({ persistent: 1, persistentExamples: ['lock:invoice:7'] }))
  expect(more).toEqual([])
  expect(finding).toMatchObject({
    about: 'lock:invoice:<int>',
    message: '2.5% of 40 keys never expire (100 B)',
    evidence: { keys: 40, persistentKeys: 1 },
    commands: ['SET lock:invoice:<int> <token> NX PX 30000'],
    examples: ['lock:invoice:7'],
  })
})

test('locks that all expire are fine', () => {
  expect(check(locks())).toEqual([])
})

test('it says when none expires, and when there is but one', () => {
  expect(check(locks({ persistent: 40 }))[0]?.message).toBe('40 keys, none of which expires (3.91 KB)')
  expect(check(locks({ keys: 1, persistent: 1 }))[0]?.message).toBe('1 key, which never expires (100 B)')
})

test('only locks are judged, and not those that are to stay by contract', () => {
  expect(check(patternFacts({ pattern: 'user:<int>', persistent: 1000 }))).toEqual([])
  expect(check(locks({ persistent: 40, temporary: false, contract: { ttl: 'none' } }))).toEqual([])
})

test('a sample that saw one such lock is enough, one that saw none is not', () => {
  const persistent = { keys: { value: 10, low: 0, high: 40 }, bytes: { value: 1000, low: 0, high: 4000 } }
  expect(check(locks({ persistent, persistentExamples: ['lock:invoice:7'] }))).toHaveLength(1)
  expect(check(locks({ persistent, persistentExamples: [] }))).toEqual([])
})

test('as many as the option says are let pass', () => {
  const facts = { keyspace: keyspaceFacts({ patterns: [locks({ persistent: 4 })] }) }
  expect(checkRule(rule, facts, { keys: 5 })).toEqual([])
  expect(checkRule(rule, facts, { keys: 4 })).toHaveLength(1)
})

test('it is the same finding when the numbers change', () => {
  expect(check(locks({ persistent: 1 })).map(identity)).toEqual(check(locks({ keys: 900, persistent: 800 })).map(identity))
})

test('a name with a quote or an escape does not get into the command', () => {
  for (const pattern of ["lock:'; rm -rf ~ #:<int>", 'lock:\\x1b[2J:<int>', 'lock:$(reboot):<int>']) {
    expect(check(locks({ pattern, persistent: 1 }))[0]?.commands).toEqual(['SET <key> <token> NX PX 30000'])
  }
})
