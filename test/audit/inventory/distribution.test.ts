import * as fc from 'fast-check'
import { build } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { bucketOf, Distribution, distributionFacts, highestOf, lowestOf, spreadOf } from '#redline/audit/inventory/distribution.js'
import { Minutes } from '#redline/audit/inventory/minutes.js'

const ONE = { keys: 1, bytes: 1 }
const value = fc.oneof(
  fc.nat(300),
  fc.nat(1_000_000),
  fc.maxSafeNat().map((each) => Math.floor(each / 2)),
)

function throughJson<T>(value: T): T {
  const json: T = JSON.parse(JSON.stringify(value))
  return json
}

function distributionOf(values: readonly number[], bytesEach = 10): Distribution {
  const distribution = new Distribution()
  for (const each of values) distribution.add(each, bytesEach)
  return distribution
}

test('buckets hold every whole number once, in order, none wider than 1/128 of what it holds', () => {
  fc.assert(
    fc.property(value, (each) => {
      const bucket = bucketOf(each)
      expect(lowestOf(bucket)).toBeLessThanOrEqual(each)
      expect(highestOf(bucket)).toBeGreaterThanOrEqual(each)
      expect(highestOf(bucket) - lowestOf(bucket)).toBeLessThanOrEqual(each / 128)
      expect(bucketOf(highestOf(bucket) + 1)).toBe(bucket + 1)
    }),
  )
})

test('quantiles are those of HdrHistogram with two significant digits', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000_000), { minLength: 1, maxLength: 300 }), (values) => {
      const theirs = build({ numberOfSignificantValueDigits: 2, highestTrackableValue: 2 ** 40, bitBucketSize: 64, useWebAssembly: false })
      for (const each of values) theirs.recordValue(each)
      const ours = distributionFacts([distributionOf(values)], ONE)!
      const max = Math.max(...values)
      for (const percent of [1, 50, 90, 99, 100]) {
        const expected = Math.max(ours.min, Math.min(max, theirs.getValueAtPercentile(percent)))
        expect(ours.quantile(percent / 100), `p${percent}`).toBe(expected)
      }
    }),
  )
})

test('keys, bytes, minimum, maximum and sum are exact, however the values come and are merged', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000_000)), fc.array(fc.nat(1000), { minLength: 1 }), (some, others) => {
      const facts = distributionFacts([distributionOf(some), distributionOf(others)].slice(some.length > 0 ? 0 : 1), ONE)!
      const all = [...some, ...others]
      expect({ ...facts, quantile: 0, from: 0, buckets: 0 }).toEqual({
        keys: all.length,
        bytes: all.length * 10,
        min: Math.min(...all),
        max: Math.max(...all),
        sum: all.reduce((sum, each) => sum + each, 0),
        ...{ quantile: 0, from: 0, buckets: 0 },
      })
      expect(facts.buckets().reduce((sum, [, keys]) => sum + keys, 0)).toBe(all.length)
    }),
  )
})

test('what lies at or above a bound is counted to two significant digits, and exactly beyond the ends', () => {
  const facts = distributionFacts([distributionOf([10, 5000, 5000, 100_000])], ONE)!
  expect(facts.from(0)).toEqual({ keys: 4, bytes: 40 })
  expect(facts.from(5000)).toEqual({ keys: 3, bytes: 30 })
  expect(facts.from(5100)).toEqual({ keys: 1, bytes: 10 })
  expect(facts.from(100_001)).toEqual({ keys: 0, bytes: 0 })
})

test('a sample stands for more keys and bytes, of the same sizes', () => {
  const facts = distributionFacts([distributionOf([100, 200])], { keys: 50, bytes: 40 })!
  expect(facts).toMatchObject({ keys: 100, bytes: 800, min: 100, max: 200, sum: 15_000 })
  expect(facts.from(200)).toEqual({ keys: 50, bytes: 400 })
  expect(facts.quantile(0.5)).toBe(100)
})

test('a distribution goes through JSON unchanged', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const saved = distributionOf(values).save()
      expect(Distribution.restore(throughJson(saved)).save()).toEqual(saved)
    }),
  )
})

test('the spread is that of the single values', () => {
  const { variation, skewness } = spreadOf([
    distributionOf([...Array.from({ length: 90 }, () => 100), ...Array.from({ length: 10 }, () => 200)]),
  ])
  expect(variation).toBeCloseTo(30.15 / 110, 2)
  expect(skewness).toBeCloseTo(2.667, 1)
  expect(spreadOf([distributionOf([7, 7, 7])])).toEqual({ keys: 3, variation: 0, skewness: 0 })
})

function minutesOf(minutes: readonly number[]): Minutes {
  const all = new Minutes()
  for (const minute of minutes) all.add(minute)
  return all
}

test('the minute in which most expire is exact among few, the first of several', () => {
  expect(minutesOf([]).peak()).toBeUndefined()
  expect(minutesOf([7, 9, 9, 8, 8]).peak()).toEqual({ minute: 8, keys: 2 })
})

test('among many minutes one that stands out is found, and its keys are right to a part in a hundred', () => {
  const month = Array.from({ length: 200_000 }, (_, i) => 28_000_000 + ((i * 7919) % 43_200))
  const stampede = Array.from({ length: 30_000 }, () => 28_012_345)
  const peak = minutesOf([...month, ...stampede]).peak()!
  expect(peak.minute).toBe(28_012_345)
  expect(Math.abs(peak.keys - 30_005)).toBeLessThan(300)
  expect(minutesOf([...stampede, ...month].toReversed()).peak()).toEqual(peak)
  const halves = minutesOf(month)
  halves.merge(minutesOf(stampede))
  expect(halves.peak()).toEqual(peak)
  const saved = halves.save()
  expect(Minutes.restore(throughJson(saved)).peak()).toEqual(peak)
})

test('no minute stands out where keys expire evenly', () => {
  const day = Array.from({ length: 144_000 }, (_, i) => 28_000_000 + (i % 1440))
  expect(minutesOf(day).peak()!.keys).toBeLessThan(0.01 * day.length)
})
