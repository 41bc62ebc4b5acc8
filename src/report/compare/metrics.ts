import { safeText } from '../../core/text.js'
import { trim } from '../../core/units.js'
import type { ComparedMetric, ComparedRuns } from '../../schema/compare.js'
import { joined, paint, type Style, type Tone } from '../style.js'
import { wrap } from '../wrap.js'
import { doubtsOf, ofVerdict } from './verdict.js'
import { changeText, counted, fromTo, limitText, subjectOf } from './words.js'

type Mark = 'bad' | 'good' | 'doubtful'
const MARKS: Record<Mark, [unicode: string, ascii: string]> = { bad: ['✗', 'x'], good: ['✓', 'v'], doubtful: ['?', '?'] }
/** Further metrics for one reason are counted. */
const MOST_NAMED = 3
/** More than so many lines of one verdict nobody reads one by one. */
const MOST_LINES = 100

/** A line that begins with a mark, its further lines indented. */
export function markedLines(mark: Mark, text: string, style: Style): string[] {
  const [first = '', ...more] = wrap(text, style.width - 2)
  return [`${markOf(mark, style)} ${first}`, ...more.map((line) => `  ${line}`)].map(parted)
}

function markOf(mark: Mark, style: Style): string {
  return paint(MARKS[mark][style.unicode ? 0 : 1], mark satisfies Tone, style)
}

/** What became of the metrics: each that is worse or better, why others could not be told, and how many are the same. */
export function metricLines({ metrics }: Pick<ComparedRuns, 'metrics'>, style: Style): string[] {
  return [
    ...changed(ofVerdict(metrics, 'worse'), 'bad', limitText, style),
    ...changed(ofVerdict(metrics, 'better'), 'good', () => 'better', style),
    ...doubts(metrics, style),
    ...countLine(metrics, style),
  ]
}

function changed(metrics: readonly ComparedMetric[], mark: Mark, end: (metric: ComparedMetric) => string, style: Style): string[] {
  const rest = metrics.length - MOST_LINES
  return [
    ...metrics.slice(0, MOST_LINES).flatMap((metric) => markedLines(mark, clauses([...told(metric, style), end(metric)]), style)),
    ...(rest > 0 ? [paint(`  and ${rest} more, which changed by less (--json has all)`, 'dim', style)] : []),
  ]
}

function told(metric: ComparedMetric, style: Style): string[] {
  const { base, head, unit } = metric
  return [`${subjectOf(metric)}: ${safeText(metric.metric)}`, fromTo(base.value, head.value, unit, style), changeText(metric)]
}

/** `a: p99 0.92 → 1.31 ms, 1.42x (1.31 to 1.55), limit 1.05x`, in which only whole clauses go to the next line. */
function clauses([subject = '', values = '', ...rest]: readonly string[]): string {
  return [`${subject} ${kept(values)}`, ...rest.filter((text) => text !== '').map(kept)].join(', ')
}

const kept = (text: string) => text.replaceAll(' ', TOGETHER)
const parted = (line: string) => line.replaceAll(TOGETHER, ' ')
/** A space at which no line is broken. */
const TOGETHER = '\u00a0'

/** Why metrics are inconclusive: a reason once, with the metrics that it holds for. */
function doubts(metrics: readonly ComparedMetric[], style: Style): string[] {
  return doubtsOf(metrics).flatMap(({ why, metrics: same }) => {
    const named = same.slice(0, MOST_NAMED).map((metric) => clauses(told(metric, style)))
    const rest = same.length - named.length
    return [
      ...markedLines('doubtful', `${counted(same.length, 'metric')} inconclusive: ${safeText(why)}`, style),
      ...named.flatMap((text) => wrap(text, style.width - 4).map((line, index) => parted(`${index === 0 ? '  ' : '    '}${line}`))),
      ...(rest > 0 ? [paint(`  and ${rest} more, which changed by less (--json has all)`, 'dim', style)] : []),
    ]
  })
}

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
  return joined(parts, style)
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
