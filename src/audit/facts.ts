import type { Info } from '../redis/info.js'
import type { ServerFacts } from '../redis/server-facts.js'
import type { Estimate, Tally } from '../schema/audit.js'
import type { Contract, NameClass } from '../schema/project.js'

/*
 * What rules see. Collectors make these from replies, inventory from the scan; nothing here does I/O. Names of keys, users and
 * the like are as `safeText` writes them, and hashed where the user asked for it; no secret is in any of them.
 */

/** Facts by the name under which a rule asks for them. */
export interface FactsByName {
  /** What the server is (INFO). */
  server: ServerFacts
  /** INFO ALL before the audit sent anything else. */
  info: Info
  /** The server's Unix time, in seconds (`server_time_usec` of INFO); where it does not tell, as 6.0 does not, the audit's own. */
  now: number
  /** What the counters of INFO did over time. */
  counters: Counters
  config: ConfigFacts
  /** Not known while nothing is logged: the log is empty, and off (a negative threshold) or zero entries long. */
  slowlog: SlowlogFacts
  commandlog: CommandlogFacts
  /** Not known while nothing is recorded: there are no events, and latency-monitor-threshold is 0. */
  latency: LatencyFacts
  acl: AclFacts
  /** Refused logins and commands (ACL LOG). */
  aclLog: AclLogEntry[]
  clients: ClientFacts
  scripts: ScriptFacts
  /** The machine under the server; known only when that is this one. */
  host: HostFacts
  replication: ReplicationFacts
  keyspace: KeyspaceFacts
  streams: StreamFacts[]
  cluster: ClusterFacts
  sentinel: SentinelFacts
  /** Every server that was asked, the one that `server` tells of among them. */
  nodes: NodeSummary[]
  /** What the user said that should be so. */
  expected: { role: 'master' | 'replica' | undefined }
}

export type FactName = keyof FactsByName

/**
 * A fact, or why there is none: refused, not there in this version, not asked for. Where there is nothing that it could be about
 * (`absent`), a rule that needs it is not applicable, instead of not assessed.
 */
export type Reading<T> = { known: true; value: T } | { known: false; why: string; absent?: true }

export type Readings = { [N in FactName]?: Reading<FactsByName[N]> }

/** A field of INFO that counts upwards. */
export interface Counters {
  /** From when to when `grown` and `commands` count: since the audit that --since names, or since the server started. */
  basis: 'previous audit' | 'server start'
  seconds: number
  /** How much a counter of INFO grew; 0 when this version does not have it. */
  grown(field: string): number
  /** Calls by command, as INFO commandstats names them (`config|get`; `config` before 7.0), without this audit's own. */
  commands: ReadonlyMap<string, { calls: number; usec: number; rejected: number; failed: number }>
  /** While the audit ran, this audit's own traffic included. */
  during: { seconds: number; grown(field: string): number }
}

export interface ConfigFacts {
  /** The value of a parameter; undefined when this version does not have it, or it may not be read. */
  get(name: string): string | undefined
  /** Where it stands when files are audited: by lower-case name. */
  source: 'server' | 'files'
}

/** SLOWLOG GET, without the audit's own commands. */
export interface SlowlogFacts {
  /** All that are kept, newest first. */
  entries: SlowCommand[]
  /** SLOWLOG LEN: entries that are kept. */
  length: number
}

export interface SlowCommand extends LoggedCommand {
  /** Time that the server was busy with it. */
  microseconds: number
}

/** A command as SLOWLOG and COMMANDLOG keep it. */
export interface LoggedCommand {
  /** Counts up from 0 with the server's start, over resets of the log: the newest tells how many there were. */
  id: number
  /** Unix time, in seconds. */
  at: number
  /** In lower case, with its subcommand: `config get`. */
  command: string
  /**
   * The command and its arguments with numbers and ids masked and values left out: `HGETALL user:<int>`, `KEYS user:*`. Of EVAL the
   * script's beginning, of EVALSHA its whole digest, of FCALL the function: what tells one script from another.
   */
  shape: string
  /** The keys among its arguments, as safeText; those that the server cut off are left out. To be looked up (`big`), not to be shown. */
  keys: string[]
  /** The same keys as they may be shown: hashed where the user asked for it. */
  shownKeys: string[]
  /** Address and port of who sent it; empty or `?:0` for what a script ran, except in Valkey, which names the script's caller. */
  client: string
  /** Empty where it has none. */
  clientName: string
}

/** COMMANDLOG GET, without the audit's own commands (Valkey 8.1). */
export interface CommandlogFacts {
  largeRequests: LargeCommand[]
  largeReplies: LargeCommand[]
}

