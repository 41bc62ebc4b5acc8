import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cluster/skew.js'
import { ask, type Cluster, startCluster } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { blindness, checkRule, clusterFacts, clusterNode, identity, keyspaceFacts } from '../../../support/rules.js'
import { clusterOf, keyspaceOf, newest } from './live-cluster.js'

describe.each(newest())('a cluster of %s', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster({ engine, primaries: 2 })
  })
  afterAll(() => cluster.stop())

  test('a hash tag that fills one shard is found, keys that spread are not', async () => {
    const [first, second] = cluster.primaries
    const options = { keys: 50, bytes: '1MB' }
    const asked = async () => auditRule(first!, rule, options, { keyspace: await keyspaceOf(cluster), cluster: await clusterOf([first!]) })
    // {b} is in slot 3300, of the first shard; {a} in slot 15495, of the second.
    for (let i = 0; i < 40; i++) {
      await ask(first!, ['SET', `{b}:${i}`, 'x'])
      await ask(second!, ['SET', `{a}:${i}`, 'x'])
    }
    expect((await asked()).passed).toEqual(['cluster/skew'])
    for (let i = 40; i < 160; i++) await ask(first!, ['SET', `{b}:${i}`, 'x'])
    const { findings } = await asked()
    expect(findings).toMatchObject([
      { about: 'shards', role: 'keys', severity: 'warning', evidence: { largest: 160, mean: 100, followsSlots: false } },
    ])
    expect(findings[0]!.message).toBe(
      `are uneven in keys: 127.0.0.1:${first!.port} holds 160, 60% more than the mean of 2 shards (100), and 127.0.0.1:${second!.port} 40`,
    )
  })
})

const GB = 1024 ** 3
const shards = (...bytes: number[]) => bytes.map((each, i) => ({ name: `10.0.0.${i + 1}:6379`, keys: 1_000_000, bytes: each }))
const check = (of: ReturnType<typeof shards>, options = {}) => checkRule(rule, { keyspace: keyspaceFacts({ shards: of }) }, options)

test('needs both a share of the mean and an amount', () => {
  expect(check(shards(1.3 * GB, 0.85 * GB, 0.85 * GB))).toMatchObject([{ role: 'bytes' }])
  expect(check(shards(1.19 * GB, 0.9 * GB, 0.91 * GB))).toEqual([])
  expect(check(shards(90 * 1024 ** 2, 1024 ** 2))).toEqual([])
  expect(check(shards(90 * 1024 ** 2, 1024 ** 2), { bytes: '10MB' })).toHaveLength(1)
  expect(check(shards(1.1 * GB, 0.9 * GB), { share: 0.05, bytes: '50MB' })).toHaveLength(1)
})

test('counts keys like bytes', () => {
  const keys = (...numbers: number[]) => numbers.map((each, i) => ({ name: `n${i}`, keys: each, bytes: GB }))
  expect(check(keys(130_000, 85_000, 85_000))).toMatchObject([{ role: 'keys' }])
  expect(check(keys(9000, 100))).toEqual([])
})

test('one that is nearly empty is uneven, too', () => {
  expect(check(shards(1.09 * GB, 1.09 * GB, 1.09 * GB, 0.1 * GB))[0]!.message).toMatch(/, and 10\.0\.0\.4:6379 102 MB$/)
})

test('knows whether it is the slots', () => {
  const nodes = (firstTo: number) => [
    clusterNode({ address: '10.0.0.1:6379', slots: [[0, firstTo]] }),
    clusterNode({ address: '10.0.0.2:6379', slots: [[firstTo + 1, 16_383]] }),
  ]
  const facts = (firstTo: number) => ({
    keyspace: keyspaceFacts({ shards: shards(3 * GB, GB) }),
    cluster: clusterFacts({ nodes: nodes(firstTo) }),
  })
  expect(checkRule(rule, facts(12_287))[0]!.commands).toEqual(['redis-cli --cluster rebalance 10.0.0.1:6379 --cluster-simulate'])
  expect(checkRule(rule, facts(8191))[0]!.remedy).toMatch(/^Slots are not the reason/)
})

test('does not apply to one shard', () => {
  expect(blindness(rule, { keyspace: keyspaceFacts({ shards: shards(GB) }) })).toEqual({
    kind: 'not applicable',
    why: 'there is one shard',
  })
})

test('is the same finding when another shard is the fullest', () => {
  expect([...check(shards(3 * GB, GB)), ...check(shards(GB, 5 * GB))].map(identity)).toEqual(['shards bytes', 'shards bytes'])
})
