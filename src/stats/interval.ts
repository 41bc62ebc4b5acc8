import { studentTQuantile } from './student-t.js'

/** How often the interval of an experiment contains the truth. */
const CONFIDENCE = 0.95

/** What rounds say about a quantity: its estimate and a confidence interval, as far as there are any. */
export interface Estimate {
  /** How many rounds it rests on. */
  rounds: number
  /** null when no value can be had. */
  estimate: number | null
  /** Bounds of the 95% confidence interval; both null when there is none, and then `why` says so. */
  low: number | null
  high: number | null
  why: string
}

/** The mean of independent rounds with its Student's t interval. One value alone gives an estimate without an interval. */
export function meanInterval(values: readonly number[]): Estimate {
  const rounds = values.length
  if (rounds === 0) return { ...NOTHING, why: 'no valid round measured it' }
  const estimate = mean(values)
  if (rounds === 1) return { ...NOTHING, rounds, estimate, why: 'only 1 valid round measured it' }
  const reach = studentTQuantile((1 + CONFIDENCE) / 2, rounds - 1) * standardError(values, estimate)
  return { rounds, estimate, low: estimate - reach, high: estimate + reach, why: '' }
}

/**
 * How many times `left` is `right`, from interleaved rounds: the geometric mean of left[i] / right[i] and its t interval
 * on the log scale. The round is the unit, because both sides of one round met the same moment of the machine.
 * There is no ratio to a side that measured 0 or less. Throws RangeError when the sides differ in length.
 */
export function pairedRatio(left: readonly number[], right: readonly number[]): Estimate {
  if (left.length !== right.length) throw new RangeError(`rounds come in pairs, not ${left.length} and ${right.length}`)
  const rounds = left.length
  if (rounds === 0) return { ...NOTHING, why: 'no valid round measured both sides' }
  const least = Math.min(...left, ...right)
  if (least <= 0) return { ...NOTHING, rounds, why: least < 0 ? 'one side measured less than 0' : 'one side measured 0' }
  const logs = meanInterval(left.map((value, round) => Math.log(value / right[round]!)))
  return { ...logs, estimate: exp(logs.estimate), low: exp(logs.low), high: exp(logs.high) }
}

/** Median, least and greatest of at least one value. Throws RangeError when there is none. */
export function range(values: readonly number[]): { median: number; low: number; high: number } {
  if (values.length === 0) throw new RangeError('no value has no median')
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) }
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).toSorted()
  if (sorted.length === 0) return NaN
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const NOTHING: Estimate = { rounds: 0, estimate: null, low: null, high: null, why: '' }
const exp = (value: number | null) => (value === null ? null : Math.exp(value))

/** The mean, NaN of none. Taken of the distances from the first value, so that equal values have exactly themselves as their mean. */
export function mean([first = NaN, ...rest]: readonly number[]): number {
  return first + rest.reduce((sum, value) => sum + (value - first), 0) / (rest.length + 1)
}

function standardError(values: readonly number[], centre: number): number {
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}
