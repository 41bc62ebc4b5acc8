import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/key/stale.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, distribution, identity, infoFacts, keyFacts, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: idle times that a server tells show what nobody uses', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    await client.call('SET', 'draft:1', 'x'.repeat(2000))
    const dumped = await client.call('DUMP', 'draft:1')
    if (!(dumped instanceof Uint8Array)) throw new TypeError('DUMP answers with bytes')
    const restore = (name: string, idleSeconds: number, ttlMs = 0) =>
      client.callAll(
        Array.from({ length: 600 }, (_, i) => [
          'RESTORE',
          `${name}:${i}`,
          String(ttlMs),
          dumped,
          'REPLACE',
          'IDLETIME',
          String(idleSeconds),
        ]),
      )
    await restore('page', 3_456_000, 3_600_000)
    await restore('draft', 3600)
    expect((await auditKeys(rule)).notAssessed).toMatchObject([{ rule: 'key/stale', why: expect.stringMatching(/^the server started/) }])

    await restore('draft', 3_456_000)
    const { findings } = await auditKeys(rule)
    expect(findings).toMatchObject([{ about: 'draft:<int>', severity: 'note', evidence: { staleKeys: 600 } }])
    expect(findings[0]?.message).toMatch(/^600 keys of 600 keys \(1\.\d+ MB\) never expire and were not used for 30d or more$/)
  })
})

const MB = 1024 ** 2
const DAY = 86_400
const drafts = (days: number, fields: Parameters<typeof patternFacts>[0] = {}) =>
  patternFacts({
    pattern: 'user:<int>:draft',
    keys: 10_000,
    bytes: 5 * MB,
    persistent: 10_000,
    idlePersistent: distribution({ value: 60, keys: 6000, bytes: 3 * MB }, { value: days * DAY, keys: 4000, bytes: 2 * MB }),
    ...fields,
  })
const facts = (pattern: ReturnType<typeof patternFacts>, fields: Parameters<typeof keyspaceFacts>[0] = {}) => ({
  keyspace: keyspaceFacts({ patterns: [pattern], ...fields }),
})

test('keys that nobody has used for a month and that never expire are reported', () => {
  expect(checkRule(rule, facts(drafts(90)))).toMatchObject([
    {
      about: 'user:<int>:draft',
      message: '4,000 keys of 10k keys (2 MB) never expire and were not used for 30d or more',
      evidence: { staleKeys: 4000, staleBytes: 2 * MB, longestIdleSeconds: 90 * DAY },
      commands: ['redis-cli OBJECT IDLETIME user:2:draft'],
    },
  ])
})

test('the examples are keys that are stale, where the scan knows some by name', () => {
  const key = (name: string, days: number, ttlSeconds?: number) =>
    keyFacts({ key: name, pattern: 'user:<int>:draft', idleSeconds: days * DAY, ttlSeconds })
  const idle = [
    key('user:7:draft', 90),
    key('user:8:draft', 90, 60),
    key('user:9:draft', 2),
    keyFacts({ key: 'page:1', idleSeconds: 99 * DAY }),
  ]
  const found = checkRule(rule, facts(drafts(90), { top: { bytes: [], elements: [], idle } }))
  expect(found).toMatchObject([{ examples: ['user:7:draft'], commands: ['redis-cli OBJECT IDLETIME user:7:draft'] }])
})

test('it takes 30 days, and a megabyte', () => {
  expect(checkRule(rule, facts(drafts(29)))).toEqual([])
  expect(checkRule(rule, facts(drafts(30)))).toHaveLength(1)
  expect(checkRule(rule, facts(drafts(29)), { idle: '7d' })).toHaveLength(1)
  expect(checkRule(rule, facts(drafts(90)), { floor: '3MB' })).toEqual([])
})

test('keys that expire go by themselves', () => {
  const idle = distribution({ value: 90 * DAY, keys: 1000, bytes: 5 * MB })
  expect(checkRule(rule, facts(patternFacts({ idle })))).toEqual([])
})

test('a sample must be sure that it is so much', () => {
  expect(checkRule(rule, facts(drafts(90, { keys: { value: 10_000, low: 4000, high: 16_000 } })))).toEqual([])
  expect(checkRule(rule, facts(drafts(90, { keys: { value: 10_000, low: 8000, high: 12_000 } })))).toMatchObject([
    { message: 'about 4,000 keys of about 10k keys (about 2 MB) never expire and were not used for 30d or more' },
  ])
})

test('without idle times nothing is said, and nothing has passed', () => {
  expect(blindness(rule, facts(drafts(90), { idleKnown: false }))).toEqual({ kind: 'not assessed', why: 'idle times are not known' })
})

test('a server that started last week can not know of a month', () => {
  const young = { ...facts(drafts(3)), info: infoFacts({ uptime_in_seconds: 7 * DAY }) }
  expect(blindness(rule, young)).toEqual({
    kind: 'not assessed',
    why: 'the server started 7d ago, and idle times count from then',
  })
  expect(blindness(rule, { ...young, info: infoFacts({ uptime_in_seconds: 31 * DAY }) })).toBeUndefined()
  // Idle times that an RDB file brought along.
  expect(blindness(rule, { ...young, ...facts(drafts(90)) }, { floor: '10MB' })).toBeUndefined()
})

test('it is the same finding when the numbers change', () => {
  expect(checkRule(rule, facts(drafts(40))).map(identity)).toEqual(checkRule(rule, facts(drafts(90))).map(identity))
})
