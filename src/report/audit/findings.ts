import { groupBy } from '../../core/group.js'
import type { AuditResult, Finding, Severity } from '../../schema/audit.js'
import { paint, type Style, type Tone } from '../style.js'
import { cut, cutMiddle, displayWidth, padEnd, wrap } from '../wrap.js'
import { beside, counted, ellipsis, exact, shown } from './words.js'

const TONES: Record<Severity, Tone> = { error: 'bad', warning: 'doubtful', note: 'dim' }
const ORDER: readonly Severity[] = ['error', 'warning', 'note']
/** The column of what stands beside a severity. */
const INDENT = 9
/** Findings of one rule that are shown. */
const MOST_SHOWN = 5
/** A longer line is nothing to copy. */
const LONGEST_COMMAND = 500

/** What is wrong: the most severe first, those of one rule together, each with what to do. A block for each rule. */
export function findingBlocks({ findings, patterns }: Pick<AuditResult, 'findings' | 'patterns'>, style: Style): string[][] {
  const owners = new Map(patterns.flatMap(({ pattern, owner }) => (owner === null ? [] : [[pattern, owner] as const])))
  const bySeverity = groupBy(findings, ({ severity }) => severity)
  return ORDER.flatMap((severity) => {
    const byRule = groupBy(bySeverity.get(severity) ?? [], ({ rule }) => rule)
    return [...byRule.values()].map((same) => ruleLines(same, owners, style))
  })
}

function ruleLines(same: readonly Finding[], owners: ReadonlyMap<string, string>, style: Style): string[] {
  const { severity, rule } = same[0]!
  const heading = `${paint(severity, TONES[severity], style)}${' '.repeat(INDENT - severity.length)}${paint(shown(rule, style), 'strong', style)}`
  const kept = same.slice(0, MOST_SHOWN)
  const nameWidth = columnFor(kept, style)
  const detailed = kept.length <= 2
  const advised = [...groupBy(kept, adviceOf).values()].flatMap((alike) => [
    ...alike.flatMap((finding) => findingLines(finding, nameWidth, detailed, owners, style)),
    ...adviceLines(alike, style),
  ])
  const rest = same.length - kept.length
  const more = rest === 0 ? [] : [indented(paint(`and ${exact(rest)} more (--json has all)`, 'dim', style))]
  return [same.length === 1 ? heading : `${heading}  ${paint(counted(same.length, 'finding'), 'dim', style)}`, ...advised, ...more]
}

/** What to do, but for the name of what it is to be done to. */
function adviceOf({ remedy, about }: Finding): string {
  return about === '' ? remedy : remedy.replaceAll(about, '\0')
}

/** Where it stands in a file, or what it is about. */
function nameOf({ at, about }: Finding, style: Style): string {
  return shown(at === null ? about : `${at.file}:${at.line}:${at.column}`, style)
}

/** Columns for the names: those of the longest, unless that leaves the messages too few. */
function columnFor(findings: readonly Finding[], style: Style): number {
  const most = Math.floor((style.width - INDENT) * 0.4)
  const widths = findings.map((finding) => displayWidth(nameOf(finding, style)))
  return Math.max(...widths.filter((width) => width <= most), 0)
}

function findingLines(finding: Finding, nameWidth: number, detailed: boolean, owners: ReadonlyMap<string, string>, style: Style): string[] {
  const { message, about, at, nodes, examples } = finding
  const name = cutMiddle(nameOf(finding, style), style.width - INDENT, ellipsis(style))
  const owner = owners.get(about)
  const text = [
    shown(at === null ? message : `${about} ${message}`, style),
    ...(nodes.length === 0 ? [] : [`on ${nodesOf(nodes, style)}`]),
    ...(owner === undefined ? [] : [`owner: ${shown(owner, style)}`]),
  ].join('; ')
  const isShort = displayWidth(name) <= nameWidth
  const lines = isShort
    ? beside(`${' '.repeat(INDENT)}${padEnd(name, nameWidth)}`, INDENT + nameWidth + 2, text, style)
    : [indented(name), ...wrap(text, style.width - INDENT - 2).map((line) => indented(`  ${line}`))]
  return [...lines, ...(detailed ? exampleLines(examples, about, style) : [])]
}

const MOST_NODES = 3

function nodesOf(nodes: readonly string[], style: Style): string {
  const rest = nodes.length - MOST_NODES
  const names = nodes.slice(0, MOST_NODES).map((node) => shown(node, style))
  return rest > 0 ? `${names.join(', ')} and ${exact(rest)} more` : names.join(', ')
}

/** Two names of keys; none where the finding is about a key itself. */
function exampleLines(examples: readonly string[], about: string, style: Style): string[] {
  const names = examples.filter((example) => example !== about).slice(0, 2)
  if (names.length === 0) return []
  const room = style.width - INDENT - 6
  const each = Math.floor((room - 2) / names.length)
  const text = `e.g. ${names.map((name) => cutMiddle(shown(name, style), each, ellipsis(style))).join(', ')}`
  return [indented(paint(cut(text, style.width - INDENT, ellipsis(style)), 'dim', style))]
}

/** What to do for findings whose remedies differ in nothing but the name, and the lines to copy for the first of them. */
function adviceLines(alike: readonly Finding[], style: Style): string[] {
  const first = alike[0]!
  const same = alike.every(({ remedy, commands }) => remedy === first.remedy && commands.join('\n') === first.commands.join('\n'))
  const remedy = shown(first.remedy, style)
  const text = same ? remedy : `${remedy} Likewise for the others.`
  const arrow = style.unicode ? '→ ' : '> '
  return [
    ...wrap(text, style.width - INDENT - arrow.length).map((line, index) => indented(`${index === 0 ? arrow : '  '}${line}`)),
    ...first.commands.map((command) => indented(`  ${commandText(command, style)}`)),
  ]
}

/** A line to copy is never broken or cut. */
function commandText(command: string, style: Style): string {
  return command.length > LONGEST_COMMAND
    ? paint(`(a line of ${exact(command.length)} characters, which --json has)`, 'dim', style)
    : shown(command, style)
}

function indented(line: string): string {
  return `${' '.repeat(INDENT)}${line}`
}
