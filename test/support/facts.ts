import type {
  AclLogEntry,
  AclUser,
  ClientBuffer,
  ClientFacts,
  ClusterFacts,
  CommandlogFacts,
  ConfigFacts,
  Counters,
  DistributionFacts,
  HostFacts,
  KeyFacts,
  KeyspaceFacts,
  LargeCommand,
  LatencyFacts,
  NodeSummary,
  PatternFacts,
  ReplicationFacts,
  ScriptFacts,
  SentinelFacts,
  SlowCommand,
  SlowlogFacts,
  StreamFacts,
  StreamGroup,
} from '#redline/audit/facts.js'
import type { Info } from '#redline/redis/info.js'
import type { ServerFacts } from '#redline/redis/server-facts.js'
import type { Estimate, Tally } from '#redline/schema/audit.js'
import type { Contract } from '#redline/schema/project.js'

/*
 * Facts of a healthy server and keyspace, each overridable by its fields; what follows from another field (the sizes from bytes and
 * keys, the totals from the patterns) does so unless it is given. No rule finds anything in them as they are.
 */

type Fields<T> = { [K in keyof T]?: T[K] }

/** A number that was counted. */
export function exactly(value: number): Estimate {
  return { value, low: value, high: value }
}

const asEstimate = (value: number | Estimate) => (typeof value === 'number' ? exactly(value) : value)

/** Keys that have the same value (a size, a TTL, a length), and the bytes that they take together. */
export interface Values {
  value: number
  keys?: number
  bytes?: number
}

/** The distribution of these values, exactly; one key of no bytes each unless it is said. */
export function distribution(...values: (number | Values)[]): DistributionFacts {
  const all = values.map((value) => ({ keys: 1, bytes: 0, ...(typeof value === 'number' ? { value } : value) }))
  const sorted = all.toSorted((a, b) => a.value - b.value)
  const total = (some: Required<Values>[], field: 'keys' | 'bytes') => some.reduce((sum, each) => sum + each[field], 0)
  const keys = total(sorted, 'keys')
  return {
    keys,
    bytes: total(sorted, 'bytes'),
    min: sorted[0]?.value ?? 0,
    max: sorted.at(-1)?.value ?? 0,
    sum: sorted.reduce((sum, each) => sum + each.value * each.keys, 0),
    quantile: (q) => {
      let seen = 0
      return sorted.find((each) => (seen += each.keys) >= q * keys)?.value ?? 0
    },
    from: (bound) => {
      const above = sorted.filter((each) => each.value >= bound)
      return { keys: total(above, 'keys'), bytes: total(above, 'bytes') }
    },
    buckets: () => sorted.map(({ value, keys }) => [value, keys]),
  }
}

/** Sizes in bytes, whose bytes follow: `sizes({ value: 200_000, keys: 3 })` are 600,000 bytes. */
export function sizes(...values: (number | Values)[]): DistributionFacts {
  return distribution(
    ...values.map((each) => {
      const { value, keys = 1 } = typeof each === 'number' ? { value: each } : each
      return { value, keys, bytes: value * keys }
    }),
  )
}

type PatternFields = Fields<Omit<PatternFacts, 'keys' | 'bytes' | 'persistent' | 'types' | 'encodings' | 'sizes' | 'contract'>> & {
  keys?: number | Estimate
  bytes?: number | Estimate
  /** Keys without a TTL; a number takes its part of the bytes. */
  persistent?: number | { keys: number | Estimate; bytes: number | Estimate }
  types?: Record<string, Tally>
  encodings?: Record<string, Tally>
  sizes?: Record<string, DistributionFacts>
  /** Its pattern is that of the keys unless it is said. */
  contract?: Partial<Contract>
}

