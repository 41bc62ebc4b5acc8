import { safeText } from '../../core/text.js'
import type { ComparedMetric, ComparedRuns, CompareResult } from '../../schema/compare.js'
import { formatMetric } from '../../schema/metrics.js'
import { markdownCode, markdownTable, markdownText } from '../text/markdown.js'
import { differenceText } from './terminal.js'
import { changeText, counted, limitText, subjectOf } from './words.js'

/** Rows of a table that people read; the document has all. */
const MOST_ROWS = 100
/** The order in which metrics are told; those that stayed the same are counted. */
const TOLD = ['worse', 'inconclusive', 'better'] as const

/** A comparison: the verdict first, what differs, then each metric that did not stay the same. */
export function compareToMarkdown(result: CompareResult): string {
  const { base, head, differences } = result
  const sides = `base ${markdownCode(safeText(base.name))}, head ${markdownCode(safeText(head.name))}`
  const unlike = differences.map((difference) => `- differs: ${markdownText(differenceText(difference))}`)
  const answer = result.kind === 'runs' ? { title: countText(result), lines: metricParts(result) } : auditParts(result)
  return `${[`## redline compare: ${markdownText(answer.title)}`, sides, unlike.join('\n'), ...answer.lines].filter(Boolean).join('\n\n')}\n`
}

/** `1 worse, 22 the same, 1 inconclusive` */
export function countText({ counts }: Pick<ComparedRuns, 'counts'>): string {
  const parts = [`${counts.worse} worse`, `${counts.better} better`, `${counts.same} the same`, `${counts.inconclusive} inconclusive`]
  return parts.filter((part) => !part.startsWith('0 ')).join(', ') || 'nothing to compare'
}

/** The metrics that did not stay the same, as a table, and why some could not be told. */
export function metricParts({ metrics }: Pick<ComparedRuns, 'metrics'>): string[] {
  const rows = TOLD.flatMap((verdict) => metrics.filter((metric) => metric.verdict === verdict))
  const shown = rows.slice(0, MOST_ROWS)
  if (shown.length === 0) return []
  const column = (title: string, align: 'left' | 'right', cell: (metric: ComparedMetric) => string) => ({
    title,
    align,
    cells: shown.map(cell),
  })
  const value = (side: ComparedMetric['base'], unit: string) => (side.value === null ? '-' : markdownText(formatMetric(side.value, unit)))
  const table = markdownTable([
    column('', 'left', ({ verdict }) => verdict),
    column('of', 'left', (metric) => markdownCode(subjectOf(metric), 'table')),
    column('metric', 'left', ({ metric }) => markdownCode(safeText(metric), 'table')),
    column('base', 'right', ({ base, unit }) => value(base, unit)),
    column('head', 'right', ({ head, unit }) => value(head, unit)),
    column('change', 'right', (metric) => markdownText(changeText(metric)) || '-'),
    column('', 'left', (metric) => markdownText(metric.verdict === 'worse' ? limitText(metric) : safeText(metric.why))),
  ])
  const rest = rows.length - shown.length
  return [table, ...(rest > 0 ? [`and ${counted(rest, 'more metric')}, which the document has`] : [])]
}

function auditParts({ since, complete }: Extract<CompareResult, { kind: 'audits' }>): { title: string; lines: string[] } {
  const named = (what: string, findings: typeof since.added) =>
    findings.slice(0, MOST_ROWS).map(({ rule, about }) => `- ${what} ${markdownCode(safeText(rule))} ${markdownCode(safeText(about))}`)
  return {
    title: `${counted(since.added.length, 'new finding')}, ${since.fixed.length} fixed`,
    lines: [
      ...(complete ? [] : ['Not all was read by both audits: what is missing may be there.']),
      [...named('new', since.added), ...named('fixed', since.fixed)].join('\n'),
    ],
  }
}
