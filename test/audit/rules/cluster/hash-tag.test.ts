import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cluster/hash-tag.js'
import { ask, type Cluster, startCluster } from '../../../support/deployments.js'
import { auditRule, onServer } from '../../../support/live.js'
import { checkRule, exactly, identity, keyspaceFacts } from '../../../support/rules.js'
import { keyspaceOf, newest } from './live-cluster.js'

describe.each(newest())('a cluster of %s', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster({ engine, primaries: 1 })
  })
  afterAll(() => cluster.stop())

  test('a tag with a large part of the keys is found, one for each user is not', async () => {
    const [server] = cluster.primaries
    const asked = async () => auditRule(server!, rule, { share: 0.2, keys: 10 }, { keyspace: await keyspaceOf(cluster) })
    for (let i = 0; i < 50; i++) await ask(server!, ['MSET', `{user:${i}}:cart`, 'x', `{user:${i}}:profile`, 'x'])
    expect((await asked()).passed).toEqual(['cluster/hash-tag'])
    for (let i = 0; i < 60; i++) await ask(server!, ['SET', `{cart}:${i}`, 'x'])
    expect((await asked()).findings).toMatchObject([
      { about: '{cart}', severity: 'warning', evidence: { keys: 60, shareOfKeys: 60 / 160 } },
    ])
  })
})

test('does not apply without a cluster', async () => {
  await onServer({}, async ({ audit }) => {
    expect((await audit(rule, {}, { keyspace: keyspaceFacts() })).notApplicable).toEqual([
      { rule: 'cluster/hash-tag', why: 'not a cluster: hash tags have no effect' },
    ])
  })
})

const MB = 1024 ** 2
const check = (tag: { keys: number; bytes: number }, options = {}) =>
  checkRule(
    rule,
    {
      keyspace: keyspaceFacts({
        keys: exactly(100_000),
        bytes: exactly(1000 * MB),
        hashTags: [
          { tag: 'cart', ...tag },
          { tag: 'user:1', keys: 2, bytes: 200 },
        ],
      }),
    },
    options,
  )

test('needs a share and a number of keys, or a share and an amount of bytes', () => {
  expect(check({ keys: 1001, bytes: 0 })).toHaveLength(1)
  expect(check({ keys: 1000, bytes: 0 })).toEqual([])
  expect(check({ keys: 999, bytes: 0 }, { share: 0.001 })).toEqual([])
  expect(check({ keys: 1, bytes: 10 * MB + 1 })).toHaveLength(1)
  expect(check({ keys: 1, bytes: 10 * MB })).toEqual([])
  expect(check({ keys: 1, bytes: 9 * MB }, { share: 0.001 })).toEqual([])
  expect(check({ keys: 500, bytes: 0 }, { share: 0.001, keys: 500 })).toHaveLength(1)
})

test('says what is in one slot', () => {
  expect(check({ keys: 5000, bytes: 120 * MB })).toMatchObject([
    { about: '{cart}', message: '5,000 keys (5%) and 120 MB (12%) in one slot', commands: ["redis-cli CLUSTER KEYSLOT '{cart}'"] },
  ])
})

test('is the same finding while it grows', () => {
  expect([...check({ keys: 2000, bytes: 0 }), ...check({ keys: 90_000, bytes: 0 })].map(identity)).toEqual(['{cart}', '{cart}'])
})
