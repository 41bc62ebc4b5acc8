import { bucketOf, BUCKETS } from './buckets.js'

/** The recorded times of one distribution, as they travel from a generator thread: counters of `buckets.ts`, and exact ends. */
export interface Recording {
  counts: Float64Array<ArrayBuffer>
  total: number
  /** Nanoseconds; Infinity when nothing was recorded. */
  min: number
  /** Nanoseconds; 0 when nothing was recorded. */
  max: number
  /** Sum of all times, in nanoseconds, for an exact mean. */
  sum: number
}

/**
 * Records times into HdrHistogram buckets. Recording costs one increment and a few comparisons: about 5 ns, where
 * hdr-histogram-js takes about 100. Nothing is sampled and nothing is lost: a count beyond the last bucket still shows in `max`.
 */
export class Recorder {
  readonly recording: Recording = { counts: new Float64Array(BUCKETS), total: 0, min: Infinity, max: 0, sum: 0 }

  /** Records `count` operations that took `ns` nanoseconds each; a negative time (never seen) counts as 0. */
  record(ns: number, count: number): void {
    const value = ns > 0 ? ns : 0
    const recording = this.recording
    recording.counts[bucketOf(value)]! += count
    recording.total += count
    recording.sum += value * count
    if (value < recording.min) recording.min = value
    if (value > recording.max) recording.max = value
  }
}

/** One second of one load: counters that are not zero, as pairs of index and count. */
export interface SeriesSlice {
  operations: number
  errors: number
  buckets: Uint32Array<ArrayBuffer>
  /** Nanoseconds. */
  max: number
}

/**
 * Cuts what is recorded into seconds. It has its own small recorder, emptied at each second's end within the range that was
 * touched, so that cutting needs no timer and its cost does not depend on the width of the layout.
 */
export class SeriesRecorder {
  readonly slices: SeriesSlice[] = []
  readonly #counts = new Uint32Array(BUCKETS)
  readonly #intervalMs: number
  #end: number
  #lowest = BUCKETS
  #highest = -1
  #max = 0
  #operations = 0
  #errors = 0

  /** `start`: performance.now() at which the first interval begins. */
  constructor(start: number, intervalMs = 1000) {
    this.#intervalMs = intervalMs
    this.#end = start + intervalMs
  }

  /** Records `count` operations that ended at `now` (performance.now()) and took `ns` each. */
  record(now: number, ns: number, count: number, errors: number): void {
    while (now >= this.#end) this.cut()
    const index = bucketOf(ns > 0 ? ns : 0)
    this.#counts[index]! += count
    if (index < this.#lowest) this.#lowest = index
    if (index > this.#highest) this.#highest = index
    if (ns > this.#max) this.#max = ns
    this.#operations += count
    this.#errors += errors
  }

  /** Ends the current second. */
  cut(): void {
    const buckets: number[] = []
    for (let i = this.#lowest; i <= this.#highest; i++) {
      if (this.#counts[i] !== 0) buckets.push(i, this.#counts[i]!)
    }
    this.slices.push({ operations: this.#operations, errors: this.#errors, buckets: Uint32Array.from(buckets), max: this.#max })
    if (this.#highest >= 0) this.#counts.fill(0, this.#lowest, this.#highest + 1)
    this.#lowest = BUCKETS
    this.#highest = -1
    this.#max = this.#operations = this.#errors = 0
    this.#end += this.#intervalMs
  }
}
