import type { ComparedMetric, ComparedRuns } from '../schema/compare.js'
import type { Detectable } from '../schema/doctor.js'
import { standardNormalQuantile } from '../stats/normal.js'
import { studentTQuantile } from '../stats/student-t.js'
import { pairsNeeded } from './judge.js'

/** Numbers of pairs that a person may have the time for. */
export const PAIRS_SHOWN = [10, 20, 40, 80, 160] as const
/** How often a change is to be found: four times out of five, as is usual for planning. */
const POWER = 0.8

/**
 * The smallest change for the worse that so many pairs of rounds find, from a comparison in pairs of a thing with itself: of every metric that has an interval there. The interval's
 * reach falls with the square root of the number of pairs; a change is found when it lies beyond the limit by as much as the interval reaches, corrected for all metrics as the verdicts
 * are (here by Bonferroni's rule, which asks for a little more than Holm's), and by the spread that estimates have beside (as any calculation of power does: Lehmann,
 * Nonparametrics, 4.3).
 */
export function detectableOf({ metrics, limit }: Pick<ComparedRuns, 'metrics' | 'limit'>): Detectable[] {
  const tests = metrics.filter(({ p }) => p !== null).length
  return metrics.flatMap((metric): Detectable[] => {
    const { scenario, variant, metric: name, better, by, noise } = metric
    if (by !== 'ratio' || noise === null) return []
    const sizes = PAIRS_SHOWN.map((pairs) => ({
      pairs,
      change: pairs < pairsNeeded(tests) ? null : changeFound(metric, noise, pairs, tests, limit),
    }))
    return [{ scenario, variant, metric: name, better, sizes }]
  })
}

function changeFound({ base, head, better }: ComparedMetric, noise: number, pairs: number, tests: number, limit: number): number {
  const measured = Math.min(base.rounds, head.rounds)
  const standardError = (Math.log1p(noise) / standardNormalQuantile(0.975)) * Math.sqrt(measured / pairs)
  const certainty = studentTQuantile(1 - 0.025 / tests, pairs - 1) + studentTQuantile(POWER, pairs - 1)
  const shift = Math.log1p(limit) + certainty * standardError
  // A throughput that falls by a factor is a smaller share of what it was than a latency that rises by it.
  return better === 'higher' ? -Math.expm1(-shift) : Math.expm1(shift)
}
