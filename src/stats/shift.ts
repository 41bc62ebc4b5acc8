import { mean, median } from './interval.js'
import { signedRankUpperTail } from './signed-rank.js'
import { studentTQuantile, studentTUpperTail } from './student-t.js'

/**
 * By how much one side lies above another, as far as rounds can tell: an estimate, intervals, and the evidence against each bound. The interval and
 * the evidence agree: the lower end of the interval at confidence c lies above a bound exactly when `pAbove` of it is below (1 - c) / 2.
 */
export interface Shift {
  estimate: number
  /** The confidence interval; null where there are too few rounds for that much confidence. */
  interval(confidence: number): [low: number, high: number] | null
  /** How probable so much evidence for a shift above `bound` is when there is none: the one-sided p-value. */
  pAbove(bound: number): number
  pBelow(bound: number): number
}

/**
 * The shift behind differences of pairs: the Hodges-Lehmann estimate (median of the Walsh averages) and the exact interval and test of
 * Wilcoxon's signed ranks (Hollander, Wolfe & Chicken, Nonparametric Statistical Methods, 3.1 to 3.3). Asked of the differences is symmetry alone,
 * which the random order of a pair gives them by construction, whatever machines do to single rounds. Undefined without a difference.
 */
export function signedRankShift(differences: readonly number[]): Shift | undefined {
  if (differences.length === 0) return undefined
  const averages = walshAverages(differences)
  const tail = signedRankUpperTail(differences.length)
  // Averages that equal the bound speak for neither side.
  const pAbove = (bound: number) => tail(averages.length - countUpTo(averages, bound))
  const pBelow = (bound: number) => tail(countBelow(averages, bound))
  return {
    estimate: median(averages),
    interval(confidence) {
      const least = (1 - confidence) / 2
      let beyond = 0
      while (beyond < averages.length && tail(averages.length - beyond) <= least) beyond++
      return beyond === 0 ? null : [averages[beyond - 1]!, averages[averages.length - beyond]!]
    },
    pAbove,
    pBelow,
  }
}

/** Means of all pairs of values, each with itself too, in ascending order. */
function walshAverages(values: readonly number[]): Float64Array {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2)
  let next = 0
  for (const [index, value] of values.entries()) {
    for (const other of values.slice(index)) averages[next++] = value + (other - value) / 2
  }
  return averages.toSorted()
}

/** How many of ascending values are at most `bound`. */
function countUpTo(ascending: Float64Array, bound: number): number {
  const first = ascending.findIndex((value) => value > bound)
  return first < 0 ? ascending.length : first
}

function countBelow(ascending: Float64Array, bound: number): number {
  const first = ascending.findIndex((value) => value >= bound)
  return first < 0 ? ascending.length : first
}

/**
 * The shift from the mean of `base` to that of `head`, two independent groups that may vary differently: Welch's t with Satterthwaite's degrees
 * of freedom (Welch 1947). Undefined unless both have two values.
 */
export function welchShift(base: readonly number[], head: readonly number[]): Shift | undefined {
  if (base.length < 2 || head.length < 2) return undefined
  const a = variance(base) / base.length
  const b = variance(head) / head.length
  // By shares, because squares of small variances are 0.
  const share = a / (a + b)
  const df = 1 / (share ** 2 / (base.length - 1) + (1 - share) ** 2 / (head.length - 1))
  return studentShift(mean(head) - mean(base), Math.sqrt(a + b), df)
}

/**
 * The shift from `base` to `head` when both groups vary alike, for groups of which one may hold a single value: Student's t with the pooled variance.
 * With one value in `head`, its interval is the prediction interval of a further value of `base` (Hahn & Meeker, Statistical Intervals, 4.7).
 * Undefined unless one has two values and the other one.
 */
export function pooledShift(base: readonly number[], head: readonly number[]): Shift | undefined {
  const df = base.length + head.length - 2
  if (base.length === 0 || head.length === 0 || df < 1) return undefined
  const squares = [base, head].reduce((sum, values) => sum + (values.length < 2 ? 0 : variance(values) * (values.length - 1)), 0)
  return studentShift(mean(head) - mean(base), Math.sqrt((squares / df) * (1 / base.length + 1 / head.length)), df)
}

/** A shift whose estimate is off by its standard error times Student's t. Without any error it is certain. */
function studentShift(estimate: number, standardError: number, df: number): Shift {
  const tail = (distance: number) => (standardError > 0 ? studentTUpperTail(distance / standardError, df) : distance > 0 ? 0 : 1)
  return {
    estimate,
    interval(confidence) {
      const reach = standardError > 0 ? studentTQuantile((1 + confidence) / 2, df) * standardError : 0
      return [estimate - reach, estimate + reach]
    },
    pAbove: (bound) => tail(estimate - bound),
    pBelow: (bound) => tail(bound - estimate),
  }
}

/** The unbiased variance of at least two values. */
function variance(values: readonly number[]): number {
  const centre = mean(values)
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1)
}
