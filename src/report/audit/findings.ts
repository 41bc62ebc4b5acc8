import { groupBy } from '../../core/group.js'
import type { AuditResult, Finding, Severity } from '../../schema/audit.js'
import { paint, type Style, type Tone } from '../style.js'
import { cut, cutMiddle, displayWidth, padEnd, wrap } from '../wrap.js'
import { addressed, commandLines } from './commands.js'
import { counted, ellipsis, exact, shown } from '../words.js'

const TONES: Record<Severity, Tone> = { error: 'bad', warning: 'doubtful', note: 'dim' }
const ORDER: readonly Severity[] = ['error', 'warning', 'note']
/** The column of what stands beside a severity. */
const INDENT = 9
/** Findings of one rule that are shown. */
const MOST_SHOWN = 5
/** A longer line is nothing to copy. */
const LONGEST_COMMAND = 500

/** What is wrong: the most severe first, those of one rule together, each with what to do. A block for each rule. */
export function findingBlocks(audit: AuditResult, style: Style): string[][] {
  const owners = new Map(audit.patterns.flatMap(({ pattern, owner }) => (owner === null ? [] : [[pattern, owner] as const])))
  const bySeverity = groupBy(audit.findings, ({ severity }) => severity)
  return ORDER.flatMap((severity) => {
    const byRule = groupBy(bySeverity.get(severity) ?? [], ({ rule }) => rule)
    return [...byRule.values()].map((same) => ruleLines(same, { audit, owners, style }))
  })
}

interface Context {
  audit: AuditResult
  /** By pattern. */
  owners: ReadonlyMap<string, string>
  style: Style
}

function ruleLines(same: readonly Finding[], context: Context): string[] {
  const { style } = context
  const { severity, rule } = same[0]!
  const heading = `${paint(severity, TONES[severity], style)}${' '.repeat(INDENT - severity.length)}${paint(shown(rule, style), 'strong', style)}`
  const kept = same.slice(0, MOST_SHOWN)
  const nameWidth = columnFor(kept, context)
  const detailed = kept.length <= 2
  const advised = [...groupBy(kept, adviceOf).values()].flatMap((alike) => [
    ...alike.flatMap((finding) => findingLines(finding, nameWidth, detailed, context)),
    ...adviceLines(alike, context),
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

/** Columns for the names, so that messages stand below each other; 0 where one of them would need more than its line. */
function columnFor(findings: readonly Finding[], context: Context): number {
  const { style } = context
  const width = Math.max(...findings.map((finding) => displayWidth(nameOf(finding, style))))
  const fits = findings.every((finding) => INDENT + width + GAP.length + displayWidth(textOf(finding, context)) <= style.width)
  return fits ? width : 0
}

const GAP = '  '

/** What it is about and the evidence, in one line where that fits; the name by itself where it leaves little room. */
function findingLines(finding: Finding, nameWidth: number, detailed: boolean, context: Context): string[] {
  const { style } = context
  const name = cutMiddle(nameOf(finding, style), style.width - INDENT, ellipsis(style))
  const text = textOf(finding, context)
  const room = style.width - INDENT
  const lines =
    displayWidth(name) > room * LONGEST_NAME
      ? [name, ...wrap(text, room - GAP.length).map((line) => `${GAP}${line}`)]
      : hanging(`${padEnd(name, nameWidth)}${GAP}`, text, room)
  return [...lines.map((line) => indented(line)), ...(detailed ? exampleLines(finding, style) : [])]
}

/** Share of a line that a name may take beside a message. */
const LONGEST_NAME = 0.6

/** A text after a label, its further lines a little to the right of where that began. */
function hanging(label: string, text: string, width: number): string[] {
  const room = width - GAP.length
  // The label takes the place of a word that can't be broken.
  const [first = '', ...more] = wrap(`${'x'.repeat(Math.max(0, displayWidth(label) - GAP.length - 1))} ${text}`, room)
  return [label + first.slice(first.indexOf(' ') + 1), ...more.map((line) => `${GAP}${line}`)]
}

function textOf({ message, about, at, nodes }: Finding, { audit, owners, style }: Context): string {
  const owner = owners.get(about)
  return [
    shown(at === null ? message : `${about} ${message}`, style),
    ...(nodes.length === 0 ? [] : [`on ${nodesOf(nodes, audit, style)}`]),
    ...(owner === undefined ? [] : [`owner: ${shown(owner, style)}`]),
  ].join('; ')
}

const MOST_NODES = 3

function nodesOf(nodes: readonly string[], { target }: AuditResult, style: Style): string {
  const servers = target.nodes.filter(({ role }) => role !== 'sentinel').map(({ address }) => address)
  if (servers.length > 1 && servers.every((address) => nodes.includes(address))) {
    const sentinels = nodes.length - servers.length
    return `all ${exact(servers.length)} servers${sentinels > 0 ? ` and ${counted(sentinels, 'sentinel')}` : ''}`
  }
  const rest = nodes.length - MOST_NODES
  const names = nodes.slice(0, MOST_NODES).map((node) => shown(node, style))
  return rest > 0 ? `${names.join(', ')} and ${exact(rest)} more` : names.join(', ')
}

/** Two names of keys, unless what the finding is about names them. */
function exampleLines({ examples, about }: Finding, style: Style): string[] {
  const names = examples.filter((example) => !about.split(' ').includes(example)).slice(0, 2)
  if (names.length === 0) return []
  const room = style.width - INDENT - 6
  const each = Math.floor((room - 2) / names.length)
  const text = `e.g. ${names.map((name) => cutMiddle(shown(name, style), each, ellipsis(style))).join(', ')}`
  return [indented(paint(cut(text, style.width - INDENT, ellipsis(style)), 'dim', style))]
}

/** What to do for findings whose remedies differ in nothing but the name, and the lines to copy for the first of them. */
function adviceLines(alike: readonly Finding[], context: Context): string[] {
  const { style } = context
  const first = alike[0]!
  const same = alike.every(({ remedy, commands }) => remedy === first.remedy && commands.join('\n') === first.commands.join('\n'))
  const remedy = shown(first.remedy, style)
  const text = same ? remedy : `${remedy} Likewise for the others.`
  const arrow = style.unicode ? '→ ' : '> '
  return [
    ...wrap(text, style.width - INDENT - arrow.length).map((line, index) => indented(`${index === 0 ? arrow : '  '}${line}`)),
    ...commandsShown(first).flatMap((command) => linesToCopy(addressed(command, first, context.audit), style)),
  ]
}

/** A note is not worth half a screen: several lines are on the page of its rule. */
function commandsShown({ severity, commands }: Finding): readonly string[] {
  return severity === 'note' && commands.length > 1 ? [] : commands
}

function linesToCopy(command: string, style: Style): string[] {
  if (command.length > LONGEST_COMMAND)
    return [indented(`  ${paint(`(a line of ${exact(command.length)} characters, which --json has)`, 'dim', style)}`)]
  return commandLines(command, style.width - INDENT - 2, style).map((line) => indented(`  ${line}`))
}

function indented(line: string): string {
  return `${' '.repeat(INDENT)}${line}`
}
