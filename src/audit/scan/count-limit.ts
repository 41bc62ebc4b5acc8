import type { Batch } from './batch.js'

const FIRST_COUNT = 16
/** Of names in one batch; they are sent back five times. */
const NAME_BYTES = 512 * 1024

/**
 * How many keys one SCAN may ask for, so that long names fill no memory, the server's or ours: begins small, because nothing is known of
 * them, and follows their mean length.
 */
export class CountLimit {
  #limit = FIRST_COUNT
  #meanBytes = 0

  get count(): number {
    return this.#limit
  }

  /** Takes in the names that a batch listed. */
  learn(batch: Batch): void {
    const names = batch.count + batch.tooLong
    if (names === 0) return
    // Long names are believed at once, short ones slowly.
    this.#meanBytes = Math.max(batch.nameBytes / names, this.#meanBytes * 0.9)
    const affordable = Math.max(1, Math.floor(NAME_BYTES / Math.max(1, this.#meanBytes)))
    this.#limit = Math.min(this.#limit * 4, affordable)
  }
}