/** A thousand strings of 100 bytes that all expire within the day, spread over it. */
export function patternFacts(fields: PatternFields = {}): PatternFacts {
  const { keys: k, bytes: b, persistent: p, types: t, encodings: e, sizes: s, contract, ...rest } = fields
  const keys = asEstimate(k ?? 1000)
  const bytes = asEstimate(b ?? keys.value * 100)
  const persistent = persistentOf(p ?? 0, keys.value, bytes.value)
  const all = { keys: keys.value, bytes: bytes.value }
  const expiring = keys.value - persistent.keys.value
  const pattern = rest.pattern ?? 'page:<int>'
  const size = rest.size ?? distribution({ value: bytes.value / Math.max(1, keys.value), ...all })
  const types = new Map(Object.entries(t ?? { string: all }))
  const onlyType = types.keys().next().value ?? 'string'
  return {
    pattern,
    other: false,
    variables: 1,
    contract: contract && { pattern, ...contract },
    looksLike: undefined,
    product: undefined,
    temporary: false,
    durable: false,
    keys,
    bytes,
    persistent,
    types,
    encodings: new Map(Object.entries(e ?? { embstr: all })),
    nameBytes: 8 * keys.value,
    badNames: { keys: 0, examples: [] },
    ttl: expiring > 0 ? distribution({ value: 43_200, keys: expiring }) : undefined,
    peakMinute: expiring > 0 ? { at: 1_800_000_000, keys: Math.ceil(expiring / 1440) } : undefined,
    size,
    sizes: new Map(Object.entries(s ?? (types.size === 1 ? { [onlyType]: size } : {}))),
    idle: distribution({ value: 60, ...all }),
    idlePersistent:
      persistent.keys.value > 0 ? distribution({ value: 60, keys: persistent.keys.value, bytes: persistent.bytes.value }) : undefined,
    elements: undefined,
    collections: [],
    largest: [],
    examples: [pattern.replaceAll(/<.+?>/g, '1')],
    persistentExamples: persistent.keys.value > 0 ? [pattern.replaceAll(/<.+?>/g, '2')] : [],
    ...rest,
  }
}

function persistentOf(persistent: NonNullable<PatternFields['persistent']>, keys: number, bytes: number): PatternFacts['persistent'] {
  if (typeof persistent !== 'number') return { keys: asEstimate(persistent.keys), bytes: asEstimate(persistent.bytes) }
  return { keys: exactly(persistent), bytes: exactly(keys === 0 ? 0 : (bytes * persistent) / keys) }
}

export function keyFacts(fields: Fields<KeyFacts> = {}): KeyFacts {
  return {
    key: 'page:1',
    pattern: 'page:<int>',
    db: 0,
    type: 'string',
    encoding: 'embstr',
    bytes: 100,
    elements: 20,
    idleSeconds: 60,
    ttlSeconds: undefined,
    ...fields,
  }
}

/** A full, complete scan; keys, bytes, types and encodings are the sums of its patterns. */
export function keyspaceFacts(fields: Fields<KeyspaceFacts> = {}): KeyspaceFacts {
  const patterns = fields.patterns ?? [patternFacts()]
  const sum = (of: (pattern: PatternFacts) => Estimate): Estimate => {
    const each = patterns.map(of)
    const add = (end: keyof Estimate) => each.reduce((total, estimate) => total + estimate[end], 0)
    return { value: add('value'), low: add('low'), high: add('high') }
  }
  const keys = sum((pattern) => pattern.keys)
  const bytes = sum((pattern) => pattern.bytes)
  return {
    mode: 'full',
    complete: true,
    keys,
    bytes,
    types: addTallies(patterns.map((pattern) => pattern.types)),
    encodings: addTallies(patterns.map((pattern) => pattern.encodings)),
    patterns,
    top: { bytes: [], elements: [], idle: [] },
    big: () => undefined,
    hashTags: [],
    slots: undefined,
    shards: [{ name: '127.0.0.1:6379', keys: keys.value, bytes: bytes.value }],
    lengths: 'all',
    idleKnown: true,
    contracts: patterns.some(({ contract }) => contract !== undefined),
    ...fields,
  }
}

function addTallies(maps: ReadonlyMap<string, Tally>[]): Map<string, Tally> {
  const sums = new Map<string, Tally>()
  for (const [name, { keys, bytes }] of maps.flatMap((map) => [...map])) {
    const sum = sums.get(name) ?? { keys: 0, bytes: 0 }
    sums.set(name, { keys: sum.keys + keys, bytes: sum.bytes + bytes })
  }
  return sums
}

