import { describe, expect, test } from 'vitest'
import { Rng } from '#redline/core/rng.js'
import { COMPARED_METRICS, compareRuns } from '#redline/gate/compare-runs.js'
import { detectableOf, PAIRS_SHOWN } from '#redline/gate/detectable.js'
import type { ComparedRuns } from '#redline/schema/compare.js'
import { type SimulatedMachine, type SimulatedRun, simulatePairs } from '../support/simulated-runs.js'

const MACHINE = { wander: 0.01, jitter: 0.04, outliers: 0.05, tail: 0.05 }

function paired(machine: SimulatedMachine, run: SimulatedRun): ComparedRuns {
  const [base, head] = simulatePairs(machine, run)
  const options = { design: 'paired', limit: 0.05, drift: 0, metrics: COMPARED_METRICS, version: '0.1.0' } as const
  return compareRuns({ name: 'base', runs: [base] }, { name: 'head', runs: [head] }, options)
}

/** How often a server that takes `regression` times as long is found to have a worse throughput, with so many pairs of rounds. */
function shareFound(regression: number, rounds: number): number {
  const rng = new Rng(20261127)
  const cases = 150
  const found = Array.from({ length: cases }, () => paired({ rng, ...MACHINE }, { rounds, regression })).filter(({ metrics }) =>
    metrics.some(({ metric, verdict }) => metric === 'throughput' && verdict === 'worse'),
  )
  return found.length / cases
}

describe('the smallest change that is found', { timeout: 60_000 }, () => {
  const itself = paired({ rng: new Rng(7), ...MACHINE }, { rounds: 120 })
  const found = detectableOf(itself)
  const throughput = found.find(({ metric }) => metric === 'throughput')!

  test.each([20, 40, 80])('is found four times out of five with %i pairs, and half of what exceeds the limit hardly ever', (pairs) => {
    const change = throughput.sizes.find((size) => size.pairs === pairs)!.change!
    const regression = 1 / (1 - change)
    const share = shareFound(regression, pairs)
    expect(share).toBeGreaterThan(0.7)
    expect(share).toBeLessThan(0.97)
    expect(shareFound(1.05 * Math.sqrt(regression / 1.05), pairs)).toBeLessThan(0.5)
  })

  test('falls with the number of pairs and never below the limit', () => {
    const changes = throughput.sizes.map(({ change }) => change!)
    expect(throughput.sizes.map(({ pairs }) => pairs)).toEqual([...PAIRS_SHOWN])
    expect(changes).toEqual(changes.toSorted((a, b) => b - a))
    expect(changes.at(-1)).toBeGreaterThan(1 - 1 / 1.05)
  })

  test('is of metrics that have a ratio and an interval, and not of errors', () => {
    expect(found.map(({ metric }) => metric)).toEqual(['throughput', 'p50', 'p99', 'server_cpu_us'])
    expect(detectableOf(paired({ rng: new Rng(1), ...MACHINE }, { rounds: 3 }))).toEqual([])
  })

  test('is none where so few pairs can be no evidence among so many metrics, whatever the change', () => {
    const many = paired({ rng: new Rng(2), ...MACHINE }, { rounds: 12, variants: 40 })
    const [few, ...more] = detectableOf(many)[0]!.sizes
    expect(few).toEqual({ pairs: 10, change: null })
    expect(more.every(({ change }) => change !== null)).toBe(true)
  })
})
