import { expect, test } from 'vitest'
import { Rng } from '#redline/core/rng.js'
import { bestSplit, eDivisive } from '#redline/stats/e-divisive.js'
import { normal } from '../support/simulated-runs.js'
import { golden, relativeError } from './golden/golden.js'

test.each(golden.splits)('the best split is the one by definition, case %#', ({ values, minSegment, statistic, index, end }) => {
  const found = bestSplit(values, minSegment)!
  expect(relativeError(found.statistic, statistic)).toBeLessThan(1e-9)
  expect([found.index, found.end]).toEqual([index, end])
})

const find = (series: readonly number[], significance = 0.05, minSegment = 3, seed = 1) =>
  eDivisive(series, { rng: new Rng(seed), significance, minSegment })

/*
 * Annual flow of the Nile at Aswan, 1871 to 1970, in 10^8 cubic metres (R's `Nile`): it fell after 1898, as Cobb (Biometrika 65, 1978) and every method since
 * find.
 */
const NILE = [
  1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140, 1100, 1210, 1150, 1250,
  1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821,
  768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860,
  874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
]

test('the Nile changed in 1899, and not again', () => {
  expect(find(NILE, 0.05, 10).map(({ index }) => 1871 + index)).toEqual([1899])
})

test('two changes are found where they are, also when the second undoes the first', () => {
  const rng = new Rng(4)
  const series = [0, 1, 0].flatMap((level) => Array.from({ length: 20 }, () => level + 0.3 * normal(rng)))
  expect(find(series).map(({ index }) => index)).toEqual([20, 40])
})

test('one outlier is no change', () => {
  const rng = new Rng(5)
  const series = Array.from({ length: 40 }, (_, i) => 0.1 * normal(rng) + (i === 25 ? 5 : 0))
  expect(find(series)).toEqual([])
})

test('without a change one is found in 5% of series at most, and one of four deviations that lasts for six runs in 95%, at the right run', () => {
  const rng = new Rng(6)
  let [false_, found] = [0, 0]
  for (let i = 0; i < 200; i++) {
    const quiet = Array.from({ length: 30 }, () => normal(rng))
    if (find(quiet, 0.05, 3, i).length > 0) false_++
    if (
      find(
        quiet.map((value, at) => value + (at >= 24 ? 4 : 0)),
        0.05,
        3,
        i,
      ).some(({ index }) => Math.abs(index - 24) <= 1)
    )
      found++
  }
  // 5% of 200 are 10; more than 17 come by chance in 1 of 100 test suites only.
  expect(false_).toBeLessThanOrEqual(17)
  expect(found).toBeGreaterThanOrEqual(190)
})

test('the same seed gives the same answer; too short a series has none', () => {
  expect(find(NILE, 0.05, 10, 3)).toEqual(find(NILE, 0.05, 10, 3))
  expect(find([1, 2, 3, 4, 5])).toEqual([])
  expect(find([])).toEqual([])
  expect(() => find([1, 2, 3, 4], 0.05, 1)).toThrow(RangeError)
})
