import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cluster/failed-node.js'
import { type Cluster, eventually, startCluster } from '../../../support/deployments.js'
import { auditRule, onServer } from '../../../support/live.js'
import { checkRule, clusterFacts, clusterNode, identity } from '../../../support/rules.js'
import { clusterOf, oldAndNew } from './live-cluster.js'

describe.each(oldAndNew())('a cluster of %s', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster({ engine, primaries: 3 })
  })
  afterAll(() => cluster.stop())

  test('a primary that dies is found with its slots', async () => {
    const [first, second, third] = cluster.primaries
    const asked = async () => auditRule(first!, rule, {}, { cluster: await clusterOf([first!]) })
    expect((await asked()).passed).toEqual(['cluster/failed-node'])
    await third!.stop()
    await eventually('the others to agree', async () => (await clusterOf([first!])).nodes.some(({ flags }) => flags.includes('fail')))
    expect((await asked()).findings).toMatchObject([
      {
        about: `node 127.0.0.1:${third!.port}`,
        severity: 'error',
        message: 'has failed; it is a primary with 5462 slots',
        evidence: { role: 'master' },
      },
    ])
    expect(second!.port).not.toBe(third!.port)
  })
})

test('does not apply to a server alone', async () => {
  await onServer({}, async ({ audit }) => {
    expect((await audit(rule, {}, { cluster: clusterFacts() })).notApplicable).toEqual([
      { rule: 'cluster/failed-node', why: 'not a cluster' },
    ])
  })
})

const check = (fields: Parameters<typeof clusterNode>[0]) => checkRule(rule, { cluster: clusterFacts({ nodes: [clusterNode(fields)] }) })

test('is an error for a primary with slots, else a warning', () => {
  expect(check({ flags: ['master', 'fail'] })).toMatchObject([{ severity: 'error' }])
  expect(check({ flags: ['master', 'fail?'] })).toMatchObject([
    { severity: 'warning', message: 'is suspected to have failed; it is a primary with 16384 slots' },
  ])
  expect(check({ flags: ['slave', 'fail'], role: 'replica', slots: [] })).toMatchObject([
    { severity: 'warning', message: 'has failed; it is a replica', commands: [`redis-cli CLUSTER FORGET ${'1'.repeat(40)}`] },
  ])
  expect(check({ flags: ['master', 'noaddr'], slots: [] })[0]!.message).toBe('has no known address; it is a primary without slots')
  expect(check({ connected: false })[0]!.message).toMatch(/^is not connected to the node that was asked/)
})

test('leaves alone nodes that are well or just joining', () => {
  expect(check({})).toEqual([])
  expect(check({ flags: ['handshake', 'noaddr'], connected: false, slots: [] })).toEqual([])
  expect(check({ flags: ['myself', 'master'], connected: false })).toEqual([])
})

test('is the same finding from suspicion to certainty', () => {
  expect(
    [
      ['master', 'fail?'],
      ['master', 'fail'],
    ]
      .flatMap((flags) => check({ flags }))
      .map(identity),
  ).toEqual(Array(2).fill('node 10.0.0.1:6379'))
})
