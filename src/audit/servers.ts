import type { OnProgress } from '../core/events.js'
import { ConnectionError, messageOf } from '../core/errors.js'
import { readInfo } from '../redis/info.js'
import { factsOf } from '../redis/server-facts.js'
import type { Client } from '../wire/client.js'
import { countersOf, type EarlierAudit, saveCounters, type SavedCounters } from './collectors/counters.js'
import type { Naming } from './collectors/naming.js'
import { readNode } from './collectors/node.js'
import type { NodeReadings } from './evaluate.js'
import type { Readings } from './facts.js'
import type { AuditOptions } from './options.js'
import type { DeploymentNode } from './topology/deployment.js'
import { openNode, type OpenOptions } from './topology/open-node.js'

/** One server of a deployment, connected, and what it told before the keys were read. */
export interface ServerReading {
  node: DeploymentNode
  client: Client
  /** Nothing that is asked over this connection makes a key look used. */
  untouched: boolean
  readings: Readings
  /** Milliseconds since the epoch. */
  readAt: number
  /** Why it can't be asked any more; undefined while it can. */
  lost: string | undefined
}

/** Connects to a server and reads what there is beside its keys. Throws ConnectionError. */
export async function readServer(node: DeploymentNode, naming: Naming, options: AuditOptions & OpenOptions): Promise<ServerReading> {
  const { client, untouched } = await openNode(node.address, options)
  try {
    const readAt = Date.now()
    const earlier = earlierOf(node, options.since)
    const readings = await readNode(client, { naming, earlier, unhurried: options.budget === 'none' })
    return { node, client, untouched, readings, readAt, lost: undefined }
  } catch (error) {
    client.close()
    throw error
  }
}

/**
 * Makes sure that a server can be asked once more when its keys have been read. Its connection had nothing to do meanwhile, which for
 * hours may be reason enough to cut it (`timeout`, a firewall): a lost one is replaced, by one to the same process. Never rejects: a
 * server that is gone says so in `lost`.
 */
export async function stillThere(server: ServerReading, options: AuditOptions & OpenOptions): Promise<ServerReading> {
  try {
    await server.client.callAll([['PING']])
    return server
  } catch (error) {
    if (options.signal.aborted) return { ...server, lost: messageOf(error) }
  }
  try {
    const { client, untouched } = await openNode(server.node.address, options)
    try {
      await requireSameProcess(client, server)
    } catch (error) {
      client.close()
      throw error
    }
    return { ...server, client, untouched }
  } catch (error) {
    return { ...server, lost: messageOf(error) }
  }
}

async function requireSameProcess(client: Client, { node, readings }: ServerReading): Promise<void> {
  const before = readings.server?.known ? readings.server.value.runId : ''
  if (before === '' || before === factsOf(await readInfo(client)).runId) return
  throw new ConnectionError(`${node.name} was restarted while it was audited, or another server answers there now`)
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
  /** Why it was not there any more in the end. */
  lost?: string
}

/** Reads INFO once more, after everything else. A server that is gone by then keeps what it had told. */
export async function concludeServer(
  server: ServerReading,
  since: AuditOptions['since'],
  onProgress: OnProgress,
): Promise<ConcludedServer> {
  const { node, client, readings, readAt, lost } = server
  const before = readings.info?.known ? readings.info.value : undefined
  if (before === undefined) return { node, address: node.name, readings, counters: undefined }
  const after = lost ?? (await readInfo(client).catch(messageOf))
  if (typeof after === 'string') {
    onProgress({ kind: 'warning', message: `${node.name} did not answer in the end: ${after}` })
    return { node, address: node.name, readings, counters: saveCounters(before), lost: after }
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
