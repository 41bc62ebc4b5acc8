import { groupBy } from '../../core/group.js'
import type { ComparedAudits, ComparedMetric, ComparedRuns, CompareVerdict } from '../../schema/compare.js'
import { counted } from './words.js'

/** What a comparison says in one sentence, and how bad that is. */
export interface Verdict {
  tone: 'good' | 'bad' | 'doubtful'
  text: string
}

/** Of two runs, or of a run and its baseline. */
export function verdictOfRuns({ metrics, counts }: Pick<ComparedRuns, 'metrics' | 'counts'>): Verdict {
  const { better, worse, same, inconclusive } = counts
  if (metrics.length === 0) return { tone: 'doubtful', text: 'Nothing to compare: both sides measured no metric of the same thing' }
  if (worse > 0) {
    const others = better > 0 ? `, ${better} ${better === 1 ? 'is' : 'are'} better` : ''
    return { tone: 'bad', text: `${counted(worse, 'metric')} ${worse === 1 ? 'is' : 'are'} worse${others}` }
  }
  if (better + same === 0) return { tone: 'doubtful', text: `Nothing could be told of ${counted(inconclusive, 'metric')}` }
  const known = better > 0 ? `${counted(better, 'metric')} ${better === 1 ? 'is' : 'are'} better` : ''
  if (inconclusive > 0)
    return {
      tone: 'doubtful',
      text: `${known === '' ? 'Nothing' : `${known}, nothing`} is known to be worse, ${inconclusive} could not be told`,
    }
  if (better > 0) return { tone: 'good', text: `${known}, nothing is worse` }
  return { tone: 'good', text: same === 1 ? 'The metric is the same' : `All ${same} metrics are the same` }
}

/** Of two audits. */
export function verdictOfAudits({ since, complete }: Pick<ComparedAudits, 'since' | 'complete'>): Verdict {
  const fixed = since.fixed.length > 0 ? `, ${since.fixed.length} fixed` : ''
  if (since.added.length > 0) return { tone: 'bad', text: `${counted(since.added.length, 'new finding')}${fixed}` }
  if (!complete) return { tone: 'doubtful', text: `No new finding in what was seen${fixed}` }
  return { tone: 'good', text: `No new finding${fixed}` }
}

/** The metrics of a verdict, those first that changed most beside what is allowed. */
export function ofVerdict(metrics: readonly ComparedMetric[], verdict: CompareVerdict): ComparedMetric[] {
  return bySize(metrics.filter((metric) => metric.verdict === verdict))
}

function bySize(metrics: readonly ComparedMetric[]): ComparedMetric[] {
  return metrics.toSorted((a, b) => sizeOf(b) - sizeOf(a))
}

/** How far a metric changed, in limits; what must not change at all comes before all else. */
function sizeOf({ by, estimate, limit }: ComparedMetric): number {
  if (estimate === null || estimate === 0) return 0
  if (by === 'difference') return limit === 0 ? Number.MAX_VALUE : Math.abs(estimate) / limit
  return Math.abs(Math.log(estimate)) / Math.log1p(Math.max(limit, LEAST_LIMIT))
}

/** Stands for a limit of 0, to which nothing has a proportion. */
const LEAST_LIMIT = 1e-6

/** What could not be told, by the reason: the most common one first. */
export function doubtsOf(metrics: readonly ComparedMetric[]): { why: string; metrics: ComparedMetric[] }[] {
  const groups = [...groupBy(ofVerdict(metrics, 'inconclusive'), ({ why }) => why)].map(([why, same]) => ({ why, metrics: same }))
  return groups.toSorted((a, b) => b.metrics.length - a.metrics.length)
}
