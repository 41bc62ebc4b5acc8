import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { betaQuantile, regularisedBeta } from '#redline/stats/beta.js'

test('the quantile and the distribution undo each other', () => {
  const shape = fc.double({ min: 0.5, max: 50_000, noNaN: true })
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), shape, shape, (p, a, b) => {
      const x = betaQuantile(p, a, b)
      fc.pre(1 - x > 1e-6) // nearer to 1, a rounding of x alone moves p further than what is asked
      expect(regularisedBeta(x, 1 - x, a, b)).toBeCloseTo(p, 8)
    }),
  )
})

test('a quantile near 1, where the distribution is steep, is as exact as any', () => {
  const [p, a, b] = [0.8764764914393309, 1192.9628343458642, 0.5]
  const x = betaQuantile(p, a, b)
  expect(regularisedBeta(x, 1 - x, a, b)).toBeCloseTo(p, 8)
})

test('where the distribution has a closed form, so has its quantile', () => {
  for (const p of [0.025, 0.5, 0.975]) {
    expect(betaQuantile(p, 1, 1)).toBeCloseTo(p, 10)
    expect(betaQuantile(p, 7, 1)).toBeCloseTo(p ** (1 / 7), 10)
    expect(betaQuantile(p, 1, 100_000)).toBeCloseTo(1 - (1 - p) ** 1e-5, 10)
  }
})
