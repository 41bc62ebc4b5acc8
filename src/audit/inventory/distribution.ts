import type { Tally } from '../../schema/audit.js'
import type { DistributionFacts } from '../facts.js'

/*
 * The bucket layout of HdrHistogram (hdrhistogram.org) for two significant digits: 256 linear buckets from 0, then 128 more for each
 * further power of two. A bucket is never wider than 1/128 of its values.
 */

const SUB_BUCKETS = 256
const HALF = SUB_BUCKETS / 2
const LARGEST = Number.MAX_SAFE_INTEGER

/** The bucket of a value of 0 or more. */
export function bucketOf(value: number): number {
  if (value < 0x7fff_ffff) {
    const whole = value | 0
    const octave = 24 - Math.clz32(whole | (SUB_BUCKETS - 1))
    return octave * HALF + (whole >> octave)
  }
  const whole = Math.floor(Math.min(value, LARGEST))
  const octave = 24 - Math.clz32(Math.floor(whole / 0x1000_0000)) + 28
  return octave * HALF + Math.floor(whole / 2 ** octave)
}

/** The lowest whole number in a bucket. */
export function lowestOf(bucket: number): number {
  const octave = Math.max(0, Math.floor(bucket / HALF) - 1)
  return (bucket - octave * HALF) * 2 ** octave
}

/** The highest whole number in a bucket. */
export function highestOf(bucket: number): number {
  return lowestOf(bucket + 1) - 1
}

/** What a distribution counts, as JSON holds it. */
export type SavedDistribution = [min: number, max: number, sum: number, buckets: number[]]

/** Fields of a bucket in the table: its number + 1 (0: the place is free), its keys, its bytes. */
const FIELDS = 3
const SMALLEST_TABLE = 4

/**
 * Counts keys and their bytes by a value: one hash table in one array, since most patterns have few different values, and there
 * may be thousands of patterns.
 */
export class Distribution {
  keys = 0
  bytes = 0
  min = Infinity
  max = -Infinity
  sum = 0
  #table = new Float64Array(SMALLEST_TABLE * FIELDS)
  #places = SMALLEST_TABLE
  #used = 0

  /** Buckets that hold any. */
  get size(): number {
    return this.#used
  }

  /** Counts a key that has this value (a whole number of 0 or more) and takes these bytes. */
  add(value: number, bytes: number): void {
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    this.sum += value
    this.#count(bucketOf(value), 1, bytes)
  }

  merge(other: Distribution): void {
    this.min = Math.min(this.min, other.min)
    this.max = Math.max(this.max, other.max)
    this.sum += other.sum
    for (const [bucket, keys, bytes] of other.buckets()) this.#count(bucket, keys, bytes)
  }

  #count(bucket: number, keys: number, bytes: number): void {
    this.keys += keys
    this.bytes += bytes
    const table = this.#table
    const mask = this.#places - 1
    // Neighbouring buckets get neighbouring places.
    for (let place = bucket & mask; ; place = (place + 1) & mask) {
      const at = place * FIELDS
      if (table[at] === bucket + 1) {
        table[at + 1]! += keys
        table[at + 2]! += bytes
        return
      }
      if (table[at] === 0) {
        table[at] = bucket + 1
        table[at + 1] = keys
        table[at + 2] = bytes
        if (++this.#used * 4 > this.#places * 3) this.#grow()
        return
      }
    }
  }

  #grow(): void {
    const old = this.#table
    this.#places *= 2
    this.#table = new Float64Array(this.#places * FIELDS)
    const mask = this.#places - 1
    for (let from = 0; from < old.length; from += FIELDS) {
      if (old[from] === 0) continue
      let place = (old[from]! - 1) & mask
      while (this.#table[place * FIELDS] !== 0) place = (place + 1) & mask
      this.#table.set(old.subarray(from, from + FIELDS), place * FIELDS)
    }
  }

