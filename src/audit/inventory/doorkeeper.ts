const BITS = 2 ** 20
/** With no more bits set than these, one hash in eight is taken for another that came before. */
const FULL = BITS / 8

/**
 * Lets in what comes for the second time: a set of hashes in 128 KB that begins anew when it is full (a Bloom filter with one
 * function, as TinyLFU has it before its counters: Einziger, Friedman and Manes 2017).
 */
export class Doorkeeper {
  readonly #bits = new Uint32Array(BITS / 32)
  #used = 0

  /** Whether this hash, or another in its place, came before. */
  admits(hash: number): boolean {
    const bit = (hash >>> 0) % BITS
    const mask = 1 << (bit & 31)
    if ((this.#bits[bit >> 5]! & mask) !== 0) return true
    if (this.#used === FULL) {
      this.#bits.fill(0)
      this.#used = 0
    }
    this.#bits[bit >> 5]! |= mask
    this.#used++
    return false
  }
}
