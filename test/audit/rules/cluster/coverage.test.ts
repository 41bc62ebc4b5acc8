import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cluster/coverage.js'
import { ask, type Cluster, eventually, startCluster } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { checkRule, clusterFacts, configFacts, identity } from '../../../support/rules.js'
import { clusterOf, oldAndNew } from './live-cluster.js'

describe.each(oldAndNew())('a cluster of %s', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster({ engine, primaries: 3 })
  })
  afterAll(() => cluster.stop())

  const asked = async () => auditRule(cluster.primaries[0]!, rule, {}, { cluster: await clusterOf([cluster.primaries[0]!]) })

  test('a slot that nobody has is found', async () => {
    expect((await asked()).passed).toEqual(['cluster/coverage'])
    await ask(cluster.primaries[0]!, ['CLUSTER', 'DELSLOTS', '0', '1'])
    expect((await asked()).findings).toMatchObject([
      {
        about: 'slots',
        role: 'unassigned',
        severity: 'error',
        message: '2 slots of 16384 belong to no node, and without them the cluster refuses every key',
      },
    ])
    await ask(cluster.primaries[0]!, ['CLUSTER', 'ADDSLOTS', '0', '1'])
  })

  test('slots of a failed node are found', async () => {
    await cluster.primaries[2]!.stop()
    await eventually('the failure to be agreed', async () => (await asked()).findings.some(({ role }) => role === 'failed'))
    expect((await asked()).findings).toMatchObject([{ about: 'slots', role: 'failed', severity: 'error', evidence: { failedSlots: 5462 } }])
  })
})

const check = (info: Record<string, string>, config?: ReturnType<typeof configFacts>) =>
  checkRule(rule, { cluster: clusterFacts({ info }), ...(config ? { config } : {}) })

test('counts what is missing, and knows whether the rest still answers', () => {
  expect(check({})).toEqual([])
  expect(check({ cluster_slots_assigned: '16383', cluster_state: 'fail' })).toMatchObject([
    { message: '1 slot of 16384 belong to no node, and without them the cluster refuses every key' },
  ])
  const lenient = configFacts({ 'cluster-require-full-coverage': 'no' })
  expect(check({ cluster_slots_fail: '5461' }, lenient)).toMatchObject([
    { message: '5,461 slots of 16384 belong to nodes that have failed' },
  ])
})

test('a node that sees only a minority is down though every slot has a node', () => {
  expect(check({ cluster_state: 'fail' })).toMatchObject([{ about: 'cluster_state' }])
})

test('tells its findings apart, the same in every audit', () => {
  const broken = { cluster_slots_assigned: '16000', cluster_slots_fail: '10', cluster_state: 'fail' }
  expect(check(broken).map(identity)).toEqual(['slots unassigned', 'slots failed'])
})
