/**
 * What a scan read of one key. The scan reuses the object: whoever is given one takes what it wants to keep, before it
 * returns; `name` may be kept only as a copy.
 */
export interface KeyRecord {
  name: Uint8Array
  /** Which shard it is on: an index; 0 where there is but one. */
  shard: number
  db: number
  /** As TYPE says: string, hash, list, set, zset, stream, or a module's. */
  type: string
  /** As OBJECT ENCODING says: embstr, int, raw, listpack, ziplist, intset, quicklist, hashtable, skiplist, stream ...; empty when not told. */
  encoding: string
  /** MEMORY USAGE. */
  bytes: number
  /** -1 when it never expires. */
  ttlMs: number
  /** Milliseconds since the scan began, when this was read: what remains of a TTL counts from then. */
  afterMs: number
  /** OBJECT IDLETIME; undefined under an LFU policy or when it may not be asked. */
  idleSeconds: number | undefined
  /** OBJECT FREQ, under an LFU policy. */
  frequency: number | undefined
  /** Fields, members or entries, characters of a string; undefined when it was not asked, or could not be without touching the key. */
  elements: number | undefined
}

/** Who takes the records of a scan. */
export interface KeySink {
  add(record: KeyRecord): void
  /**
   * Ends a block of a sample: keys of one stratum that were drawn together, the `keys` that were added since the block before; it may be
   * none. Not called in a full scan. The stratum is a (shard, database), or a part of one, numbered from 0.
   */
  endBlock(stratum: number, keys: number): void
}

/** A part of the keyspace from which a sample was drawn. */
export interface Stratum {
  shard: number
  db: number
  /** Keys that are there (DBSIZE, CLUSTER COUNTKEYSINSLOT). */
  keys: number
  /** All of it was read, because a sample would have been most of it: nothing about it is estimated. */
  whole: boolean
}
