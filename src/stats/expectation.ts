import { trim } from '../core/units.js'
import { formatMetric, isMetricName, METRICS } from '../schema/metrics.js'
import type { ExpectationResult, Round } from '../schema/result.js'
import type { Comparison, ExpectationPlan, ExponentFit, MetricRef } from '../schema/scenario.js'
import { fittedExponent } from './exponent.js'
import { type Estimate, meanInterval, pairedRatio } from './interval.js'
import { isUsableFor, metricsOfRound } from './summary.js'

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
    return rounds.map((round) => (isMetricName(metric) && isUsableFor(metric, round) ? metricsOfRound(round, load)[metric] : undefined))
  }
  const leftOf = ({ left }: ExpectationPlan): RoundValues => (isFit(left) ? exponents(left, valuesOf) : valuesOf(left))
  return plans.map((plan) => judge(plan, leftOf(plan), plan.right && valuesOf(plan.right)))
}

/** The exponent in each round that measured every point; rounds have no fit in common, because they met other moments of the machine. */
function exponents({ points }: ExponentFit, valuesOf: (ref: MetricRef) => RoundValues): RoundValues {
  const measured = points.map(({ x, ref }) => ({ x, values: valuesOf(ref) }))
  const rounds = Math.max(0, ...measured.map(({ values }) => values.length))
  return Array.from({ length: rounds }, (_, round) => fittedExponent(measured.map(({ x, values }) => ({ x, y: values[round] }))))
}

/** Two sides that differ by less are the same: what a machine does between two rounds is more, and no reader acts on it. */
const INDIFFERENCE = 1.02

/**
 * Answers one expectation: it holds when the whole 95% interval lies on the side that was asked for, is refuted when the
 * whole interval lies on the other, and is inconclusive otherwise. Where two metrics are compared without a factor, both sides begin 2% away
 * from 1. Two metrics are compared by their ratio, paired by
 * round, so that a round that one side lacks is left out of both; one metric, or an exponent, is held against a constant by its mean. What
 * is said never to happen, or to happen at all, is answered by whether it did in any round.
 */
function judge(plan: ExpectationPlan, left: RoundValues, right?: RoundValues): ExpectationResult {
  const { rounds, estimate, low, high, why } = right
    ? pairedRatio(...bothSides(left, right))
    : (isEvent(plan) ? eventRange : meanInterval)(left.filter(isMeasured))
  const band = right && plan.factor === 1 ? INDIFFERENCE : 1
  const verdict = low === null || high === null ? 'inconclusive' : verdictOf([low, high], plan, band)
  const say = (value: number | null) =>
    value === null ? '' : right || isFit(plan.left) ? trim(value, 3) : formatMetric(value, unitOf(plan.left))
  const doubt = () => {
    const interval = `the interval ${say(low)} to ${say(high)}`
    if (low! > 1 / band && high! < band) return `no difference that counts: ${interval} is within 2% of 1`
    const reaches = low! > plan.factor || high! < plan.factor ? 'comes within 2% of' : 'contains'
    return `${rounds} rounds are too few: ${interval} ${reaches} ${say(plan.factor)}; add --rounds`
  }
  return {
    expression: plan.expression,
    left: isFit(plan.left) ? fittedSide(plan.left) : sideOf(plan.left),
    over: isFit(plan.left) ? plan.left.axis : null,
    comparison: plan.comparison,
    right: plan.right ? sideOf(plan.right) : null,
    verdict,
    observed: estimate,
    asked: plan.factor,
    low,
    high,
    why: verdict === 'inconclusive' ? why || doubt() : '',
  }
}

/** An interval is on one side of what was asked exactly when both its ends are, beyond the band around it. */
function verdictOf(ends: [low: number, high: number], { comparison, factor }: ExpectationPlan, band: number): ExpectationResult['verdict'] {
  const towards = comparison.startsWith('>') ? band : 1 / band
  const reach = (limit: number) => ends.filter((end) => COMPARE[comparison](end, limit)).length
  if (reach(factor * towards) === 2) return 'holds'
  return reach(factor / towards) === 0 ? 'refuted' : 'inconclusive'
}

/** Whether something was counted that is expected to happen (`> 0`) or never to (`<= 0`): one case is proof, and no interval makes it less so. */
function isEvent({ left, factor }: ExpectationPlan): boolean {
  return factor === 0 && !isFit(left) && unitOf(left) === 'count'
}

/** How often it happened a round; the interval is a point when it was seen at all, and nothing when no round looked. */
function eventRange(counts: readonly number[]): Estimate {
  const estimate = meanInterval(counts)
  return { ...estimate, low: estimate.estimate, high: estimate.estimate, why: counts.length === 0 ? estimate.why : '' }
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

const isFit = (left: ExpectationPlan['left']): left is ExponentFit => 'kind' in left

/** `push[length=100,delay=1ms]` at each of its points is `push[delay=1ms]` over all of them. */
function fittedSide({ axis, points }: ExponentFit): ExpectationResult['left'] {
  const first = sideOf(points[0]!.ref)
  const [, name = first.variant, point = ''] = /^([^[]*)\[(.*)\]$/.exec(first.variant) ?? []
  const others = point.split(',').filter((part) => part !== '' && !part.startsWith(`${axis}=`))
  return { ...first, variant: others.length === 0 ? name : `${name}[${others.join(',')}]` }
}

const isMeasured = (value: number | undefined) => value !== undefined
const unitOf = ({ metric }: MetricRef) => (isMetricName(metric) ? METRICS[metric].unit : '')
const sideOf = ({ variant, load, metric }: MetricRef) => ({ variant, load: load ?? null, metric })
