import type { ComparedMetric } from '../schema/compare.js'

/** How strong evidence has to be when it ends a measurement before its time; so strong, it adds hardly anything to the false alarms of the last look. */
const EARLY_P = 0.001

type Weighed = Pick<ComparedMetric, 'by' | 'estimate' | 'noise' | 'verdict' | 'p'>

/** When a measurement in turns has told what is asked of it. */
export interface Asked {
  /** An interval that reaches so far either way is narrow enough: 0.03 is 3%. */
  until: number
  /** Whether one change for the worse is all that is asked, so that nothing else is waited for once it is beyond doubt. */
  failFast: boolean
}

/**
 * Whether further pairs of rounds would tell nothing that is asked: of every metric the interval is known to within `until` either way, or the change is
 * beyond doubt. Looking again and again makes chance findings likelier; so a verdict alone ends nothing unless its evidence is ten times as strong as
 * a single look asks for (Haybittle 1971, Peto 1976), and the width of an interval says nothing of where it lies. A metric without a ratio waits for nothing.
 */
export function isEnough({ metrics }: { metrics: readonly Weighed[] }, { until, failFast }: Asked): boolean {
  if (failFast && metrics.some((metric) => metric.verdict === 'worse' && isBeyondDoubt(metric))) return true
  const asked = metrics.filter(({ by, estimate }) => by === 'ratio' && estimate !== null)
  return asked.length > 0 && asked.every((metric) => isKnown(metric, until))
}

function isKnown(metric: Weighed, until: number): boolean {
  if (metric.noise !== null && metric.noise <= until) return true
  return (metric.verdict === 'better' || metric.verdict === 'worse') && isBeyondDoubt(metric)
}

const isBeyondDoubt = ({ p }: Weighed) => p !== null && p <= EARLY_P
