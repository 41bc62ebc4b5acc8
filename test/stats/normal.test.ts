import { expect, test } from 'vitest'
import { standardNormalQuantile } from '#redline/stats/normal.js'

/* scipy.special.ndtri of SciPy 1.17. */
test.each([
  [1e-6, -4.753424308822899],
  [0.001, -3.090232306167813],
  [0.05, -1.6448536269514729],
  [0.3, -0.5244005127080409],
  [0.8, 0.8416212335729143],
  [0.9, 1.2815515655446004],
  [0.975, 1.959963984540054],
  [0.995, 2.5758293035489004],
  [0.9999999, 5.199337582290661],
])('the quantile of %f is %f', (p, z) => {
  expect(Math.abs(standardNormalQuantile(p) / z - 1)).toBeLessThan(1e-9)
})

test('half of it lies below 0, and nothing is the quantile of what is no probability', () => {
  expect(standardNormalQuantile(0.5)).toBe(0)
  for (const p of [0, 1, -0.1, NaN]) expect(() => standardNormalQuantile(p)).toThrow(RangeError)
})
