import { describe, expect, test } from 'vitest'
import { Rng } from '#redline/core/rng.js'
import { COMPARED_METRICS, compareRuns } from '#redline/gate/compare-runs.js'
import { isEnough } from '#redline/gate/enough.js'
import { type Judgement, judgeMetrics } from '#redline/gate/judge.js'
import type { ComparedRuns } from '#redline/schema/compare.js'
import type { RunRecord } from '#redline/schema/run-record.js'
import { signedRankShift } from '#redline/stats/shift.js'
import { normal, simulatePairs, type SimulatedRun, simulateRun } from '../support/simulated-runs.js'

/*
 * The error rates that comparisons promise, by simulation: false alarms in 5% of documents at most (an alarm is anything that is called worse or better
 * anywhere in it), true slowdowns of 10% found in 95%. Each rule that this rests on has a test in which its absence shows.
 */

const PAIRS = 200
const MOST_ALARMS = 0.05 * PAIRS
const LEAST_FOUND = 0.95 * PAIRS

type Options = Parameters<typeof compareRuns>[2]

function compare(base: readonly RunRecord[], head: readonly RunRecord[], options: Partial<Options> = {}): ComparedRuns {
  const all: Options = { design: 'unpaired', limit: 0.05, drift: 0.15, metrics: COMPARED_METRICS, version: '0.1.0', ...options }
  return compareRuns({ name: 'base', runs: base }, { name: 'head', runs: head }, all)
}

/** In how many of the pairs something was called worse or better, and in how many something was called worse. */
function rates(make: (rng: Rng) => ComparedRuns): { alarms: number; worse: number } {
  const rng = new Rng(20261122)
  const counts = Array.from({ length: PAIRS }, () => make(rng).counts)
  return {
    alarms: counts.filter(({ worse, better }) => worse + better > 0).length,
    worse: counts.filter(({ worse }) => worse > 0).length,
  }
}

/** A run whose rounds, in every column alike, became others. */
function withRounds(run: RunRecord, become: (rounds: readonly (number | null)[]) => (number | null)[]): RunRecord {
  return {
    ...run,
    scenarios: run.scenarios.map((scenario) => ({
      ...scenario,
      variants: scenario.variants.map((variant) => ({
        ...variant,
        loads: variant.loads.map((load) => ({
          ...load,
          metrics: Object.fromEntries(Object.entries(load.metrics).map(([name, rounds]) => [name, become(rounds)])),
        })),
        generatorCpuUs: become(variant.generatorCpuUs),
        serverCpuShare: become(variant.serverCpuShare),
      })),
    })),
  }
}

/** Nine in the morning of a day in November. */
const day = (number: number) => new Date(Date.UTC(2026, 10, number, 9)).toISOString()

/** Runs of as many days, on a machine whose speed differs from day to day with this standard deviation. */
function baseline(rng: Rng, days: number, deviation: number, fields: SimulatedRun = {}): RunRecord[] {
  return Array.from({ length: days }, (_, i) =>
    simulateRun({ rng }, { startedAt: day(i), slower: Math.exp(deviation * normal(rng)), ...fields }),
  )
}

const later = (rng: Rng, fields: SimulatedRun = {}) => [simulateRun({ rng }, { startedAt: day(40), ...fields })]

describe('two runs of different times', { timeout: 120_000 }, () => {
  test('that are equal raise no alarm', () => {
    expect(rates((rng) => compare([simulateRun({ rng })], [simulateRun({ rng })])).alarms).toBeLessThanOrEqual(MOST_ALARMS)
  })

  test.each([1 / 0.85, 1.15, 0.85])('raise none when the machine takes %f times as long: they are inconclusive', (slower) => {
    const made: ComparedRuns[] = []
    const { alarms } = rates((rng) => {
      made.push(compare([simulateRun({ rng })], [simulateRun({ rng }, { slower })]))
      return made.at(-1)!
    })
    expect(alarms).toBeLessThanOrEqual(MOST_ALARMS)
    const ratios = made.flatMap(({ metrics }) => metrics.filter(({ by }) => by === 'ratio'))
    expect(ratios.filter(({ verdict }) => verdict !== 'inconclusive').length / ratios.length).toBeLessThan(0.01)
  })

  test('a machine that is taken to be steady and is not raises them: the allowance is what prevents it', () => {
    expect(rates((rng) => compare([simulateRun({ rng })], [simulateRun({ rng }, { slower: 1.15 })], { drift: 0 })).alarms).toBeGreaterThan(
      PAIRS / 2,
    )
  })

  test('requests taken for the unit raise them, also on a steady machine: a round is one observation, however many requests it has', () => {
    const asRequests = (run: RunRecord): RunRecord =>
      withRounds(run, (rounds) => rounds.flatMap((value) => Array.from<number | null>({ length: 20 }).fill(value)))
    const byRequest = (rng: Rng) => compare([asRequests(simulateRun({ rng }))], [asRequests(simulateRun({ rng }))], { drift: 0 })
    expect(rates(byRequest).alarms).toBeGreaterThan(2 * MOST_ALARMS)
    expect(rates((rng) => compare([simulateRun({ rng })], [simulateRun({ rng })], { drift: 0 })).alarms).toBeLessThanOrEqual(MOST_ALARMS)
  })

  test('a change by more than a machine may change is found: twice the time', () => {
    expect(rates((rng) => compare([simulateRun({ rng })], [simulateRun({ rng }, { regression: 2 })])).worse).toBeGreaterThanOrEqual(
      LEAST_FOUND,
    )
  })
})

