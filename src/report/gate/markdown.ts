import { safeText } from '../../core/text.js'
import type { GateDocument } from '../../schema/gate.js'
import { countText, metricParts } from '../compare/markdown.js'
import { valueText } from '../compare/metrics.js'
import { markdownCode, markdownText } from '../text/markdown.js'
import { changeText } from './terminal.js'

const MOST_LINES = 100
const STYLE = { width: 100_000, color: false, unicode: true }

/** A gate's answer: the verdict first, then thresholds that were not kept, comparisons, changes and whatever else decided. */
export function gateToMarkdown(gate: GateDocument): string {
  const { verdict, thresholds, baselines, changes, reasons } = gate
  const broken = thresholds
    .filter((threshold) => threshold.verdict !== 'pass')
    .toSorted((a, b) => Number(b.verdict === 'fail') - Number(a.verdict === 'fail'))
  const lines = [
    ...broken.map(({ verdict, about, metric, expression, value, low, high, unit, why }) => {
      const subject = about === '' ? '' : `${markdownCode(safeText(about))} `
      const text = `is ${valueText(value, low, high, unit)}${why === '' ? '' : ` (${safeText(why)})`}, asked for`
      return `- **${verdict}** ${subject}${markdownCode(safeText(metric))} ${markdownText(text)} ${markdownCode(safeText(expression))}`
    }),
    ...changes.map((change) => `- **fail** ${markdownText(changeText(change, STYLE))}`),
    ...reasons.map((reason) => `- **${reason.verdict}** ${markdownText(safeText(reason.message))}`),
  ]
  const rest = lines.length - MOST_LINES
  const kept = thresholds.length - broken.length
  const parts = [
    `## redline gate: ${verdict}`,
    [...lines.slice(0, MOST_LINES), ...(rest > 0 ? [`- and ${rest} more, which the document has`] : [])].join('\n'),
    ...(kept > 0 ? [`${kept} of ${thresholds.length} thresholds kept.`] : []),
    ...baselines.flatMap(({ file, comparison }) => [
      `### Against ${markdownCode(safeText(file))}: ${markdownText(countText(comparison))}`,
      ...metricParts(comparison),
    ]),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}
