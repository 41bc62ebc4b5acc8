/** The last so many latencies, in milliseconds, in the order in which they came. */
export class RecentLatencies {
  readonly #capacity: number
  #values: number[] = []
  #sorted: number[] | undefined

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return Math.min(this.#capacity, this.#values.length)
  }

  add(ms: number): void {
    this.#values.push(ms)
    // Cut now and then, so that a push does not move the whole array.
    if (this.#values.length >= 2 * this.#capacity) this.#values = this.#values.slice(-this.#capacity)
    this.#sorted = undefined
  }

  /** Forgets all but the last `count`. */
  keepLast(count: number): void {
    this.#values = count === 0 ? [] : this.#values.slice(-count)
    this.#sorted = undefined
  }

  /** The value at a quantile from 0 to 1 (nearest rank); 0 when there is none. */
  quantile(q: number): number {
    const sorted = this.#inOrder()
    return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0
  }

  /** Which part of them is above `ms`; 0 when there is none. */
  shareAbove(ms: number): number {
    const sorted = this.#inOrder()
    const first = sorted.findLastIndex((value) => value <= ms) + 1
    return sorted.length === 0 ? 0 : (sorted.length - first) / sorted.length
  }

  #inOrder(): readonly number[] {
    return (this.#sorted ??= this.#values.slice(-this.#capacity).toSorted((a, b) => a - b))
  }
}

/** Buckets are 1% wide, which is finer than a p99 of some thousand probes is known. */
const LOG_WIDTH = Math.log(1.01)
/** Latencies below are counted as one. */
const LEAST_MS = 0.001

/** All latencies of a scan, however long it takes: counters of logarithmic buckets. */
export class LatencyTally {
  count = 0
  readonly #counts = new Map<number, number>()

  add(ms: number): void {
    const bucket = Math.round(Math.log(Math.max(LEAST_MS, ms)) / LOG_WIDTH)
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1)
    this.count++
  }

  /** In milliseconds, to within half a percent; 0 when there is none. */
  quantile(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.count))
    let seen = 0
    for (const [bucket, count] of [...this.#counts].toSorted(([a], [b]) => a - b)) {
      seen += count
      if (seen >= rank) return Math.exp(bucket * LOG_WIDTH)
    }
    return 0
  }
}