export interface LargeCommand extends LoggedCommand {
  /** Of the request, or of the reply. */
  bytes: number
}

export interface LatencyFacts {
  /** latency-monitor-threshold; 0 when it is off, undefined when it may not be read. */
  thresholdMs: number | undefined
  events: { event: string; at: number; latestMs: number; maxMs: number }[]
}

export interface AclFacts {
  users: AclUser[]
}

export interface AclUser {
  name: string
  enabled: boolean
  /** Logs in with any password, or none. */
  nopass: boolean
  /** How many passwords it has; the passwords and their hashes are not kept. */
  passwords: number
  /** As ACL LIST writes them: `+@all -@dangerous`; without selectors. */
  commands: string
  /** `~*`, `%R~cache:*` ..., without selectors'. */
  keys: string[]
  channels: string[]
  /** From 7.0 on, `(+get ~cache:*)`: permissions that hold for themselves, beside those above. */
  selectors: AclSelector[]
}

/** What one selector of a user allows. */
export interface AclSelector {
  commands: string
  keys: string[]
  channels: string[]
}

/** One thing that was refused. What this audit itself was refused is not among them. */
export interface AclLogEntry {
  count: number
  /** auth, command, key or channel. */
  reason: string
  object: string
  username: string
  ageSeconds: number
}

/** CLIENT LIST, without our own connections. */
export interface ClientFacts {
  total: number
  /** Named by CLIENT SETNAME. */
  named: number
  users: ReadonlyMap<string, number>
  /** Connections by the host that they come from, most first. */
  sources: { host: string; connections: number }[]
  /** Seconds that each has sent nothing, in ascending order. */
  idleSeconds: number[]
  /** The largest by memory, at most 20. */
  largest: ClientBuffer[]
  replicas: number
  pubsub: ClientBuffer[]
}

export interface ClientBuffer {
  /** `10.0.0.7:51423`, and its name when it has one. */
  client: string
  kind: 'normal' | 'replica' | 'pubsub'
  outputBytes: number
  /** tot-mem; query and output buffers before 7.0. */
  bytes: number
  idleSeconds: number
  lastCommand: string
}

export interface ScriptFacts {
  cachedScripts: number
  evictedScripts: number
  /** Lua and functions, used_memory_vm_total or used_memory_lua. */
  bytes: number
  running: { name: string; milliseconds: number } | undefined
  /** The server answers BUSY. */
  busy: boolean
}

export interface HostFacts {
  /** `always`, `madvise`, `never`. */
  transparentHugePages: string | undefined
  overcommitMemory: number | undefined
}

export interface ReplicationFacts {
  role: 'master' | 'replica'
  replicas: { address: string; state: string; lagSeconds: number; offsetBehindBytes: number }[]
  /** Of a replica; undefined for a master. */
  link: { up: boolean; downSeconds: number; lastIoSeconds: number; syncing: boolean } | undefined
  /** Full resynchronisations that the counters saw. */
  fullSyncs: number
}

/** What the scan found, counted in full or estimated from a sample. */
export interface KeyspaceFacts {
  mode: 'full' | 'sample'
  /** All that was to be read has been. */
  complete: boolean
  keys: Estimate
  bytes: Estimate
  types: ReadonlyMap<string, Tally>
  encodings: ReadonlyMap<string, Tally>
  /** By bytes, largest first; the last may be what fitted no pattern (`other`). */
  patterns: PatternFacts[]
  top: { bytes: KeyFacts[]; elements: KeyFacts[]; idle: KeyFacts[] }
  /** A key that the scan found big, by its name as safeText. */
  big(key: string): KeyFacts | undefined
  hashTags: { tag: string; keys: number; bytes: number }[]
  /** By slot, in a cluster. */
  slots: { keys: ArrayLike<number>; bytes: ArrayLike<number> } | undefined
  /** By shard. */
  shards: { name: string; keys: number; bytes: number }[]
  lengths: 'all' | 'some' | 'none'
  /**
   * Idle times were read and tell of use. False under an LFU policy, which keeps none, when they may not be asked, and when the keys were
   * read from a replica, where what its primary reads does not count as use.
   */
  idleKnown: boolean
  /** Whether the user declared any contract. */
  contracts: boolean
}

