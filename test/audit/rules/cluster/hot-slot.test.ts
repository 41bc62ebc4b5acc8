import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cluster/hot-slot.js'
import { ask, type Cluster, startCluster } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { blindness, checkRule, clusterFacts, identity, keyFacts, keyspaceFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'
import { clusterOf, keyspaceOf, newest } from './live-cluster.js'

describe.each(newest())('a cluster of %s', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster({ engine, primaries: 1 })
  })
  afterAll(() => cluster.stop())

  test('a slot that holds far more than the others is found', async () => {
    const [server] = cluster.primaries
    const asked = async () =>
      auditRule(server!, rule, { bytes: '100KB' }, { cluster: await clusterOf([server!]), keyspace: await keyspaceOf(cluster) })
    for (let i = 0; i < 20; i++) await ask(server!, ['SET', `page:${i}`, 'x'.repeat(1000)])
    expect((await asked()).passed).toEqual(['cluster/hot-slot'])
    await ask(server!, ['SET', 'index', 'x'.repeat(200_000)])
    const slot = Number(await ask(server!, ['CLUSTER', 'KEYSLOT', 'index']))
    const { findings } = await asked()
    expect(findings).toMatchObject([{ about: 'slots', role: 'bytes', severity: 'warning', evidence: { slot }, examples: ['index'] }])
  })
})

// Slots are counted from Valkey 8.0 on; Redis from 8.2.
test.each(availableEngines().filter((engine) => engine.startsWith('valkey')))(
  '%s: a slot that costs far more CPU is found',
  async (engine) => {
    const cluster = await startCluster({ engine, primaries: 1, config: { 'cluster-slot-stats-enabled': 'yes' } })
    const [server] = cluster.primaries
    try {
      const asked = async () => auditRule(server!, rule, { cpu: '1ms' }, { cluster: await clusterOf([server!]) })
      for (let i = 0; i < 20; i++) await ask(server!, ['SET', `page:${i}`, 'x'])
      expect((await asked()).passed).toEqual(['cluster/hot-slot'])
      await ask(server!, ['RPUSH', 'feed', ...Array.from({ length: 5000 }, (_, i) => String(i))])
      for (let i = 0; i < 20; i++) await ask(server!, ['LRANGE', 'feed', '0', '-1'])
      const slot = Number(await ask(server!, ['CLUSTER', 'KEYSLOT', 'feed']))
      expect((await asked()).findings).toMatchObject([{ about: 'slots', role: 'cpu', severity: 'warning', evidence: { slot } }])
    } finally {
      await cluster.stop()
    }
  },
)

const even = (value: number, slots = 200) =>
  Array.from({ length: slots }, (_, slot) => ({ slot, keys: 1, cpuUsec: value, bytes: undefined }))
const cpu = (top: number, options = {}, others = 1e6) =>
  checkRule(
    rule,
    { cluster: clusterFacts({ slotStats: [...even(others), { slot: 9000, keys: 1, cpuUsec: top, bytes: undefined }] }) },
    options,
  )

test('needs many times the median, a share, and an amount of CPU', () => {
  expect(cpu(10e6 + 1)).toMatchObject([
    {
      role: 'cpu',
      message: 'slot 9000 took 10s of CPU, 10 times the median and 4.8% of all',
      evidence: { slot: 9000, cpuSeconds: 10.000001 },
    },
  ])
  expect(cpu(10e6)).toEqual([])
  expect(cpu(9.9e6, {}, 1000)).toEqual([])
  expect(cpu(11e6, { share: 0.06 })).toEqual([])
  expect(cpu(3e6, { times: 2, cpu: '1s' })).toHaveLength(1)
})

const MB = 1024 ** 2
const bySlot = (sizes: Record<number, number>) => {
  const bytes = new Float64Array(16_384)
  for (const [slot, size] of Object.entries(sizes)) bytes[Number(slot)] = size
  return { keys: new Float64Array(16_384), bytes }
}
const bytes = (sizes: Record<number, number>, fields = {}) =>
  checkRule(rule, { cluster: clusterFacts(), keyspace: keyspaceFacts({ slots: bySlot(sizes), ...fields }) })

test('takes the median of slots that hold anything', () => {
  expect(bytes({ 1: MB, 2: MB, 3: 11 * MB })).toMatchObject([{ role: 'bytes', evidence: { slot: 3, bytes: 11 * MB } }])
  expect(bytes({ 1: 11 * MB })).toEqual([])
  expect(bytes({ 1: 1000, 2: 1000, 3: 9 * MB })).toEqual([])
  expect(bytes({})).toEqual([])
})

test('names the hash tag and the big keys that are in it', () => {
  const [finding] = bytes(
    { 1: MB, 2: MB, 3300: 50 * MB },
    {
      hashTags: [
        { tag: 'a', keys: 1, bytes: 1 },
        { tag: 'b', keys: 9, bytes: 9 },
      ],
      top: { bytes: [keyFacts({ key: '{b}:big' }), keyFacts()], elements: [], idle: [] },
    },
  )
  expect(finding).toMatchObject({ examples: ['{b}:big'] })
  expect(finding!.message).toMatch(/^slot 3300 holds 50 MB, 50 times the median and 96% of all; the hash tag \{b\} is in it$/)
})

test('uses what the server counts where there was no scan, and says when there is neither', () => {
  const slotStats = [...even(0), { slot: 9000, keys: 1, cpuUsec: 0, bytes: 99 * MB }].map((each) => ({ ...each, bytes: each.bytes ?? MB }))
  expect(checkRule(rule, { cluster: clusterFacts({ slotStats }) })).toMatchObject([{ role: 'bytes', evidence: { slot: 9000 } }])
  expect(blindness(rule, { cluster: clusterFacts() })).toMatchObject({ kind: 'not assessed' })
  expect(blindness(rule, { cluster: clusterFacts({ slotStats: even(5) }) })).toBeUndefined()
})

test('is the same finding when another slot is hot', () => {
  const other = { slotStats: [...even(1e6), { slot: 7700, keys: 1, cpuUsec: 60e6, bytes: undefined }] }
  expect([...cpu(50e6), ...checkRule(rule, { cluster: clusterFacts(other) })].map(identity)).toEqual(['slots cpu', 'slots cpu'])
})
