import { safeText } from '../core/text.js'
import { formatDuration } from '../core/units.js'
import type { Inapplicable, RunResult, ScenarioResult } from '../schema/result.js'
import { auditToMarkdown } from './audit/markdown.js'
import { compareToMarkdown } from './compare/markdown.js'
import { isUsable } from '../stats/summary.js'
import { explained, verdictOfClaim } from './expectations.js'
import type { Format } from './format.js'
import { gateToMarkdown } from './gate/markdown.js'
import { endingOf, problemsOf } from './problems.js'
import { remarksOf } from './remarks.js'
import { claimsCounted, headerLines, roundsCounted } from './terminal.js'
import { type Part, withinBytes } from './text/limit.js'
import { markdownCode, markdownTable, markdownText, MOST_BYTES } from './text/markdown.js'
import { variantTable } from './variants.js'

export const format: Format = {
  title: "Markdown for a job's summary on GitHub or a comment, within GitHub's limit of 1 MiB",
  renders: { run: runToMarkdown, audit: auditToMarkdown, compare: compareToMarkdown, gate: gateToMarkdown },
}

/** Lines without end and without colours, with all columns. */
const STYLE = { width: 100_000, color: false, unicode: true }

/** A run: the verdict first, then what is wrong, then each scenario with its table. What does not fit is counted at the end. */
export function runToMarkdown(result: RunResult): string {
  const [, ...setting] = headerLines(result, STYLE).join(' ').split(' · ')
  const parts: Part[] = [
    { text: `## redline run: ${markdownText(verdictOf(result))}`, things: 0 },
    { text: markdownText([...setting, roundsCounted(result, STYLE), `took ${tookText(result)}`].join(' · ')), things: 0 },
    ...result.scenarios.map((scenario) => ({ text: scenarioText(scenario), things: 1 })),
    ...(result.inapplicable ?? []).map((one) => ({ text: inapplicableText(one), things: 1 })),
  ]
  return withinBytes(parts, MOST_BYTES, (things) => {
    const what = things === 1 ? '1 more scenario does' : `${things} more scenarios do`
    return `**Cut short**: ${what} not fit here (GitHub takes 1 MiB); the result document has all.`
  })
}

function tookText({ seconds }: RunResult): string {
  return formatDuration(Math.round(seconds * 10) * 100)
}

function verdictOf(result: RunResult): string {
  const ending = endingOf(result)
  const unmeasured = problemsOf(result).filter(({ what }) => what === 'not measured').length
  const invalid = unmeasured === 0 ? [] : [`${unmeasured} ${unmeasured === 1 ? 'variant was' : 'variants were'} not measured`]
  const parts = [...(ending === undefined ? [] : [ending]), ...invalid, ...claimsCounted(result)]
  return parts.length === 0 ? 'measured' : parts.join('; ')
}

function scenarioText({ id, claim, variants, expectations }: ScenarioResult): string {
  const { columns, unusable } = variantTable({ variants, expectations }, STYLE)
  const verdict = expectations.length === 0 ? '' : `: ${verdictOfClaim(expectations)}`
  const table = markdownTable(
    columns.map(({ title, cells, align }, index) => ({
      title: markdownText(title),
      align: align === 'left' ? 'left' : 'right',
      cells: cells.map((cell) => (index === 0 ? markdownCode(cell.trim(), 'table') : markdownText(cell.trim()))),
    })),
  )
  const lines = [
    ...unusable.map(({ name, reason }) => `- **not measured** ${markdownCode(name)}: ${markdownText(reason)}`),
    ...remarksOf(variants.filter(({ rounds }) => rounds.some(isUsable))).map(({ label, text }) => `- **${label}** ${markdownText(text)}`),
    ...expectations.map((expectation) => `- **${expectation.verdict}** ${markdownText(explained(expectation))}`),
  ]
  return [
    `### ${markdownCode(safeText(id))}${verdict}`,
    ...(claim === '' ? [] : [markdownText(safeText(claim))]),
    ...(columns.length === 0 ? [] : [table]),
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
  ].join('\n\n')
}

function inapplicableText({ scenario, engine, reason }: Inapplicable): string {
  return `### ${markdownCode(safeText(scenario))}: not applicable\n\nOn ${markdownText(safeText(engine))}: ${markdownText(safeText(reason))}`
}
