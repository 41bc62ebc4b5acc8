import { randomBytes } from 'node:crypto'

const SLOTS = 2 ** 17
const MASK = SLOTS - 1

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
  readonly #seedHigh = randomBytes(4).readInt32LE()
  readonly #seedLow = randomBytes(4).readInt32LE()

  /** Forgets all, as between two databases, where the same names mean other keys. */
  clear(): void {
    this.#high.fill(0)
    this.#low.fill(0)
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
    const slot = (high ^ Math.imul(low, 0x9e3779b1)) & MASK
    if (this.#high[slot] === high && this.#low[slot] === low) return true
    this.#high[slot] = high
    this.#low[slot] = low
    return false
  }
}
