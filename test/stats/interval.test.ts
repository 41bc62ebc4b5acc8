import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { meanInterval, pairedRatio, range } from '#redline/stats/interval.js'

// Golden values: scipy 1.17, stats.t.interval(0.95, n - 1, mean, stats.sem), for ratios over the logarithms.

test.each([
  [[12.1, 11.8, 12.6, 12.0, 12.3], 12.16, 11.781343371836055, 12.538656628163945],
  [[3, 5], 4, -8.706204736174694, 16.706204736174694],
  [[-4, 0, 7, 1], 1, -6.23379682539342, 8.23379682539342],
])('the mean of %j with its interval', (values, estimate, low, high) => {
  expect(meanInterval(values)).toEqual({ rounds: values.length, estimate: near(estimate), low: near(low), high: near(high), why: '' })
})

test.each([
  [
    [96_200, 97_100, 95_400, 96_800, 96_000],
    [71_400, 72_900, 70_800, 71_000, 71_900],
    1.3450195782520424,
    1.3297306547563208,
    1.3604842901157481,
  ],
  [[2, 3], [1, 2], Math.sqrt(3), 0.27849156386124196, 10.772319126674676],
])('the ratio of %j to %j with its interval', (left, right, estimate, low, high) => {
  expect(pairedRatio(left, right)).toEqual({ rounds: left.length, estimate: near(estimate), low: near(low), high: near(high), why: '' })
})

test('a drift that both sides of a round share does not widen the interval, but sides of other rounds do', () => {
  const right = [100, 200, 400, 800]
  const left = right.map((value) => 1.5 * value)
  const { low, high } = pairedRatio(left, right)
  expect([low, high]).toEqual([near(1.5), near(1.5)])
  const mispaired = pairedRatio(left.toReversed(), right)
  expect(mispaired.high! / mispaired.low!).toBeGreaterThan(100)
})

test('rounds that agree leave an interval without width, at their very value', () => {
  for (const value of [0, 0.1, -7.3, 1e300]) {
    expect(meanInterval([value, value, value])).toEqual({ rounds: 3, estimate: value, low: value, high: value, why: '' })
  }
  expect(pairedRatio([0.1, 0.3, 0.7], [0.1, 0.3, 0.7])).toEqual({ rounds: 3, estimate: 1, low: 1, high: 1, why: '' })
})

test('one round gives an estimate, but no interval; no round gives neither', () => {
  const one = { rounds: 1, low: null, high: null, why: 'only 1 valid round measured it' }
  expect(meanInterval([7])).toEqual({ ...one, estimate: 7 })
  expect(pairedRatio([6], [4])).toEqual({ ...one, estimate: near(1.5) })
  const none = { rounds: 0, estimate: null, low: null, high: null }
  expect(meanInterval([])).toEqual({ ...none, why: 'no valid round measured it' })
  expect(pairedRatio([], [])).toEqual({ ...none, why: 'no valid round measured both sides' })
})

test.each([
  [[1, 0], [1, 1], 'one side measured 0'],
  [[1, 1], [0, 1], 'one side measured 0'],
  [[0, 0], [0, 0], 'one side measured 0'],
  [[1, -1], [1, 1], 'one side measured less than 0'],
  [[1, 1], [0, -5], 'one side measured less than 0'],
])('%j has no ratio to %j', (left, right, why) => {
  expect(pairedRatio(left, right)).toEqual({ rounds: 2, estimate: null, low: null, high: null, why })
})

test("rounds that don't come in pairs are a mistake of the caller", () => {
  expect(() => pairedRatio([1, 2], [1])).toThrow('rounds come in pairs, not 2 and 1')
})

const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true })

test('whatever is measured: the estimate lies within, scale carries over, and the sides change places by their reciprocal', () => {
  const rounds = fc.array(fc.tuple(positive, positive), { minLength: 2, maxLength: 10 })
  fc.assert(
    fc.property(rounds, fc.double({ min: 0.01, max: 100, noNaN: true }), (pairs, scale) => {
      const left = pairs.map(([value]) => value)
      const right = pairs.map(([, value]) => value)
      const ratio = pairedRatio(left, right)
      expect(ratio.low).toBeLessThanOrEqual(ratio.estimate!)
      expect(ratio.high).toBeGreaterThanOrEqual(ratio.estimate!)
      const scaled = pairedRatio(
        left.map((value) => value * scale),
        right,
      )
      expect(scaled.low! / ratio.low!).toBeCloseTo(scale, 6)
      expect(pairedRatio(right, left).high! * ratio.low!).toBeCloseTo(1, 6)
      const mean = meanInterval(left)
      expect(mean.high! - mean.estimate!).toBeCloseTo(mean.estimate! - mean.low!, 3)
    }),
    { numRuns: 300, seed: 1 },
  )
})

test('the range of values has the middle one, or the mean of both', () => {
  expect(range([5, 1, 10, 2])).toEqual({ median: 3.5, low: 1, high: 10 })
  expect(range([5, 1, 10])).toEqual({ median: 5, low: 1, high: 10 })
  expect(range([-3])).toEqual({ median: -3, low: -3, high: -3 })
  expect(() => range([])).toThrow(RangeError)
})

const near = (value: number): number => expect.closeTo(value, 9)
