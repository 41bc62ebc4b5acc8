import { expect, test } from 'vitest'
import { exitCodeOf } from '#redline/run/outcome.js'
import type { ExpectationResult, RunResult, ScenarioResult } from '#redline/schema/result.js'
import { expectation, invalidity, round, runResult, scenario, validity, variant } from '../support/results.js'

const holding = scenario()
const refuted = scenarioWith('refuted')
const invalid = scenarioOf(1, 2)

test.each<[number, string, Partial<RunResult>]>([
  [0, 'every claim holds', {}],
  [0, 'nothing is claimed', { scenarios: [scenario({ expectations: [] })] }],
  [0, 'a claim stays open', { scenarios: [scenarioWith('inconclusive')] }],
  [1, 'a claim is refuted', { scenarios: [holding, refuted] }],
  [3, 'a variant is invalid', { scenarios: [invalid, holding] }],
  [3, 'a variant is invalid and a claim refuted', { scenarios: [refuted, invalid] }],
  [2, 'a failure ended the run', { failure: 'the server went away' }],
  [2, 'a failure ended the run, whatever was measured before', { failure: 'the server went away', scenarios: [refuted, invalid] }],
  [130, 'the user ended the run', { interrupted: true }],
  [130, 'the user ended the run, whatever was measured before', { interrupted: true, scenarios: [refuted, invalid] }],
  [130, 'the user ended a run that was failing', { interrupted: true, failure: 'connection lost' }],
])('%i: %s', (code, _, fields) => {
  expect(exitCodeOf(runResult(fields))).toBe(code)
})

test.each([
  [3, 0, 0],
  [2, 1, 0],
  [1, 1, 0],
  [1, 2, 3],
  [0, 1, 3],
  [2, 3, 3],
  [2, 2, 0],
])('a variant with %i usable and %i invalid rounds: %i', (usable, unusable, code) => {
  expect(exitCodeOf(runResult({ scenarios: [scenarioOf(usable, unusable)] }))).toBe(code)
})

test('one invalid variant among good ones is enough', () => {
  const scenarios = [holding, scenario({ variants: [variant(), variant({ id: 'other', rounds: [round({ validity: invalidity() })] })] })]
  expect(exitCodeOf(runResult({ scenarios }))).toBe(3)
})

/** One variant, whose usable rounds are suspect: doubts alone don't fail a run. */
function scenarioOf(usable: number, unusable: number): ScenarioResult {
  const suspect = validity({ reasons: [{ code: 'fork', severity: 'suspect', message: 'the server forked' }] })
  const rounds = [...Array.from({ length: usable }, () => suspect), ...Array.from({ length: unusable }, () => invalidity())]
  return scenario({ variants: [variant({ rounds: rounds.map((validity) => round({ validity })) })] })
}

function scenarioWith(verdict: ExpectationResult['verdict']): ScenarioResult {
  return scenario({ expectations: [expectation(), expectation({ verdict })] })
}
