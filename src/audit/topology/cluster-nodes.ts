import { safeText } from '../../core/text.js'
import { hostPort } from '../../wire/address.js'
import type { ClusterFacts } from '../facts.js'

/** A line of CLUSTER NODES. */
export interface ClusterNode {
  id: string
  /** Without the brackets of IPv6; empty when the node does not know its own. */
  host: string
  /** Where the node announces one (7.0). */
  hostname: string
  port: number
  flags: string[]
  masterId: string | undefined
  connected: boolean
  slots: [number, number][]
  /** Slots that it is taking over, and so holds keys of. */
  importing: number[]
}

/**
 * Reads CLUSTER NODES (https://redis.io/docs/latest/commands/cluster-nodes/): `id ip:port@bus[,hostname] flags master ping pong epoch
 * link slot ...`. What is no such line is left out.
 */
export function clusterNodes(text: string): ClusterNode[] {
  return text.split('\n').flatMap((line) => {
    const [id = '', where = '', flags = '', master = '', , , , link = '', ...slots] = line.trim().split(' ')
    const [, host, port, rest = ''] = /^(.*):(\d+)(?:@\d+)?((?:,.*)?)$/.exec(where) ?? []
    if (!/^[0-9a-f]{40}$/.test(id) || host === undefined) return []
    const hostname = rest.slice(1).split(',')[0] ?? ''
    return [
      {
        id,
        host: safeText(host.replace(/^\[(.*)\]$/, '$1')),
        // From 7.2 on names and values follow as well: shard-id=...
        hostname: hostname.includes('=') ? '' : safeText(hostname),
        port: Number(port),
        flags: flags.split(',').map((flag) => safeText(flag)),
        masterId: /^[0-9a-f]{40}$/.test(master) ? master : undefined,
        connected: link === 'connected',
        slots: slots.flatMap(slotRange),
        importing: slots.flatMap((slot) => importingSlot(slot)),
      },
    ]
  })
}

const LAST_SLOT = 16_383

/** `0-5460`, `5461`; a slot that moves (`[93->-id]`, `[77-<-id]`) is no range. */
function slotRange(text: string): [number, number][] {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? []
  if (from === undefined) return []
  const range: [number, number] = [Number(from), Number(to)]
  return range[0] <= range[1] && range[1] <= LAST_SLOT ? [range] : []
}

function importingSlot(text: string): number[] {
  const [, slot] = /^\[(\d{1,5})-<-/.exec(text) ?? []
  return slot === undefined ? [] : [Number(slot)]
}

/** The node that answered. */
export function isMyself({ flags }: ClusterNode): boolean {
  return flags.includes('myself')
}

export function isPrimary({ flags }: ClusterNode): boolean {
  return flags.includes('master')
}

/** As facts tell of it; `here` is the host of the node that was asked, which may not know its own. */
export function nodeFacts(node: ClusterNode, here: string): ClusterFacts['nodes'][number] {
  return {
    address: hostPort(node.host || here, node.port),
    id: node.id,
    role: isPrimary(node) ? 'master' : 'replica',
    masterId: node.masterId,
    flags: node.flags,
    connected: isMyself(node) || node.connected,
    slots: node.slots,
  }
}
