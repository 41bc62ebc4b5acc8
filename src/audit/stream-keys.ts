import type { KeyRecord, KeySink } from './key-record.js'

/** A stream that the scan came across, by its name as it is. */
export interface StreamKey {
  name: Uint8Array
  shard: number
  db: number
  bytes: number
  /** Entries; undefined when they were not asked for. */
  entries: number | undefined
}

/** Passes records on, and keeps the names of the largest streams: those whose groups are looked at after the scan. */
export class StreamKeys implements KeySink {
  readonly #next: KeySink
  readonly #most: number
  /** The largest so far, and some more: cut back when there are twice as many as wanted. */
  #found: StreamKey[] = []
  #seen = 0

  constructor(next: KeySink, most: number) {
    this.#next = next
    this.#most = most
  }

  /** Streams that were seen, kept or not. */
  get seen(): number {
    return this.#seen
  }

  add(record: KeyRecord): void {
    this.#next.add(record)
    if (record.type !== 'stream') return
    this.#seen++
    this.#found.push({
      name: Uint8Array.from(record.name),
      shard: record.shard,
      db: record.db,
      bytes: record.bytes,
      entries: record.elements,
    })
    if (this.#found.length >= 2 * this.#most) this.#found = this.largest()
  }

  endBlock(stratum: number, keys: number): void {
    this.#next.endBlock(stratum, keys)
  }

  /** The largest, largest first. */
  largest(): StreamKey[] {
    return this.#found.toSorted((a, b) => b.bytes - a.bytes || Buffer.compare(a.name, b.name)).slice(0, this.#most)
  }
}