describe('a baseline of several days', { timeout: 120_000 }, () => {
  test.each([
    [5, 0.01],
    [5, 0.06],
    [20, 0.03],
  ])('of %i, with a machine that varies by %f, raises no alarm', (days, deviation) => {
    const { alarms } = rates((rng) => compare(baseline(rng, days, deviation), later(rng, { slower: Math.exp(deviation * normal(rng)) })))
    expect(alarms).toBeLessThanOrEqual(MOST_ALARMS)
  })

  test.each([1 / 0.85, 0.85])('raises none when the machine is of another speed than ever before, and takes %f times as long', (slower) => {
    expect(rates((rng) => compare(baseline(rng, 20, 0.01), later(rng, { slower }))).alarms).toBeLessThanOrEqual(MOST_ALARMS)
  })

  test('is protected from that by the cost of the generator: when that stays the same, the alarm is raised', () => {
    const asBefore = ([run]: RunRecord[]): RunRecord[] => [
      {
        ...run!,
        scenarios: run!.scenarios.map((scenario) => ({
          ...scenario,
          variants: scenario.variants.map((variant) => ({ ...variant, generatorCpuUs: variant.generatorCpuUs.map(() => 7.3) })),
        })),
      },
    ]
    expect(rates((rng) => compare(baseline(rng, 20, 0.01), asBefore(later(rng, { slower: 1 / 0.85 })))).alarms).toBeGreaterThan(PAIRS / 4)
  })

  test('its rounds are not the unit: taken for it, they raise alarms where days differ', () => {
    const inOneSitting = (runs: RunRecord[]) => runs.map((run) => ({ ...run, startedAt: day(1) }))
    const wrong = (rng: Rng) =>
      compare(inOneSitting(baseline(rng, 5, 0.06)), later(rng, { slower: Math.exp(0.06 * normal(rng)) }), { drift: 0 })
    expect(rates(wrong).alarms).toBeGreaterThan(2 * MOST_ALARMS)
  })

  test('of eight finds a server that takes 20% longer', () => {
    expect(rates((rng) => compare(baseline(rng, 8, 0.01), later(rng, { regression: 1.2 }))).worse).toBeGreaterThanOrEqual(LEAST_FOUND)
  })
})

/** A run that ended after so many rounds. */
const firstRounds = (run: RunRecord, rounds: number) => withRounds(run, (values) => values.slice(0, rounds))

