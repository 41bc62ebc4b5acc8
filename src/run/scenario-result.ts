import type { Round, ScenarioResult, VariantResult } from '../schema/result.js'
import type { ScenarioPlan } from '../schema/scenario.js'
import { judgeAll } from '../stats/expectation.js'
import { summarize } from '../stats/summary.js'

/** What came of a scenario, with its summaries and the answers to what was expected. `targets`: of its variants, as far as they are known, the first of all. */
export function scenarioResult(plan: ScenarioPlan, rounds: readonly Round[][], targets: readonly (number | undefined)[]): ScenarioResult {
  const variants = plan.variants.map((variant, index): VariantResult => ({
    id: variant.id,
    variant: variant.variant,
    point: variant.point,
    commands: variant.loads.flatMap(({ commands }) => commands?.map(({ line }) => line) ?? []),
    workload: variant.loads.find(({ workload }) => workload)?.workload?.id ?? null,
    rounds: rounds[index]!,
    summary: summarize(rounds[index]!),
    ...(targets[index] !== undefined && { target: targets[index] }),
  }))
  return {
    id: plan.id,
    claim: plan.claim,
    hash: plan.hash,
    roundsAsked: plan.rounds,
    variants,
    expectations: judgeAll(plan.expectations, variants),
    target: targets[0]!,
  }
}