export interface PatternFacts {
  pattern: string
  /** What fitted no pattern within the bounds of the inventory. */
  other: boolean
  /** How many parts of the name vary (`<int>`, `<*>` ...). */
  variables: number
  contract: Contract | undefined
  /** What it looks like; the contract's word before the name's. */
  looksLike: NameClass | undefined
  /** Which product writes such names: BullMQ, Sidekiq, Celery ... */
  product: string | undefined
  /** Locks, tokens, sessions, caches, rate limits: what should expire; never when the contract says `ttl: none`. */
  temporary: boolean
  /** Queues and what is declared durable or queue: what may not be evicted. */
  durable: boolean
  keys: Estimate
  bytes: Estimate
  persistent: { keys: Estimate; bytes: Estimate }
  types: ReadonlyMap<string, Tally>
  encodings: ReadonlyMap<string, Tally>
  /** Bytes of the names alone, of all its keys. */
  nameBytes: number
  badNames: { keys: number; examples: string[] }
  /** In seconds; undefined when no key has one. */
  ttl: DistributionFacts | undefined
  /** The minute in which most of its keys expire, `at` its beginning in Unix time (seconds); undefined when none does. */
  peakMinute: { at: number; keys: number } | undefined
  size: DistributionFacts
  /** Sizes by type. */
  sizes: ReadonlyMap<string, DistributionFacts>
  /** In seconds. */
  idle: DistributionFacts | undefined
  /** In seconds, of the keys without a TTL. */
  idlePersistent: DistributionFacts | undefined
  elements: DistributionFacts | undefined
  /** Elements by type and encoding. */
  collections: { type: string; encoding: string; elements: DistributionFacts }[]
  /** Its largest keys by bytes, at most 3. */
  largest: KeyFacts[]
  /** Some of its keys, the same in every audit of a keyspace; at most 3. */
  examples: string[]
  /** Some of its keys without a TTL, at most 3. */
  persistentExamples: string[]
}

/**
 * A distribution over keys that also knows how many bytes they take; in a sample, keys, bytes and sum are scaled to the whole.
 * Bounds and quantiles are exact to two significant digits; min and max are what was seen, exactly.
 */
export interface DistributionFacts {
  keys: number
  bytes: number
  min: number
  max: number
  sum: number
  quantile(q: number): number
  /** Keys and bytes at or above a bound. */
  from(bound: number): Tally
  /** The highest value of each bucket that holds any, and its keys, in ascending order. */
  buckets(): [number, number][]
}

export interface KeyFacts {
  key: string
  pattern: string
  db: number
  type: string
  encoding: string
  bytes: number
  elements: number | undefined
  idleSeconds: number | undefined
  /** Undefined when it never expires. */
  ttlSeconds: number | undefined
}

export interface StreamFacts {
  key: string
  pattern: string
  entries: number
  bytes: number
  /** Entries ever added; 0 when this version does not tell. */
  added: number
  maxDeletedId: string | undefined
  /** Grew while the audit ran, or since the last one. */
  growing: boolean
  groups: StreamGroup[]
}

export interface StreamGroup {
  name: string
  consumers: number
  pending: number
  /** Entries not yet delivered; undefined before 7.0, and where the server can't tell. */
  lag: number | undefined
  /** Age of the oldest pending entry, from its id. */
  oldestPendingSeconds: number | undefined
  /** Asked only when the group has fewer than 1000 consumers. */
  members: { name: string; pending: number; idleSeconds: number; inactiveSeconds: number | undefined }[] | undefined
}

export interface ClusterFacts {
  /** cluster_state, cluster_slots_assigned ... (CLUSTER INFO). */
  info: ReadonlyMap<string, string>
  nodes: {
    address: string
    id: string
    role: 'master' | 'replica'
    masterId: string | undefined
    flags: string[]
    connected: boolean
    slots: [number, number][]
  }[]
  /** CPU and keys by slot (CLUSTER SLOT-STATS, Redis 8.2, Valkey 8.0); undefined where there is none. */
  slotStats: { slot: number; keys: number; cpuUsec: number | undefined; bytes: number | undefined }[] | undefined
  /** Slots in which a node holds keys though it does not own them; undefined when a node did not tell. */
  orphans: { address: string; slot: number; keys: number }[] | undefined
}

export interface SentinelFacts {
  masters: {
    name: string
    address: string
    quorum: number
    /** Other sentinels that it knows, itself not among them. */
    sentinels: { address: string; reachable: boolean; namesPrimary: string | undefined }[]
    replicas: { address: string; reachable: boolean }[]
    downAfterMs: number
    failoverTimeoutMs: number
  }[]
}

export interface NodeSummary {
  address: string
  shard: number
  server: ServerFacts
  config: Reading<ConfigFacts>
}
