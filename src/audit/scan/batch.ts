import type { Rng } from '../../core/rng.js'
import { PTTL, MEMORY, ENCODING, IDLE, FREQUENCY, type Fact } from './key-facts.js'
import { RequestBuffer } from './request-buffer.js'

/** What is known of a key's existence. */
export const HERE = 0
/** It was listed, and gone when its facts were asked for. */
export const VANISHED = 1
/** This user may not read it. */
export const DENIED = 2
/** In a slot that its node does not serve. */
export const ELSEWHERE = 3

/** A SCAN to send: where it begins, how many keys it asks for, and to which block of a sample they belong. */
export interface ScanRequest {
  cursor: string
  count: number
  /** Number of the block; -1 in a full scan. */
  block: number
  /** Which stratum its keys were drawn from; -1 in a full scan. */
  stratum: number
  /**
   * `all`: there are no blocks. `step`: its keys are thrown away. `block`: they belong to a block of a sample; `rest`: to the last one,
   * which goes on at the beginning of the table.
   */
  part: 'all' | 'step' | 'block' | 'rest'
  /** Of a block: how many of the keys that are listed belong to it, at most. */
  most: number
}

/** Names that take more room than this are not kept for the next batch. */
const KEPT_BYTES = 1024 ** 2
const FIRST_KEYS = 512

/**
 * The keys that one or several SCANs listed, and their facts as they come in: columns of numbers, because objects for each key
 * would cost more than the server does. The same few batches are used again and again.
 */
export class Batch {
  /** Keys that were listed. */
  count = 0
  /** What SCAN answered, as it was sent: names lie in it, framed by their lengths. */
  raw: Buffer = Buffer.allocUnsafe(32 * 1024)
  nameFrom = new Int32Array(FIRST_KEYS)
  nameUntil = new Int32Array(FIRST_KEYS)
  status = new Uint8Array(FIRST_KEYS)
  types = new Uint8Array(FIRST_KEYS)
  encodings = new Uint8Array(FIRST_KEYS)
  ttlMs = new Float64Array(FIRST_KEYS)
  bytes = new Float64Array(FIRST_KEYS)
  /** Seconds, or frequency; -1 when not known. */
  idle = new Float64Array(FIRST_KEYS)
  /** -1 when not known. */
  elements = new Float64Array(FIRST_KEYS)

  scans: readonly ScanRequest[] = []
  /** Where each SCAN ended: the cursor that it returned, and how many keys had been listed by then. */
  readonly cursors: string[] = []
  readonly ends: number[] = []
  /** Keys whose names are too long to be asked about. */
  tooLong = 0
  /** Bytes of all names, also of those that are too long. */
  nameBytes = 0

  /** The facts that were asked of each key. */
  asked: readonly Fact[] = []
  /** Keys whose type is asked, in that order. */
  readonly untyped: number[] = []
  /** Keys whose length is asked, in that order. */
  readonly measured: number[] = []
  /** All that was asked has been answered. */
  complete = false
  /** When its facts were asked for, or, before that, its keys; in milliseconds. */
  sentAt = 0
  /** What this batch sends; it lies here until the answers show that it has been read. */
  readonly requests = new RequestBuffer()

  /** Empties it for other keys. */
  begin(scans: readonly ScanRequest[]): void {
    if (this.raw.length > KEPT_BYTES) this.raw = Buffer.allocUnsafe(32 * 1024)
    this.requests.clear()
    this.scans = scans
    this.count = 0
    this.cursors.length = 0
    this.ends.length = 0
    this.tooLong = 0
    this.nameBytes = 0
    this.asked = []
    this.untyped.length = 0
    this.measured.length = 0
    this.complete = false
  }

  /** Takes a name that lies in `raw`. */
  list(from: number, until: number): void {
    const key = this.count++
    if (key === this.nameFrom.length) this.#grow()
    this.nameFrom[key] = from
    this.nameUntil[key] = until
    this.nameBytes += until - from
    this.status[key] = HERE
    this.types[key] = 0
    this.encodings[key] = 0
    this.ttlMs[key] = -1
    this.bytes[key] = 0
    this.idle[key] = -1
    this.elements[key] = -1
  }

  /** Forgets the keys that were listed. */
  dropKeys(): void {
    this.count = 0
    this.tooLong = 0
    this.ends.fill(0)
  }

  /** Keeps of the keys of each SCAN at most `most`, drawn at random. */
  thin(randomFor: (scan: ScanRequest) => Rng): void {
    let from = 0
    let to = 0
    for (const [index, scan] of this.scans.entries()) {
      const until = this.ends[index]!
      const isThinned = until - from > scan.most
      const rng = isThinned ? randomFor(scan) : undefined
      let wanted = Math.min(scan.most, until - from)
      for (let key = from; key < until; key++) {
        // Selection sampling: of those that are left, so many are still wanted.
        if (rng && rng.below(until - key) >= wanted) continue
        wanted--
        this.nameFrom[to] = this.nameFrom[key]!
        this.nameUntil[to++] = this.nameUntil[key]!
      }
      from = until
      this.ends[index] = to
    }
    this.count = to
  }

  nameOf(key: number): Buffer {
    return this.raw.subarray(this.nameFrom[key], this.nameUntil[key])
  }

  /** Takes a fact that is a number, or the id of a word. */
  take(key: number, fact: Fact, value: number): void {
    switch (fact) {
      case PTTL:
        // -2: there is no such key.
        if (value === -2) this.status[key] = VANISHED
        this.ttlMs[key] = value
        break
      case MEMORY:
        this.bytes[key] = value
        break
      case ENCODING:
        this.encodings[key] = value
        break
      case IDLE:
      case FREQUENCY:
        this.idle[key] = value
        break
    }
  }

  #grow(): void {
    const length = this.nameFrom.length * 2
    this.nameFrom = grown(this.nameFrom, new Int32Array(length))
    this.nameUntil = grown(this.nameUntil, new Int32Array(length))
    this.status = grown(this.status, new Uint8Array(length))
    this.types = grown(this.types, new Uint8Array(length))
    this.encodings = grown(this.encodings, new Uint8Array(length))
    this.ttlMs = grown(this.ttlMs, new Float64Array(length))
    this.bytes = grown(this.bytes, new Float64Array(length))
    this.idle = grown(this.idle, new Float64Array(length))
    this.elements = grown(this.elements, new Float64Array(length))
  }
}

function grown<T extends Int32Array | Uint8Array | Float64Array>(column: T, longer: T): T {
  longer.set(column)
  return longer
}
