import type { KeyRecord } from '../key-record.js'

/** What is estimated from a sample, in this order. */
export const MEASURES = ['keys', 'bytes', 'persistentKeys', 'persistentBytes'] as const
export type Measure = (typeof MEASURES)[number]

/**
 * Blocks of a stratum are put into so many groups, so that memory does not grow with the sample: with the blocks drawn at random, the
 * groups are a sample of larger blocks (random groups: Wolter, Introduction to Variance Estimation, ch. 2).
 */
const GROUPS = 64

/** Which blocks were drawn, and which patterns had keys in the one that is being drawn. */
export class Blocks {
  /** By stratum: how many blocks were drawn, and how many keys by group. */
  readonly #strata = new Map<number, { blocks: number; keys: number[] }>()
  #touched: SampleCounts[] = []

  touch(counts: SampleCounts): void {
    this.#touched.push(counts)
  }

  end(stratum: number, keys: number): void {
    let drawn = this.#strata.get(stratum)
    if (drawn === undefined) this.#strata.set(stratum, (drawn = { blocks: 0, keys: [] }))
    const group = drawn.blocks++ % GROUPS
    drawn.keys[group] = (drawn.keys[group] ?? 0) + keys
    for (const counts of this.#touched) counts.endBlock(stratum * GROUPS + group)
    this.#touched = []
  }

  /** Forgets the block that is being drawn: it will not be complete. */
  drop(): void {
    for (const counts of this.#touched) counts.drop()
    this.#touched = []
  }

  /** Keys that were drawn, by stratum and group; groups are numbered through all strata, as in SampleCounts. */
  drawn(): Map<number, Map<number, number>> {
    return new Map(
      Array.from(this.#strata, ([stratum, { keys }]) => [stratum, new Map(keys.map((drawn, group) => [stratum * GROUPS + group, drawn]))]),
    )
  }

  save(): [stratum: number, blocks: number, keys: number[]][] {
    return Array.from(this.#strata, ([stratum, { blocks, keys }]) => [stratum, blocks, keys])
  }

  static restore(saved: ReturnType<Blocks['save']>): Blocks {
    const restored = new Blocks()
    for (const [stratum, blocks, keys] of saved) restored.#strata.set(stratum, { blocks, keys })
    return restored
  }
}

/** What was seen of one pattern, by group of blocks. */
export class SampleCounts {
  readonly #blocks: Blocks
  readonly #groups = new Map<number, Float64Array>()
  /** Of the block that is being drawn; undefined while it has shown no key of the pattern. */
  #current: Float64Array | undefined

  constructor(blocks: Blocks) {
    this.#blocks = blocks
  }

  add(record: KeyRecord): void {
    const current = this.#open()
    current[0]!++
    current[1]! += record.bytes
    if (record.ttlMs >= 0) return
    current[2]!++
    current[3]! += record.bytes
  }

  #open(): Float64Array {
    if (this.#current === undefined) {
      this.#current = new Float64Array(MEASURES.length)
      this.#blocks.touch(this)
    }
    return this.#current
  }

  endBlock(group: number): void {
    if (this.#current === undefined) return
    this.#addTo(group, this.#current)
    this.#current = undefined
  }

  drop(): void {
    this.#current = undefined
  }

  #addTo(group: number, values: Float64Array): void {
    const sums = this.#groups.get(group)
    if (sums === undefined) this.#groups.set(group, values.slice())
    else values.forEach((value, i) => (sums[i]! += value))
  }

  merge(other: SampleCounts): void {
    for (const [group, values] of other.#groups) this.#addTo(group, values)
    if (other.#current === undefined) return
    const current = this.#open()
    other.#current.forEach((value, i) => (current[i]! += value))
    other.#current = undefined
  }

  /** A measure in each group of blocks that showed any key. */
  byGroup(measure: Measure): Map<number, number> {
    const at = MEASURES.indexOf(measure)
    return new Map(Array.from(this.#groups, ([group, values]) => [group, values[at]!]))
  }

  save(): [group: number, ...values: number[]][] {
    return Array.from(this.#groups, ([group, values]) => [group, ...values])
  }

  static restore(blocks: Blocks, saved: ReturnType<SampleCounts['save']>): SampleCounts {
    const restored = new SampleCounts(blocks)
    for (const [group, ...values] of saved) restored.#groups.set(group, Float64Array.from(values))
    return restored
  }
}
