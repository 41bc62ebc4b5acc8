import { expect, test } from 'vitest'
import { studentTQuantile } from '#redline/stats/student-t.js'

test('two degrees of freedom have the closed form (2p - 1) / sqrt(2p(1 - p))', () => {
  for (const p of [0.9, 0.975, 0.995, 0.9995]) {
    expect(relativeError(studentTQuantile(p, 2), (2 * p - 1) / Math.sqrt(2 * p * (1 - p)))).toBeLessThan(1e-9)
  }
})

const relativeError = (actual: number, expected: number) => Math.abs(actual / expected - 1)
