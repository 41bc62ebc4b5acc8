import { expect, test } from 'vitest'
import { inPairs, inTurn, type Schedule } from '#redline/run/schedule.js'
import type { Round } from '#redline/schema/result.js'
import { round } from '../support/results.js'

const ascending = (one: number | undefined, other: number | undefined) => (one ?? 0) - (other ?? 0)

const ROUND = round()

/** The turns that a schedule gives, when each adds a round to its variant. */
function turnsOf(schedule: Schedule, variants: number): number[][] {
  const done: Round[][] = Array.from({ length: variants }, () => [])
  const all: number[][] = []
  for (let turns = schedule.next(done); turns !== undefined; turns = schedule.next(done)) {
    all.push([...turns])
    for (const index of turns) done[index]!.push(ROUND)
  }
  return all
}

test('variants take turns, so many rounds of each', () => {
  expect(turnsOf(inTurn(3, 2), 3)).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ])
})

test('both sides of a pair are beside each other, and either goes first in about half of the pairs, whatever the other pairs do', () => {
  const rounds = turnsOf(
    inPairs(2, 7, (done) => done[0]!.length === 500),
    4,
  )
  expect(rounds).toHaveLength(500)
  const firsts = rounds.map(([a, b, c, d]) => {
    expect([a, b].toSorted(ascending)).toEqual([0, 2])
    expect([c, d].toSorted(ascending)).toEqual([1, 3])
    return [a === 0, c === 1]
  })
  const share = (of: (pair: boolean[]) => boolean) => firsts.filter(of).length / firsts.length
  expect(share(([one]) => one!)).toBeCloseTo(0.5, 1)
  expect(share(([, other]) => other!)).toBeCloseTo(0.5, 1)
  expect(share(([one, other]) => one === other)).toBeCloseTo(0.5, 1)
})

test('the same seed draws the same order, another another', () => {
  const orderOf = (seed: number) =>
    turnsOf(
      inPairs(1, seed, (done) => done[0]!.length === 40),
      2,
    )
  expect(orderOf(1)).toEqual(orderOf(1))
  expect(orderOf(1)).not.toEqual(orderOf(2))
})
