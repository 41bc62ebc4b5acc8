// @ts-check
/*
 * What pairs of slots say of a budget. A slot is the unit: its requests met the same moments of the machine. Each slot beside something has one beside
 * nothing next to it, before or after it as chance has it, and counts by the difference of their p99.
 */
import { median } from './tools.js'

/** How often the truth may lie beyond either end of an interval. */
const BEYOND = 0.025

/** @typedef {{ estimate: number, low: number, high: number }} Added milliseconds of p99, with the interval, which is infinite where pairs are too few */

/**
 * The median of the differences with its exact 95% interval, from six pairs on: as many of the least and of the greatest are left out as chance (heads or
 * tails for each) allows. That asks nothing of how differences are spread, and a pair that something else disturbed decides nothing.
 * @param {readonly number[]} differences
 * @returns {Added}
 */
export function addedOf(differences) {
  const sorted = differences.toSorted((a, b) => a - b)
  const { length } = sorted
  // Of so many pairs none, then one, and so on below the true median: how probable that is, in all.
  let chance = 0.5 ** length
  let below = chance
  let leftOut = -1
  while (below <= BEYOND) {
    leftOut++
    chance *= (length - leftOut) / (leftOut + 1)
    below += chance
  }
  return { estimate: median(differences), low: sorted[leftOut] ?? -Infinity, high: sorted[length - 1 - leftOut] ?? Infinity }
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
