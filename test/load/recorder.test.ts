import * as fc from 'fast-check'
import { build, decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { describe, expect, test } from 'vitest'
import { bucketOf, BUCKETS, highestOf, HIGHEST_TRACKABLE, lowestOf } from '#redline/load/buckets.js'
import { mergeRecordings, percentile, toLatency } from '#redline/load/histogram.js'
import { Recorder, SeriesRecorder } from '#redline/load/recorder.js'

const hdr = () =>
  build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_TRACKABLE,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false,
  })

/** Nanoseconds over the whole range, as many small ones as large ones. */
const times = fc.double({ min: 0, max: Math.log2(HIGHEST_TRACKABLE - 1), noNaN: true }).map((exponent) => Math.floor(2 ** exponent))
const PERCENTS = [1, 50, 90, 99, 99.9, 99.99, 100]

describe('buckets', () => {
  test('every bucket holds its own ends, and none leaves a gap', () => {
    const wrong = Array.from({ length: BUCKETS }, (_, index) => index).filter(
      (index) =>
        bucketOf(lowestOf(index)) !== index ||
        bucketOf(highestOf(index)) !== index ||
        (index > 0 && lowestOf(index) !== highestOf(index - 1) + 1),
    )
    expect(wrong).toEqual([])
  })

  test('a value and its bucket differ by less than 0.1%', () => {
    fc.assert(
      fc.property(times, (ns) => {
        expect(highestOf(bucketOf(ns)) - ns).toBeLessThanOrEqual(ns / 1000)
      }),
    )
  })
})

describe('recording', () => {
  test('percentiles are those of hdr-histogram-js for the same values', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(times, fc.integer({ min: 1, max: 1000 })), { minLength: 1, maxLength: 200 }), (values) => {
        const recorder = new Recorder()
        const reference = hdr()
        for (const [ns, count] of values) {
          recorder.record(ns, count)
          reference.recordValueWithCount(ns, count)
        }
        const top = Math.max(...values.map(([ns]) => ns))
        for (const percent of PERCENTS) {
          expect(percentile(recorder.recording, percent)).toBe(Math.min(top, reference.getValueAtPercentile(percent)))
        }
        expect(recorder.recording.total).toBe(reference.totalCount)
      }),
      { numRuns: 200 },
    )
  })

  test('the encoded histogram is read back by hdr-histogram-js with every count', () => {
    const recorder = new Recorder()
    for (const [ns, count] of [
      [850, 3],
      [120_000, 70],
      [2_500_000, 20],
      [4_000_000_000, 1],
      [60_000_000_000, 2],
    ] as const)
      recorder.record(ns, count)
    const latency = toLatency(recorder.recording)
    const read = decodeFromCompressedBase64(latency.hdr, 64)
    expect(read.totalCount).toBe(96)
    expect(read.getValueAtPercentile(50) / 1000).toBeCloseTo(latency.p50, 0)
    expect(latency).toMatchObject({ count: 96, min: 0.85, max: 60_000_000 })
  })

  test('minimum, maximum and mean are exact where buckets round', () => {
    const recorder = new Recorder()
    recorder.record(1_234_567, 1)
    recorder.record(7_654_321, 3)
    const latency = toLatency(recorder.recording)
    expect(latency).toMatchObject({ min: 1234.567, max: 7654.321 })
    expect(latency.mean).toBeCloseTo((1234.567 + 3 * 7654.321) / 4, 2)
  })

  test('a time beyond the last bucket still counts, and is the maximum', () => {
    const recorder = new Recorder()
    recorder.record(HIGHEST_TRACKABLE * 10, 1)
    recorder.record(-5, 1)
    expect(recorder.recording).toMatchObject({ total: 2, min: 0, max: HIGHEST_TRACKABLE * 10 })
    expect(recorder.recording.counts[BUCKETS - 1]).toBe(1)
  })

  test('threads merge without loss: the whole equals one recorder that saw everything', () => {
    fc.assert(
      fc.property(fc.array(fc.array(times, { maxLength: 50 }), { minLength: 1, maxLength: 4 }), (threads) => {
        const all = new Recorder()
        const parts = threads.map((values) => {
          const own = new Recorder()
          for (const ns of values) {
            own.record(ns, 1)
            all.record(ns, 1)
          }
          return own.recording
        })
        const { sum, counts, ...merged } = mergeRecordings(parts)
        const { sum: whole, counts: expectedCounts, ...expected } = all.recording
        expect(merged).toEqual(expected)
        // As bytes: value by value, thousands of buckets a hundred times take longer than all other tests of the file.
        expect(Buffer.from(counts.buffer).equals(Buffer.from(expectedCounts.buffer))).toBe(true)
        expect(sum).toBeCloseTo(whole, 0)
      }),
    )
  })

  test('nothing recorded is zeros, not NaN or Infinity', () => {
    expect(toLatency(new Recorder().recording)).toMatchObject({ count: 0, min: 0, mean: 0, p50: 0, p999: 0, max: 0 })
  })
})

describe('the series', () => {
  test('operations fall into the second in which they ended, and quiet seconds are kept', () => {
    const series = new SeriesRecorder(100)
    series.record(150, 1000, 2, 0)
    series.record(1099, 5000, 1, 1)
    series.record(3100, 700, 4, 0)
    series.cut()
    expect(series.slices.map(({ operations, errors, max }) => ({ operations, errors, max }))).toEqual([
      { operations: 3, errors: 1, max: 5000 },
      { operations: 0, errors: 0, max: 0 },
      { operations: 0, errors: 0, max: 0 },
      { operations: 4, errors: 0, max: 700 },
    ])
  })
})
