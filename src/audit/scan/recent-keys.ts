import { randomBytes } from 'node:crypto'

const SLOTS = 2 ** 17
const MASK = SLOTS - 1
/** As many are saved: what stood in one bucket of a table that shrank by a factor of some thousands. */
const SAVED = 8192
const WORD_BYTES = 4

/** The keys that came last, for a scan that goes on in another process. */
export interface SavedKeys {
  seed: [high: number, low: number]
  /** Their fingerprints, in base64. */
  fingerprints: string
}

/**
 * Remembers fingerprints of the keys that came last, about a hundred thousand, in 1 MB.
 *
 * SCAN lists a key twice when the hash table shrinks between two calls: the bucket at the cursor then holds what stood in several
 * buckets before, some of which have been visited. These keys came shortly before, and there are only as many as fit into one bucket. So a
 * short memory finds them, where a whole one would grow with the keyspace. What it can't find are keys that came more than a hundred
 * thousand keys ago, in a table that shrank by that factor meanwhile.
 *
 * Two different names have the same 64-bit fingerprint, seeded at random, once in 10^19 pairs.
 */
export class RecentKeys {
  readonly #high = new Int32Array(SLOTS)
  readonly #low = new Int32Array(SLOTS)
  #seedHigh = randomBytes(4).readInt32LE()
  #seedLow = randomBytes(4).readInt32LE()
  /** Fingerprints in pairs, in the order in which they came; the oldest are written over. */
  readonly #order = new Int32Array(2 * SAVED)
  #came = 0

  /** Forgets all, as between two databases, where the same names mean other keys. */
  clear(): void {
    this.#high.fill(0)
    this.#low.fill(0)
    this.#came = 0
  }

  save(): SavedKeys {
    const known = this.#order.subarray(0, 2 * Math.min(this.#came, SAVED))
    const bytes = Buffer.alloc(known.length * WORD_BYTES)
    for (const [i, word] of known.entries()) bytes.writeInt32LE(word, i * WORD_BYTES)
    return { seed: [this.#seedHigh, this.#seedLow], fingerprints: bytes.toString('base64') }
  }

  /** Remembers these keys and no others. */
  restore({ seed, fingerprints }: SavedKeys): void {
    this.clear()
    ;[this.#seedHigh, this.#seedLow] = seed
    const bytes = Buffer.from(fingerprints, 'base64')
    for (let at = 0; at + 2 * WORD_BYTES <= bytes.length; at += 2 * WORD_BYTES) {
      this.#remember(bytes.readInt32LE(at), bytes.readInt32LE(at + WORD_BYTES))
    }
  }

  /** Whether this name came shortly before; from now on it has. */
  isRepeated(bytes: Uint8Array, from: number, until: number): boolean {
    let high = this.#seedHigh
    let low = this.#seedLow
    for (let i = from; i < until; i++) {
      const byte = bytes[i]!
      high = Math.imul(high ^ byte, 0x01000193)
      low = Math.imul((low ^ byte) + ((low << 7) | (low >>> 25)), 0x5bd1e995)
    }
    high ^= Math.imul(until - from, 0x2545f491)
    high ^= high >>> 15
    low ^= low >>> 13
    // 0 and 0 stand for an empty place.
    if (high === 0 && low === 0) low = 1
    const slot = slotOf(high, low)
    if (this.#high[slot] === high && this.#low[slot] === low) return true
    this.#remember(high, low)
    return false
  }

  #remember(high: number, low: number): void {
    const slot = slotOf(high, low)
    this.#high[slot] = high
    this.#low[slot] = low
    const at = 2 * (this.#came++ % SAVED)
    this.#order[at] = high
    this.#order[at + 1] = low
  }
}

function slotOf(high: number, low: number): number {
  return (high ^ Math.imul(low, 0x9e3779b1)) & MASK
}
