import type { OnProgress } from '../core/events.js'
import { messageOf } from '../core/errors.js'
import { type Info, readInfo } from '../redis/info.js'
import type { Client } from '../wire/client.js'
import { countersOf, type EarlierAudit, saveCounters, type SavedCounters } from './collectors/counters.js'
import type { Naming } from './collectors/naming.js'
import { readNode } from './collectors/node.js'
import type { NodeReadings } from './evaluate.js'
import type { Readings } from './facts.js'
import type { AuditOptions } from './options.js'
import type { DeploymentNode } from './topology/deployment.js'
import { openNode } from './topology/open-node.js'

/** One server of a deployment, connected, and what it told before the keys were read. */
export interface ServerReading {
  node: DeploymentNode
  client: Client
  /** Nothing that is asked over this connection makes a key look used. */
  untouched: boolean
  readings: Readings
  /** Milliseconds since the epoch. */
  readAt: number
}

/** Connects to a server and reads what there is beside its keys. Throws ConnectionError. */
export async function readServer(node: DeploymentNode, naming: Naming, options: AuditOptions): Promise<ServerReading> {
  const { client, untouched } = await openNode(node.address, options)
  try {
    const readAt = Date.now()
    const earlier = earlierOf(node, options.since)
    const readings = await readNode(client, { naming, earlier, unhurried: options.budget === 'none' })
    return { node, client, untouched, readings, readAt }
  } catch (error) {
    client.close()
    throw error
  }
}

function earlierOf({ name }: DeploymentNode, since: AuditOptions['since']): EarlierAudit | undefined {
  const node = since?.target.nodes.find((candidate) => candidate.address === name)
  return since && node ? { at: Date.parse(since.startedAt) + since.cost.seconds * 1000, counters: node.counters } : undefined
}

/** What a server told, with its counters over the whole time of the audit. */
export interface ConcludedServer extends NodeReadings {
  node: DeploymentNode
  /** For the next audit; undefined when INFO was refused. */
  counters: SavedCounters | undefined
}

/** Reads INFO once more, after everything else. A server that is gone by then keeps what it had told. */
export async function concludeServer(
  server: ServerReading,
  since: AuditOptions['since'],
  onProgress: OnProgress,
): Promise<ConcludedServer> {
  const { node, client, readings, readAt } = server
  const before = readings.info?.known ? readings.info.value : undefined
  if (before === undefined) return { node, address: node.name, readings, counters: undefined }
  let after: Info
  try {
    after = await readInfo(client)
  } catch (error) {
    onProgress({ kind: 'warning', message: `${node.name} did not answer in the end: ${messageOf(error)}` })
    return { node, address: node.name, readings, counters: saveCounters(before) }
  }
  const seconds = (Date.now() - readAt) / 1000
  const counters = countersOf({ before, at: readAt, after, seconds, earlier: earlierOf(node, since) })
  return {
    node,
    address: node.name,
    readings: { ...readings, counters: { known: true, value: counters } },
    counters: saveCounters(after),
  }
}
