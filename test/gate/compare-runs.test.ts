import { describe, expect, test } from 'vitest'
import { COMPARED_METRICS, type CompareOptions, compareRuns, exitCodeOfComparison } from '#redline/gate/compare-runs.js'
import { recordOf } from '#redline/gate/record.js'
import { type ComparedMetric, type ComparedRuns, comparedRunsSchema } from '#redline/schema/compare.js'
import type { MetricName } from '#redline/schema/metrics.js'
import type { Round, RunResult } from '#redline/schema/result.js'
import { invalidity, latency, load, openLoad, round, runResult, scenario, server, target, variant } from '../support/results.js'

const options: CompareOptions = { design: 'unpaired', limit: 0.05, drift: 0, metrics: COMPARED_METRICS, version: '0.1.0' }

const runOf = (rounds: Round[], fields: Partial<RunResult> = {}) =>
  runResult({ scenarios: [scenario({ variants: [variant({ rounds })], expectations: [] })], ...fields })

function compare(base: RunResult[] | Round[], head: RunResult[] | Round[], given: Partial<CompareOptions> = {}): ComparedRuns {
  const side = (name: string, all: RunResult[] | Round[]) => ({ name, runs: runsOf(all).map((run) => recordOf(run)) })
  return comparedRunsSchema.parse(compareRuns(side('base', base), side('head', head), { ...options, ...given }))
}

/** Runs as they are, rounds as those of one run. */
function runsOf(all: readonly (RunResult | Round)[]): RunResult[] {
  const rounds = all.flatMap((one) => ('loads' in one ? [one] : []))
  return [...all.flatMap((one) => ('scenarios' in one ? [one] : [])), ...(rounds.length > 0 ? [runOf(rounds)] : [])]
}

const roundsOf = (throughputs: readonly number[]) => throughputs.map((achieved) => round({ loads: [load({ achieved })] }))
const steady = (middle: number, rounds = 5) => roundsOf(Array.from({ length: rounds }, (_, i) => middle * (1 + 0.002 * (i - 2))))
const metricOf = (result: ComparedRuns, metric: MetricName): ComparedMetric => result.metrics.find((one) => one.metric === metric)!
const throughput = (...args: Parameters<typeof compare>) => metricOf(compare(...args), 'throughput')

describe('verdicts', () => {
  test.each([
    [96_000, 'same'],
    [98_000, 'same'],
    [88_000, 'worse'],
    [104_000, 'better'],
    [100_900, 'inconclusive'],
  ])('96,000 operations a second, then %i: %s', (after, verdict) => {
    expect(throughput(steady(96_000), steady(after))).toMatchObject({ verdict, by: 'ratio', limit: 0.05 })
  })

  test('lower is better for times', () => {
    const times = (factor: number) =>
      [0, 1, 2, 3, 4].map((i) => round({ loads: [load({ latency: latency({ p99: 920 * factor * (1 + i / 1000) }) })] }))
    expect(metricOf(compare(times(1), times(1.3)), 'p99')).toMatchObject({ verdict: 'worse', better: 'lower' })
    expect(metricOf(compare(times(1), times(0.7)), 'p99').verdict).toBe('better')
  })

  test('a change beyond the limit whose interval is not is none: effect and certainty are both needed', () => {
    const noisy = roundsOf([70_000, 120_000, 60_000, 96_000, 80_000])
    expect(throughput(steady(96_000), noisy)).toMatchObject({ verdict: 'inconclusive', why: 'the interval reaches across the limit of 5%' })
  })

  test('a certain change within the limit is none either', () => {
    const { low, high, verdict } = throughput(steady(96_000, 9), steady(99_000, 9))
    expect(low).toBeGreaterThan(1)
    expect(high).toBeLessThan(1.05)
    expect(verdict).toBe('same')
  })

  test('the limit can be another', () => {
    expect(throughput(steady(96_000), steady(88_000), { limit: 0.2 }).verdict).toBe('same')
    expect(throughput(steady(96_000), steady(94_000), { limit: 0.005 }).verdict).toBe('worse')
  })
})

