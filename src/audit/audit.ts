import { randomBytes } from 'node:crypto'
import { ConnectionError, messageOf } from '../core/errors.js'
import type { AuditResult } from '../schema/audit.js'
import { displayAddress } from '../wire/address.js'
import { noTraffic } from '../wire/traffic.js'
import { ProbeThread } from './budget/probe-thread.js'
import type { Checkpoint } from './checkpoint.js'
import { hashedNames, type Naming, PLAIN_NAMES } from './collectors/naming.js'
import { readStreams } from './collectors/streams.js'
import { auditDocument } from './document.js'
import { evaluate, type NodeReadings } from './evaluate.js'
import type { FactName, FactsByName, KeyspaceFacts, NodeSummary, Reading, Readings, StreamFacts } from './facts.js'
import { Redactor } from './inventory/redact.js'
import { type KeyspaceReading, readKeyspace } from './keyspace.js'
import type { AuditOptions } from './options.js'
import type { Ungated } from './policy/apply.js'
import { applySettings } from './policy/settings.js'
import { type ConcludedServer, concludeServer, readServer, type ServerReading, stillThere } from './servers.js'
import { readableShards, scannedServers } from './shards.js'
import { readCluster } from './topology/cluster-facts.js'
import type { Deployment } from './topology/deployment.js'
import { discover } from './topology/discover.js'
import type { OpenOptions } from './topology/open-node.js'

/** What became of an audit. */
export interface Audited {
  audit: Ungated
  /** What was read of the keys; undefined when none were. */
  keyspace: KeyspaceFacts | undefined
  /** The earlier audit that it is compared with. */
  previous: AuditResult | undefined
  /** Where it stopped, when it ended early and can go on. */
  checkpoint: Checkpoint | undefined
}

/**
 * Audits a server and what belongs to it: the other nodes of its cluster, its replicas. Reads first what the servers tell of themselves,
 * then the keys, then puts all of it to the rules. Sends read commands only.
 *
 * What goes wrong once the server has been reached makes the audit a partial one, which says so. Throws ConnectionError when the server
 * can't be reached or is no Redis or Valkey, InputError when options and server don't fit.
 */
export async function runAudit(options: AuditOptions): Promise<Audited> {
  // Its thread starts while the servers are asked what they are.
  const probes = new ProbeThread()
  try {
    return await auditBeside(probes, options)
  } finally {
    await probes.stop()
  }
}

async function auditBeside(probes: ProbeThread, options: AuditOptions): Promise<Audited> {
  const startedAt = new Date()
  const salt = options.redact ? (options.resume?.redact ?? randomBytes(16).toString('hex')) : undefined
  const naming = salt === undefined ? PLAIN_NAMES : hashedNames(new Redactor(salt))
  const traffic = noTraffic()
  const opening = { ...options, traffic }
  const deployment = await discover(options.address, opening)
  let servers = await readServers(deployment, naming, opening)
  try {
    const keys = await readKeys(deployment, servers, salt, { ...options, probes })
    servers = await Promise.all(servers.map((server) => stillThere(server, opening)))
    const streams = await streamFacts(deployment, servers, keys, naming, options)
    const concluded = await Promise.all(servers.map((server) => concludeServer(server, options.since, options.onProgress)))
    const readings: Readings = { ...(await deploymentReadings(deployment, servers, options)), keyspace: keys.facts, streams }
    const lost = [streams, readings.cluster].find((reading): reading is Lost => reading !== undefined && 'lost' in reading)
    const judged = applySettings(evaluate(options.policy.rules, readings, concluded.map(asJudged)), options.policy)
    const seconds = (Date.now() - startedAt.getTime()) / 1000
    const audit = auditDocument({
      startedAt,
      seconds,
      options,
      deployment,
      servers: concluded,
      keys: keys.reading,
      traffic,
      judged,
      failure: keys.failure ?? lost?.why,
    })
    return { audit, keyspace: keys.reading?.facts, previous: options.since, checkpoint: keys.reading?.checkpoint }
  } finally {
    for (const { client } of servers) client.close()
  }
}

/** What a sentinel has in common with a server that holds keys. */
const OF_SENTINELS: ReadonlySet<string> = new Set(['server', 'now', 'acl', 'aclLog', 'clients'] satisfies FactName[])

/** A sentinel has no keys, no slow log, no persistence and hardly a configuration: rules about them have nothing to look at there. */
function asJudged({ node, address, readings }: ConcludedServer): NodeReadings {
  if (node.role !== 'sentinel') return { address, readings }
  const absent = { known: false, why: 'a sentinel has no such thing', absent: true } as const
  const facts = Object.entries(readings).map(([name, reading]) => [name, OF_SENTINELS.has(name) ? reading : absent])
  return { address, readings: Object.fromEntries(facts) }
}

/** Those of the servers that answer, in the order of the deployment. Throws when none does. */
async function readServers(deployment: Deployment, naming: Naming, options: AuditOptions & OpenOptions): Promise<ServerReading[]> {
  const reachable = deployment.nodes.filter(({ unreachable }) => unreachable === undefined)
  const settled = await Promise.allSettled(reachable.map((node) => readServer(node, naming, options)))
  const servers: ServerReading[] = []
  for (const [index, outcome] of settled.entries()) {
    if (outcome.status === 'fulfilled') servers.push(outcome.value)
    else reachable[index]!.unreachable = messageOf(outcome.reason)
  }
  const failed = settled.find((outcome) => outcome.status === 'rejected')
  if (servers.length === 0) throw failed?.reason ?? new ConnectionError(`${displayAddress(options.address)} could not be asked`)
  return servers
}

