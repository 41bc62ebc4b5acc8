import { expect, test } from 'vitest'
import { chiSquareUpperTail } from '#redline/stats/chi-square.js'

test('with two degrees of freedom it is an exponential distribution', () => {
  for (const statistic of [0, 0.1, 1, 5.991464547107979, 50]) {
    expect(chiSquareUpperTail(statistic, 2)).toBeCloseTo(Math.exp(-statistic / 2), 12)
  }
})

test('with four and six degrees of freedom it is a sum of Poisson probabilities', () => {
  for (const statistic of [0.5, 3, 12, 40]) {
    const half = statistic / 2
    expect(chiSquareUpperTail(statistic, 4)).toBeCloseTo(Math.exp(-half) * (1 + half), 12)
    expect(chiSquareUpperTail(statistic, 6)).toBeCloseTo(Math.exp(-half) * (1 + half + half ** 2 / 2), 12)
  }
})

// Critical values of the tables in every textbook (NIST/SEMATECH e-Handbook, 1.3.6.7.4), to their three decimals.
test.each([
  [1, 3.841, 0.05],
  [10, 18.307, 0.05],
  [10, 23.209, 0.01],
  [30, 43.773, 0.05],
  [100, 124.342, 0.05],
])('%i degrees of freedom leave above %d a share of %d', (degrees, statistic, share) => {
  expect(chiSquareUpperTail(statistic, degrees)).toBeCloseTo(share, 4)
})

test('it falls from 1 to 0, also with thousands of degrees of freedom', () => {
  expect(chiSquareUpperTail(0, 4999)).toBe(1)
  expect(chiSquareUpperTail(4998.33, 4999)).toBeCloseTo(0.5, 3)
  expect(chiSquareUpperTail(9000, 4999)).toBeLessThan(1e-100)
})

test('what is no chi-square is refused', () => {
  expect(() => chiSquareUpperTail(-1, 3)).toThrow(RangeError)
  expect(() => chiSquareUpperTail(1, 0)).toThrow(RangeError)
})
