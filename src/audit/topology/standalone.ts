import type { Info } from '../../redis/info.js'
import { numberOf } from '../../redis/info.js'
import type { Address } from '../../wire/address.js'
import { replicationOf } from '../collectors/replication.js'
import type { Reading } from '../facts.js'
import { type Candidate, chooseScan } from './choose.js'
import { type DeploymentNode, nodeName, peerOf, type Shard } from './deployment.js'
import { asked, forEach, infoFrom, replicaState } from './node-view.js'
import type { OpenOptions } from './open-node.js'

/** A primary and its replicas, or the other way round. */
export interface Group {
  shard: Shard
  nodes: DeploymentNode[]
  notes: string[]
}

/** The server at `address`, whose INFO this is, with its replicas; a replica is taken for what was meant, and its primary looked for. */
export async function replicationGroup(address: Address, info: Info, options: OpenOptions & { preferReplica: boolean }): Promise<Group> {
  return info.fields.get('role') === 'slave' ? asReplica(address, info, options) : asPrimary(address, info, options)
}

async function asPrimary(address: Address, info: Info, options: OpenOptions & { preferReplica: boolean }): Promise<Group> {
  const candidates = await forEach(announcedReplicas(info), async ({ host, port, lagSeconds }): Promise<Candidate> => {
    const replica = peerOf(address, host, port)
    const state = await asked(replica, options, async (client) => {
      const own = await infoFrom(client)
      return replicaState(own, sharesData(own, info), lagSeconds)
    })
    return { address: replica, state }
  })
  const shard = chooseScan({ known: true, value: address }, candidates, options.preferReplica)
  return { shard, nodes: [nodeOf(address, 'master'), ...candidates.map(replicaNode)], notes: notesOf(shard) }
}

async function asReplica(address: Address, info: Info, options: OpenOptions): Promise<Group> {
  const host = info.fields.get('master_host') ?? ''
  const primary = peerOf(address, host, numberOf(info, 'master_port') ?? 0)
  const state = await asked(primary, options, async (client) => sharesData(await infoFrom(client), info))
  const related = state.known && state.value
  const { lagSeconds, linkUp } = replicaState(info, true, undefined)
  const note = `${nodeName(address)} is a replica of ${nodeName(primary)}${linkUp ? `, ${lagSeconds} s behind` : ', which it has lost'}: its keys are what was read`
  const why = state.known ? 'another server answers at its address' : state.why
  const nodes = [nodeOf(primary, 'master', related ? undefined : why), nodeOf(address, 'replica')]
  const shard: Shard = {
    primary: related ? primary : undefined,
    scan: address,
    role: 'replica',
    lagSeconds: linkUp ? lagSeconds : null,
    note,
  }
  return { shard, nodes, notes: [note, ...(related ? [] : [`its primary ${nodeName(primary)} could not be asked: ${why}`])] }
}

/** What the primary says of its replicas. */
function announcedReplicas(info: Info): { host: string; port: number; lagSeconds: number }[] {
  return replicationOf(info, 0).replicas.flatMap(({ address, lagSeconds }) => {
    const colon = address.lastIndexOf(':')
    const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
    const port = Number(address.slice(colon + 1))
    return host === '' || port === 0 ? [] : [{ host, port, lagSeconds }]
  })
}

/** A replica takes over the replication id of its primary: another one's data are another's, whatever answers at its address. */
function sharesData(one: Info, other: Info): boolean {
  const id = one.fields.get('master_replid')
  return id !== undefined && id !== '' && id === other.fields.get('master_replid')
}

export function nodeOf(address: Address, role: DeploymentNode['role'], unreachable?: string): DeploymentNode {
  return { address, name: nodeName(address), role, shard: role === 'sentinel' ? undefined : 0, unreachable }
}

export function replicaNode({ address, state }: { address: Address; state: Reading<unknown> }): DeploymentNode {
  return nodeOf(address, 'replica', state.known ? undefined : state.why)
}

function notesOf({ note }: Shard): string[] {
  return note === undefined ? [] : [note]
}