describe('what is no evidence', () => {
  test('invalid rounds', () => {
    const spoilt = steady(50_000).map((one) => ({ ...one, validity: invalidity() }))
    expect(throughput(steady(96_000), [...steady(96_000), ...spoilt])).toMatchObject({ verdict: 'same', head: { rounds: 5 } })
    expect(throughput(steady(96_000), spoilt)).toMatchObject({
      verdict: 'inconclusive',
      why: 'no valid round of head measured it',
      low: null,
    })
    expect(exitCodeOfComparison(compare(steady(96_000), spoilt))).toBe(3)
  })

  test('a single round', () => {
    expect(throughput(steady(96_000), steady(50_000, 1))).toMatchObject({
      verdict: 'inconclusive',
      why: 'only 1 valid round of head measured it',
      estimate: null,
      moreRounds: 1,
    })
  })

  test('five pairs: the strongest evidence that they can be is not enough', () => {
    expect(throughput(steady(96_000), steady(50_000), { design: 'paired' })).toMatchObject({
      verdict: 'inconclusive',
      why: '5 pairs of rounds are too few for an interval',
      moreRounds: 3,
    })
    expect(throughput(steady(96_000, 8), steady(50_000, 8), { design: 'paired' }).verdict).toBe('worse')
  })
})

describe('pairs', () => {
  const halves = (rounds: readonly number[]) => rounds.map((value) => value / 2)
  const wild = [60_000, 90_000, 30_000, 120_000, 45_000, 100_000, 70_000, 20_000, 80_000, 95_000]

  test('see through what both sides of a round met', () => {
    expect(throughput(roundsOf(wild), roundsOf(halves(wild)), { design: 'paired' })).toMatchObject({
      verdict: 'worse',
      estimate: expect.closeTo(0.5),
    })
    expect(throughput(roundsOf(wild), roundsOf(halves(wild))).verdict).toBe('inconclusive')
  })

  test('of which one side is invalid are left out of both', () => {
    const [base, head] = [roundsOf(wild), roundsOf(halves(wild))]
    head[3] = { ...round({ loads: [load({ achieved: 1_000_000 })] }), validity: invalidity() }
    expect(throughput(base, head, { design: 'paired' })).toMatchObject({ verdict: 'worse', base: { rounds: 10 }, head: { rounds: 9 } })
  })
})

describe('errors have no ratio', () => {
  const failing = (share: number) =>
    [0, 1, 2, 3, 4].map(() => round({ loads: [load({ errors: share === 0 ? {} : { OOM: 960_000 * share } })] }))

  test.each([
    [0, 0, 'same'],
    [0, 0.005, 'worse'],
    [0.005, 0, 'better'],
    [0.004, 0.0041, 'same'],
  ])('%f, then %f: %s', (before, after, verdict) => {
    expect(metricOf(compare(failing(before), failing(after), { drift: 0.15 }), 'errors')).toMatchObject({
      by: 'difference',
      verdict,
      allowance: 0,
    })
  })
})

