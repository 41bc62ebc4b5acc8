import type { CheckedThreshold, GateDocument, GateVerdict } from '../../schema/gate.js'
import { shown } from '../words.js'
import { cutShort, differenceParts, metricParts } from '../compare/markdown.js'
import { verdictOfRuns } from '../compare/verdict.js'
import { withInterval } from '../compare/words.js'
import { type Part, withinBytes } from '../text/limit.js'
import { markdownCode, markdownTable, markdownText, MOST_BYTES } from '../text/markdown.js'
import { baselineText } from './terminal.js'
import { byVerdict, failuresFirst, whyOf } from './verdict.js'
import { changeText } from './words.js'

const STYLE = { width: 100_000, color: false, unicode: true }
const MARKS: Record<GateVerdict, string> = { fail: '✗ broken', inconclusive: '? open', pass: '✓ kept' }
/** Thresholds that are shown, and changes. */
const MOST_ROWS = 200

/** A gate's answer: the verdict first, then thresholds, baselines and the history, what fails it first in each. */
export function gateToMarkdown(gate: GateDocument): string {
  const { results, reasons, thresholds, baselines, changes } = gate
  const why = whyOf(gate).join(', ')
  const parts: Part[] = [
    { text: `## redline gate: ${gate.verdict}${why === '' ? '' : ` (${markdownText(why)})`}`, things: 0 },
    {
      text: results
        .map(({ name, kind, startedAt }) => `${markdownCode(shown(name, STYLE))}, ${kind} of ${startedAt.slice(0, 16).replace('T', ' ')}`)
        .join(' · '),
      things: 0,
    },
    ...listed(failuresFirst(reasons).map(({ verdict, message }) => `- **${verdict}** ${markdownText(shown(message, STYLE))}`)),
    ...(thresholds.length === 0 ? [] : [{ text: thresholdsText(thresholds), things: 0 }]),
    ...(changes.length === 0 ? [] : [{ text: `### ✗ Changes for the worse in the history`, things: 0 }]),
    ...listed(changes.slice(0, MOST_ROWS).map((change) => `- ${markdownText(changeText(change, STYLE))}`)),
    ...baselines.flatMap(({ file, comparison }) => [
      {
        text: `### Against ${markdownCode(shown(file, STYLE))}, ${baselineText(comparison.base)}: ${markdownText(verdictOfRuns(comparison).text)}`,
        things: 0,
      },
      ...differenceParts(comparison),
      ...metricParts(comparison, '####'),
    ]),
  ]
  return withinBytes(parts, MOST_BYTES, cutShort)
}

function listed(lines: readonly string[]): Part[] {
  return lines.length === 0 ? [] : [{ text: lines.join('\n'), things: 0 }]
}

function thresholdsText(thresholds: readonly CheckedThreshold[]): string {
  const rows = byVerdict(thresholds).slice(0, MOST_ROWS)
  const rest = thresholds.length - rows.length
  const table = markdownTable([
    { title: '', align: 'left', cells: rows.map(({ verdict }) => MARKS[verdict]) },
    { title: 'asked for', align: 'left', cells: rows.map(({ expression }) => markdownCode(shown(expression, STYLE), 'table')) },
    {
      title: 'of',
      align: 'left',
      cells: rows.map(({ about, result }) => markdownCode(shown(about === '' ? result : about, STYLE), 'table')),
    },
    {
      title: 'measured (95% interval)',
      align: 'right',
      cells: rows.map(({ value, low, high, unit }) => markdownText(withInterval(value, low, high, unit))),
    },
    { title: '', align: 'left', cells: rows.map(({ why }) => markdownText(shown(why, STYLE))) },
  ])
  return ['### Thresholds', table, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n\n')
}
