import { expect, test } from 'vitest'
import type { KeyFacts } from '#redline/audit/facts.js'
import { rule } from '#redline/audit/rules/cmd/on-on-big.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity, keyFacts, keyspaceFacts, slowlogFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const NOW = 1_790_000_000
const FEED = keyFacts({ key: 'feed:7', pattern: 'feed:<int>', type: 'set', encoding: 'hashtable', elements: 120_000, bytes: 9 * 1024 ** 2 })
const withBig = (...keys: KeyFacts[]) => keyspaceFacts({ big: (name) => keys.find(({ key }) => key === name) })
const slow = { command: 'smembers', shape: 'SMEMBERS feed:<int>', keys: ['feed:7'] }

test.each(availableEngines())('%s: SMEMBERS and DEL of a big set are found, of a small one and UNLINK are not', async (engine) => {
  await onServer({ engine, config: { 'slowlog-log-slower-than': '0', 'slowlog-max-len': '1024' } }, async ({ client, audit }) => {
    const members = Array.from({ length: 20_000 }, (_, i) => `member:${i}`)
    await client.call('SADD', 'feed:7', ...members)
    await client.call('SADD', 'feed:8', 'one')
    await client.call('SADD', 'feed:9', ...members)
    const keyspace = withBig({ ...FEED, elements: 20_000 }, { ...FEED, key: 'feed:9', elements: 20_000 })
    // Whatever this machine needs for it is slow.
    const options = { slow: '0s' }
    await client.call('SMEMBERS', 'feed:8')
    await client.call('UNLINK', 'feed:9')
    expect((await audit(rule, options, { keyspace })).passed).toEqual(['cmd/on-on-big'])

    await client.call('SMEMBERS', 'feed:7')
    await client.call('DEL', 'feed:7')
    const { findings } = await audit(rule, options, { keyspace })
    expect(findings.map(({ about }) => about).toSorted()).toEqual(['DEL feed:<int>', 'SMEMBERS feed:<int>'])
    expect(findings.flatMap(({ examples }) => examples)).toEqual(['feed:7', 'feed:7'])
  })
})

test('says how slow, how often, by whom and on what', () => {
  const slowlog = slowlogFacts([
    { ...slow, at: NOW - 300, microseconds: 12_000 },
    { ...slow, at: NOW - 7200, microseconds: 35_000, clientName: 'web', client: '10.0.0.1:1' },
  ])
  const [finding] = checkRule(rule, { slowlog, keyspace: withBig(FEED), now: NOW })
  expect(finding).toMatchObject({
    about: 'SMEMBERS feed:<int>',
    message: 'took up to 35ms 2 times within 1h 55m, last 5m ago, on a set of 120k elements, 9 MB',
    evidence: { entries: 2, slowestSeconds: 0.035, elements: 120_000, bytes: 9 * 1024 ** 2, clients: '10.0.0.7 and web (10.0.0.1:1)' },
    examples: ['feed:7'],
  })
  expect(finding!.remedy).toContain('SSCAN')
})

test('each kind of command has the remedy that fits it', () => {
  const remedy = (command: string) =>
    checkRule(rule, { slowlog: slowlogFacts([{ ...slow, command }]), keyspace: withBig(FEED), now: NOW })[0]?.remedy
  expect(remedy('hgetall')).toContain('HMGET')
  expect(remedy('lrange')).toContain('pages')
  expect(remedy('zrange')).toContain('pages')
  expect(remedy('sort')).toContain('sorted set')
  expect(remedy('sunionstore')).toContain('replica')
  expect(remedy('del')).toContain('UNLINK')
  expect(remedy('get')).toContain('GETRANGE')
  expect(remedy('sismember')).toBeUndefined()
  expect(remedy('unlink')).toBeUndefined()
  expect(remedy('constructor')).toBeUndefined()
})

test('a key is big by its elements or its bytes, and one of several is enough', () => {
  const found = (key: KeyFacts) => checkRule(rule, { slowlog: slowlogFacts([slow]), keyspace: withBig(key), now: NOW }).length
  expect(found({ ...FEED, elements: 5000, bytes: 10 })).toBe(1)
  expect(found({ ...FEED, elements: 4999, bytes: 10 })).toBe(0)
  expect(found({ ...FEED, elements: undefined, bytes: 1024 ** 2 })).toBe(1)
  expect(found({ ...FEED, elements: undefined, bytes: 1024 ** 2 - 1 })).toBe(0)
  const union = { ...slow, command: 'sunion', keys: ['tag:1', 'feed:7', 'tag:2'] }
  expect(checkRule(rule, { slowlog: slowlogFacts([union]), keyspace: withBig(FEED), now: NOW }).map(identity)).toEqual([
    'SUNION feed:<int>',
  ])
})

test('entries that were fast or are old say nothing', () => {
  const found = (fields: object) =>
    checkRule(rule, { slowlog: slowlogFacts([{ ...slow, ...fields }]), keyspace: withBig(FEED), now: NOW }).length
  expect(found({ microseconds: 10_000 })).toBe(1)
  expect(found({ microseconds: 9999 })).toBe(0)
  expect(found({ at: NOW - 7 * 86_400 })).toBe(1)
  expect(found({ at: NOW - 7 * 86_400 - 1 })).toBe(0)
})

test('many keys of one pattern are one finding, the same whichever key it was', () => {
  const other = { ...FEED, key: 'feed:8', bytes: 20 * 1024 ** 2 }
  const entries = [slow, { ...slow, keys: ['feed:8'] }]
  const together = checkRule(rule, { slowlog: slowlogFacts(entries), keyspace: withBig(FEED, other), now: NOW })
  const alone = checkRule(rule, { slowlog: slowlogFacts(entries.slice(1)), keyspace: withBig(FEED, other), now: NOW })
  expect(together.map(identity)).toEqual(alone.map(identity))
  expect(together[0]).toMatchObject({ evidence: { bytes: 20 * 1024 ** 2 }, examples: ['feed:7', 'feed:8'] })
})

test('a log that lets slow commands pass has not seen that there are none', () => {
  const blind = (threshold: string) =>
    blindness(rule, {
      slowlog: slowlogFacts(),
      keyspace: withBig(),
      now: NOW,
      config: configFacts({ 'slowlog-log-slower-than': threshold }),
    })
  expect(blind('10000')).toBeUndefined()
  expect(blind('1000000')).toEqual({
    kind: 'not assessed',
    why: 'only what takes 1s or longer is logged: slowlog-log-slower-than is 1000000',
  })
  expect(blind('-1')?.why).toBe('nothing is logged: slowlog-log-slower-than is -1')
})