describe('what the machine may have done', () => {
  test('is allowed for: 15% less speed are 1.18 times the time', () => {
    const told = throughput(steady(96_000), steady(86_000), { drift: 0.15 })
    expect(told).toMatchObject({ verdict: 'inconclusive', allowance: expect.closeTo(1 / 0.85 - 1), moreRounds: null })
    expect(told.why).toBe('the machine may have changed by 15% between the two; compare with redline ab, or with a baseline of 5 sittings')
    expect(throughput(steady(96_000), steady(70_000), { drift: 0.15 }).verdict).toBe('worse')
  })

  test('shows in queues by more: an open loop is allowed more, and all of it where a slower server would not keep up', () => {
    const open = (share: number, factor: number) =>
      [0, 1, 2, 3, 4].map((i) =>
        round({
          loads: [openLoad({ latency: latency({ p99: 920 * factor * (1 + i / 1000) }) })],
          server: server({ cpu: { share }, runQueueShare: 0 }),
        }),
      )
    const p99 = (share: number) => metricOf(compare(open(share, 1), open(share, 2), { drift: 0.15 }), 'p99')
    expect(p99(0)).toMatchObject({ allowance: expect.closeTo(1 / 0.85 - 1), verdict: 'worse' })
    expect(p99(0.7)).toMatchObject({ allowance: expect.closeTo((1 / 0.85) * (0.3 / (1 - 0.7 / 0.85)) - 1), verdict: 'inconclusive' })
    expect(p99(0.9)).toMatchObject({ allowance: null, low: null, high: null, verdict: 'inconclusive', p: 1 })
    expect(p99(0.9).why).toContain('could not have kept up with this rate')
  })

  test('is measured from five sittings on: runs within an hour are one', () => {
    const at = (day: number, hour = 9) => new Date(Date.UTC(2026, 10, day, hour)).toISOString()
    const runs = (count: number, hours: number) =>
      Array.from({ length: count }, (_, i) =>
        runOf(steady(96_000 * (1 + 0.003 * (i % 3))), { startedAt: at(1 + (hours === 24 ? i : 0), hours === 24 ? 9 : 9) }),
      )
    const days = throughput(runs(5, 24), [runOf(steady(86_000), { startedAt: at(20) })], { drift: 0.15 })
    expect(days).toMatchObject({ verdict: 'worse', allowance: 0 })
    expect(throughput(runs(5, 0), [runOf(steady(86_000), { startedAt: at(20) })], { drift: 0.15 })).toMatchObject({
      verdict: 'inconclusive',
    })
    expect(compare(runs(5, 0), [runOf(steady(96_000))]).base).toMatchObject({ runs: 5, sittings: 1 })
  })

  test('a run with few rounds is not held against sittings with many', () => {
    const days = Array.from({ length: 5 }, (_, i) => runOf(steady(96_000), { startedAt: `2026-11-0${i + 1}T09:00:00.000Z` }))
    expect(throughput(days, [runOf(steady(50_000, 2))])).toMatchObject({
      verdict: 'inconclusive',
      why: "2 valid rounds of head are too few beside the 5 of the baseline's sittings",
    })
  })
})

test('says how many more rounds it would take: about as many as are needed then', () => {
  const spread = (middle: number, rounds: number) => roundsOf(Array.from({ length: rounds }, (_, i) => middle * (1 + 0.04 * ((i % 5) - 2))))
  const few = throughput(spread(96_000, 5), spread(96_000, 5))
  expect(few).toMatchObject({ verdict: 'inconclusive', moreRounds: expect.any(Number) })
  expect(few.noise).toBeGreaterThan(0.05)
  expect(throughput(spread(96_000, 5 + few.moreRounds!), spread(96_000, 5 + few.moreRounds!)).verdict).toBe('same')
})

test('loads are compared each by itself, what the server did once', () => {
  const both = [0, 1, 2].map(() => round({ loads: [load({ name: 'reads' }), load({ name: 'writes' })] }))
  const { metrics } = compare(both, both)
  expect(metrics.filter(({ metric }) => metric === 'throughput').map((one) => one.load)).toEqual(['reads', 'writes'])
  expect(metrics.filter(({ metric }) => metric === 'server_cpu_us').map((one) => one.load)).toEqual(['reads'])
})

test('what only one side has is named', () => {
  const one = runResult({ scenarios: [scenario({ variants: [variant({ id: 'a' }), variant({ id: 'b' })], expectations: [] })] })
  const other = runResult({ scenarios: [scenario({ variants: [variant({ id: 'b' }), variant({ id: 'c' })], expectations: [] })] })
  expect(compare([one], [other]).missing).toEqual([
    { scenario: 'hashes/profile-read', variant: 'a', from: 'head' },
    { scenario: 'hashes/profile-read', variant: 'c', from: 'base' },
  ])
})

test('what differs beside the figures is told, and what makes unlike things is marked', () => {
  const base = runOf(steady(96_000))
  const other = runOf(steady(96_000), {
    targets: [target({ engine: 'valkey', version: '8.1.1', config: { maxmemory: '1gb', 'maxmemory-policy': 'noeviction' } })],
  })
  const head = { ...other, environment: { ...other.environment, cores: 8, node: '22.1.0' } }
  expect(compare([base], [head]).differences.map(({ what, unlike }) => [what, unlike])).toEqual([
    ['machine', true],
    ['Node', false],
    ['engine', true],
    ['version', true],
    ['config maxmemory', true],
  ])
  expect(compare([base], [base]).differences).toEqual([])
})

test.each([
  [steady(96_000), 0],
  [steady(70_000), 1],
  [roundsOf([70_000, 120_000, 60_000, 96_000, 80_000]), 3],
])('exit codes: case %#', (head, code) => {
  expect(exitCodeOfComparison(compare(steady(96_000), head))).toBe(code)
})
