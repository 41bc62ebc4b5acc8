import { factsOf } from '../../redis/server-facts.js'
import type { Info } from '../../redis/info.js'
import type { Address } from '../../wire/address.js'
import type { Client } from '../../wire/client.js'
import { noTraffic, type Traffic } from '../../wire/traffic.js'
import { Unknown } from '../collectors/ask.js'
import { clusterDeployment, readClusterNodes } from './cluster.js'
import type { Deployment, DeploymentNode } from './deployment.js'
import { nodeName, peerOf } from './deployment.js'
import { asked, infoFrom } from './node-view.js'
import { openNode, type OpenOptions } from './open-node.js'
import { chosenMaster, readSentinel } from './sentinel.js'
import { nodeOf, replicationGroup } from './standalone.js'

export interface DiscoverOptions {
  signal: AbortSignal
  /** For connecting to each server, and for each of its replies; 5000 by default. */
  timeoutMs?: number
  /** Reads keys from a replica where there is a good one; true by default. */
  preferReplica?: boolean
  /** Which of the primaries that a sentinel watches. */
  master?: string | undefined
  /** Adds up what is sent and got. */
  traffic?: Traffic
}

const NO_SENTINEL = { known: false, why: 'the address is not that of a sentinel', absent: true } as const

/**
 * Finds out what there is behind an address, a server, a node of a cluster or a sentinel, and which server of each shard is
 * to be read. Every server that is meant to be read is asked who it is: what answers at an announced address may be something else.
 * Throws ConnectionError when the address itself does not answer, InputError when a sentinel watches several primaries and none is named.
 */
export async function discover(address: Address, options: DiscoverOptions): Promise<Deployment> {
  const { signal, timeoutMs = 5000, preferReplica = true, traffic = noTraffic() } = options
  const open = { signal, timeoutMs, preferReplica, traffic }
  const { client } = await openNode(address, open)
  try {
    return await behind(client, address, options.master, open)
  } finally {
    client.close()
  }
}

type Open = OpenOptions & { preferReplica: boolean }

async function behind(client: Client, address: Address, master: string | undefined, open: Open): Promise<Deployment> {
  const info = await unlessRefused(() => infoFrom(client))
  if (typeof info === 'string') return alone(address, `${info}: only this server is read`)
  const { topology } = factsOf(info)
  if (topology === 'sentinel') return behindSentinel(client, address, master, open)
  if (topology === 'cluster') {
    const nodes = await unlessRefused(() => readClusterNodes(client))
    if (typeof nodes === 'string') return alone(address, `${nodes}: only this node of the cluster is read`, 'cluster')
    if (nodes.length > 0) return clusterDeployment(address, nodes, open)
  }
  return behindServer(address, info, open)
}

async function behindServer(address: Address, info: Info, open: Open): Promise<Deployment> {
  const { shard, nodes, notes } = await replicationGroup(address, info, open)
  return { topology: 'standalone', shards: [shard], nodes, notes, sentinel: NO_SENTINEL }
}

async function behindSentinel(client: Client, address: Address, wanted: string | undefined, open: Open): Promise<Deployment> {
  const { facts, primaries, sentinels } = await readSentinel(client, address, open)
  const { host, port } = chosenMaster(primaries, wanted)
  const primary = peerOf(address, host, port)
  const info = await asked(primary, open, infoFrom)
  const watching = [nodeOf(address, 'sentinel'), ...sentinels.map(({ address, unreachable }) => nodeOf(address, 'sentinel', unreachable))]
  const silent = watching
    .filter(({ unreachable }) => unreachable !== undefined)
    .map(({ name, unreachable }) => `sentinel ${name} could not be asked: ${unreachable}`)
  const sentinel = { known: true, value: facts } as const
  if (info.known) {
    const { shard, nodes, notes } = await replicationGroup(primary, info.value, open)
    return { topology: 'sentinel', shards: [shard], nodes: [...nodes, ...watching], notes: [...notes, ...silent], sentinel }
  }
  const note = `not read: the sentinel names ${nodeName(primary)}: ${info.why}`
  const nodes: DeploymentNode[] = [nodeOf(primary, 'master', info.why), ...watching]
  const shard = { primary: undefined, scan: undefined, role: 'master', lagSeconds: null, note } as const
  return { topology: 'sentinel', shards: [shard], nodes, notes: [note, ...silent], sentinel }
}

/** A server that tells nothing of others. */
function alone(address: Address, note: string, topology: Deployment['topology'] = 'standalone'): Deployment {
  const shard = { primary: address, scan: address, role: 'master', lagSeconds: null, note } as const
  return { topology, shards: [shard], nodes: [nodeOf(address, 'master')], notes: [note], sentinel: NO_SENTINEL }
}

/** What was read, or why it was refused. */
async function unlessRefused<T>(read: () => Promise<T>): Promise<T | string> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Unknown) return error.message
    throw error
  }
}