interface KeysOutcome {
  reading: KeyspaceReading | undefined
  facts: Reading<KeyspaceFacts>
  failure: string | undefined
}

async function readKeys(
  deployment: Deployment,
  servers: readonly ServerReading[],
  salt: string | undefined,
  options: AuditOptions & { probes: ProbeThread },
): Promise<KeysOutcome> {
  const why = (failure: string): KeysOutcome => ({ reading: undefined, facts: { known: false, why: failure }, failure })
  try {
    const { shards, missing, notes } = await readableShards(deployment, servers, options)
    const lacking = lackingText(missing, deployment.shards.length)
    if (shards.length === 0) return why(lacking ?? 'no server has keys')
    const now = servers[0]?.readings.now
    const nowSeconds = now?.known ? now.value : Date.now() / 1000
    const read = await readKeyspace(shards, options, { nowSeconds, salt, shardCount: deployment.shards.length })
    const reading = lacking === undefined ? read : incomplete(read)
    reading.coverage.notes.push(...notes)
    const { unreadable } = reading
    const facts: KeysOutcome['facts'] = unreadable === undefined ? { known: true, value: reading.facts } : { known: false, why: unreadable }
    return { reading, facts, failure: reading.failure ? messageOf(reading.failure) : lacking }
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    return why(messageOf(error))
  }
}

/** Why shards are missing; undefined when none is. */
function lackingText(missing: readonly string[], count: number): string | undefined {
  const [first] = missing
  return first === undefined || count === 1 ? first : `${missing.length} of ${count} shards could not be read: ${first}`
}

/** What was read of some shards, where others are missing. */
function incomplete(reading: KeyspaceReading): KeyspaceReading {
  return { ...reading, facts: { ...reading.facts, complete: false }, coverage: { ...reading.coverage, complete: false } }
}

/** What streams and their groups look like after the scan: they are asked on connections that don't make them look used. */
async function streamFacts(
  deployment: Deployment,
  servers: readonly ServerReading[],
  keys: KeysOutcome,
  naming: Naming,
  options: AuditOptions,
): Promise<Reading<StreamFacts[]>> {
  const { reading, facts } = keys
  if (!reading || !facts.known) return facts.known ? { known: false, why: 'no keys were read' } : facts
  const found: StreamFacts[] = []
  for (const { shard, server } of scannedServers(deployment, servers)) {
    const streams = reading.streams.filter((stream) => stream.shard === shard)
    if (streams.length === 0) continue
    const now = server.readings.now?.known ? server.readings.now.value : Date.now() / 1000
    const wanted = streams.map((stream) => ({ ...stream, pattern: reading.patternOf(stream.name, stream.db) }))
    const mayTouch = server.untouched || options.mayTouch
    const read = await unlessLost([server], () => readStreams(server.client, wanted, { naming, now, mayTouch }))
    if (!read.known) return read
    found.push(...read.value)
  }
  return { known: true, value: found.toSorted((a, b) => b.bytes - a.bytes) }
}

/** Facts of the whole, beside its keys and streams. */
async function deploymentReadings(deployment: Deployment, servers: readonly ServerReading[], options: AuditOptions): Promise<Readings> {
  return {
    sentinel: deployment.sentinel,
    cluster: await clusterReading(deployment, servers),
    nodes: { known: true, value: servers.flatMap(summaryOf) },
    expected: { known: true, value: { role: options.expectedRole } },
  }
}

function clusterReading(
  deployment: Deployment,
  servers: readonly ServerReading[],
): Promise<Reading<FactsByName['cluster']>> | Reading<FactsByName['cluster']> {
  const server = servers[0]?.readings.server
  if (deployment.topology !== 'cluster' || !server?.known) return { known: false, why: 'not a cluster' }
  const there = servers.filter(({ lost }) => lost === undefined)
  const clients = there.map(({ client }) => client)
  return unlessLost(there.length > 0 ? there : servers, () => readCluster(clients, server.value))
}

/** A fact that is not known because its server could not be asked any more: the audit ended early. */
interface Lost {
  known: false
  why: string
  lost: true
}

/** What servers tell late in an audit, when a connection may be lost; that must not cost what was read before. */
async function unlessLost<T>(servers: readonly ServerReading[], read: () => Promise<Reading<T>>): Promise<Reading<T> | Lost> {
  const lost = servers.find((server) => server.lost !== undefined)
  if (lost?.lost !== undefined) return { known: false, why: lost.lost, lost: true }
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    return { known: false, why: messageOf(error), lost: true }
  }
}

function summaryOf({ node, readings }: ServerReading): NodeSummary[] {
  const { server, config } = readings
  if (node.shard === undefined || !server?.known) return []
  return [
    { address: node.name, shard: node.shard, server: server.value, config: config ?? { known: false, why: 'CONFIG GET was not asked' } },
  ]
}
