import type { Rng } from '../../core/rng.js'
import type { Batch, ScanRequest } from './batch.js'
import type { BlockPlan } from './sample-plan.js'
import type { Source } from './source.js'

/** Where a table is nearly empty, SCAN visits ten buckets for each key that it shall list, and so often it is asked to go on. */
const MAX_SCANS = 100

/** One SCAN of a block. */
class BlockScan implements ScanRequest {
  readonly cursor: string
  readonly count: number
  readonly block: number
  readonly stratum: number
  readonly part: ScanRequest['part']
  readonly most: number
  /** How many SCANs its block has had, this one included. */
  readonly ordinal: number
  /** Where the block goes on when this did not list enough; known when its keys are listed. */
  next: BlockScan | undefined

  constructor(scan: ScanRequest, ordinal: number) {
    this.cursor = scan.cursor
    this.count = scan.count
    this.block = scan.block
    this.stratum = scan.stratum
    this.part = scan.part
    this.most = scan.most
    this.ordinal = ordinal
  }
}

/**
 * The blocks of a sample, several at once (see sample-plan.ts for why it is done like this). Each takes two SCANs: one step from its
 * start, whose keys are thrown away, for the boundary where it begins, and one for its keys. Of a block that lists too many keys, so many
 * as it shall have are drawn by chance; one that lists too few goes on, at the end of the table at its beginning.
 */
export class SampleSource implements Source {
  readonly #plan: BlockPlan
  /** Number of the plan's first stratum among all strata. */
  readonly #firstStratum: number
  readonly #rng: Rng
  /** The next block to look for. */
  #next = 0
  /** The first of the blocks whose boundaries are being asked. */
  #sought: number | undefined
  /** Blocks of which something has been delivered. */
  #done = 0
  /** How blocks go on, to be sent. */
  #short: BlockScan[] = []
  /** The same, by block, of what has been delivered. */
  readonly #owed = new Map<number, BlockScan>()

  constructor(plan: BlockPlan, firstStratum: number, rng: Rng) {
    this.#plan = plan
    this.#firstStratum = firstStratum
    this.#rng = rng
  }

  next(listed: Batch | undefined, count: number): ScanRequest[] | undefined {
    const { blocks, blockKeys, cursorOf } = this.#plan
    if (listed && this.#sought !== undefined) return this.#readBlocks(listed, this.#sought)
    if (listed) this.#complete(listed)
    const atOnce = Math.max(1, Math.floor(count / blockKeys))
    if (this.#short.length > 0) return this.#short.splice(0, atOnce)
    if (this.#next >= blocks) return undefined
    const first = this.#next
    this.#next = Math.min(blocks, first + atOnce)
    this.#sought = first
    return Array.from({ length: this.#next - first }, (_, i) => this.#scan(cursorOf(first + i), first + i, 'step', 1))
  }

  delivered(batch: Batch): void {
    for (const scan of batch.scans) {
      if (!(scan instanceof BlockScan) || scan.part === 'step') continue
      this.#done = Math.max(this.#done, scan.block + 1)
      if (scan.next) this.#owed.set(scan.block, scan.next)
      else this.#owed.delete(scan.block)
    }
  }

  rewind(): void {
    this.#sought = undefined
    this.#next = this.#done
    this.#short = [...this.#owed.values()]
  }

  #readBlocks(listed: Batch, first: number): ScanRequest[] {
    listed.dropKeys()
    this.#sought = undefined
    return listed.cursors.map((cursor, i) => this.#scan(cursor, first + i, 'block', this.#plan.blockKeys))
  }

  #scan(cursor: string, block: number, part: ScanRequest['part'], count: number): BlockScan {
    const stratum = this.#firstStratum + this.#plan.stratumOf(block)
    return new BlockScan({ cursor, count, block, stratum, part, most: count }, 1)
  }

  /** Makes each block as large as it shall be: notes how those with too few keys go on, thins out those with too many. */
  #complete(listed: Batch): void {
    for (const [i, scan] of listed.scans.entries()) {
      if (!(scan instanceof BlockScan)) continue
      const missing = scan.most - (listed.ends[i]! - (listed.ends[i - 1] ?? 0))
      scan.next = missing > 0 ? this.#goOn(scan, listed.cursors[i]!, missing) : undefined
      if (scan.next) this.#short.push(scan.next)
    }
    listed.thin(({ block, cursor }) => this.#rng.fork(`${block} ${cursor}`))
  }

  /** Only the last block meets the end of the table by right; others would run into those that follow them. */
  #goOn(scan: BlockScan, cursor: string, most: number): BlockScan | undefined {
    const meetsEnd = cursor === '0'
    const isLast = scan.block === this.#plan.blocks - 1
    if (scan.ordinal === MAX_SCANS || (meetsEnd && (!isLast || scan.part === 'rest'))) return undefined
    const { count, block, stratum, part, ordinal } = scan
    return new BlockScan({ cursor, count, block, stratum, part: meetsEnd ? 'rest' : part, most }, ordinal + 1)
  }
}
