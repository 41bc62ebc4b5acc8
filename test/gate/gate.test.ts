import { describe, expect, test } from 'vitest'
import { readThreshold } from '#redline/config/thresholds.js'
import { baselineOfRuns } from '#redline/gate/baseline.js'
import { COMPARED_METRICS } from '#redline/gate/compare-runs.js'
import { gate, type GateInput } from '#redline/gate/gate.js'
import { historyRecord } from '#redline/gate/history.js'
import { recordOf } from '#redline/gate/record.js'
import { gateDocumentSchema, type ThresholdPlan } from '#redline/schema/gate.js'
import type { RunResult } from '#redline/schema/result.js'
import { auditResult, coverage, finding, gate as auditGate } from '../support/audits.js'
import { invalidity, roundsAt, runResult, scenario, target, variant } from '../support/results.js'

const at = (day: number) => new Date(Date.UTC(2026, 10, day, 9)).toISOString()
const throughputs = (middle: number) => [0.998, 0.999, 1, 1.001, 1.002].map((factor) => middle * factor)

function runOf(middle: number, fields: Partial<RunResult> = {}): RunResult {
  const rounds = roundsAt(throughputs(middle))
  return runResult({ startedAt: at(25), scenarios: [scenario({ variants: [variant({ rounds })], expectations: [] })], ...fields })
}

const planned = (expressions: readonly string[]) => expressions.map(readThreshold).filter((one): one is ThresholdPlan => 'of' in one)
const options = { limit: 0.05, drift: 0.15, metrics: COMPARED_METRICS, version: '0.1.0' }

function judge({ run, ...input }: Partial<GateInput> & { run?: RunResult }) {
  const runs = run === undefined ? [] : [{ name: 'reports/latest', result: run }]
  return gateDocumentSchema.parse(
    gate({ runs, audits: [], thresholds: [], baselines: [], unknownMachines: [], histories: [], ...input }, options),
  )
}

/** Of six days, each a little different. */
const baseline = (fields: Partial<RunResult> = {}) => ({
  file: 'b.json',
  baseline: baselineOfRuns(
    [1, 2, 3, 4, 5, 6].map((day) => recordOf(runOf(96_000 * (1 + 0.004 * (day % 3)), { startedAt: at(day), ...fields }))),
  ),
})

describe('thresholds', () => {
  test.each([
    [['throughput > 90k'], 'pass', 0],
    [['throughput > 90k', 'throughput > 100k'], 'fail', 1],
    [['throughput > 96k'], 'inconclusive', 3],
    [['sets/*: throughput > 1k'], 'inconclusive', 3],
  ])('%j: %s', (expressions, verdict, exitCode) => {
    expect(judge({ run: runOf(96_000), thresholds: planned(expressions) })).toMatchObject({ verdict, exitCode })
  })

  test('one that nothing was measured for is told, and one on audits is not asked of a run', () => {
    expect(judge({ run: runOf(96_000), thresholds: planned(['sets/*: p99 < 1ms']) }).reasons).toEqual([
      { verdict: 'inconclusive', message: 'nothing was measured that this is about: sets/*: p99 < 1ms' },
    ])
    expect(judge({ run: runOf(96_000), thresholds: planned(['findings.error == 0']) }).verdict).toBe('pass')
  })
})

describe('a baseline', () => {
  test.each([
    [96_500, 'pass', 0],
    [80_000, 'fail', 1],
    [91_900, 'inconclusive', 3],
  ])('of 96,000 a second, and now %i: %s', (now, verdict, exitCode) => {
    expect(judge({ run: runOf(now), baselines: [baseline()] })).toMatchObject({ verdict, exitCode })
  })

  test('of another version is none: told, and not compared', () => {
    const result = judge({ run: runOf(96_000, { targets: [target({ version: '8.0.2' })] }), baselines: [baseline()] })
    expect(result).toMatchObject({ verdict: 'inconclusive', baselines: [] })
    expect(result.reasons[0]!.message).toBe('b.json has nothing of hashes/profile-read as it is now, on redis 8.0.2')
  })

  test('of another machine is none', () => {
    expect(judge({ run: runOf(96_000), unknownMachines: ['arm-8-cores'] })).toMatchObject({ verdict: 'inconclusive' })
  })

  test('rounds that are all invalid pass nothing', () => {
    const rounds = roundsAt(throughputs(96_000)).map((one) => ({ ...one, validity: invalidity() }))
    const run = runResult({ startedAt: at(25), scenarios: [scenario({ variants: [variant({ rounds })], expectations: [] })] })
    expect(judge({ run, baselines: [baseline()] })).toMatchObject({ verdict: 'inconclusive', exitCode: 3 })
  })
})

test.each([
  [{ failure: 'the server went away' }, 'reports/latest ended early: the server went away'],
  [{ interrupted: true }, 'reports/latest was interrupted'],
])('a run that is not whole does not pass: %j', (fields, message) => {
  const result = judge({ run: runOf(96_000, fields), thresholds: planned(['throughput > 90k']) })
  expect(result).toMatchObject({ verdict: 'inconclusive', reasons: [{ message }] })
})

describe('audits', () => {
  const failing = auditResult({
    findings: [finding({ severity: 'error' })],
    gate: auditGate({ exitCode: 1, reasons: ['1 finding of severity error'] }),
  })
  const of = (result = auditResult()) => ({ audits: [{ name: 'audit', result }] })

  test('without a threshold the answer of the audit itself counts', () => {
    expect(judge(of()).verdict).toBe('pass')
    expect(judge(of(failing))).toMatchObject({ verdict: 'fail', reasons: [{ message: 'audit: 1 finding of severity error' }] })
    const partial = auditResult({
      coverage: coverage({ complete: false }),
      gate: auditGate({ exitCode: 3, reasons: ['not all keys were read'] }),
    })
    expect(judge(of(partial)).verdict).toBe('inconclusive')
  })

  test('thresholds take its place', () => {
    expect(judge({ ...of(failing), thresholds: planned(['findings.error <= 1']) }).verdict).toBe('pass')
    expect(judge({ ...of(failing), thresholds: planned(['findings.error == 0']) }).verdict).toBe('fail')
  })
})

test('a change for the worse in the history fails, until the baseline accepts it', () => {
  const days = Array.from({ length: 24 }, (_, day) =>
    runOf((day >= 18 ? 70_000 : 96_000) * (1 + 0.003 * (day % 4)), { startedAt: at(day + 1) }),
  )
  const histories = [days.map((run) => historyRecord(recordOf(run)))]
  const result = judge({ run: days.at(-1)!, histories })
  expect(result).toMatchObject({ verdict: 'fail', exitCode: 1 })
  expect(result.changes.map(({ metric }) => metric)).toContain('throughput')
  const accepted = { file: 'b.json', baseline: baselineOfRuns(days.slice(-6).map((run) => recordOf(run))) }
  expect(judge({ run: days.at(-1)!, histories, baselines: [accepted] }).changes).toEqual([])
})
