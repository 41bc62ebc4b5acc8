import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fittedExponent } from '#redline/stats/exponent.js'

const points = (xs: readonly number[], ys: readonly (number | undefined)[]) => xs.map((x, i) => ({ x, y: ys[i] }))

// Golden values: statistics.linear_regression of Python 3.13, on the logarithms.
test.each([
  [[100, 1000, 10_000, 100_000], [0.9, 1.4, 2.2, 3.1], 0.18076521983288116],
  [[1, 3, 7, 20, 64], [5, 4, 4.5, 3, 3.2], -0.11607218984181716],
])('the exponent of y over x, for x of %j and y of %j', (xs, ys, exponent) => {
  expect(fittedExponent(points(xs, ys))).toBeCloseTo(exponent, 12)
})

test('of a power law it is the power, whatever the factor', () => {
  const power = fc.double({ min: -3, max: 3, noNaN: true })
  const factor = fc.double({ min: 0.001, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(power, factor, (power, factor) => {
      const xs = [10, 100, 1000, 10_000, 1_000_000]
      expect(
        fittedExponent(
          points(
            xs,
            xs.map((x) => factor * x ** power),
          ),
        ),
      ).toBeCloseTo(power, 9)
    }),
  )
})

test.each([
  ['a point that was not measured', [1, 10, 100], [1, undefined, 3]],
  ['a value of 0', [1, 10, 100], [1, 0, 3]],
  ['a value below 0', [1, 10, 100], [1, -1, 3]],
  ['one x alone', [10, 10], [1, 2]],
  ['an x of 0', [0, 10], [1, 2]],
  ['nothing', [], []],
])('with %s there is none', (_, xs, ys) => {
  expect(fittedExponent(points(xs, ys))).toBeUndefined()
})