/** A master with 1 GB of data and room for another. */
export function serverFacts(fields: Fields<ServerFacts> = {}): ServerFacts {
  return {
    engine: 'redis',
    version: '7.0.15',
    topology: 'standalone',
    role: 'master',
    loading: false,
    usedMemoryBytes: 1024 ** 3,
    maxmemoryBytes: 2 * 1024 ** 3,
    maxmemoryPolicy: 'allkeys-lru',
    opsPerSecond: 100,
    connectedClients: 10,
    keys: 1_000_000,
    runId: '0123456789abcdef0123456789abcdef01234567',
    processId: 1,
    ...fields,
  }
}

const INFO = {
  redis_version: '7.0.15',
  redis_mode: 'standalone',
  uptime_in_seconds: 86_400,
  connected_clients: 10,
  maxclients: 10_000,
  blocked_clients: 0,
  used_memory: 1024 ** 3,
  used_memory_rss: 1.1 * 1024 ** 3,
  used_memory_overhead: 0.1 * 1024 ** 3,
  used_memory_startup: 1024 ** 2,
  used_memory_dataset: 0.9 * 1024 ** 3,
  total_system_memory: 16 * 1024 ** 3,
  maxmemory: 2 * 1024 ** 3,
  maxmemory_policy: 'allkeys-lru',
  mem_fragmentation_ratio: 1.1,
  mem_allocator: 'jemalloc-5.2.1',
  allocator_frag_ratio: 1.05,
  loading: 0,
  rdb_changes_since_last_save: 0,
  rdb_bgsave_in_progress: 0,
  rdb_last_save_time: 1_790_000_000,
  rdb_last_bgsave_status: 'ok',
  rdb_last_cow_size: 0,
  aof_enabled: 0,
  aof_last_bgrewrite_status: 'ok',
  aof_last_write_status: 'ok',
  aof_last_cow_size: 0,
  total_commands_processed: 1_000_000,
  instantaneous_ops_per_sec: 100,
  rejected_connections: 0,
  expired_keys: 0,
  expired_stale_perc: '0.00',
  expired_time_cap_reached_count: 0,
  evicted_keys: 0,
  keyspace_hits: 0,
  keyspace_misses: 0,
  role: 'master',
  connected_slaves: 1,
  cluster_enabled: 0,
}

/** INFO, with these fields in place of a healthy server's, and whole sections (`keyspace`, `commandstats`) by name. An undefined field is left out. */
export function infoFacts(
  fields: Record<string, string | number | undefined> = {},
  sections: Record<string, Record<string, string>> = {},
): Info {
  const all = new Map<string, string>()
  for (const [name, value] of Object.entries({ ...INFO, ...fields })) if (value !== undefined) all.set(name, String(value))
  const bySection = new Map(Object.entries(sections).map(([name, lines]) => [name, new Map(Object.entries(lines))]))
  for (const lines of bySection.values()) for (const [name, value] of lines) all.set(name, value)
  return { fields: all, sections: bySection }
}

type CommandCounts = { calls: number; usec?: number; rejected?: number; failed?: number }

/** What grew, by field of INFO, over a day since the server's start; and while the audit ran, over 10 s. */
export function counters(
  fields: {
    basis?: Counters['basis']
    seconds?: number
    grown?: Record<string, number>
    /** Calls by command, as a number or in full. */
    commands?: Record<string, number | CommandCounts>
    during?: { seconds?: number; grown?: Record<string, number> }
  } = {},
): Counters {
  const { basis = 'server start', seconds = 86_400, grown = {}, commands = {}, during = {} } = fields
  const inFull = (counts: number | CommandCounts) => (typeof counts === 'number' ? { calls: counts } : counts)
  return {
    basis,
    seconds,
    grown: (field) => grown[field] ?? 0,
    commands: new Map(Object.entries(commands).map(([name, counts]) => [name, { usec: 0, rejected: 0, failed: 0, ...inFull(counts) }])),
    during: { seconds: during.seconds ?? 10, grown: (field) => during.grown?.[field] ?? 0 },
  }
}

