import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/mem/encoding-near-miss.js'
import { numberOf, readInfo } from '#redline/redis/info.js'
import { onServer } from '../../../support/live.js'
import {
  blindness,
  checkRule,
  configFacts,
  distribution,
  identity,
  keyspaceFacts,
  patternFacts,
  serverFacts,
} from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: the saving that it promises is there', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    const memory = async () => numberOf(await readInfo(client), 'used_memory') ?? 0
    const fill = (name: string, keys: number, fields: number, value: string) =>
      client.call(
        'EVAL',
        `for k = 1, ${keys} do for f = 1, ${fields} do redis.call('HSET', '${name}:' .. k, 'field' .. f, ${value}) end end`,
        '0',
      )
    await fill('setting', 100, 300, "'on'")
    expect((await auditKeys(rule)).passed).toEqual(['mem/encoding-near-miss'])

    await fill('profile', 100, 600, "string.rep('v', 20)")
    const { findings } = await auditKeys(rule)
    expect(findings).toMatchObject([{ about: 'profile:<int>', severity: 'note', evidence: { nearKeys: 100, cause: 'length' } }])
    const [line = ''] = findings[0]?.commands ?? []
    const full = await memory()
    await client.call(...line.replace('redis-cli ', '').split(' '))
    await client.call(
      'EVAL',
      "for k = 1, 100 do local key = 'profile:' .. k redis.call('RESTORE', key, 0, redis.call('DUMP', key), 'REPLACE') end",
      '0',
    )
    const promised = Number(findings[0]?.evidence['savedBytes'])
    expect(full - (await memory())).toBeGreaterThan(0.9 * promised)
    expect(full - (await memory())).toBeLessThan(2 * promised)
    expect((await auditKeys(rule)).passed).toEqual(['mem/encoding-near-miss'])
  })
})

test.each(availableEngines())('%s: one value that is too long is told from a collection that is', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    const script = `for k = 1, 1500 do
      for m = 1, 30 do redis.call('ZADD', 'board:' .. k, m * 1.5, 'member' .. m) end
      redis.call('ZADD', 'board:' .. k, 1, string.rep('x', 65)) end`
    await client.call('EVAL', script, '0')
    expect((await auditKeys(rule)).findings).toMatchObject([
      { about: 'board:<int>', evidence: { nearKeys: 1500, withinLimitKeys: 1500, cause: 'value' } },
    ])
  })
})

const MB = 1024 ** 2
type Fields = Parameters<typeof patternFacts>[0]
/** Hashtables of so many fields each. */
const profiles = (keys: number, fields: number, more: Fields = {}) =>
  patternFacts({
    pattern: 'profile:<int>',
    keys,
    bytes: keys * fields * 80,
    types: { hash: { keys, bytes: keys * fields * 80 } },
    collections: [{ type: 'hash', encoding: 'hashtable', elements: distribution({ value: fields, keys }) }],
    ...more,
  })
const facts = (
  pattern: ReturnType<typeof patternFacts>,
  config: Record<string, string | undefined> = {},
  engine: 'redis' | 'valkey' = 'redis',
) => ({
  keyspace: keyspaceFacts({ patterns: [pattern] }),
  config: configFacts(config),
  server: serverFacts({ engine }),
})
const check = (pattern: ReturnType<typeof patternFacts>, config = {}, options = {}) => checkRule(rule, facts(pattern, config), options)

test('hashes a little longer than the limit are noted, with the saving and the limit that would hold them', () => {
  expect(check(profiles(1000, 600))).toMatchObject([
    {
      about: 'profile:<int>',
      role: 'hash',
      message:
        '1,000 hashes of at most 600 fields are hashtables, near the limit of 512 fields; as listpacks they would take about 23.5 MB less',
      evidence: { nearKeys: 1000, withinLimitKeys: 0, savedBytes: 1000 * (60 + 600 * 41), lengthLimit: 512, cause: 'length' },
      commands: ['redis-cli CONFIG SET hash-max-listpack-entries 640'],
    },
  ])
})

test('twice the limit is near, what is clearly more is not', () => {
  expect(check(profiles(1000, 1024))).toHaveLength(1)
  expect(check(profiles(1000, 1040))).toEqual([])
  expect(check(profiles(1000, 1500), {}, { reach: 3 })).toHaveLength(1)
  expect(check(profiles(1000, 600), { 'hash-max-listpack-entries': '128' })).toEqual([])
})

