import { safeText } from '../../core/text.js'
import type { ServerFacts } from '../../redis/server-facts.js'
import { asArray, asMap, asNumber, asText, type Client } from '../../wire/client.js'
import { type Reply, ReplyError } from '../../wire/decoder.js'
import { granted, readingOf } from '../collectors/ask.js'
import type { ClusterFacts, Reading } from '../facts.js'
import { has } from '../versions.js'
import { type ClusterNode, clusterNodes, isMyself, isPrimary, nodeFacts } from './cluster-nodes.js'
import { nodeName } from './deployment.js'

const SLOTS = 16_384
/** COUNTKEYSINSLOT in one write: the server works on them for less than half a millisecond. */
const SLOTS_AT_ONCE = 256

/**
 * What a cluster tells of itself: CLUSTER NODES and INFO of the first client, and of every primary among them the load of its slots and
 * the keys that it holds without owning their slot. To be read after INFO, whose counters it makes grow. Throws only when a
 * connection is lost.
 */
export async function readCluster(
  clients: readonly Client[],
  server: Pick<ServerFacts, 'engine' | 'version'>,
): Promise<Reading<ClusterFacts>> {
  const [first] = clients
  if (!first) return { known: false, why: 'no node of the cluster could be asked' }
  const replies = await first.callAll([
    ['CLUSTER', 'NODES'],
    ['CLUSTER', 'INFO'],
  ])
  const known = readingOf(() => ({
    nodes: clusterNodes(asText(granted(replies[0], 'CLUSTER NODES'))),
    info: fieldsIn(asText(granted(replies[1], 'CLUSTER INFO'))),
  }))
  if (!known.known) return known
  const { nodes, info } = known.value
  const slotStats: NonNullable<ClusterFacts['slotStats']> = []
  let orphans: ClusterFacts['orphans'] = []
  for (const client of clients) {
    const own = await ownNode(client)
    if (!own || !isPrimary(own)) continue
    if (has(server, { redis: '8.2', valkey: '8.0' })) slotStats.push(...(await readSlotStats(client)))
    const held = await readOrphans(client, own)
    orphans = orphans && held && [...orphans, ...held]
  }
  return {
    known: true,
    value: {
      info,
      nodes: nodes.map((node) => nodeFacts(node, first.address.host)),
      slotStats: slotStats.length > 0 ? slotStats.toSorted((a, b) => a.slot - b.slot) : undefined,
      orphans,
    },
  }
}

/** The line of CLUSTER NODES that a node has for itself: it knows best what it owns and takes over. */
async function ownNode(client: Client): Promise<ClusterNode | undefined> {
  const [reply] = await client.callAll([['CLUSTER', 'NODES']])
  const nodes = readingOf(() => clusterNodes(asText(granted(reply, 'CLUSTER NODES'))))
  return nodes.known ? nodes.value.find(isMyself) : undefined
}

/** CLUSTER SLOT-STATS of the slots that a node owns; none when it refuses. */
async function readSlotStats(client: Client): Promise<NonNullable<ClusterFacts['slotStats']>> {
  const [reply] = await client.callAll([['CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', 0, SLOTS - 1]])
  const stats = readingOf(() => asArray(granted(reply, 'CLUSTER SLOT-STATS')).map((entry) => slotStat(entry)))
  return stats.known ? stats.value : []
}

/** `[slot, { key-count, cpu-usec, memory-bytes ... }]`; CPU is counted only where cluster-slot-stats-enabled is yes. */
function slotStat(entry: Reply): NonNullable<ClusterFacts['slotStats']>[number] {
  const [slot, fields] = asArray(entry)
  const stats = asMap(fields)
  const optional = (name: string) => (stats.has(name) ? asNumber(stats.get(name)) : undefined)
  return { slot: asNumber(slot), keys: optional('key-count') ?? 0, cpuUsec: optional('cpu-usec'), bytes: optional('memory-bytes') }
}

/** Asks for the keys of every slot that a primary neither owns nor is taking over; undefined when it refuses. */
async function readOrphans(client: Client, own: ClusterNode): Promise<ClusterFacts['orphans']> {
  const rightful = new Set(own.importing)
  for (const [from, to] of own.slots) for (let slot = from; slot <= to; slot++) rightful.add(slot)
  const foreign = Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => !rightful.has(slot))
  const orphans: NonNullable<ClusterFacts['orphans']> = []
  for (let from = 0; from < foreign.length; from += SLOTS_AT_ONCE) {
    const slots = foreign.slice(from, from + SLOTS_AT_ONCE)
    const replies = await client.callAll(slots.map((slot) => ['CLUSTER', 'COUNTKEYSINSLOT', slot]))
    if (replies.some((reply) => reply instanceof ReplyError)) return undefined
    orphans.push(
      ...slots.flatMap((slot, i) => {
        const keys = typeof replies[i] === 'number' ? replies[i] : 0
        return keys > 0 ? [{ address: nodeName(client.address), slot, keys }] : []
      }),
    )
  }
  return orphans
}

/** `cluster_state:ok` */
function fieldsIn(text: string): Map<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':')
      return colon <= 0 ? [] : [[safeText(line.slice(0, colon)), safeText(line.slice(colon + 1))] as const]
    }),
  )
}
