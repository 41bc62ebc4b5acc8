import { factsOf } from '../redis/server-facts.js'
import type { NodeResult } from '../schema/audit.js'
import { displayAddress } from '../wire/address.js'
import { sumOfTraffic, type Traffic } from '../wire/traffic.js'
import { keyspaceResult } from './inventory/result.js'
import type { KeyspaceReading } from './keyspace.js'
import type { AuditOptions } from './options.js'
import type { Ungated } from './policy/apply.js'
import type { ConcludedServer } from './servers.js'
import type { Deployment } from './topology/deployment.js'

export interface DocumentParts {
  startedAt: Date
  seconds: number
  options: AuditOptions
  deployment: Deployment
  servers: readonly ConcludedServer[]
  /** Undefined when no keys were read. */
  keys: KeyspaceReading | undefined
  /** What was sent and got beside the keys. */
  traffic: Traffic
  judged: Pick<Ungated, 'findings' | 'rules'>
  /** Why it ended early. */
  failure: string | undefined
}

/** The result document of an audit of servers, before its policy has judged it. */
export function auditDocument({
  startedAt,
  seconds,
  options,
  deployment,
  servers,
  keys,
  traffic,
  judged,
  failure,
}: DocumentParts): Ungated {
  const { topology } = deployment
  const unreachable = deployment.nodes.flatMap(({ name, unreachable }) =>
    unreachable === undefined ? [] : [`${name} could not be asked: ${unreachable}`],
  )
  const lost = servers.flatMap(({ node, lost }) => (lost === undefined ? [] : [`${node.name} did not answer in the end: ${lost}`]))
  const notes = deployment.notes.filter((note) => !TOLD_BY_NODES.test(note))
  const cost = keys?.cost ?? NO_COST
  const coverage = keys?.coverage ?? nothingRead(topology)
  const interrupted = options.signal.aborted
  return {
    schema: 'redline/audit@1',
    tool: { name: 'redis-redline', version: options.version },
    startedAt: startedAt.toISOString(),
    source: 'server',
    interrupted,
    failure: interrupted ? null : (failure ?? null),
    redacted: options.redact,
    target: { name: displayAddress(options.address), topology, nodes: servers.flatMap((server) => nodeOf(server, deployment)) },
    coverage: { ...coverage, notes: [...new Set([...notes, ...unreachable, ...lost, ...coverage.notes])] },
    ...(keys ? keyspaceResult(keys.facts) : NO_KEYS),
    ...judged,
    cost: { ...cost, ...sumOfTraffic([traffic, cost]), seconds, budget: options.budget === 'none' ? null : options.budget },
  }
}

/** Where keys were read from, when that is not for want of a primary. */
const TOLD_BY_NODES = /^(shard \S+: )?read from its replica [^()]*$/

const NOTHING = { value: 0, low: 0, high: 0 }
/** What a document says of keys where there are none. */
export const NO_KEYS = {
  totals: { keys: NOTHING, bytes: NOTHING, types: {}, encodings: {} },
  patterns: [],
  top: { bytes: [], elements: [], idle: [] },
  hashTags: [],
}
/** What an audit costs that asks no server. */
export const NO_COST = {
  commands: 0,
  bytesSent: 0,
  bytesReceived: 0,
  serverCpuSeconds: null,
  serverCpuShare: null,
  latency: null,
  pausedSeconds: 0,
  backOffs: 0,
}

/** A sentinel has no keys: nothing is missing. Where nothing could be read of what there is, that is not complete. */
function nothingRead(topology: Deployment['topology']): Ungated['coverage'] {
  const complete = topology === 'sentinel'
  return { mode: 'none', complete, keysThere: 0, keysSeen: 0, vanished: 0, databases: [], lengths: 'none', notes: [] }
}

function nodeOf({ node, readings, counters }: ConcludedServer, { shards }: Deployment): NodeResult[] {
  if (!readings.info?.known) return []
  const { role, engine, version, keys, usedMemoryBytes, maxmemoryBytes, maxmemoryPolicy } = factsOf(readings.info.value)
  const shard = node.shard === undefined ? undefined : shards[node.shard]
  const scanned = shard?.scan !== undefined && displayAddress(shard.scan) === displayAddress(node.address)
  return [
    {
      address: node.name,
      role: node.role === 'sentinel' ? 'sentinel' : role,
      ...{ engine, version, keys, usedMemoryBytes, maxmemoryBytes, maxmemoryPolicy, scanned },
      lagSeconds: scanned ? shard.lagSeconds : null,
      counters: counters ?? { runId: '', fields: {}, commands: {} },
    },
  ]
}
