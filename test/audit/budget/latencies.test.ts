import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LatencyTally, RecentLatencies } from '#redline/audit/budget/latencies.js'

const latencies = fc.array(fc.double({ min: 0.001, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 500 })
const quantiles = fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1)

/** Nearest rank. */
function quantileOf(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)]!
}

test('a tally knows every quantile to within a percent, however many it counted', () => {
  fc.assert(
    fc.property(latencies, quantiles, (values, q) => {
      const tally = new LatencyTally()
      for (const ms of values) tally.add(ms)
      expect(tally.count).toBe(values.length)
      expect(tally.quantile(q) / quantileOf(values, q)).toBeCloseTo(1, 1.9)
    }),
  )
})

test('recent latencies are the last ones, exactly', () => {
  fc.assert(
    fc.property(latencies, quantiles, fc.integer({ min: 1, max: 100 }), (values, q, capacity) => {
      const recent = new RecentLatencies(capacity)
      for (const ms of values) recent.add(ms)
      expect(recent.quantile(q)).toBe(quantileOf(values.slice(-capacity), q))
    }),
  )
})

test('nothing has no quantile: 0', () => {
  const recent = new RecentLatencies(10)
  expect([new LatencyTally().quantile(0.99), recent.quantile(0.99)]).toEqual([0, 0])
  recent.add(5)
  recent.keepLast(0)
  expect(recent.quantile(0.5)).toBe(0)
})

test('the last latencies know which part of them is above any value', () => {
  fc.assert(
    fc.property(latencies, fc.double({ min: 0, max: 60_000, noNaN: true }), (values, ms) => {
      const recent = new RecentLatencies(100)
      for (const value of values) recent.add(value)
      const last = values.slice(-100)
      expect(recent.size).toBe(last.length)
      expect(recent.shareAbove(ms)).toBeCloseTo(last.filter((value) => value > ms).length / last.length, 12)
    }),
  )
  expect(new RecentLatencies(10).shareAbove(1)).toBe(0)
})