  /** What is counted, by bucket in ascending order. */
  buckets(): [bucket: number, keys: number, bytes: number][] {
    const all: [number, number, number][] = []
    for (let at = 0; at < this.#table.length; at += FIELDS) {
      if (this.#table[at] !== 0) all.push([this.#table[at]! - 1, this.#table[at + 1]!, this.#table[at + 2]!])
    }
    return all.toSorted(([a], [b]) => a - b)
  }

  save(): SavedDistribution {
    return [this.min, this.max, this.sum, this.buckets().flat()]
  }

  static restore([min, max, sum, buckets]: SavedDistribution): Distribution {
    const restored = new Distribution()
    for (let at = 0; at < buckets.length; at += FIELDS) restored.#count(buckets[at]!, buckets[at + 1]!, buckets[at + 2]!)
    return Object.assign(restored, { min, max, sum })
  }
}

/** How the values of single keys differ: their standard deviation over their mean, and their skewness; to two significant digits. */
export function spreadOf(parts: readonly Distribution[]): { keys: number; variation: number; skewness: number } {
  const entries = parts.flatMap((part) => part.buckets())
  const [keys, sum] = [totalOf(parts, 'keys'), totalOf(parts, 'sum')]
  const mean = sum / keys
  let [second, third] = [0, 0]
  for (const [bucket, count] of entries) {
    const deviation = (lowestOf(bucket) + highestOf(bucket)) / 2 - mean
    second += count * deviation ** 2
    third += count * deviation ** 3
  }
  if (keys < 2 || !(second > 0) || mean === 0) return { keys, variation: 0, skewness: 0 }
  return { keys, variation: Math.sqrt(second / (keys - 1)) / mean, skewness: third / keys / (second / keys) ** 1.5 }
}

function totalOf(parts: readonly Distribution[], field: 'keys' | 'sum'): number {
  return parts.reduce((sum, part) => sum + part[field], 0)
}

/** How many keys of the keyspace a counted key stands for, and how many bytes a counted byte: 1 unless a sample was counted. */
export interface Scale {
  keys: number
  bytes: number
}

/** What the distributions tell together, none of which may be empty; undefined when there are none. */
export function distributionFacts(parts: readonly Distribution[], scale: Scale): DistributionFacts | undefined {
  if (parts.length === 0) return undefined
  const all = new Distribution()
  for (const part of parts) all.merge(part)
  const buckets = all.buckets()
  const total = tally(buckets, scale)
  return {
    ...total,
    min: all.min,
    max: all.max,
    sum: all.sum * scale.keys,
    quantile: (q) => quantileOf(all, buckets, q),
    from: (bound) => fromBound(all, buckets, bound, total, scale),
    buckets: () => buckets.map(([bucket, keys]) => [Math.min(all.max, highestOf(bucket)), Math.round(keys * scale.keys)]),
  }
}

function tally(buckets: readonly [number, number, number][], scale: Scale): Tally {
  let [keys, bytes] = [0, 0]
  for (const bucket of buckets) {
    keys += bucket[1]
    bytes += bucket[2]
  }
  return { keys: Math.round(keys * scale.keys), bytes: Math.round(bytes * scale.bytes) }
}

/** The highest value of the bucket in which the rank falls, as HdrHistogram has it, within the exact minimum and maximum. */
function quantileOf({ keys, min, max }: Distribution, buckets: readonly [number, number, number][], q: number): number {
  const rank = Math.max(1, Math.ceil(q * keys * (1 - Number.EPSILON)))
  let seen = 0
  const bucket = buckets.find(([, keys]) => (seen += keys) >= rank)
  return bucket === undefined ? max : Math.max(min, Math.min(max, highestOf(bucket[0])))
}

/** The bucket in which the bound lies counts as a whole. */
function fromBound(
  { min, max }: Distribution,
  buckets: readonly [number, number, number][],
  bound: number,
  total: Tally,
  scale: Scale,
): Tally {
  if (bound <= min) return total
  if (bound > max) return { keys: 0, bytes: 0 }
  const first = bucketOf(bound)
  return tally(
    buckets.filter(([bucket]) => bucket >= first),
    scale,
  )
}
