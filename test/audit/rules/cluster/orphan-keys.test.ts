import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cluster/orphan-keys.js'
import { ask, type Cluster, startCluster } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { blindness, checkRule, clusterFacts, identity } from '../../../support/rules.js'
import { clusterOf, oldAndNew } from './live-cluster.js'

describe.each(oldAndNew())('a cluster of %s', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster({ engine, primaries: 2 })
  })
  afterAll(() => cluster.stop())

  test('keys that stay behind when their slot is given away by hand are found', async () => {
    const [first, second] = cluster.primaries
    const asked = async () => auditRule(first!, rule, {}, { cluster: await clusterOf(cluster.primaries) })
    await ask(first!, ['MSET', '{b}:1', 'x', '{b}:2', 'x'])
    expect((await asked()).passed).toEqual(['cluster/orphan-keys'])
    const slot = String(Number(await ask(first!, ['CLUSTER', 'KEYSLOT', '{b}'])))
    for (const server of [first!, second!]) await ask(server, ['CLUSTER', 'DELSLOTS', slot])
    await ask(second!, ['CLUSTER', 'ADDSLOTS', slot])
    expect((await asked()).findings).toMatchObject([
      { about: `node 127.0.0.1:${first!.port}`, severity: 'warning', message: 'holds 2 keys in 1 slot that belong to other nodes' },
    ])
  })
})

const check = (orphans: { address: string; slot: number; keys: number }[], options = {}) =>
  checkRule(rule, { cluster: clusterFacts({ orphans }) }, options)

test('adds up the slots of each node', () => {
  const found = check([
    { address: '10.0.0.1:6379', slot: 7, keys: 1000 },
    { address: '10.0.0.2:6379', slot: 9, keys: 0 },
    { address: '10.0.0.1:6379', slot: 8, keys: 234 },
  ])
  expect(found).toMatchObject([
    {
      about: 'node 10.0.0.1:6379',
      message: 'holds 1,234 keys in 2 slots that belong to other nodes',
      evidence: { keys: 1234, slots: 2 },
      commands: [
        'redis-cli CLUSTER GETKEYSINSLOT 7 100',
        'redis-cli --cluster check 10.0.0.1:6379',
        'redis-cli --cluster fix 10.0.0.1:6379',
      ],
    },
  ])
})

test('reports from the number of keys on that is asked for', () => {
  expect(check([{ address: 'a', slot: 1, keys: 4 }], { keys: 5 })).toEqual([])
  expect(check([{ address: 'a', slot: 1, keys: 5 }], { keys: 5 })).toHaveLength(1)
})

test('passes nothing when a node did not tell', () => {
  expect(blindness(rule, { cluster: clusterFacts({ orphans: undefined }) })).toMatchObject({ kind: 'not assessed' })
  expect(blindness(rule, { cluster: clusterFacts() })).toBeUndefined()
})

test('is the same finding for other slots of a node', () => {
  const found = [1, 2].flatMap((slot) => check([{ address: 'a', slot, keys: slot }]))
  expect(found.map(identity)).toEqual(['node a', 'node a'])
})
