import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aclUsers } from '#redline/audit/acl-user.js'
import { readCluster } from '#redline/audit/topology/cluster-facts.js'
import { openNode } from '#redline/audit/topology/open-node.js'
import { readServer, type ServerFacts } from '#redline/redis/server-facts.js'
import { parseAddress } from '#redline/wire/address.js'
import { asText } from '#redline/wire/client.js'
import { ask, type Cluster, eventually, startCluster } from '../../support/deployments.js'
import { availableEngines } from '../../support/servers.js'
import { found, nameOf, signal } from './find.js'

/** What follows ACL in the command that makes the user. */
function userRules(facts: ServerFacts): string[] {
  return aclUsers(facts, { password: 'pw' })
    .full.split(' ')
    .slice(1)
    .map((word) => word.replaceAll("'", ''))
}

describe.each(availableEngines())('a cluster of %s', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster({ engine, primaries: 2, replicasEach: 1 })
  })
  afterAll(() => cluster.stop())

  test('is found from any of its nodes, and read from the replica of each shard', async () => {
    const { primaries, replicas } = cluster
    for (const seed of [primaries[0]!, replicas[1]!]) {
      const { topology, shards, nodes } = await found(seed)
      expect(topology).toBe('cluster')
      expect(shards.map(({ primary, scan, role }) => [primary?.port, scan?.port, role])).toEqual(
        primaries.map((primary, i) => [primary.port, replicas[i]!.port, 'replica']),
      )
      expect(nodes.map(({ name, role, shard }) => [name, role, shard])).toEqual(
        primaries.flatMap((primary, i) => [
          [nameOf(primary), 'master', i],
          [nameOf(replicas[i]!), 'replica', i],
        ]),
      )
    }
  })

  test('is read from the primaries when that is wanted', async () => {
    const { shards } = await found(cluster.replicas[0]!, { preferReplica: false })
    expect(shards.map(({ scan, role }) => [scan?.port, role])).toEqual(cluster.primaries.map(({ port }) => [port, 'master']))
  })

  test('is found and read with the user that is printed for it', async () => {
    const all = [...cluster.primaries, ...cluster.replicas]
    const admin = await openNode(parseAddress(all[0]!.url, {}), { signal, timeoutMs: 5000 })
    const facts = await readServer(admin.client)
    admin.client.close()
    for (const server of all) await ask(server, ['ACL', ...userRules(facts)])
    const url = `redis://redline-audit:pw@127.0.0.1:${cluster.primaries[0]!.port}`
    const { shards, notes } = await found({ url })
    expect(shards.map(({ role }) => role)).toEqual(['replica', 'replica'])
    expect(notes.join()).not.toContain('NOPERM')
    const { client } = await openNode(parseAddress(url, {}), { signal, timeoutMs: 5000 })
    const reading = await readCluster([client], facts)
    client.close()
    expect(reading).toMatchObject({ known: true, value: { orphans: [] } })
  })

  test('tells of its nodes and slots, and of keys that stand where they do not belong', async () => {
    const [first, second] = cluster.primaries
    await ask(first!, ['SET', '{b}key', 'value'])
    await ask(second!, ['SET', '{a}key', 'value'])
    // Somebody gave the slot of {b} to the second node by hand, and left its key behind.
    const slot = asText(await ask(first!, ['CLUSTER', 'KEYSLOT', '{b}key']))
    for (const server of [first!, second!]) await ask(server, ['CLUSTER', 'DELSLOTS', slot])
    await ask(second!, ['CLUSTER', 'ADDSLOTS', slot])
    const opened = await Promise.all(
      [...cluster.primaries, ...cluster.replicas].map(({ url }) => openNode(parseAddress(url, {}), { signal, timeoutMs: 5000 })),
    )
    const clients = opened.map(({ client }) => client)
    const reading = await readCluster(clients, await readServer(clients[0]!))
    for (const client of clients) client.close()
    expect(reading).toMatchObject({ known: true })
    const facts = reading.known ? reading.value : undefined
    expect(facts?.info.get('cluster_known_nodes')).toBe('4')
    expect(facts?.nodes).toHaveLength(4)
    expect(facts?.nodes.find(({ address }) => address === nameOf(first!))).toMatchObject({ role: 'master', connected: true })
    expect(facts?.nodes.find(({ address }) => address === nameOf(cluster.replicas[0]!))).toMatchObject({
      role: 'replica',
      masterId: expect.stringMatching(/^[0-9a-f]{40}$/),
    })
    expect(facts?.orphans).toEqual([{ address: nameOf(first!), slot: Number(slot), keys: 1 }])
    expect(facts?.slotStats === undefined || facts.slotStats.length > 8000).toBe(true)
  })
})

describe('a cluster', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster({ primaries: 2, config: { 'cluster-announce-ip': '127.0.0.1' } })
  })
  afterAll(() => cluster.stop())

  test('whose other nodes are announced where nobody reaches them is read as far as it goes', async () => {
    const [first, second] = cluster.primaries
    await ask(second!, ['CONFIG', 'SET', 'cluster-announce-port', '1'])
    await eventually('the other port of a node', async () => asText(await ask(first!, ['CLUSTER', 'NODES'])).includes('127.0.0.1:1@'))
    const { shards, notes, nodes } = await found(first!)
    expect(shards.map(({ scan }) => scan?.port)).toEqual([first!.port, undefined])
    expect(notes).toEqual(['shard 127.0.0.1:1: not read: redis://127.0.0.1:1 refused the connection'])
    expect(nodes.map(({ unreachable }) => unreachable === undefined)).toEqual([true, false])
  })
})
