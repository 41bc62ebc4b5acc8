import { expect, test } from 'vitest'
import type { Budget } from '#redline/audit/budget/budget.js'
import { Controller } from '#redline/audit/budget/controller.js'
import { Rng } from '#redline/core/rng.js'
import { addedOf, verdictOf } from '../../bench/impact-verdict.js'
import { IDLE, type Server, simulate } from '../audit/budget/simulated-server.js'

const BUDGET: Budget = { addedP99Ms: 1, cpuShare: 0.25 }
const PAIRS = 9
/** A batch hurts others by eight times its length. */
const SERVER: Server = { ...IDLE, amplified: () => 8 }

/** Never learns that anybody waits: takes all of its share, in batches of its own choice. */
class Ruthless extends Controller {
  override get batch(): number {
    return 80
  }
  override probe(sentAt: number, _: number, now: number): void {
    super.probe(sentAt, 0.1, now)
  }
  override oldest(): void {}
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? NaN
}

/** By how much p99 differs between a slot beside an audit and one beside nothing, on a machine that is noisy in either. */
function differences(Kind: typeof Controller): number[] {
  const rng = new Rng(3)
  return Array.from({ length: PAIRS }, (_, pair) => {
    const { steps } = simulate(SERVER, BUDGET, 8000, pair, (budget, now) => new Kind(budget, now))
    const probes = steps.filter(({ at }) => at >= 4000).flatMap((step) => step.probes)
    const noise = rng.float() - rng.float()
    return p99(probes.map(({ ms }) => ms)) - p99(probes.map(({ ms, added }) => ms - added)) + 0.3 * noise
  })
}

test('a governor that keeps its budget is seen to, and one that ignores it is found', () => {
  expect(verdictOf(addedOf(differences(Controller)), BUDGET.addedP99Ms)).toBe('kept')
  expect(verdictOf(addedOf(differences(Ruthless)), BUDGET.addedP99Ms)).toBe('NOT kept')
})

test('an interval leaves out what chance allows', () => {
  // Of 9 heads or tails none or one is 10 in 512, of 12 none to two is 79 in 4096.
  expect(addedOf([9, 8, 7, 6, 5, 4, 3, 2, 1])).toEqual({ estimate: 5, low: 2, high: 8 })
  expect(addedOf([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])).toEqual({ estimate: 6.5, low: 3, high: 10 })
  expect(addedOf([6, 5, 4, 3, 2, 1])).toEqual({ estimate: 3.5, low: 1, high: 6 })
})

test('a budget within the noise of the pairs is neither', () => {
  expect(verdictOf(addedOf([-0.4, 0.1, 1.3, 0.6, 1.8, -0.2, 0.9, 1.4, 0.2, 1.1, 0.7, 1.6]), 1)).toBe('not shown')
})

test('five pairs show nothing, however alike they are', () => {
  expect(addedOf([2, 2.1, 2.2, 2.1, 2])).toEqual({ estimate: 2.1, low: -Infinity, high: Infinity })
  expect(verdictOf(addedOf([2, 2.1, 2.2, 2.1, 2]), 1)).toBe('not shown')
  expect(verdictOf(addedOf([2, 2.1, 2.2, 2.1, 2, 2.3]), 1)).toBe('NOT kept')
  expect(verdictOf(addedOf([]), 1)).toBe('not shown')
})

test('a pair that something else disturbed does not decide', () => {
  expect(verdictOf(addedOf([0.1, 0.2, -0.1, 0.3, 0.2, 0.1, 0.15, 0.2, 40]), 1)).toBe('kept')
})
