import { trim } from '../../core/units.js'
import type { Estimate } from '../../schema/audit.js'
import type { ComparedAudits, ComparedMetric, ComparedRuns, CompareResult, Difference } from '../../schema/compare.js'
import { shown, signedBytes, signedCount } from '../words.js'
import { type Part, withinBytes } from '../text/limit.js'
import { markdownCode, markdownTable, markdownText, MOST_BYTES } from '../text/markdown.js'
import { adviceFor } from './advice.js'
import { doubtsOf, ofVerdict, verdictOfAudits, verdictOfRuns } from './verdict.js'
import { changeText, commandOf, counted, fromTo, limitText, subjectOf } from './words.js'

/** Lines without end and without colours. */
const STYLE = { width: 100_000, color: false, unicode: true }
/** Rows of a table that somebody reads. */
const MOST_ROWS = 100
/** Metrics of one reason, and of those that are the same. */
const MOST_OF_A_REASON = 25

/** A comparison: the verdict first, then what is worse or better, then what could not be told and what would tell it. What does not fit is counted at the end. */
export function compareToMarkdown(result: CompareResult): string {
  const { text } = result.kind === 'runs' ? verdictOfRuns(result) : verdictOfAudits(result)
  const parts = [
    { text: `## ${commandOf(result)}: ${markdownText(text)}`, things: 0 },
    ...(result.kind === 'runs'
      ? [settingPart(result), ...differenceParts(result, result.design === 'paired'), ...metricParts(result, '###')]
      : auditParts(result)),
  ]
  return withinBytes(parts, MOST_BYTES, cutShort)
}

/** The last line of a text that is too long. */
export function cutShort(things: number): string {
  return `**Cut short**: ${counted(things, 'more metric')} ${things === 1 ? 'does' : 'do'} not fit here (GitHub takes 1 MiB); the document has all.`
}

function settingPart({ base, head, design, limit, drift }: ComparedRuns): Part {
  const side = ({ name, runs, sittings, startedAt }: ComparedRuns['base']) => {
    const several = runs === 1 ? '' : `, ${counted(runs, 'run')} in ${counted(sittings, 'sitting')}`
    return `${markdownCode(shown(name, STYLE))} of ${startedAt.slice(0, 16).replace('T', ' ')}${several}`
  }
  const rule = design === 'paired' ? 'rounds in pairs' : `drift of machines up to ${trim(drift * 100, 3)}%`
  return { text: `base ${side(base)} · head ${side(head)} · limit ${trim(limit * 100, 3)}% · ${rule}`, things: 0 }
}

/** In what the sides differ beside their figures, which may be meant (two engines, side by side), and what one of them lacks. */
export function differenceParts({ differences, missing }: Pick<ComparedRuns, 'differences' | 'missing'>, isMeant = false): Part[] {
  const absent = (['base', 'head'] as const).flatMap((from) => {
    const names = missing
      .filter((one) => one.from === from)
      .map(({ scenario, variant }) => markdownCode(shown(`${scenario} ${variant}`, STYLE)))
    const rest = names.length - MOST_OF_A_REASON
    return names.length === 0
      ? []
      : [`- not in ${from}: ${names.slice(0, MOST_OF_A_REASON).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`]
  })
  const lines = [...differences.slice(0, MOST_ROWS).map((difference) => differenceLine(difference, isMeant)), ...absent]
  return lines.length === 0 ? [] : [{ text: lines.join('\n'), things: 0 }]
}

function differenceLine({ what, scenario, base, head, unlike }: Difference, isMeant: boolean): string {
  const of = scenario === null ? '' : ` of ${markdownCode(shown(scenario, STYLE))}`
  const mark = unlike && !isMeant ? '**unlike**' : 'differs:'
  return `- ${mark} ${markdownText(shown(what, STYLE))}${of}: ${markdownCode(shown(base, STYLE))} in base, ${markdownCode(shown(head, STYLE))} in head`
}

/** What became of the metrics, under headings of a level. */
export function metricParts(result: ComparedRuns, level: string): Part[] {
  const { metrics } = result
  const changed = (verdict: 'worse' | 'better', mark: string): Part[] => {
    const same = ofVerdict(metrics, verdict)
    if (same.length === 0) return []
    const text = [`${level} ${mark} ${counted(same.length, 'metric')} ${verdict}`, metricTable(same, MOST_ROWS), ...restOf(same, MOST_ROWS)]
    return [{ text: text.join('\n\n'), things: same.length }]
  }
  const open = doubtsOf(metrics).map(({ why, metrics: same }) => ({ text: doubtText(why, same, result), things: same.length }))
  const count = open.reduce((sum, { things }) => sum + things, 0)
  return [
    ...changed('worse', '✗'),
    ...changed('better', '✓'),
    ...(open.length === 0 ? [] : [{ text: `${level} ? ${counted(count, 'metric')} could not be told`, things: 0 }, ...open]),
    ...samePart(ofVerdict(metrics, 'same')),
  ]
}