const CONFIG: Record<string, string> = {
  maxmemory: String(2 * 1024 ** 3),
  'maxmemory-policy': 'allkeys-lru',
  maxclients: '10000',
  'maxmemory-clients': '0',
  bind: '127.0.0.1 -::1',
  'protected-mode': 'yes',
  port: '6379',
  'tls-port': '0',
  timeout: '0',
  'tcp-keepalive': '300',
  'slowlog-log-slower-than': '10000',
  'slowlog-max-len': '128',
  'latency-monitor-threshold': '100',
  'lazyfree-lazy-eviction': 'yes',
  'lazyfree-lazy-expire': 'yes',
  'lazyfree-lazy-server-del': 'yes',
  'lazyfree-lazy-user-del': 'yes',
  'replica-lazy-flush': 'yes',
  'replica-read-only': 'yes',
  'client-output-buffer-limit': 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
  save: '3600 1 300 100 60 10000',
  appendonly: 'no',
  appendfsync: 'everysec',
  'enable-debug-command': 'no',
  'enable-module-command': 'no',
  'hash-max-listpack-entries': '512',
  'hash-max-listpack-value': '64',
  'list-max-listpack-size': '-2',
  'set-max-intset-entries': '512',
  'zset-max-listpack-entries': '128',
  'zset-max-listpack-value': '64',
}

/** The configuration of a 7.0 server in good order, with these parameters in place of its own; undefined: it does not have it. */
export function configFacts(parameters: Record<string, string | undefined> = {}, source: ConfigFacts['source'] = 'server'): ConfigFacts {
  const all = new Map(Object.entries({ ...CONFIG, ...parameters }))
  return { get: (name) => all.get(name), source }
}

export function slowCommand(fields: Fields<SlowCommand> = {}): SlowCommand {
  return {
    id: 1,
    at: 1_790_000_000,
    microseconds: 15_000,
    command: 'get',
    shape: 'GET page:<int>',
    keys: ['page:1'],
    shownKeys: ['page:1'],
    client: '10.0.0.7:51423',
    clientName: '',
    ...fields,
  }
}

/** The slow log with these entries, and no more than them. */
export function slowlogFacts(entries: Fields<SlowCommand>[] = [], length = entries.length): SlowlogFacts {
  return { entries: entries.map((entry, id) => slowCommand({ id, ...entry })), length }
}

/** A command of 2 MB. */
export function largeCommand(fields: Fields<LargeCommand> = {}): LargeCommand {
  const { microseconds: _, ...logged } = slowCommand()
  return { ...logged, bytes: 2 * 1024 ** 2, ...fields }
}

export function commandlogFacts(
  fields: { largeRequests?: Fields<LargeCommand>[]; largeReplies?: Fields<LargeCommand>[] } = {},
): CommandlogFacts {
  const { largeRequests = [], largeReplies = [] } = fields
  return {
    largeRequests: largeRequests.map((entry) => largeCommand(entry)),
    largeReplies: largeReplies.map((entry) => largeCommand(entry)),
  }
}

export function latencyFacts(fields: Fields<LatencyFacts> = {}): LatencyFacts {
  return { thresholdMs: 100, events: [], ...fields }
}

/** A user who may read and write the keys of an application, with one password. */
export function aclUser(fields: Fields<AclUser> = {}): AclUser {
  return {
    name: 'app',
    enabled: true,
    nopass: false,
    passwords: 1,
    commands: '-@all +@read +@write -@dangerous',
    keys: ['~app:*'],
    channels: [],
    selectors: [],
    ...fields,
  }
}

export function aclLogEntry(fields: Fields<AclLogEntry> = {}): AclLogEntry {
  return { count: 1, reason: 'auth', object: 'AUTH', username: 'app', ageSeconds: 60, ...fields }
}

export function clientBuffer(fields: Fields<ClientBuffer> = {}): ClientBuffer {
  return {
    client: '10.0.0.7:51423',
    kind: 'normal',
    outputBytes: 0,
    bytes: 20_000,
    idleSeconds: 0,
    lastCommand: 'get',
    ...fields,
  }
}

/** Ten named connections of a user of its own, from five hosts. */
export function clientFacts(fields: Fields<ClientFacts> = {}): ClientFacts {
  const total = fields.total ?? 10
  return {
    total,
    named: total,
    users: new Map([['app', total]]),
    sources: [7, 8, 9, 10, 11].map((last) => ({ host: `10.0.0.${last}`, connections: total / 5 })),
    idleSeconds: Array.from({ length: total }, () => 0),
    largest: [clientBuffer()],
    replicas: 0,
    pubsub: [],
    ...fields,
  }
}

