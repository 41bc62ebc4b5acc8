import type { Estimate } from '../../schema/audit.js'
import type { PatternFacts } from '../facts.js'

/*
 * Judging estimates: a rule fires only where even the careful end of the interval says so, so that a sample raises no false alarm. A
 * counted number is its own low and high.
 */

/** The sum of estimates whose errors are independent: their squares add up. */
export function sumOf(estimates: readonly Estimate[]): Estimate {
  const sum = (of: (estimate: Estimate) => number) => estimates.reduce((total, estimate) => total + of(estimate), 0)
  const value = sum((each) => each.value)
  return {
    value,
    low: Math.max(0, value - Math.sqrt(sum((each) => (each.value - each.low) ** 2))),
    high: value + Math.sqrt(sum((each) => (each.high - each.value) ** 2)),
  }
}

/** The share that a part has at least; 0 of nothing. */
export function leastShare(part: Estimate, whole: Estimate): number {
  return shareOf(part.low, whole.value)
}

/** A part as a share from 0 to 1; 0 of nothing. */
export function shareOf(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0
}

/** A number without an interval of its own, about some of a pattern's keys: as exact as the number of all of them. */
export function inferred(number: number, { keys }: Pick<PatternFacts, 'keys'>): Estimate {
  const scale = (end: number) => (keys.value > 0 ? (number * end) / keys.value : number)
  return { value: number, low: scale(keys.low), high: scale(keys.high) }
}