function doubtText(why: string, same: readonly ComparedMetric[], result: ComparedRuns): string {
  const advice = adviceFor(same, result).map((line) => `- **To do**: ${markdownText(line)}`)
  return [
    `**${counted(same.length, 'metric')}**: ${markdownText(shown(why, STYLE))}`,
    ...(advice.length === 0 ? [] : [advice.join('\n')]),
    metricTable(same, MOST_OF_A_REASON),
    ...restOf(same, MOST_OF_A_REASON),
  ].join('\n\n')
}

/** Folded: what is as it was is looked for, not read. */
function samePart(same: readonly ComparedMetric[]): Part[] {
  if (same.length === 0) return []
  const rest = restOf(same, MOST_OF_A_REASON).map((line) => `\n\n${line}`)
  const summary = `✓ ${counted(same.length, 'metric')} the same`
  return [
    {
      text: `<details><summary>${summary}</summary>\n\n${metricTable(same, MOST_OF_A_REASON)}${rest.join('')}\n\n</details>`,
      things: same.length,
    },
  ]
}

function restOf(metrics: readonly ComparedMetric[], most: number): string[] {
  return metrics.length > most ? [`and ${metrics.length - most} more, which changed by less`] : []
}

function metricTable(metrics: readonly ComparedMetric[], most: number): string {
  const rows = metrics.slice(0, most)
  const text = (cell: (metric: ComparedMetric) => string) => rows.map((metric) => markdownText(cell(metric)))
  return markdownTable([
    { title: 'of', align: 'left', cells: rows.map((metric) => markdownCode(subjectOf(metric), 'table')) },
    { title: 'metric', align: 'left', cells: text(({ metric }) => shown(metric, STYLE)) },
    { title: 'base → head', align: 'right', cells: text(({ base, head, unit }) => fromTo(base.value, head.value, unit, STYLE)) },
    { title: 'change (95% interval)', align: 'right', cells: text(changeText) },
    ...(rows.every(({ verdict }) => verdict === 'better')
      ? []
      : [{ title: 'limit', align: 'right' as const, cells: text((metric) => limitText(metric).replace(/^limit /, '')) }]),
  ])
}

function auditParts({ base, head, differences, since, complete }: ComparedAudits): Part[] {
  const findings = (title: string, all: readonly { rule: string; about: string }[]): Part[] => {
    if (all.length === 0) return []
    const lines = all
      .slice(0, MOST_ROWS)
      .map(({ rule, about }) => `- ${markdownCode(shown(rule, STYLE))} ${markdownCode(shown(about, STYLE))}`)
    const rest = all.length - lines.length
    return [{ text: [`### ${title}`, '', ...lines, ...(rest > 0 ? [`- and ${rest} more`] : [])].join('\n'), things: 0 }]
  }
  return [
    { text: `base ${markdownCode(shown(base.name, STYLE))} · head ${markdownCode(shown(head.name, STYLE))}`, things: 0 },
    ...differenceParts({ differences, missing: [] }),
    ...(complete ? [] : [{ text: '**Not all was read by both audits**: what is missing may be there.', things: 0 }]),
    ...findings(`✗ ${counted(since.added.length, 'new finding')}`, since.added),
    ...findings(`✓ ${counted(since.fixed.length, 'finding')} fixed`, since.fixed),
    { text: growthText(since), things: 0 },
  ]
}

function growthText({ startedAt, keys, bytes, patterns, remarks }: ComparedAudits['since']): string {
  const rows = patterns.slice(0, MOST_OF_A_REASON)
  const rest = patterns.length - rows.length
  const totals = [
    `since ${startedAt.slice(0, 16).replace('T', ' ')}`,
    `${estimateText(keys, signedCount)} keys`,
    estimateText(bytes, signedBytes),
  ]
  const table = markdownTable([
    { title: 'pattern', align: 'left', cells: rows.map(({ pattern }) => markdownCode(shown(pattern, STYLE), 'table')) },
    { title: 'keys', align: 'right', cells: rows.map((row) => markdownText(estimateText(row.keys, signedCount))) },
    { title: 'bytes', align: 'right', cells: rows.map((row) => markdownText(estimateText(row.bytes, signedBytes))) },
    { title: '', align: 'left', cells: rows.map(({ change }) => change) },
  ])
  return [
    '### Growth',
    markdownText(totals.join(' · ')),
    ...remarks.map((remark) => markdownText(shown(remark, STYLE))),
    ...(rows.length === 0 ? [] : [table]),
    ...(rest > 0 ? [`and ${counted(rest, 'more pattern')}`] : []),
  ].join('\n\n')
}

/** With its interval, where it was estimated. */
function estimateText({ value, low, high }: Estimate, say: (value: number) => string): string {
  return `${say(value)}${low === high ? '' : ` (${say(low)} to ${say(high)})`}`
}
