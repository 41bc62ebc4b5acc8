import { safeText } from '../core/text.js'
import type { ExpectationResult, RunResult, ScenarioResult, VariantResult } from '../schema/result.js'
import { isMeasured, isUsable } from '../stats/summary.js'
import { explained } from './expectations.js'
import { doubts } from './remarks.js'
import { reasonOf } from './variants.js'

/** Something about a run that somebody has to act on. */
export interface Problem {
  level: 'error' | 'warning'
  /** What it is about: a scenario, or one with its variant. */
  about: string
  /** What happened, in a few words: `refuted`, `not measured`. */
  what: string
  message: string
}

/**
 * What is wrong with a run, the most severe first. Errors are what makes its exit code other than 0: it ended early, variants that were not
 * measured, claims that were refuted. Warnings are doubts, and claims that stay open.
 */
export function problemsOf(result: RunResult): Problem[] {
  const all = [...endings(result), ...result.scenarios.flatMap(problemsOfScenario), ...inapplicable(result)]
  return [...all.filter(({ level }) => level === 'error'), ...all.filter(({ level }) => level === 'warning')]
}

/** Why a run is not all that was asked for; undefined when it is. */
export function endingOf({ interrupted, failure }: Pick<RunResult, 'interrupted' | 'failure'>): string | undefined {
  if (interrupted) return 'interrupted: rounds after this were not run'
  return failure === null ? undefined : `ended early: ${safeText(failure)}`
}

function endings(result: RunResult): Problem[] {
  const ending = endingOf(result)
  return ending === undefined ? [] : [{ level: 'error', about: 'the run', what: 'not complete', message: ending }]
}

function inapplicable(result: RunResult): Problem[] {
  return (result.inapplicable ?? []).map(({ scenario, reason }) => ({
    level: 'warning',
    about: safeText(scenario),
    what: 'not applicable',
    message: safeText(reason),
  }))
}

function problemsOfScenario({ id, variants, expectations }: ScenarioResult): Problem[] {
  const about = safeText(id)
  return [
    ...variants.filter((variant) => !isMeasured(variant)).map((variant) => notMeasured(about, variant)),
    ...doubts(variants.filter(isMeasured)).map(({ label, text }): Problem => ({ level: 'warning', about, what: label, message: text })),
    ...expectations.filter(({ verdict }) => verdict !== 'holds').map((expectation) => notHolding(about, expectation)),
  ]
}

function notMeasured(scenario: string, variant: VariantResult): Problem {
  const invalid = variant.rounds.filter((round) => !isUsable(round)).length
  const message = `${invalid} of ${variant.rounds.length} rounds are invalid: ${reasonOf(variant)}`
  return { level: 'error', about: `${scenario} ${safeText(variant.id)}`, what: 'not measured', message }
}

function notHolding(scenario: string, expectation: ExpectationResult): Problem {
  const { verdict } = expectation
  const level = verdict === 'refuted' ? 'error' : 'warning'
  return { level, about: scenario, what: verdict, message: explained(expectation) }
}
