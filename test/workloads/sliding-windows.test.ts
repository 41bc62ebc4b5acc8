import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Rng } from '#redline/core/rng.js'
import { type Decision, judgeWindows } from '#redline/workloads/sliding-windows.js'

const LIMIT = 10
const WINDOW_MS = 100

/** Requests at random times, decided some time between question and answer by a limiter that is told that time. */
function decisionsOf(seed: number, count: number, decide: (atMs: number) => boolean): Decision[] {
  const rng = new Rng(seed)
  const asked = Array.from({ length: count }, () => {
    const sent = rng.float() * 1000
    const decidedAt = sent + rng.float() * 3
    return { sent, decidedAt, answered: decidedAt + rng.float() * 3 }
  })
  return asked
    .toSorted((a, b) => a.decidedAt - b.decidedAt)
    .map(({ sent, decidedAt, answered }) => ({ sent, answered, admitted: decide(decidedAt) }))
}

function slidingWindow(): (atMs: number) => boolean {
  let admitted: number[] = []
  return (atMs) => {
    admitted = admitted.filter((before) => before > atMs - WINDOW_MS)
    return admitted.length < LIMIT && admitted.push(atMs) > 0
  }
}

function fixedWindow(): (atMs: number) => boolean {
  const counts = new Map<number, number>()
  return (atMs) => {
    const window = Math.floor(atMs / WINDOW_MS)
    counts.set(window, (counts.get(window) ?? 0) + 1)
    return counts.get(window)! <= LIMIT
  }
}

/** As the article has it: what is refused is counted, too. */
function countingRefused(): (atMs: number) => boolean {
  let asked: number[] = []
  return (atMs) => {
    asked = [...asked.filter((before) => before > atMs - WINDOW_MS), atMs]
    return asked.length <= LIMIT
  }
}

const judge = (decisions: Decision[], from = -1) => judgeWindows(decisions, { limit: LIMIT, windowMs: WINDOW_MS, from })

test('a limiter that keeps its promise is never blamed, whenever between question and answer it decided', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 600 }), (seed, count) => {
      expect(judge(decisionsOf(seed, count, slidingWindow()))).toMatchObject({ decisions: count, overAdmitted: 0, underAdmitted: 0 })
    }),
  )
})

test('a fixed window admits too many around its edge', () => {
  const { overAdmitted, mostInWindow } = judge(decisionsOf(1, 600, fixedWindow()))
  expect(overAdmitted).toBeGreaterThan(5)
  expect(mostInWindow).toBeGreaterThan(1.1 * LIMIT)
})

test('one that counts what it refused admits too few', () => {
  const { admitted, underAdmitted } = judge(decisionsOf(1, 600, countingRefused()))
  expect(admitted).toBeLessThan(20)
  expect(underAdmitted).toBeGreaterThan(400)
})

test('decisions before the measured part are not judged, but fill its windows', () => {
  const decisions = Array.from({ length: LIMIT + 1 }, (_, i) => ({ sent: i, answered: i + 0.5, admitted: true }))
  expect(judge(decisions, LIMIT)).toEqual({ decisions: 1, admitted: 1, overAdmitted: 1, underAdmitted: 0, mostInWindow: LIMIT + 1 })
})
