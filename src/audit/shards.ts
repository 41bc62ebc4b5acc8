import { type Info, keysByDatabase } from '../redis/info.js'
import type { ServerFacts } from '../redis/server-facts.js'
import { type Address, displayAddress } from '../wire/address.js'
import { asNumber, type Client } from '../wire/client.js'
import { granted, readingOf } from './collectors/ask.js'
import type { Reading } from './facts.js'
import type { AuditOptions } from './options.js'
import type { ServerReading } from './servers.js'
import { type Deployment, nodeName, type Shard } from './topology/deployment.js'

/** A server whose keys are to be read, as it was before. */
export interface ShardToRead {
  /** Index of its shard. */
  shard: number
  name: string
  role: 'master' | 'replica'
  address: Address
  /** Undefined, like `info`, when INFO was refused. */
  server: ServerFacts | undefined
  info: Info | undefined
  /** Keys by database; without INFO only of those that are to be read. */
  keys: ReadonlyMap<number, number>
}

/** Whose keys can be read, and why those of the other shards can't. */
export interface ReadableShards {
  shards: ShardToRead[]
  /** One for each shard that is missing. */
  missing: string[]
  /** What is read less of than there is. */
  notes: string[]
}

/** Looks at each shard of a deployment whether its keys can be read. Throws ConnectionError when a connection is lost. */
export async function readableShards(
  deployment: Deployment,
  servers: readonly ServerReading[],
  options: AuditOptions,
): Promise<ReadableShards> {
  const found: ReadableShards = { shards: [], missing: [], notes: [] }
  const reachable = new Map(scannedServers(deployment, servers).map((one) => [one.shard, one]))
  for (const [index, shard] of deployment.shards.entries()) {
    const there = reachable.get(index)
    const reading = there ? await shardToRead(there, shard, options) : unreached(deployment, shard)
    if (!reading.known) found.missing.push(reading.why)
    else {
      found.shards.push(reading.value)
      if (reading.value.info === undefined) found.notes.push(withoutInfo(reading.value))
    }
  }
  return found
}

async function shardToRead(
  { shard, address, server }: ScannedServer,
  { role }: Shard,
  options: AuditOptions,
): Promise<Reading<ShardToRead>> {
  const { info, server: facts } = server.readings
  const of = { shard, role, address, name: nodeName(address) }
  if (facts?.known && info?.known) {
    if (facts.value.loading) return { known: false, why: `${of.name} is still loading its data` }
    return { known: true, value: { ...of, server: facts.value, info: info.value, keys: keysByDatabase(info.value) } }
  }
  const keys = await databaseSizes(server.client, options.databases ?? [options.address.db])
  return keys.known ? { known: true, value: { ...of, server: undefined, info: undefined, keys: keys.value } } : keys
}

/** DBSIZE of databases, for where INFO does not tell. Leaves the connection in the database of its address. */
async function databaseSizes(client: Client, databases: readonly number[]): Promise<Reading<Map<number, number>>> {
  const commands = databases.flatMap((db) => [['SELECT', db], ['DBSIZE']])
  const replies = await client.callAll([...commands, ['SELECT', client.address.db]])
  return readingOf(() => {
    const sizes = databases.map((db, i) => {
      granted(replies[2 * i], 'SELECT')
      return [db, asNumber(granted(replies[2 * i + 1], 'DBSIZE'))] as const
    })
    return new Map(sizes)
  })
}

function withoutInfo({ name, keys }: ShardToRead): string {
  const databases = [...keys.keys()]
  return `without INFO nothing tells which databases of ${name} hold keys: ${databases.join(', ')} ${databases.length === 1 ? 'was' : 'were'} read (--db names others)`
}

function unreached({ nodes }: Deployment, { scan, note }: Shard): Reading<ShardToRead> {
  const node = scan && nodes.find(({ address }) => displayAddress(address) === displayAddress(scan))
  return { known: false, why: node?.unreachable ?? note ?? 'no server whose keys could be read was reached' }
}

/** A server whose keys are read, of one shard. */
export interface ScannedServer {
  shard: number
  address: Address
  server: ServerReading
}

/** The servers whose keys are read, as far as they answered. */
export function scannedServers({ shards }: Deployment, servers: readonly ServerReading[]): ScannedServer[] {
  return shards.flatMap(({ scan }, shard) => {
    const server = scan && servers.find(({ node }) => displayAddress(node.address) === displayAddress(scan))
    return scan && server ? [{ shard, address: scan, server }] : []
  })
}