describe('rounds in pairs', { timeout: 120_000 }, () => {
  const paired = (rng: Rng, run: SimulatedRun) => {
    const [base, head] = simulatePairs({ rng }, run)
    return compare([base], [head], { design: 'paired' })
  }

  test.each([
    [8, 1],
    [20, 1],
    [20, 4],
  ])('%i of them, %i variants: equal sides raise no alarm', (rounds, variants) => {
    expect(rates((rng) => paired(rng, { rounds, variants })).alarms).toBeLessThanOrEqual(MOST_ALARMS)
  })

  test('nor do they on a machine that wanders by 10% within the run', () => {
    const wandering = (rng: Rng) => {
      const [base, head] = simulatePairs({ rng, wander: 0.1, memory: 0.95 }, { rounds: 20 })
      return compare([base], [head], { design: 'paired' })
    }
    expect(rates(wandering).alarms).toBeLessThanOrEqual(MOST_ALARMS)
  })

  test.each([1, 4])('thirty of them find a server that takes a tenth longer, with %i variants', (variants) => {
    expect(rates((rng) => paired(rng, { rounds: 30, variants, regression: 1.1 })).worse).toBeGreaterThanOrEqual(LEAST_FOUND)
  })

  /** As redline ab does: looks again and again, and stops when it has seen enough. */
  const untilEnough = (rng: Rng, run: SimulatedRun, isDone: (comparison: ComparedRuns) => boolean) => {
    const most = 60
    const sides = simulatePairs({ rng }, { ...run, rounds: most })
    for (let rounds = 6; ; rounds = Math.min(most, Math.ceil(rounds * 1.15))) {
      const [base, head] = sides.map((side) => firstRounds(side, rounds))
      const comparison = compare([base!], [head!], { design: 'paired' })
      if (rounds === most || isDone(comparison)) return comparison
    }
  }

  test('looked at again and again until intervals are narrow or a change is beyond doubt, equal sides raise no more alarms', () => {
    const counted: number[] = []
    const { alarms } = rates((rng) => {
      const comparison = untilEnough(rng, {}, (one) => isEnough(one, { until: 0.03, failFast: false }))
      counted.push(comparison.metrics[0]!.base.rounds)
      return comparison
    })
    expect(alarms).toBeLessThanOrEqual(MOST_ALARMS)
    expect(Math.min(...counted)).toBeLessThan(60)
  })

  test('stopped at the first alarm they raise more: evidence that ends a measurement has to be stronger', () => {
    // Of any change at all, which shows it best.
    const stopping = (isDone: (judged: Judgement) => boolean) => {
      const rng = new Rng(20261127)
      let alarms = 0
      for (let i = 0; i < PAIRS; i++) {
        const differences = Array.from({ length: 60 }, () => 0.05 * normal(rng))
        for (let rounds = 6; rounds <= 60; rounds = Math.max(rounds + 1, Math.ceil(rounds * 1.15))) {
          const evidence = { shift: signedRankShift(differences.slice(0, rounds)), allowance: 0, why: '', rounds }
          const [judged] = judgeMetrics([{ metric: 'p50', evidence }], 0)
          const last = Math.ceil(rounds * 1.15) > 60
          if ((last || isDone(judged!)) && judged!.verdict !== 'inconclusive') {
            alarms++
            break
          }
        }
      }
      return alarms
    }
    expect(stopping(({ verdict }) => verdict !== 'inconclusive')).toBeGreaterThan(1.5 * MOST_ALARMS)
    expect(stopping((one) => isEnough({ metrics: [{ by: 'ratio', ...one }] }, { until: 0, failFast: false }))).toBeLessThanOrEqual(
      1.3 * MOST_ALARMS,
    )
  })

  test.each([false, true])('looked at again and again they find a server that takes 10%% longer (failing fast: %s)', (failFast) => {
    const found = rates((rng) => untilEnough(rng, { regression: 1.1 }, (one) => isEnough(one, { until: 0.03, failFast })))
    expect(found.worse).toBeGreaterThanOrEqual(LEAST_FOUND)
  })

  test('failing fast, equal sides raise no more alarms', () => {
    const { alarms } = rates((rng) => untilEnough(rng, {}, (one) => isEnough(one, { until: 0.03, failFast: true })))
    expect(alarms).toBeLessThanOrEqual(MOST_ALARMS)
  })

  test('forty metrics together raise an alarm in 5% of cases at most, where each by itself would in most', () => {
    const rng = new Rng(3)
    let [together, alone] = [0, 0]
    for (let i = 0; i < PAIRS; i++) {
      const all = Array.from({ length: 40 }, () => {
        const shift = signedRankShift(Array.from({ length: 20 }, () => 0.1 * normal(rng)))!
        return { metric: 'p99' as const, evidence: { shift, allowance: 0, why: '', rounds: 20 } }
      })
      // Nothing but chance, and no effect asked for.
      if (judgeMetrics(all, 0).some(({ verdict }) => verdict === 'worse' || verdict === 'better')) together++
      if (all.some(({ evidence }) => 2 * Math.min(evidence.shift.pAbove(0), evidence.shift.pBelow(0)) <= 0.05)) alone++
    }
    expect(together).toBeLessThanOrEqual(MOST_ALARMS)
    expect(alone).toBeGreaterThan(PAIRS / 2)
  })
})
