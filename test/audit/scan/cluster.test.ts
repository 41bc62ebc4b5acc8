import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { slotOf } from '#redline/audit/scan/slot.js'
import { asNumber } from '#redline/wire/client.js'
import { ask, type Cluster, eventually, startCluster } from '../../support/deployments.js'
import { run, scanAll } from '../../support/scans.js'

describe('a cluster with replicas', () => {
  let cluster: Cluster
  const names = Array.from({ length: 3000 }, (_, i) => `key:${i}`)
  beforeAll(async () => {
    cluster = await startCluster({ primaries: 1, replicasEach: 1 })
    await run(
      cluster.primaries[0]!.url,
      names.map((name) => ['SET', name, 'x']),
    )
    await eventually('the replica to have all keys', async () => asNumber(await ask(cluster.replicas[0]!, ['DBSIZE'])) === 3000)
  })
  afterAll(() => cluster.stop())

  test('is read from a replica', async () => {
    const { report, records } = await scanAll([cluster.replicas[0]!.url], { cluster: true })
    expect(report).toMatchObject({ complete: true, keysSeen: 3000, elsewhere: 0, failure: undefined })
    expect(records.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
  })

  test('counts keys of slots that their node does not serve, and delivers the others', async () => {
    const primary = cluster.primaries[0]!
    const lost = slotOf(Buffer.from('key:1'))
    const those = names.filter((name) => slotOf(Buffer.from(name)) === lost)
    const options = { cluster: true }
    // Without these slots the cluster answers all the same.
    await run(primary.url, [['CONFIG', 'SET', 'cluster-require-full-coverage', 'no']])
    await run(primary.url, [['CLUSTER', 'DELSLOTS', lost]])
    try {
      const { report } = await scanAll([primary.url], options)
      expect(those.length).toBeGreaterThan(0)
      expect(report.keysSeen + report.elsewhere).toBe(3000)
      expect(report).toMatchObject({ complete: true, elsewhere: those.length })
    } finally {
      await run(primary.url, [['CLUSTER', 'ADDSLOTS', lost]])
    }
  })
})
