import * as fc from 'fast-check'
import { build, JsHistogram } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { percentileDistribution } from '#redline/report/text/percentiles.js'

test('a histogram is printed as the library of HdrHistogram prints it, to the letter', () => {
  const digits = fc.constantFrom(1 as const, 2 as const, 3 as const)
  const values = fc.array(fc.tuple(fc.oneof(fc.nat(3000), fc.nat(2 ** 31 - 1)), fc.integer({ min: 1, max: 100_000 })), { maxLength: 40 })
  fc.assert(
    fc.property(digits, values, fc.constantFrom(1, 1000, 1e6), (numberOfSignificantValueDigits, recorded, scale) => {
      const histogram = build({ highestTrackableValue: 2 ** 40, numberOfSignificantValueDigits, bitBucketSize: 64, useWebAssembly: false })
      if (!(histogram instanceof JsHistogram)) throw new TypeError('one in plain JavaScript was asked for')
      for (const [value, count] of recorded) histogram.recordValueWithCount(value, count)
      expect(percentileDistribution(histogram, scale)).toBe(histogram.outputPercentileDistribution(5, scale))
    }),
    { numRuns: 200 },
  )
})
