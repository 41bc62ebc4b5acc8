import { safeText } from '../core/text.js'
import type { ExpectationResult, Inapplicable, RunResult, ScenarioResult, VariantResult } from '../schema/result.js'
import { formatMetric } from '../schema/metrics.js'
import { isMeasured } from '../stats/summary.js'
import { auditToJunit } from './audit/junit.js'
import { compareToJunit } from './compare/junit.js'
import { explained } from './expectations.js'
import type { Format } from './format.js'
import { gateToJunit } from './gate/junit.js'
import { endingOf } from './problems.js'
import { remarksOf } from './remarks.js'
import { junitXml, type TestCase, type TestSuite } from './text/junit.js'
import { reasonOf } from './variants.js'

export const format: Format = {
  title: 'JUnit XML, for Jenkins, GitLab and whatever else shows tests',
  renders: { run: runToJunit, audit: auditToJunit, compare: compareToJunit, gate: gateToJunit },
}

/**
 * A run as tests: each variant that was to be measured (an error when it was not) and each expectation (failed when refuted, skipped when
 * inconclusive); a scenario that an engine can't run is skipped. Failures and errors are there exactly when the exit code of the run is not 0.
 */
export function runToJunit(result: RunResult): string {
  const ending = endingOf(result)
  const whole: TestCase = {
    group: 'redline',
    name: 'the run is complete',
    seconds: result.seconds,
    ...(ending === undefined ? {} : { outcome: { kind: 'error', type: 'incomplete', message: ending } }),
  }
  const suites: TestSuite[] = [
    { name: 'redline run', startedAt: result.startedAt, cases: [whole] },
    ...result.scenarios.map((scenario) => suiteOf(scenario, result)),
    ...(result.inapplicable ?? []).map((one) => inapplicableSuite(one, result)),
  ]
  return junitXml('redline run', suites)
}

function suiteOf(scenario: ScenarioResult, { startedAt, targets }: RunResult): TestSuite {
  const { id, claim, variants, expectations, hash } = scenario
  const { engine, version } = targets[scenario.target]!
  const group = safeText(id)
  return {
    name: group,
    startedAt: variants[0]?.rounds[0]?.startedAt ?? startedAt,
    properties: { claim: safeText(claim), server: safeText(`${engine} ${version}`), hash: safeText(hash) },
    cases: [
      ...variants.map((variant) => variantCase(group, variant)),
      ...expectations.map((expectation) => expectationCase(group, expectation)),
    ],
  }
}

function inapplicableSuite({ scenario, engine, reason }: Inapplicable, { startedAt }: RunResult): TestSuite {
  const group = safeText(scenario)
  const outcome = { kind: 'skipped', type: 'not applicable', message: safeText(reason) } as const
  return { name: group, startedAt, cases: [{ group, name: `applies to ${safeText(engine)}`, seconds: 0, outcome }] }
}

function variantCase(group: string, variant: VariantResult): TestCase {
  const { rounds, summary } = variant
  const seconds = rounds.reduce((sum, { loads }) => sum + Math.max(0, ...loads.map(({ durationMs }) => durationMs)), 0) / 1000
  const base = { group, name: `${safeText(variant.id)} is measured`, seconds }
  const doubts = remarksOf([variant]).map(({ label, text }) => `${label}: ${text}`)
  if (!isMeasured(variant)) return { ...base, outcome: { kind: 'error', type: 'invalid', message: reasonOf(variant), details: doubts } }
  const figures = Object.entries(summary).map(
    ([name, { median, low, high, unit }]) =>
      `${safeText(name)}: ${[median, low, high].map((value) => formatMetric(value, unit)).join(', ')} (median, least, greatest)`,
  )
  return { ...base, output: [...figures, ...doubts] }
}

function expectationCase(group: string, expectation: ExpectationResult): TestCase {
  const { expression, verdict } = expectation
  const message = explained(expectation)
  const base = { group, name: safeText(expression), seconds: 0 }
  if (verdict === 'holds') return { ...base, output: [message] }
  return { ...base, outcome: { kind: verdict === 'refuted' ? 'failure' : 'skipped', type: verdict, message } }
}
