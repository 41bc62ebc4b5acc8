import type { ClusterFacts, KeyspaceFacts } from '#redline/audit/facts.js'
import { Inventory } from '#redline/audit/inventory/inventory.js'
import { readCluster } from '#redline/audit/topology/cluster-facts.js'
import { readServer } from '#redline/redis/server-facts.js'
import { asArray, asNumber, asText, type Client } from '#redline/wire/client.js'
import { connect } from '../../../redis/connect.js'
import type { Cluster } from '../../../support/deployments.js'
import { availableEngines, type TestServer } from '../../../support/servers.js'

/** The oldest and the newest engine at hand: a cluster takes seconds to start. */
export function oldAndNew(): string[] {
  const engines = availableEngines()
  return [...new Set([engines[0]!, engines.at(-1)!])]
}

/** For what is judged by a scan, which is the same for all. */
export function newest(): string[] {
  return oldAndNew().slice(-1)
}

async function withClients<T>(servers: readonly TestServer[], use: (clients: Client[]) => Promise<T>): Promise<T> {
  const clients = await Promise.all(servers.map(({ url }) => connect(url)))
  try {
    return await use(clients)
  } finally {
    for (const client of clients) client.close()
  }
}

/** What the nodes tell of the cluster, the first as an audit that was given its address. */
export function clusterOf(servers: readonly TestServer[]): Promise<ClusterFacts> {
  return withClients(servers, async (clients) => {
    const reading = await readCluster(clients, await readServer(clients[0]!))
    if (!reading.known) throw new Error(reading.why)
    return reading.value
  })
}

/** What a scan finds in a cluster. */
export function keyspaceOf({ primaries }: Cluster): Promise<KeyspaceFacts> {
  return withClients(primaries, async (clients) => {
    const inventory = new Inventory({
      contracts: [],
      nowSeconds: Date.now() / 1000,
      mode: 'full',
      shards: primaries.map(({ host, port }) => `${host}:${port}`),
      cluster: true,
    })
    for (const [shard, client] of clients.entries()) {
      for (const name of await namesIn(client)) {
        const bytes = asNumber(await client.call('MEMORY', 'USAGE', name))
        const key = { name, shard, bytes, db: 0, type: 'string', encoding: 'raw', ttlMs: -1, afterMs: 0 }
        inventory.add({ ...key, idleSeconds: undefined, frequency: undefined, elements: undefined })
      }
    }
    return inventory.finish({ complete: true, strata: [], lengths: 'none', idleKnown: false })
  })
}

async function namesIn(client: Client): Promise<Buffer[]> {
  const names: Buffer[] = []
  let cursor = '0'
  do {
    const [next, batch] = asArray(await client.call('SCAN', cursor, 'COUNT', '1000'))
    names.push(...asArray(batch).map((name) => Buffer.from(asText(name))))
    cursor = asText(next)
  } while (cursor !== '0')
  return names
}
