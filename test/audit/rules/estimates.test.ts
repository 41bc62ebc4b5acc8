import { expect, test } from 'vitest'
import { inferred, leastShare, shareOf, sumOf } from '#redline/audit/rules/estimates.js'
import { exactly, patternFacts } from '../../support/rules.js'

test('counted numbers add up exactly, estimates by the squares of their errors', () => {
  expect(sumOf([exactly(3), exactly(4)])).toEqual(exactly(7))
  expect(sumOf([])).toEqual(exactly(0))
  expect(
    sumOf([
      { value: 10, low: 7, high: 16 },
      { value: 10, low: 6, high: 18 },
    ]),
  ).toEqual({ value: 20, low: 15, high: 30 })
  expect(sumOf([{ value: 1, low: -5, high: 7 }]).low).toBe(0)
})

test('a share is between 0 and 1, and nothing has no shares', () => {
  expect([shareOf(1, 4), shareOf(5, 4), shareOf(-1, 4), shareOf(1, 0)]).toEqual([0.25, 1, 0, 0])
  expect(leastShare({ value: 50, low: 20, high: 80 }, { value: 100, low: 90, high: 110 })).toBe(0.2)
})

test('a number about some keys is as exact as that of all keys', () => {
  expect(inferred(30, patternFacts({ keys: { value: 100, low: 50, high: 200 } }))).toEqual({ value: 30, low: 15, high: 60 })
  expect(inferred(30, patternFacts({ keys: 100 }))).toEqual(exactly(30))
  expect(inferred(0, patternFacts({ keys: 0 }))).toEqual(exactly(0))
})
