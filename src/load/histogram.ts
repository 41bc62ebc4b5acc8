import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import type { Latency } from '../schema/result.js'
import { BUCKETS, highestOf, HIGHEST_TRACKABLE, lowestOf } from './buckets.js'
import type { Recording } from './recorder.js'

/** Adds up the recordings of several threads. Counts are added one by one, so nothing is lost. */
export function mergeRecordings(recordings: readonly Recording[]): Recording {
  const merged: Recording = { counts: new Float64Array(BUCKETS), total: 0, min: Infinity, max: 0, sum: 0 }
  for (const recording of recordings) {
    recording.counts.forEach((count, index) => (merged.counts[index]! += count))
    merged.total += recording.total
    merged.min = Math.min(merged.min, recording.min)
    merged.max = Math.max(merged.max, recording.max)
    merged.sum += recording.sum
  }
  return merged
}

/**
 * Value, in nanoseconds, at a percentile (0 to 100): the highest value of the bucket in which the rank falls, as
 * HdrHistogram defines it, but never above the exact maximum. 0 when nothing was recorded.
 */
export function percentile(recording: Recording, percent: number): number {
  // A hair less before rounding up: 99.9 / 100 * 1000 is 999.0000000000001 in floating point.
  const rank = Math.max(1, Math.ceil((percent / 100) * recording.total * (1 - Number.EPSILON)))
  let seen = 0
  for (let index = 0; index < recording.counts.length; index++) {
    seen += recording.counts[index]!
    if (seen >= rank) return Math.min(highestOf(index), recording.max)
  }
  return recording.max
}

/** The summary that a result document holds, in microseconds, with the whole histogram beside it. */
export function toLatency(recording: Recording): Latency {
  const us = (ns: number) => Math.round(ns) / 1000
  return {
    unit: 'us',
    count: recording.total,
    min: recording.total === 0 ? 0 : us(recording.min),
    mean: recording.total === 0 ? 0 : us(recording.sum / recording.total),
    p50: us(percentile(recording, 50)),
    p90: us(percentile(recording, 90)),
    p99: us(percentile(recording, 99)),
    p999: us(percentile(recording, 99.9)),
    max: us(recording.max),
    hdr: encodeHdr(recording),
  }
}

/** HdrHistogram's V2 compressed encoding, base64, readable by every HdrHistogram implementation; values are nanoseconds. */
function encodeHdr(recording: Recording): string {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_TRACKABLE,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false,
  })
  recording.counts.forEach((count, index) => {
    if (count > 0) histogram.recordValueWithCount(lowestOf(index), count)
  })
  return encodeIntoCompressedBase64(histogram)
}
