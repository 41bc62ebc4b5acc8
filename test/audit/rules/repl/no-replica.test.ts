import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/repl/no-replica.js'
import { ask, startReplicated } from '../../../support/deployments.js'
import { auditRule, onServer } from '../../../support/live.js'
import {
  checkRule,
  clusterFacts,
  clusterNode,
  identity,
  keyspaceFacts,
  patternFacts,
  replicationFacts,
  serverFacts,
} from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a primary alone is found, one with a replica is not, and neither is the replica', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('SET', 'user:1', 'x')
    expect((await audit(rule, { keys: 1 })).findings).toMatchObject([{ about: 'replicas', severity: 'note', message: 'none for 1 key' }])
    expect((await audit(rule)).passed).toEqual(['repl/no-replica'])
  })
  const { primary, replicas, stop } = await startReplicated({ engine })
  try {
    await ask(primary, ['SET', 'user:1', 'x'])
    for (const server of [primary, replicas[0]!]) expect((await auditRule(server, rule, { keys: 1 })).passed).toEqual(['repl/no-replica'])
    expect((await auditRule(primary, rule, { keys: 1, replicas: 2 })).findings).toMatchObject([{ message: '1 for 1 key' }])
  } finally {
    await stop()
  }
})

const alone = { server: serverFacts({ keys: 5000 }), replication: replicationFacts({ replicas: [] }) }

test('says nothing of a server with hardly any keys', () => {
  expect(checkRule(rule, { ...alone, server: serverFacts({ keys: 999 }) })).toEqual([])
  expect(checkRule(rule, { ...alone, server: serverFacts({ keys: 1000 }) })).toHaveLength(1)
})

test('counts replicas that are online', () => {
  const copying = { address: '10.0.0.2:6379', state: 'send_bulk', lagSeconds: 0, offsetBehindBytes: 0 }
  expect(checkRule(rule, { ...alone, replication: replicationFacts({ replicas: [copying] }) })).toHaveLength(1)
  expect(checkRule(rule, { ...alone, replication: replicationFacts() })).toEqual([])
})

test('is a warning when durable keys are among them', () => {
  const keyspace = keyspaceFacts({ patterns: [patternFacts(), patternFacts({ pattern: 'bull:mail:*', durable: true })] })
  expect(checkRule(rule, { ...alone, keyspace })).toMatchObject([
    { severity: 'warning', message: 'none for 5,000 keys, bull:mail:* among them, which look durable', evidence: { durablePatterns: 1 } },
  ])
  expect(checkRule(rule, { ...alone, keyspace: keyspaceFacts() })).toMatchObject([{ severity: 'note' }])
})

const inCluster = (nodes: ReturnType<typeof clusterNode>[], options = {}) =>
  checkRule(
    rule,
    { server: serverFacts({ topology: 'cluster' }), replication: replicationFacts({ replicas: [] }), cluster: clusterFacts({ nodes }) },
    options,
  )
const primary = (n: number) => clusterNode({ address: `10.0.0.${n}:6379`, id: String(n).repeat(40), slots: [[n * 100, n * 100 + 99]] })
const replicaOf = (n: number, fields = {}) =>
  clusterNode({
    address: `10.0.1.${n}:6379`,
    id: `a${n}`,
    role: 'replica',
    flags: ['slave'],
    masterId: String(n).repeat(40),
    slots: [],
    ...fields,
  })

test('in a cluster it asks for each shard, and counts replicas that are well', () => {
  expect(inCluster([primary(1), primary(2), replicaOf(1), replicaOf(2)])).toEqual([])
  expect(inCluster([primary(1), primary(2), replicaOf(1)])).toMatchObject([
    { about: 'shards', severity: 'warning', message: '1 of 2 has no replica that is well: 10.0.0.2:6379' },
  ])
  expect(inCluster([primary(1), replicaOf(1, { flags: ['slave', 'fail'] })])).toHaveLength(1)
  expect(inCluster([primary(1), replicaOf(1, { connected: false })])).toHaveLength(1)
  expect(inCluster([primary(1), replicaOf(1), clusterNode({ id: 'b'.repeat(40), slots: [] })])).toEqual([])
  expect(inCluster([primary(1), replicaOf(1)], { replicas: 2 })[0]!.message).toBe(
    '1 of 1 has fewer than 2 replicas that are well: 10.0.0.1:6379',
  )
})

test('says nothing of a cluster whose nodes it could not read', () => {
  expect(checkRule(rule, { ...alone, server: serverFacts({ topology: 'cluster' }) })).toEqual([])
})

test('is the same finding as keys come and go', () => {
  expect([5000, 9_000_000].flatMap((keys) => checkRule(rule, { ...alone, server: serverFacts({ keys }) })).map(identity)).toEqual([
    'replicas',
    'replicas',
  ])
})