export function scriptFacts(fields: Fields<ScriptFacts> = {}): ScriptFacts {
  return { cachedScripts: 10, evictedScripts: 0, bytes: 100_000, running: undefined, busy: false, ...fields }
}

export function hostFacts(fields: Fields<HostFacts> = {}): HostFacts {
  return { transparentHugePages: 'madvise', overcommitMemory: 1, ...fields }
}

/** A master with one replica that follows closely. */
export function replicationFacts(fields: Fields<ReplicationFacts> = {}): ReplicationFacts {
  return {
    role: 'master',
    replicas: [{ address: '10.0.0.2:6379', state: 'online', lagSeconds: 0, offsetBehindBytes: 0 }],
    link: undefined,
    fullSyncs: 0,
    ...fields,
  }
}

export function streamFacts(fields: Fields<StreamFacts> = {}): StreamFacts {
  return {
    key: 'events:orders',
    pattern: 'events:<*>',
    entries: 1000,
    bytes: 100_000,
    added: 50_000,
    maxDeletedId: undefined,
    growing: false,
    groups: [],
    ...fields,
  }
}

/** A group whose one consumer has read everything. */
export function streamGroup(fields: Fields<StreamGroup> = {}): StreamGroup {
  return {
    name: 'workers',
    consumers: 1,
    pending: 0,
    lag: 0,
    oldestPendingSeconds: undefined,
    members: [{ name: 'worker-1', pending: 0, idleSeconds: 1, inactiveSeconds: 1 }],
    ...fields,
  }
}

type ClusterNode = ClusterFacts['nodes'][number]

export function clusterNode(fields: Fields<ClusterNode> = {}): ClusterNode {
  return {
    address: '10.0.0.1:6379',
    id: '1'.repeat(40),
    role: 'master',
    masterId: undefined,
    flags: ['master'],
    connected: true,
    slots: [[0, 16383]],
    ...fields,
  }
}

/** Three masters that own all slots. */
export function clusterFacts(fields: Omit<Fields<ClusterFacts>, 'info'> & { info?: Record<string, string> } = {}): ClusterFacts {
  const { info, ...rest } = fields
  const shares: [number, number][] = [
    [0, 5460],
    [5461, 10922],
    [10923, 16383],
  ]
  const healthy = { cluster_state: 'ok', cluster_slots_assigned: '16384', cluster_slots_ok: '16384', cluster_slots_fail: '0' }
  return {
    info: new Map(Object.entries({ ...healthy, ...info })),
    nodes: shares.map((slots, i) => clusterNode({ address: `10.0.0.${i + 1}:6379`, id: String(i + 1).repeat(40), slots: [slots] })),
    slotStats: undefined,
    orphans: [],
    ...rest,
  }
}

type SentinelMaster = SentinelFacts['masters'][number]

/** A primary that three sentinels agree about. */
export function sentinelMaster(fields: Fields<SentinelMaster> = {}): SentinelMaster {
  return {
    name: 'mymaster',
    address: '10.0.0.1:6379',
    quorum: 2,
    sentinels: [
      { address: '10.0.0.2:26379', reachable: true, namesPrimary: '10.0.0.1:6379' },
      { address: '10.0.0.3:26379', reachable: true, namesPrimary: '10.0.0.1:6379' },
    ],
    replicas: [{ address: '10.0.0.2:6379', reachable: true }],
    downAfterMs: 30_000,
    failoverTimeoutMs: 180_000,
    ...fields,
  }
}

export function sentinelFacts(...masters: Fields<SentinelMaster>[]): SentinelFacts {
  return { masters: masters.length === 0 ? [sentinelMaster()] : masters.map((master) => sentinelMaster(master)) }
}

export function nodeSummary(
  fields: { address?: string; shard?: number; server?: ServerFacts; config?: NodeSummary['config'] } = {},
): NodeSummary {
  const { address = '10.0.0.1:6379', shard = 0, server = serverFacts(), config = { known: true, value: configFacts() } } = fields
  return { address, shard, server, config }
}
