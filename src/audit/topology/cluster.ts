import { type Address, hostPort } from '../../wire/address.js'
import { asText, type Client } from '../../wire/client.js'
import { granted } from '../collectors/ask.js'
import { replicationOf } from '../collectors/replication.js'
import type { Reading } from '../facts.js'
import { type Candidate, chooseScan } from './choose.js'
import { type ClusterNode, clusterNodes, isMyself, isPrimary } from './cluster-nodes.js'
import { type Deployment, type DeploymentNode, nodeName, peerOf, type Shard } from './deployment.js'
import { asked, forEach, infoFrom, replicaState } from './node-view.js'
import type { OpenOptions } from './open-node.js'

/** A node of the cluster with what it answered, and where. */
interface Asked extends Candidate {
  node: ClusterNode
  /** Of a primary: seconds since each of its replicas, by address, last acknowledged what it got. */
  acknowledged: ReadonlyMap<string, number>
}

/** CLUSTER NODES. Throws Unknown when it is refused. */
export async function readClusterNodes(client: Client): Promise<ClusterNode[]> {
  const [reply] = await client.callAll([['CLUSTER', 'NODES']])
  return clusterNodes(asText(granted(reply, 'CLUSTER NODES')))
}

/** The shards of a cluster, in the order of their slots, each with the node whose keys are read. */
export async function clusterDeployment(
  seed: Address,
  nodes: readonly ClusterNode[],
  options: OpenOptions & { preferReplica: boolean },
): Promise<Deployment> {
  const there = nodes.filter(({ flags }) => !flags.includes('noaddr') && !flags.includes('handshake'))
  const answers = await forEach(there, (node) => askNode(seed, node, options))
  const primaries = answers.filter(({ node }) => isPrimary(node) && node.slots.length > 0).toSorted((a, b) => firstSlot(a) - firstSlot(b))
  const shards: Shard[] = []
  const found: DeploymentNode[] = []
  for (const [index, primary] of primaries.entries()) {
    const replicas = answers
      .filter(({ node }) => !isPrimary(node) && node.masterId === primary.node.id)
      .map((replica) => ({ ...replica, state: withLag(replica, primary) }))
    const reading: Reading<Address> = primary.state.known ? { known: true, value: primary.address } : primary.state
    shards.push(chooseScan(reading, replicas, options.preferReplica))
    found.push(...[primary, ...replicas].map((answer) => nodeIn(answer, index)))
  }
  const spare = answers.filter(({ node }) => isPrimary(node) && node.slots.length === 0)
  return {
    topology: 'cluster',
    shards,
    nodes: found,
    notes: notesOf(shards, primaries, spare, nodes),
    sentinel: { known: false, why: 'a cluster has no sentinels', absent: true },
  }
}

/**
 * A replica tells only when it last heard of its primary, which may say nothing for ten seconds (repl-ping-replica-period) while nothing
 * is written; the primary hears of its replicas every second.
 */
function withLag({ node, state }: Asked, { acknowledged }: Asked): Candidate['state'] {
  const lagSeconds = acknowledged.get(hostPort(node.host, node.port))
  return state.known && lagSeconds !== undefined ? { known: true, value: { ...state.value, lagSeconds } } : state
}

/** Asks a node at each address that is announced of it, until one answers that is it. */
async function askNode(seed: Address, node: ClusterNode, options: OpenOptions): Promise<Asked> {
  const failed: Candidate[] = []
  let acknowledged: Asked['acknowledged'] = new Map()
  for (const address of addressesOf(seed, node)) {
    const state = await asked(address, options, async (client) => {
      const [id] = await client.callAll([['CLUSTER', 'MYID']])
      const related = asText(granted(id, 'CLUSTER MYID')) === node.id
      const info = await infoFrom(client)
      acknowledged = new Map(replicationOf(info, 0).replicas.map((replica) => [replica.address, replica.lagSeconds]))
      return { ...replicaState(info, true, undefined), related }
    })
    if (state.known && state.value.related) return { node, address, state, acknowledged }
    failed.push({ address, state: state.known ? { known: false, why: `another server answers at ${nodeName(address)}` } : state })
  }
  return { node, ...failed[0]!, acknowledged }
}

/**
 * With TLS the host name comes first, because that is what certificates are made for. The node that was asked is where it was asked,
 * unless that is the address of many.
 */
function addressesOf(seed: Address, node: ClusterNode): [Address, ...Address[]] {
  const hosts = seed.transport === 'tls' ? [node.hostname, node.host] : [node.host, node.hostname]
  const announced = [...new Set(hosts)].filter((host) => host !== '' && host !== '?').map((host) => peerOf(seed, host, node.port))
  const [first = seed, ...others] = isMyself(node) ? [seed, ...announced] : announced
  return [first, ...others]
}

function firstSlot({ node }: Asked): number {
  return node.slots[0]?.[0] ?? 0
}

function nodeIn({ node, address, state }: Asked, shard: number): DeploymentNode {
  return {
    address,
    name: nodeName(address),
    role: isPrimary(node) ? 'master' : 'replica',
    shard,
    unreachable: state.known ? undefined : state.why,
  }
}

function notesOf(shards: Shard[], primaries: Asked[], spare: Asked[], nodes: readonly ClusterNode[]): string[] {
  const slots = new Set(nodes.flatMap(({ slots }) => slots.map(([from, to]) => `${from}-${to}`)))
  return [
    ...shards.flatMap(({ note }, i) => (note === undefined ? [] : [`shard ${nodeName(primaries[i]!.address)}: ${note}`])),
    ...(spare.length === 0 ? [] : [`without slots, and so without keys: ${spare.map(({ address }) => nodeName(address)).join(', ')}`]),
    ...(slots.size === 0 ? ['no node of the cluster has any slots'] : []),
  ]
}