test('short hashes that are hashtables have a value that is too long', () => {
  expect(check(profiles(5000, 20))).toMatchObject([
    {
      message:
        '5,000 hashes within the limit of 512 fields are hashtables, because a value is longer than 64 B, or they once were longer; as listpacks they would take about 4.2 MB less',
      evidence: { cause: 'value', withinLimitKeys: 5000 },
      commands: ['redis-cli CONFIG SET hash-max-listpack-value 128'],
    },
  ])
})

test('what is compact already is fine', () => {
  const elements = distribution({ value: 300, keys: 1000 })
  expect(check(profiles(1000, 300, { collections: [{ type: 'hash', encoding: 'listpack', elements }] }))).toEqual([])
})

test('the saving has to be a megabyte, and a tenth of the pattern', () => {
  expect(check(profiles(40, 600))).toEqual([])
  expect(check(profiles(40, 600), {}, { floor: '500KB' })).toHaveLength(1)
  expect(check(profiles(1000, 600, { bytes: 300 * MB }))).toEqual([])
  expect(check(profiles(1000, 600, { bytes: 300 * MB }), {}, { share: 0.05 })).toHaveLength(1)
})

test('only those that are near count among others', () => {
  const elements = distribution({ value: 600, keys: 1000 }, { value: 50_000, keys: 10 })
  expect(check(profiles(1010, 600, { collections: [{ type: 'hash', encoding: 'hashtable', elements }] }))).toMatchObject([
    { evidence: { nearKeys: 1000, savedBytes: 1000 * (60 + 600 * 41) } },
  ])
})

test('before 7.0 the encoding and its limits have other names', () => {
  const [finding] = checkRule(rule, { ...facts(profiles(1000, 600)), server: serverFacts({ version: '6.0.16' }) })
  expect(finding?.commands).toEqual(['redis-cli CONFIG SET hash-max-ziplist-entries 640'])
  expect(finding?.message).toMatch(/; as ziplists they would take about 23.5 MB less$/)
})

test('sorted sets save more, Valkey less; sets of an engine that has no compact ones are not judged', () => {
  const of = (type: string, encoding: string, fields: Fields = {}) =>
    profiles(1000, 200, {
      types: { [type]: { keys: 1000, bytes: 1000 * 200 * 80 } },
      collections: [{ type, encoding, elements: distribution({ value: 200, keys: 1000 }) }],
      ...fields,
    })
  const saved = (pattern: ReturnType<typeof patternFacts>, engine: 'redis' | 'valkey', config = {}) =>
    checkRule(rule, facts(pattern, config, engine)).map(({ evidence }) => evidence['savedBytes'])
  expect(saved(of('zset', 'skiplist'), 'redis')).toEqual([1000 * (650 + 200 * 80)])
  expect(saved(of('zset', 'skiplist'), 'valkey')).toEqual([1000 * (600 + 200 * 58)])
  expect(saved(of('set', 'hashtable'), 'valkey', { 'set-max-listpack-entries': '128' })).toEqual([1000 * (60 + 200 * 25)])
  expect(saved(of('set', 'hashtable'), 'redis')).toEqual([])
})

test('two kinds in one pattern are two findings', () => {
  const elements = distribution({ value: 200, keys: 1000 })
  const collections = [
    { type: 'hash', encoding: 'hashtable', elements },
    { type: 'zset', encoding: 'skiplist', elements },
  ]
  expect(check(profiles(2000, 200, { collections })).map(({ role }) => role)).toEqual(['hash', 'zset'])
})

test('without lengths or limits it is not assessed', () => {
  const none = { ...facts(patternFacts()), keyspace: keyspaceFacts({ lengths: 'none' }) }
  expect(blindness(rule, none)).toMatchObject({ kind: 'not assessed', why: expect.stringContaining('--allow touch') })
  const hidden = { ...facts(patternFacts()), config: { get: () => undefined, source: 'server' as const } }
  expect(blindness(rule, hidden)).toMatchObject({ kind: 'not assessed', why: "the encodings' limits could not be read" })
  expect(blindness(rule, facts(patternFacts()))).toBeUndefined()
})

test('a sample must be sure of the saving', () => {
  expect(check(profiles(60, 600))).toHaveLength(1)
  expect(check(profiles(60, 600, { keys: { value: 60, low: 30, high: 90 } }))).toEqual([])
})

test('it is the same finding when the numbers change', () => {
  expect(check(profiles(1000, 600)).map(identity)).toEqual(check(profiles(5000, 20)).map(identity))
})
