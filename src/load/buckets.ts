/*
 * The bucket layout of HdrHistogram (hdrhistogram.org) for three significant digits from 1 ns to more than an hour:
 * 2048 linear sub-buckets, then 1024 more for each further power of two. Shared by recording and reading.
 */

const SUB_BUCKETS = 2048
const HALF = SUB_BUCKETS / 2
/** 2048 << 31 ns = 73 minutes. */
const LARGEST_BUCKET = 31

/** Highest value that has a bucket of its own, in nanoseconds; longer times count in the last bucket. */
export const HIGHEST_TRACKABLE = SUB_BUCKETS * 2 ** LARGEST_BUCKET - 1

/** How many counters the layout has. */
export const BUCKETS = (LARGEST_BUCKET + 2) * HALF

/** Index of the counter of a value in nanoseconds. */
export function bucketOf(ns: number): number {
  if (ns < 0x7fff_ffff) {
    // 32-bit integers: a few instructions. This is every time below two seconds.
    const value = ns | 0
    const bucket = 21 - Math.clz32(value | (SUB_BUCKETS - 1))
    return bucket * HALF + (value >> bucket)
  }
  if (ns >= HIGHEST_TRACKABLE) return BUCKETS - 1
  const value = Math.floor(ns)
  const bucket = 21 - Math.clz32(Math.floor(value / 0x1_0000)) + 16
  return bucket * HALF + Math.floor(value / 2 ** bucket)
}

/** Lowest value, in nanoseconds, that a counter stands for. */
export function lowestOf(index: number): number {
  const bucket = Math.max(0, Math.floor(index / HALF) - 1)
  return (index - bucket * HALF) * 2 ** bucket
}

/** Highest value, in nanoseconds, that a counter stands for: what HdrHistogram reports for a percentile. */
export function highestOf(index: number): number {
  return lowestOf(index) + 2 ** Math.max(0, Math.floor(index / HALF) - 1) - 1
}
