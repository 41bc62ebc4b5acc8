import type { Batch, ScanRequest } from './batch.js'
import { ScanFailure } from './failure.js'

/** What of a database is to be read, in which order, and how far that has come. */
export interface Source {
  /**
   * The SCANs to send next, at most about `count` keys together; undefined when all have been sent. Called with the batch whose
   * SCANs were answered last; whoever does not want its keys drops them there. Throws ScanFailure when the answers make no sense.
   */
  next(listed: Batch | undefined, count: number): ScanRequest[] | undefined
  /** Told when a batch has been delivered whole: from here a broken scan goes on. */
  delivered(batch: Batch): void
  /** Goes back to what was delivered last: what was under way is lost. */
  rewind(): void
}

/** All keys, from a cursor on. */
export class FullSource implements Source {
  /** Where to go on; `0` before the first call, and after the last. */
  cursor: string
  done = false
  readonly #stratum: number

  /** The stratum is -1 in a full scan; else every SCAN of it is a block. */
  constructor(cursor: string, stratum = -1) {
    this.cursor = cursor
    this.#stratum = stratum
  }

  next(listed: Batch | undefined, count: number): ScanRequest[] | undefined {
    const cursor = listed ? listed.cursors[0]! : this.cursor
    if (listed && cursor === '0') return undefined
    // No server does this; something in between that repeats answers would keep us for ever.
    if (listed && cursor === listed.scans[0]!.cursor) throw new ScanFailure(`SCAN does not get beyond the cursor ${cursor}`)
    return [{ cursor, count, block: -1, stratum: this.#stratum, part: this.#stratum < 0 ? 'all' : 'block', most: Infinity }]
  }

  delivered(batch: Batch): void {
    this.cursor = batch.cursors[0]!
    this.done = this.cursor === '0'
  }

  rewind(): void {}
}
