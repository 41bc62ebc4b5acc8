import { groupBy } from '../../core/group.js'
import { formatBytes, formatNumber } from '../../core/units.js'
import { type AuditResult, type Finding, SEVERITIES } from '../../schema/audit.js'
import { type Part, withinBytes } from '../text/limit.js'
import { markdownCode, markdownFence, markdownTable, markdownText, MOST_BYTES } from '../text/markdown.js'
import { notAssessedLines } from './assessed.js'
import { addressed } from './commands.js'
import { headerLines } from './header.js'
import { policyLines } from './policy.js'
import { sinceLines } from './since.js'
import { verdictLines } from './verdict.js'
import { counted, percent, shown } from '../words.js'

/** Lines without end and without colours. */
const STYLE = { width: 100_000, color: false, unicode: true }
/** Findings of one rule that are shown: a summary is read by people. */
const MOST_OF_A_RULE = 25
const MOST_PATTERNS = 20
/** A longer line is nothing to copy. */
const LONGEST_COMMAND = 500

/**
 * An audit: the verdict first, then what could not be looked at, then findings by rule, the most severe first, then the largest patterns. What
 * does not fit is counted at the end.
 */
export function auditToMarkdown(audit: AuditResult): string {
  const bySeverity = groupBy(audit.findings, ({ severity }) => severity)
  const rules = SEVERITIES.flatMap((severity) => [...groupBy(bySeverity.get(severity) ?? [], ({ rule }) => rule).values()])
  const [counts = '', ...why] = verdictLines(audit, STYLE)
  const parts: Part[] = [
    { text: `## redline audit: ${markdownText(counts)}`, things: 0 },
    { text: [...headerLines(audit, STYLE), ...why].map(lineOf).join('\n'), things: 0 },
    ...listed([...notAssessedLines(audit, STYLE), ...audit.coverage.notes.map((note) => `note: ${shown(note, STYLE)}`)]),
    ...listed(policyLines(audit, STYLE)),
    ...listed(sinceLines(audit, STYLE)),
    ...rules.map((same) => ({ text: ruleText(same, audit), things: same.length })),
    ...(audit.patterns.length === 0 ? [] : [{ text: patternsText(audit), things: 0 }]),
  ]
  return withinBytes(parts, MOST_BYTES, (things) => {
    const left = things === 0 ? 'the patterns do' : `${counted(things, 'more finding')} ${things === 1 ? 'does' : 'do'}`
    return `**Cut short**: ${left} not fit here (GitHub takes 1 MiB); the result document has all.`
  })
}

function lineOf(line: string): string {
  return `- ${markdownText(line.trim())}`
}

function listed(lines: readonly string[]): Part[] {
  return lines.length === 0 ? [] : [{ text: lines.map(lineOf).join('\n'), things: 0 }]
}

function ruleText(same: readonly Finding[], audit: AuditResult): string {
  const { severity, rule } = same[0]!
  const kept = same.slice(0, MOST_OF_A_RULE)
  const servers = kept.some(({ nodes }) => nodes.length > 0)
  const table = markdownTable([
    { title: 'about', align: 'left', cells: kept.map((finding) => markdownCode(placeOf(finding), 'table')) },
    { title: 'evidence', align: 'left', cells: kept.map(({ message }) => markdownText(shown(message, STYLE))) },
    ...(servers
      ? [
          {
            title: 'on',
            align: 'left' as const,
            cells: kept.map(({ nodes }) => nodes.map((node) => markdownCode(shown(node, STYLE), 'table')).join(' ')),
          },
        ]
      : []),
  ])
  const rest = same.length - kept.length
  const count = same.length === 1 ? '' : ` (${counted(same.length, 'finding')})`
  return [
    `### ${severity}: ${markdownCode(shown(rule, STYLE))}${count}`,
    table,
    ...(rest === 0 ? [] : [`and ${counted(rest, 'more finding')} of this rule, which the result document has`]),
    ...adviceOf(kept[0]!, audit),
  ].join('\n\n')
}

/** Where it stands in a file, with what it is about. */
function placeOf({ at, about }: Finding): string {
  return shown(at === null ? about : `${at.file}:${at.line}:${at.column} ${about}`, STYLE)
}

/** What to do about the first, which tells what to do about the others. */
function adviceOf(finding: Finding, audit: AuditResult): string[] {
  const commands = finding.commands
    .filter((command) => command.length <= LONGEST_COMMAND)
    .map((command) => shown(addressed(command, finding, audit), STYLE))
  return [`**To do**: ${markdownText(shown(finding.remedy, STYLE))}`, ...(commands.length === 0 ? [] : [markdownFence(commands, 'sh')])]
}

function patternsText({ patterns }: AuditResult): string {
  const largest = patterns.toSorted((a, b) => b.bytes.value - a.bytes.value)
  const rows = largest.slice(0, MOST_PATTERNS)
  const rest = largest.length - rows.length
  const table = markdownTable([
    { title: 'pattern', align: 'left', cells: rows.map(({ pattern }) => markdownCode(shown(pattern, STYLE), 'table')) },
    { title: 'keys', align: 'right', cells: rows.map(({ keys }) => formatNumber(keys.value)) },
    { title: 'bytes', align: 'right', cells: rows.map(({ bytes }) => formatBytes(bytes.value)) },
    {
      title: 'without TTL',
      align: 'right',
      cells: rows.map(({ keys, persistent }) => (keys.value === 0 ? '-' : percent(Math.min(1, persistent.keys.value / keys.value)))),
    },
  ])
  return ['### Patterns by their bytes', table, ...(rest === 0 ? [] : [`and ${counted(rest, 'smaller pattern')}`])].join('\n\n')
}
