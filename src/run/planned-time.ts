import type { Round } from '../schema/result.js'
import type { ScenarioPlan, VariantPlan } from '../schema/scenario.js'
import type { RunOptions } from './options.js'

/** Time that a round takes beside its warm-up and measurement: connecting, draining, reading counters. */
const ROUND_OVERHEAD_MS = 120

/** Planned time that is left, for whoever watches. */
export class ScenarioProgress {
  readonly #options: RunOptions
  readonly #plan: ScenarioPlan
  readonly #laterMs: number
  #leftMs: number

  constructor(plan: ScenarioPlan, options: RunOptions, later: readonly ScenarioPlan[]) {
    this.#plan = plan
    this.#options = options
    this.#leftMs = plannedMs(plan)
    this.#laterMs = later.reduce((sum, other) => sum + plannedMs(other), 0)
  }

  begin(variant: VariantPlan, round: number): void {
    const { id, rounds } = this.#plan
    const remainingMs = this.#leftMs + this.#laterMs
    this.#options.onProgress({ kind: 'round', scenario: id, variant: variant.id, round, of: rounds, remainingMs })
  }

  end(variant: VariantPlan, round: number, { validity }: Round): void {
    this.#leftMs -= roundMs(variant)
    this.#options.onProgress({ kind: 'round-end', scenario: this.#plan.id, variant: variant.id, round, verdict: validity.verdict })
  }
}

function roundMs({ loads }: VariantPlan): number {
  return Math.max(...loads.map((load) => load.warmupMs + (load.durationMs ?? 1000))) + ROUND_OVERHEAD_MS
}

function plannedMs(plan: ScenarioPlan): number {
  return plan.rounds * plan.variants.reduce((sum, variant) => sum + roundMs(variant), 0)
}
