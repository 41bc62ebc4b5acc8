import type { ComparedMetric } from '../schema/compare.js'

/** How strong evidence has to be when it ends a measurement before its time; so strong, it adds hardly anything to the false alarms of the last look. */
const EARLY_P = 0.001

type Weighed = Pick<ComparedMetric, 'by' | 'estimate' | 'noise' | 'verdict' | 'p'>

/**
 * Whether further pairs of rounds would tell nothing that is asked: of every metric the interval is known to within `until` (0.03 is 3%) either way, or the change is
 * beyond doubt. Looking again and again makes chance findings likelier; so a verdict alone ends nothing unless its evidence is ten times as strong as
 * a single look asks for (Haybittle 1971, Peto 1976), and the width of an interval says nothing of where it lies. A metric without a ratio waits for nothing.
 */
export function isEnough({ metrics }: { metrics: readonly Weighed[] }, until: number): boolean {
  const asked = metrics.filter(({ by, estimate }) => by === 'ratio' && estimate !== null)
  return asked.length > 0 && asked.every((metric) => isKnown(metric, until))
}

function isKnown({ noise, verdict, p }: Weighed, until: number): boolean {
  if (noise !== null && noise <= until) return true
  return (verdict === 'better' || verdict === 'worse') && p !== null && p <= EARLY_P
}
