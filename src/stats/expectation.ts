import { trim } from '../core/units.js'
import { formatMetric, isMetricName, METRICS } from '../schema/metrics.js'
import type { ExpectationResult, Round } from '../schema/result.js'
import type { Comparison, ExpectationPlan, MetricRef } from '../schema/scenario.js'
import { meanInterval, pairedRatio } from './interval.js'
import { isUsable, metricsOfRound } from './summary.js'

/** The value of a metric in each round, in their order; undefined where the round gave none that may be used. */
type RoundValues = readonly (number | undefined)[]

/**
 * Answers a scenario's expectations from what its variants measured: one result for each plan, in their order.
 * A variant that is missing has measured nothing.
 */
export function judgeAll(
  plans: readonly ExpectationPlan[],
  variants: readonly { id: string; rounds: readonly Round[] }[],
): ExpectationResult[] {
  const valuesOf = ({ variant, load, metric }: MetricRef): RoundValues => {
    const rounds = variants.find(({ id }) => id === variant)?.rounds ?? []
    return rounds.map((round) => (isUsable(round) && isMetricName(metric) ? metricsOfRound(round, load)[metric] : undefined))
  }
  return plans.map((plan) => judge(plan, valuesOf(plan.left), plan.right && valuesOf(plan.right)))
}

/**
 * Answers one expectation: it holds when the whole 95% interval lies on the side that was asked for, is refuted when the
 * whole interval lies on the other, and is inconclusive otherwise. Two metrics are compared by their ratio, paired by
 * round, so that a round that one side lacks is left out of both; one metric is held against a constant by its mean.
 */
function judge(plan: ExpectationPlan, left: RoundValues, right?: RoundValues): ExpectationResult {
  const { rounds, estimate, low, high, why } = right ? pairedRatio(...bothSides(left, right)) : meanInterval(left.filter(isMeasured))
  const verdict = low === null || high === null ? 'inconclusive' : verdictOf([low, high], plan)
  const say = (value: number | null) => (value === null ? '' : right ? trim(value, 3) : formatMetric(value, unitOf(plan.left)))
  const tooWide = `${rounds} rounds are too few: the interval ${say(low)} to ${say(high)} contains ${say(plan.factor)}; add --rounds`
  return {
    expression: plan.expression,
    left: sideOf(plan.left),
    over: null,
    comparison: plan.comparison,
    right: plan.right ? sideOf(plan.right) : null,
    verdict,
    observed: estimate,
    asked: plan.factor,
    low,
    high,
    why: verdict === 'inconclusive' ? why || tooWide : '',
  }
}

/** An interval is on one side of what was asked exactly when both its ends are. */
function verdictOf(ends: [low: number, high: number], { comparison, factor }: ExpectationPlan): ExpectationResult['verdict'] {
  const asked = ends.filter((end) => COMPARE[comparison](end, factor))
  return asked.length === 2 ? 'holds' : asked.length === 0 ? 'refuted' : 'inconclusive'
}

const COMPARE: Record<Comparison, (a: number, b: number) => boolean> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
}

/** The rounds that measured both sides. */
function bothSides(left: RoundValues, right: RoundValues): [number[], number[]] {
  const complete = left.map((_, round) => round).filter((round) => isMeasured(left[round]) && isMeasured(right[round]))
  return [complete.map((round) => left[round]!), complete.map((round) => right[round]!)]
}

const isMeasured = (value: number | undefined) => value !== undefined
const unitOf = ({ metric }: MetricRef) => (isMetricName(metric) ? METRICS[metric].unit : '')
const sideOf = ({ variant, load, metric }: MetricRef) => ({ variant, load: load ?? null, metric })
