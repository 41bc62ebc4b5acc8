import type { Address } from '../../wire/address.js'
import type { Stratum } from '../key-record.js'
import type { Refused } from './key-facts.js'
import type { Pace } from './pace.js'
import type { SavedKeys } from './recent-keys.js'
import type { ScanConnectOptions } from './session.js'
import type { Traffic } from '../../wire/traffic.js'

/* What a scan is asked, and what it answers. */

/** A server whose keys are read. */
export interface ScanTarget {
  /** An index: which shard its keys are on. */
  shard: number
  address: Address
  /** Databases to read, in this order. */
  databases: readonly number[]
  /** DBSIZE of each. */
  keys: ReadonlyMap<number, number>
  /** It is a node of a cluster. */
  cluster: boolean
  pace: Pace
}

export interface ScanOptions {
  /** Read every key, or about so many of all targets together, drawn at random. */
  mode: { kind: 'full' } | { kind: 'sample'; keys: number }
  /** What to ask of how a key is used: OBJECT IDLETIME, OBJECT FREQ (under an LFU policy), or nothing. */
  idle: 'idletime' | 'freq' | 'none'
  /**
   * Whether to ask large collections how many elements they have, which makes them look used. `untouched`: only where CLIENT NO-TOUCH
   * prevents that; `all`: also where nothing does; `none`: nowhere.
   */
  lengths: 'untouched' | 'all' | 'none'
  /** Of a sample: the same draws the same places. */
  seed: number
  /** Ends the scan; what was delivered until then is reported. */
  signal: AbortSignal
  connect: ScanConnectOptions
  /** Goes on where an earlier full scan of the same targets ended. */
  resume?: ScanState | undefined
  /** Told now and then how many keys have been delivered, those before a resumption included. */
  onProgress?: ((keys: number) => void) | undefined
  /** Waiting times before each attempt to connect again after a connection was lost, in milliseconds. */
  backoffMs?: readonly number[]
}

/** What became of the keys that were listed. On a still keyspace DBSIZE is the sum of all but `repeated`. */
export interface KeyCounts {
  /** Delivered to the sink. */
  keysSeen: number
  /** Gone when their facts were asked for. */
  vanished: number
  /** Listed once more, as SCAN does when a hash table shrinks; delivered once. */
  repeated: number
  /** This user may not read them. */
  denied: number
  /** In slots that their node does not serve (any more, or yet). */
  elsewhere: number
  /** Their names are longer than a megabyte. */
  longNames: number
}

export interface ShardReport extends KeyCounts, Traffic {
  shard: number
  /** All that was to be read of it has been. */
  complete: boolean
  /** Why it is not; undefined also when the scan was aborted. */
  failure: Error | undefined
  /** Connections that were replaced: they were lost, or the server refused to work for a while. */
  reconnects: number
  /** Whether the large collections were asked for their length. */
  lengths: 'all' | 'some' | 'none'
  /** Commands that the server did not let us use. Their facts are missing in every record: 0 bytes, an empty type, no time to live. */
  refused: readonly Refused[]
  /** Databases that were read to the end. */
  databases: number[]
}

export interface ScanReport extends KeyCounts, Traffic {
  /** `full` also when a sample would have been most of the keys. */
  mode: 'full' | 'sample'
  complete: boolean
  /** Of the first shard that failed. */
  failure: Error | undefined
  reconnects: number
  lengths: 'all' | 'some' | 'none'
  /** Each command once. */
  refused: readonly Refused[]
  databases: number[]
  /** Parts of the keyspace that the sample was drawn from; what `endBlock` counts by. Empty for a full scan. */
  strata: Stratum[]
  shards: ShardReport[]
  /** From here a later full scan goes on; undefined for a sample, whose places would not be the same. */
  state: ScanState | undefined
}

/** How far a full scan came: plain data, to be written as JSON. */
export interface ScanState {
  shards: ShardState[]
}

export interface ShardState {
  shard: number
  /** Without credentials. */
  address: string
  /** Of the process that the cursors belong to. */
  runId: string
  counts: KeyCounts
  /** The keys that came last from the database that is being read. */
  recent: SavedKeys
  databases: { db: number; cursor: string; done: boolean }[]
}
