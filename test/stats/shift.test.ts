import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pooledShift, type Shift, signedRankShift, welchShift } from '#redline/stats/shift.js'
import { studentTUpperTail } from '#redline/stats/student-t.js'
import { golden, relativeError } from './golden/golden.js'

const AGREEMENT = 1e-9

test("Student's upper tail is SciPy's", () => {
  for (const { t, df, p } of golden.tTails) expect(relativeError(studentTUpperTail(t, df), p), `t ${t}, df ${df}`).toBeLessThan(AGREEMENT)
  expect(studentTUpperTail(Infinity, 4)).toBe(0)
  expect(studentTUpperTail(-Infinity, 4)).toBe(1)
  expect(() => studentTUpperTail(1, 0)).toThrow(RangeError)
})

describe.each([
  ["Welch's t", golden.welch, welchShift],
  ["Student's t with the pooled variance", golden.pooled, pooledShift],
])('%s is that of SciPy', (_, cases, shiftOf) => {
  test.each(cases)('case %#', ({ base, head, estimate, intervals, bounds }) => {
    const shift = shiftOf(base, head)!
    expect(relativeError(shift.estimate, estimate)).toBeLessThan(AGREEMENT)
    for (const [confidence, ends] of Object.entries(intervals)) {
      const own = shift.interval(Number(confidence))!
      own.forEach((end, i) => expect(relativeError(end, ends[i]!)).toBeLessThan(AGREEMENT))
    }
    for (const { bound, above, below } of bounds) {
      expect(relativeError(shift.pAbove(bound), above)).toBeLessThan(AGREEMENT)
      expect(relativeError(shift.pBelow(bound), below)).toBeLessThan(AGREEMENT)
    }
  })
})

test('one value beside a group has the prediction interval of a further value of the group', () => {
  for (const { base, head, low, high } of golden.predictions) {
    const interval = pooledShift(base, head)!.interval(0.95)!
    expect(relativeError(interval[0], low)).toBeLessThan(AGREEMENT)
    expect(relativeError(interval[1], high)).toBeLessThan(AGREEMENT)
  }
})

describe("signed ranks are Wilcoxon's, by SciPy and by going through all signs", () => {
  test.each(golden.signedRanks)('case %#', ({ differences, estimate, intervals, bounds }) => {
    const shift = signedRankShift(differences)!
    expect(relativeError(shift.estimate, estimate)).toBeLessThan(AGREEMENT)
    for (const [confidence, ends] of Object.entries(intervals)) {
      const errors = shift.interval(Number(confidence))?.map((end, i) => (ends === null ? Infinity : relativeError(end, ends[i]!))) ?? []
      expect(errors).toHaveLength(ends === null ? 0 : 2)
      expect(Math.max(0, ...errors)).toBeLessThan(AGREEMENT)
    }
    for (const { bound, above, below } of bounds) {
      expect(relativeError(shift.pAbove(bound), above)).toBeLessThan(AGREEMENT)
      expect(relativeError(shift.pBelow(bound), below)).toBeLessThan(AGREEMENT)
    }
  })

  test('five pairs give no interval of 95%, six do', () => {
    expect(signedRankShift([1, 2, 3, 4, 5])!.interval(0.95)).toBeNull()
    expect(signedRankShift([1, 2, 3, 4, 5, 6])!.interval(0.95)).toEqual([1, 6])
  })

  test('what equals the bound speaks for neither side', () => {
    const shift = signedRankShift([2, 2, 2, 2, 2, 2])!
    expect([shift.pAbove(2), shift.pBelow(2)]).toEqual([1, 1])
    expect([shift.pAbove(1.9), shift.pBelow(2.1)]).toEqual([2 ** -6, 2 ** -6])
  })
})

const value = fc.double({ min: -1, max: 1, noNaN: true })
const bound = fc.double({ min: -1.5, max: 1.5, noNaN: true })
const group = fc.array(value, { minLength: 2, maxLength: 12 })

test.each<[string, (base: number[], head: number[]) => Shift | undefined]>([
  ['Welch', welchShift],
  ['pooled', pooledShift],
  ['signed ranks', (base, head) => signedRankShift(base.map((one, i) => (head[i] ?? 0) - one))],
])('%s: a bound lies outside the interval exactly when the evidence against it says so', (_, shiftOf) => {
  fc.assert(
    fc.property(group, group, bound, fc.constantFrom(0.9, 0.95, 0.99), (base, head, bound, confidence) => {
      const shift = shiftOf(base, head)!
      const interval = shift.interval(confidence)
      if (interval === null) return
      const least = (1 - confidence) / 2
      const nearly = Math.min(...[shift.pAbove(bound), shift.pBelow(bound)].map((p) => Math.abs(p - least))) < 1e-9
      if (nearly) return
      expect(shift.pAbove(bound) < least).toBe(interval[0] > bound)
      expect(shift.pBelow(bound) < least).toBe(interval[1] < bound)
    }),
    { numRuns: 500, seed: 1 },
  )
})

test('groups that do not vary are certain', () => {
  const shift = welchShift([3, 3, 3], [5, 5])!
  expect(shift.interval(0.95)).toEqual([2, 2])
  expect([shift.pAbove(1), shift.pAbove(2), shift.pBelow(3)]).toEqual([0, 1, 0])
})

test('too few values give nothing', () => {
  expect(welchShift([1], [1, 2])).toBeUndefined()
  expect(pooledShift([1], [1])).toBeUndefined()
  expect(pooledShift([], [1, 2])).toBeUndefined()
  expect(signedRankShift([])).toBeUndefined()
})
