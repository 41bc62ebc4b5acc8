import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cfg/lazyfree-off.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity, keyFacts, keyspaceFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const FEED = keyFacts({ key: 'feed:7', pattern: 'feed:<int>', type: 'zset', encoding: 'skiplist', elements: 1_200_000 })
const withTop = (...elements: (typeof FEED)[]) => keyspaceFacts({ top: { bytes: [], elements, idle: [] } })
const OFF = {
  'lazyfree-lazy-user-del': 'no',
  'lazyfree-lazy-server-del': 'no',
  'lazyfree-lazy-expire': 'no',
  'lazyfree-lazy-eviction': 'no',
}

test.each(availableEngines())('%s: with a big key it is found until it is switched on as the remedy says', async (engine) => {
  await onServer({ engine, config: OFF }, async ({ client, audit }) => {
    const keyspace = withTop(FEED)
    expect((await audit(rule, {}, { keyspace: withTop({ ...FEED, elements: 49_999 }) })).passed).toEqual(['cfg/lazyfree-off'])
    const { findings } = await audit(rule, {}, { keyspace })
    expect(findings).toMatchObject([{ about: 'lazyfree', severity: 'warning', examples: ['feed:7'] }])
    for (const line of findings[0]!.commands!.filter((each) => !each.includes('REWRITE'))) await client.call(...line.split(' ').slice(1))
    expect((await audit(rule, {}, { keyspace })).passed).toEqual(['cfg/lazyfree-off'])
  })
})

const find = (parameters: Record<string, string | undefined>, keyspace = withTop(FEED), options = {}) =>
  checkRule(rule, { config: configFacts(parameters), keyspace }, options)

test('says which are off and what is big', () => {
  const [alone] = find({ 'lazyfree-lazy-user-del': 'no' })
  expect(alone).toMatchObject({
    message: 'is off for user-del, and a zset of feed:<int> has 1.2M elements',
    evidence: { off: 'lazyfree-lazy-user-del', bigKeys: 1, mostElements: 1_200_000 },
    at: { parameter: 'lazyfree-lazy-user-del' },
  })
  const others = withTop(keyFacts({ type: 'list', elements: 60_000 }), FEED, keyFacts({ type: 'string', elements: 900_000 }))
  expect(find({ 'lazyfree-lazy-user-del': 'no', 'lazyfree-lazy-server-del': 'no' }, others)[0]!.message).toBe(
    'is off for user-del and server-del, and a zset of feed:<int> has 1.2M elements, and 1 other key is big too',
  )
})

test('needs a collection that takes long to free', () => {
  expect(find(OFF, withTop({ ...FEED, elements: 50_000 }))).toHaveLength(1)
  expect(find(OFF, withTop({ ...FEED, elements: 49_999 }))).toEqual([])
  expect(find(OFF, withTop({ ...FEED, type: 'string' }))).toEqual([])
  expect(find(OFF, withTop({ ...FEED, elements: 1000 }), { elements: 1000 })).toHaveLength(1)
})

test('a parameter that does not matter here is not counted', () => {
  const evicting = { 'lazyfree-lazy-eviction': 'no', 'maxmemory-policy': 'allkeys-lru' }
  expect(find(evicting)).toHaveLength(1)
  expect(find({ ...evicting, 'maxmemory-policy': 'noeviction' })).toEqual([])
  expect(find({ 'lazyfree-lazy-expire': 'no' }, withTop({ ...FEED, ttlSeconds: 60 }))).toHaveLength(1)
  expect(find({ 'lazyfree-lazy-expire': 'no' }, withTop({ ...FEED, ttlSeconds: undefined }))).toEqual([])
})

test('in a file it is a note, about what is said there alone', () => {
  const file = (parameters: Record<string, string | undefined>) => checkRule(rule, { config: configFacts(parameters, 'files') })
  expect(file({ 'lazyfree-lazy-server-del': 'no' })).toMatchObject([
    {
      severity: 'note',
      message: 'is off for server-del: a big key is freed while everybody waits',
      at: { parameter: 'lazyfree-lazy-server-del' },
    },
  ])
  const unset = Object.fromEntries(Object.keys(OFF).map((name) => [name, undefined]))
  expect(file(unset)).toEqual([])
})

test('a scan without lengths, or half a scan, does not say that nothing is big', () => {
  expect(find(OFF, { ...withTop(), lengths: 'none' })).toMatchObject([{ severity: 'note' }])
  const blind = (complete: boolean) => blindness(rule, { config: configFacts(OFF), keyspace: { ...withTop(), complete } })
  expect(blind(true)).toBeUndefined()
  expect(blind(false)).toEqual({ kind: 'not assessed', why: 'the scan ended before it had read all keys' })
  expect(blindness(rule, { config: configFacts({ 'lazyfree-lazy-expire': undefined }) })?.why).toBe(
    'the server does not show lazyfree-lazy-expire',
  )
})

test('is the same finding whichever are off', () => {
  expect([...find(OFF), ...find({ 'lazyfree-lazy-user-del': 'no' })].map(identity)).toEqual(['lazyfree', 'lazyfree'])
})
