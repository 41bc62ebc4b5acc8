import { expect, test } from 'vitest'
import { marginAxis } from '#redline/report/html/margins.js'

const labels = (low: number, high: number) =>
  [
    ...marginAxis({ low: Math.log(low), high: Math.log(high) })
      .toString()
      .matchAll(/>([^<>]+)<\/text>/g),
  ].map(([, label]) => label)

test('an axis has as many labels as its range has room for', () => {
  expect(labels(1 / 1.3, 1.6)).toEqual(['×0.83', 'asked for', '×1.2', '×1.5'])
  expect(labels(1 / 3, 9)).toEqual(['×0.5', 'asked for', '×2', '×4', '×8'])
  expect(labels(1 / 32, 32)).toEqual(['×0.063', '×0.25', 'asked for', '×4', '×16'])
})
