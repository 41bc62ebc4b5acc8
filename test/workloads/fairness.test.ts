import { expect, test } from 'vitest'
import { jainIndex } from '#redline/workloads/fairness.js'

test('it is 1 when all got the same, and 1/n when one got everything', () => {
  expect(jainIndex([7, 7, 7, 7])).toBe(1)
  expect(jainIndex([0, 0, 12, 0])).toBe(0.25)
})

test("it is what the paper's example says: k of n served equally gives k/n", () => {
  expect(jainIndex([5, 5, 5, 0, 0, 0, 0, 0, 0, 0])).toBeCloseTo(0.3, 12)
})
