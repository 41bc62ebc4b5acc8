import { trim } from '../core/units.js'
import type { ComparedMetric } from '../schema/compare.js'
import { METRICS, type MetricName } from '../schema/metrics.js'
import { holm } from '../stats/holm.js'
import { comparedBy, type Evidence } from './evidence.js'

/** How sure a verdict is: of each interval, and of all verdicts of a comparison together. */
const CONFIDENCE = 0.95
const FALSE_ALARMS = 0.05
/** A share has to change by a thousandth, a number of losses by anything at all. */
const SHARE_LIMIT = 0.001
/** More rounds than anybody would wait for are no advice. */
const MOST_ROUNDS = 1000

/** What evidence for one metric comes to, beside that for all others. */
export type Judgement = Pick<
  ComparedMetric,
  'estimate' | 'low' | 'high' | 'limit' | 'allowance' | 'p' | 'verdict' | 'why' | 'noise' | 'moreRounds'
>

/** Metrics with their evidence, in the order of their judgements. */
export interface Weighed {
  metric: MetricName
  evidence: Evidence
}

/**
 * The verdicts on all metrics of a comparison. Worse and better need both: an effect, and certainty of it. The whole 95% interval lies beyond the limit, and the evidence for
 * that stays below 5% when it is corrected for all the metrics that were asked (Holm), so that a comparison of equal things raises an alarm anywhere in
 * 5 of 100 cases at most. Same means that the whole interval lies within the limit (two one-sided tests, Schuirmann 1987).
 */
export function judgeMetrics(all: readonly Weighed[], limit: number): Judgement[] {
  const pValues = all.map((weighed) => evidenceOfChange(weighed, scaleOf(weighed.metric, limit)))
  const tested = pValues.filter((p) => p !== null)
  const adjusted = holm(tested)
  let next = 0
  return all.map((weighed, index) =>
    judgeMetric(weighed, scaleOf(weighed.metric, limit), pValues[index] === null ? null : adjusted[next++]!, tested.length),
  )
}

interface Scale {
  /** What a change has to exceed, as it is shown, and on the scale of the shift. */
  limit: number
  bound: number
  toRatio: (shift: number) => number
  /** The size of a shift as it is shown: a ratio less 1, or the difference. */
  toSize: (shift: number) => number
}

function scaleOf(metric: MetricName, limit: number): Scale {
  if (comparedBy(metric) === 'ratio') return { limit, bound: Math.log1p(limit), toRatio: Math.exp, toSize: Math.expm1 }
  const own = METRICS[metric].unit === 'share' ? SHARE_LIMIT : 0
  return { limit: own, bound: own, toRatio: (shift) => shift, toSize: (shift) => shift }
}

/** The two-sided p-value of a change beyond the limit, the machine's share taken off. */
function evidenceOfChange({ evidence: { shift, allowance } }: Weighed, { bound }: Scale): number | null {
  if (shift === undefined) return null
  if (allowance === Infinity) return 1
  return Math.min(1, 2 * Math.min(shift.pAbove(bound + allowance), shift.pBelow(-bound - allowance)))
}

function judgeMetric({ metric, evidence }: Weighed, scale: Scale, p: number | null, tests: number): Judgement {
  const { shift, allowance, why } = evidence
  const { limit, bound, toRatio, toSize } = scale
  const shown = { limit, allowance: allowance === Infinity ? null : toSize(allowance), p }
  const estimate = shift === undefined ? null : toRatio(shift.estimate)
  const own = shift?.interval(CONFIDENCE) ?? null
  if (shift === undefined || own === null) {
    const moreRounds = shift === undefined ? (evidence.rounds > 0 ? 1 : null) : pairsNeeded(tests) - evidence.rounds
    const tooFew = `${evidence.rounds} ${evidence.rounds === 1 ? 'pair' : 'pairs'} of rounds are too few for an interval`
    return { ...shown, estimate, low: null, high: null, verdict: 'inconclusive', why: why || tooFew, noise: null, moreRounds }
  }
  const [low, high] = [own[0] - allowance, own[1] + allowance]
  const interval = {
    ...shown,
    estimate,
    ...(allowance === Infinity ? { low: null, high: null } : { low: toRatio(low), high: toRatio(high) }),
  }
  const reach = (own[1] - own[0]) / 2
  const noise = allowance === Infinity ? null : toSize(reach + allowance)
  if (p !== null && p <= FALSE_ALARMS && (low > bound || high < -bound)) {
    const grew = low > bound
    const verdict = grew === (METRICS[metric].better === 'higher') ? 'better' : 'worse'
    return { ...interval, verdict, why: '', noise, moreRounds: null }
  }
  if (low >= -bound && high <= bound) return { ...interval, verdict: 'same', why: '', noise, moreRounds: null }
  const beyond = low > bound || high < -bound
  return {
    ...interval,
    verdict: 'inconclusive',
    why: beyond ? oneOfMany(tests) : whyWide(own, allowance, bound, why, limit),
    noise,
    moreRounds: moreRounds(evidence, Math.abs(shift.estimate), reach, bound, beyond, tests),
  }
}

function oneOfMany(tests: number): string {
  return `by itself beyond the limit, but one of ${tests} metrics that were compared is by chance alone now and then`
}

function whyWide(own: readonly [number, number], allowance: number, bound: number, why: string, limit: number): string {
  const certain = own[0] > bound || own[1] < -bound || (own[0] >= -bound && own[1] <= bound)
  if (allowance > 0 && certain && why !== '') return why
  return `the interval reaches across the limit of ${trim(limit * 100, 2)}%`
}

/** About how many more rounds would narrow the interval until it no longer reaches across the limit, as far as rounds can. */
function moreRounds(evidence: Evidence, estimate: number, reach: number, bound: number, beyond: boolean, tests: number): number | null {
  if (evidence.rounds === 0) return null
  if (beyond) return Math.max(1, pairsNeeded(tests) - evidence.rounds)
  const distance = Math.abs(estimate - bound) - evidence.allowance
  if (!(distance > 0)) return null
  const needed = Math.max(1, Math.ceil(evidence.rounds * (reach / distance) ** 2) - evidence.rounds)
  return needed > MOST_ROUNDS ? null : needed
}

/** The fewest pairs whose signed ranks can be evidence enough among so many tests: the strongest is 2^-n, twice for the two sides. */
export function pairsNeeded(tests: number): number {
  return Math.ceil(Math.log2((2 * Math.max(1, tests)) / FALSE_ALARMS))
}
