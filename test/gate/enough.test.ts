import { expect, test } from 'vitest'
import { isEnough } from '#redline/gate/enough.js'
import type { ComparedMetric } from '#redline/schema/compare.js'

const metric = (fields: Partial<ComparedMetric>): ComparedMetric => ({
  scenario: 's',
  variant: 'v',
  load: null,
  metric: 'throughput',
  unit: 'ops/s',
  better: 'higher',
  by: 'ratio',
  base: { value: 1, rounds: 6 },
  head: { value: 1, rounds: 6 },
  estimate: 1,
  low: 0.9,
  high: 1.1,
  limit: 0.05,
  allowance: 0,
  p: 1,
  verdict: 'inconclusive',
  why: '',
  noise: 0.1,
  moreRounds: 3,
  ...fields,
})

const enough = (...metrics: ComparedMetric[]) => isEnough({ metrics }, { until: 0.03, failFast: false })

test('every interval has to be as narrow as was asked for', () => {
  expect(enough(metric({ noise: 0.03 }))).toBe(true)
  expect(enough(metric({ noise: 0.031 }))).toBe(false)
  expect(enough(metric({ noise: 0.02 }), metric({ metric: 'p99', noise: 0.2 }))).toBe(false)
  expect(enough(metric({ noise: null }))).toBe(false)
})

test('a verdict alone is enough only when it is beyond doubt, because it was looked for more than once', () => {
  expect(enough(metric({ verdict: 'worse', p: 0.01, noise: 0.1 }))).toBe(false)
  expect(enough(metric({ verdict: 'worse', p: 0.001, noise: 0.1 }))).toBe(true)
  expect(enough(metric({ verdict: 'better', p: 0.0002, noise: 0.1 }))).toBe(true)
  expect(enough(metric({ verdict: 'inconclusive', p: 0.0002, noise: 0.1 }))).toBe(false)
})

test('what has no ratio is not waited for, and nothing at all is not enough', () => {
  const errors = metric({ metric: 'errors', by: 'difference', noise: 0.5 })
  expect(enough(metric({ noise: 0.01 }), errors)).toBe(true)
  expect(enough(metric({ noise: 0.01 }), metric({ estimate: null, noise: null, moreRounds: null }))).toBe(true)
  expect(enough(errors)).toBe(false)
  expect(enough()).toBe(false)
})

test('failing fast, one change for the worse that is beyond doubt is enough, whatever else is unknown', () => {
  const fast = (...metrics: ComparedMetric[]) => isEnough({ metrics }, { until: 0.03, failFast: true })
  const worse = metric({ verdict: 'worse', p: 0.001 })
  expect(fast(worse, metric({ metric: 'p99', noise: 0.4 }))).toBe(true)
  expect(enough(worse, metric({ metric: 'p99', noise: 0.4 }))).toBe(false)
  expect(fast(metric({ verdict: 'worse', p: 0.01 }))).toBe(false)
  expect(fast(metric({ verdict: 'better', p: 0.001 }), metric({ metric: 'p99', noise: 0.4 }))).toBe(false)
  expect(fast(metric({ metric: 'errors', by: 'difference', noise: null, verdict: 'worse', p: 0.0001 }))).toBe(true)
})
