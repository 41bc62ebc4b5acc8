import { groupBy } from '../../core/group.js'
import { safeText } from '../../core/text.js'
import { trim } from '../../core/units.js'
import type { ComparedMetric, ComparedRuns } from '../../schema/compare.js'
import { formatMetric } from '../../schema/metrics.js'
import { paint, separator, type Style, type Tone } from '../style.js'
import { wrap } from '../wrap.js'
import { changeText, counted, fromTo, limitText, subjectOf } from './words.js'

type Mark = 'bad' | 'good' | 'doubtful'
const MARKS: Record<Mark, [unicode: string, ascii: string]> = { bad: ['✗', 'x'], good: ['✓', 'v'], doubtful: ['?', '?'] }
/** Further metrics for one reason are counted. */
const MOST_NAMED = 3

/** A line that begins with a mark, its further lines indented. */
export function markedLines(mark: Mark, text: string, style: Style): string[] {
  const [first = '', ...more] = wrap(text, style.width - 2)
  return [`${markOf(mark, style)} ${first}`, ...more.map((line) => `  ${line}`)]
}

function markOf(mark: Mark, style: Style): string {
  return paint(MARKS[mark][style.unicode ? 0 : 1], mark satisfies Tone, style)
}

/** What became of the metrics: each that is worse or better, why others could not be told, and how many are the same. */
export function metricLines({ metrics }: Pick<ComparedRuns, 'metrics'>, style: Style): string[] {
  const of = (verdict: ComparedMetric['verdict']) => metrics.filter((metric) => metric.verdict === verdict)
  return [
    ...of('worse').flatMap((metric) => markedLines('bad', `${told(metric, style)}, ${limitText(metric)}`, style)),
    ...of('better').flatMap((metric) => markedLines('good', `${told(metric, style)}, better`, style)),
    ...doubts(of('inconclusive'), style),
    ...countLine(metrics, style),
  ]
}

function told(metric: ComparedMetric, style: Style): string {
  const { base, head, unit } = metric
  return `${subjectOf(metric)}: ${metric.metric} ${fromTo(base.value, head.value, unit, style)}, ${changeText(metric)}`
}

/** Why metrics are inconclusive: a reason once, with the metrics that it holds for. */
function doubts(metrics: readonly ComparedMetric[], style: Style): string[] {
  return [...groupBy(metrics, ({ why }) => why)].flatMap(([why, same]) => {
    const strongest = same.toSorted((a, b) => sizeOf(b) - sizeOf(a))
    const named = strongest.slice(0, MOST_NAMED).map((metric) => told(metric, style))
    const rest = same.length - named.length
    return [
      ...markedLines('doubtful', `${counted(same.length, 'metric')} inconclusive: ${safeText(why)}`, style),
      ...named.flatMap((text) => wrap(text, style.width - 4).map((line, index) => `${index === 0 ? '  ' : '    '}${line}`)),
      ...(rest > 0 ? [paint(`  and ${rest} more, which changed by less (--json has all)`, 'dim', style)] : []),
    ]
  })
}

const sizeOf = ({ by, estimate }: ComparedMetric) =>
  estimate === null ? 0 : by === 'ratio' ? Math.abs(Math.log(estimate)) : Math.abs(estimate)

/** `✓ 22 metrics the same · ? 1 inconclusive (noise floor 6%, needs 14 more rounds)` */
function countLine(metrics: readonly ComparedMetric[], style: Style): string[] {
  const count = (verdict: ComparedMetric['verdict']) => metrics.filter((metric) => metric.verdict === verdict).length
  if (metrics.length === 0) return [`${markOf('doubtful', style)} nothing to compare: both sides measured no metric of the same thing`]
  const parts = [
    ...(count('worse') > 0 ? [`${markOf('bad', style)} ${count('worse')} worse`] : []),
    ...(count('better') > 0 ? [`${markOf('good', style)} ${count('better')} better`] : []),
    ...(count('same') > 0 ? [`${markOf('good', style)} ${counted(count('same'), 'metric')} the same`] : []),
    ...(count('inconclusive') > 0 ? [`${markOf('doubtful', style)} ${count('inconclusive')} inconclusive${needs(metrics)}`] : []),
  ]
  return [parts.join(separator(style))]
}

/** What it would take to tell the inconclusive ones: of the middle one, because the worst can be out of reach. */
function needs(metrics: readonly ComparedMetric[]): string {
  const doubtful = metrics.filter(({ verdict, by }) => verdict === 'inconclusive' && by === 'ratio')
  const noises = doubtful.flatMap(({ noise }) => noise ?? []).toSorted((a, b) => a - b)
  const rounds = doubtful.flatMap(({ moreRounds }) => moreRounds ?? []).toSorted((a, b) => a - b)
  const parts = [
    ...(noises.length > 0 ? [`noise floor ${trim(noises[noises.length >> 1]! * 100, 2)}%`] : []),
    ...(rounds.length > 0 ? [`needs ${counted(rounds.at(-1)!, 'more round')}`] : []),
  ]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

/** The value of a metric beside a bound, for lines that tell of thresholds. */
export function valueText(value: number | null, low: number | null, high: number | null, unit: string): string {
  if (value === null) return 'not measured'
  const interval = low === null || high === null || low === high ? '' : ` (${formatMetric(low, unit)} to ${formatMetric(high, unit)})`
  return `${formatMetric(value, unit)}${interval}`
}
