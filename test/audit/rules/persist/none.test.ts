import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/persist/none.js'
import { startReplicated } from '../../../support/deployments.js'
import { auditRule, onServer } from '../../../support/live.js'
import { checkRule, configFacts, exactly, identity, keyspaceFacts, patternFacts, replicationFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const QUEUE = patternFacts({ pattern: 'bull:mail:<int>', durable: true, keys: 4210, bytes: 38 * 1024 ** 2, examples: ['bull:mail:1'] })
const PAGES = patternFacts()
const withQueue = keyspaceFacts({ patterns: [PAGES, QUEUE] })

test.each(availableEngines())('%s: a queue in memory alone is found; with an AOF or save points it is not', async (engine) => {
  await onServer({ engine, config: { save: '', appendonly: 'no' } }, async ({ client, audit }) => {
    const facts = { keyspace: withQueue }
    expect((await audit(rule, {}, { keyspace: keyspaceFacts() })).passed).toEqual(['persist/none'])
    expect((await audit(rule, {}, facts)).findings).toMatchObject([{ about: 'persistence', severity: 'warning' }])
    await client.call('CONFIG', 'SET', 'save', '3600 1')
    expect((await audit(rule, {}, facts)).passed).toEqual(['persist/none'])
    await client.call('CONFIG', 'SET', 'save', '')
    await client.call('CONFIG', 'SET', 'appendonly', 'yes')
    expect((await audit(rule, {}, facts)).passed).toEqual(['persist/none'])
  })
})

test.each(availableEngines())('%s: neither a primary with a replica nor the replica itself is found', async (engine) => {
  const deployment = await startReplicated({ engine, replicas: 1 })
  try {
    for (const server of [deployment.primary, ...deployment.replicas])
      expect((await auditRule(server, rule, {}, { keyspace: withQueue })).passed).toEqual(['persist/none'])
  } finally {
    await deployment.stop()
  }
})

const nowhere = (...patterns: ReturnType<typeof patternFacts>[]) => ({
  keyspace: keyspaceFacts({ patterns: [PAGES, ...patterns] }),
  config: configFacts({ save: '', appendonly: 'no' }),
  replication: replicationFacts({ replicas: [] }),
})

test('says what a restart loses', () => {
  const [finding] = checkRule(rule, nowhere(QUEUE))
  expect(finding).toMatchObject({
    about: 'persistence',
    message: 'none: a restart loses 4,210 keys (38 MB) of bull:mail:<int>',
    evidence: { durableKeys: 4210, durableBytes: 38 * 1024 ** 2, patterns: 1, declared: false },
    examples: ['bull:mail:1'],
  })
})

test('estimates are said to be estimates', () => {
  const sampled = patternFacts({ pattern: 'jobs:<int>', durable: true, keys: { value: 1000, low: 900, high: 1100 }, bytes: exactly(2048) })
  expect(checkRule(rule, nowhere(sampled))[0]!.message).toBe('none: a restart loses about 1,000 keys (2 KB) of jobs:<int>')
})

test('what is declared durable is an error, what only looks so a warning', () => {
  const declared = (durability: 'durable' | 'queue' | 'cache') =>
    patternFacts({ durable: durability !== 'cache', contract: { durability } })
  expect(checkRule(rule, nowhere(declared('durable')))[0]!.severity).toBe('error')
  expect(checkRule(rule, nowhere(declared('queue')))[0]!.severity).toBe('error')
  expect(checkRule(rule, nowhere(declared('cache')))).toEqual([])
  expect(checkRule(rule, nowhere(QUEUE))[0]!.severity).toBe('warning')
})

test('needs all of it to be missing', () => {
  const found = (more: object) => checkRule(rule, { ...nowhere(QUEUE), ...more }).length
  expect(found({})).toBe(1)
  expect(found({ config: configFacts({ save: '3600 1', appendonly: 'no' }) })).toBe(0)
  expect(found({ config: configFacts({ save: '', appendonly: 'yes' }) })).toBe(0)
  expect(found({ config: configFacts({ save: undefined, appendonly: 'no' }) })).toBe(0)
  expect(found({ replication: replicationFacts() })).toBe(0)
  expect(found({ replication: replicationFacts({ role: 'replica', replicas: [] }) })).toBe(0)
})

test('is one finding for all patterns, the same when there are more, and none below the keys asked for', () => {
  const more = checkRule(rule, nowhere(QUEUE, patternFacts({ pattern: 'celery', durable: true, keys: 1 })))
  expect(more.map(identity)).toEqual(checkRule(rule, nowhere(QUEUE)).map(identity))
  expect(checkRule(rule, nowhere(QUEUE), { keys: 4211 })).toEqual([])
  expect(checkRule(rule, nowhere(QUEUE), { keys: 4210 })).toHaveLength(1)
})
