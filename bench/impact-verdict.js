// @ts-check
/*
 * What pairs of slots say of a budget. A slot is the unit: its requests met the same moments of the machine. Each slot beside something has one beside
 * nothing next to it, before or after it as chance has it, and counts by the difference of their p99.
 */
import { signedRankShift } from '#redline/stats/shift.js'

const CONFIDENCE = 0.95

/** @typedef {{ estimate: number, low: number, high: number }} Added milliseconds of p99, with the interval, which is infinite where pairs are too few */

/**
 * The Hodges-Lehmann estimate of the differences with its exact interval (Wilcoxon's signed ranks), from six pairs on.
 * @param {readonly number[]} differences
 * @returns {Added}
 */
export function addedOf(differences) {
  const shift = signedRankShift(differences)
  const [low, high] = shift?.interval(CONFIDENCE) ?? [-Infinity, Infinity]
  return { estimate: shift?.estimate ?? NaN, low, high }
}

/**
 * Whether a budget was kept: the whole interval has to be within it, or beyond it; else more pairs are needed.
 * @param {Added} added
 * @param {number} budgetMs
 * @returns {'kept' | 'NOT kept' | 'not shown'}
 */
export function verdictOf({ low, high }, budgetMs) {
  if (high <= budgetMs) return 'kept'
  return low > budgetMs ? 'NOT kept' : 'not shown'
}
