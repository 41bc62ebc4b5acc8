import type { Batch, ScanRequest } from './batch.js'
import type { BlockPlan } from './sample-plan.js'
import type { Source } from './source.js'

/**
 * The blocks of a sample, several at once. Each takes two SCANs: one step from its start, whose keys are thrown away, for the
 * boundary where it begins (see sample-plan.ts), and one for its keys.
 */
export class SampleSource implements Source {
  readonly #plan: BlockPlan
  /** Number of the plan's first stratum among all strata. */
  readonly #firstStratum: number
  /** The next block to look for. */
  #next = 0
  /** The first of the blocks whose boundaries are being asked. */
  #sought: number | undefined
  /** Blocks that have been delivered. */
  #done = 0
  /** What the last block lacks because it met the end of the table. */
  #rest: ScanRequest | undefined
  #restIsDue = false

  constructor(plan: BlockPlan, firstStratum: number) {
    this.#plan = plan
    this.#firstStratum = firstStratum
  }

  next(listed: Batch | undefined, count: number): ScanRequest[] | undefined {
    const { blocks, blockKeys, cursorOf } = this.#plan
    if (listed && this.#sought !== undefined) return this.#readBlocks(listed, this.#sought)
    if (listed) this.#lookForRest(listed)
    if (this.#restIsDue) {
      this.#restIsDue = false
      return [this.#rest!]
    }
    if (this.#next >= blocks) return undefined
    const first = this.#next
    this.#next = Math.min(blocks, first + Math.max(1, Math.floor(count / blockKeys)))
    this.#sought = first
    return Array.from({ length: this.#next - first }, (_, i) => this.#scan(cursorOf(first + i), 1, first + i, 'step'))
  }

  delivered(batch: Batch): void {
    const { block, part } = batch.scans.at(-1)!
    if (part === 'block') this.#done = block + 1
  }

  rewind(): void {
    const { blocks } = this.#plan
    this.#sought = undefined
    this.#next = this.#done
    // Known only when the last block had been read, and may have been read in vain.
    this.#restIsDue = this.#rest !== undefined && this.#done === blocks
  }

  #readBlocks(listed: Batch, first: number): ScanRequest[] {
    listed.dropKeys()
    this.#sought = undefined
    return listed.cursors.map((cursor, i) => this.#scan(cursor, this.#plan.blockKeys, first + i, 'block'))
  }

  /** When the last block ends with the table and not with its keys, what it lacks is read from the beginning, as one more block. */
  #lookForRest(listed: Batch): void {
    const { blocks, blockKeys } = this.#plan
    const { block, cursor } = listed.scans.at(-1)!
    const keys = listed.ends.at(-1)! - (listed.ends.at(-2) ?? 0)
    if (block !== blocks - 1 || cursor === '0' || listed.cursors.at(-1) !== '0' || keys >= blockKeys) return
    this.#rest = this.#scan('0', blockKeys - keys, blocks, 'block')
    this.#restIsDue = true
  }

  #scan(cursor: string, count: number, block: number, part: ScanRequest['part']): ScanRequest {
    return { cursor, count, block, stratum: this.#firstStratum + this.#plan.stratumOf(Math.min(block, this.#plan.blocks - 1)), part }
  }
}
