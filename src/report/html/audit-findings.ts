import { groupBy } from '../../core/group.js'
import { formatBytes, formatDuration, formatNumber } from '../../core/units.js'
import { type AuditResult, type Finding, SEVERITIES } from '../../schema/audit.js'
import { addressed } from '../audit/commands.js'
import { counted, exact, percent } from '../words.js'
import { html, type Markup, type Part } from './escape.js'
import { badge, type Column, folded, lines, name, rest, sign, table } from './parts.js'
import { LOOKS } from './audit-verdict.js'

/** Findings of one rule that are shown one by one, and of all rules. */
const MOST_OF_A_RULE = 40
const MOST_SHOWN = 600

/** What is wrong, by severity and rule, each rule with its evidence, what to do and lines to copy. */
export function findingsBody(audit: AuditResult): Markup {
  if (audit.findings.length === 0) return html`<div class="card"><p>${sign('good')} No rule found anything in what was looked at.</p></div>`
  let shown = 0
  let left = 0
  const groups = SEVERITIES.flatMap((severity) => {
    const byRule = [
      ...groupBy(
        audit.findings.filter((finding) => finding.severity === severity),
        ({ rule }) => rule,
      ).values(),
    ]
    return byRule.map((same) => {
      const room = Math.max(0, Math.min(MOST_OF_A_RULE, MOST_SHOWN - shown))
      shown += Math.min(room, same.length)
      if (room === 0) left += same.length
      return room === 0 ? '' : ruleCard(same, room, audit)
    })
  })
  return html`${groups}${rest(left, 'findings of further rules')}`
}

function ruleCard(same: readonly Finding[], most: number, audit: AuditResult): Markup {
  const { severity, rule } = same[0]!
  const { tone, icon } = LOOKS[severity]
  const kept = same.slice(0, most)
  const advised = [...groupBy(kept, adviceOf).values()]
  return html`<article class="card">
    <h3>${badge(severity, tone, icon)} ${rule}${same.length > 1 && html`<span class="sub">${counted(same.length, 'finding')}</span>`}</h3>
    ${advised.map((alike) => advice(alike, audit))}${rest(same.length - kept.length, 'of this rule')}
    ${folded('Evidence and fingerprints', evidence(kept))}
  </article> `
}

/** What to do, but for the name of what it is to be done to. */
function adviceOf({ remedy, about }: Finding): string {
  return about === '' ? remedy : remedy.replaceAll(about, '\0')
}

/** Findings whose remedies differ in nothing but the name, and what to do about the first of them. */
function advice(alike: readonly Finding[], audit: AuditResult): Markup {
  const first = alike[0]!
  const same = alike.every(({ remedy, commands }) => remedy === first.remedy && commands.join('\n') === first.commands.join('\n'))
  return html`<ul class="found">
      ${alike.map((finding) => found(finding, audit))}
    </ul>
    <p class="remedy"><b>What to do</b> ${first.remedy}${!same && ' Likewise for the others.'}</p>
    ${lines(first.commands.map((command) => addressed(command, first, audit)))}`
}

function found({ at, about, message, nodes, examples }: Finding, { patterns }: AuditResult): Markup {
  const owner = patterns.find(({ pattern }) => pattern === about)?.owner ?? null
  const others = examples.filter((example) => !about.split(' ').includes(example)).slice(0, 3)
  return html`<li>
    ${at !== null && html`<code>${at.file}:${at.line}:${at.column}</code> `}${name(about)} ${message}
    ${
      nodes.length > 0 &&
      html`<br />
        <span class="sub">on ${nodesText(nodes)}</span>`
    }${
      owner !== null &&
      html`<br />
        <span class="sub">owner: ${owner}</span>`
    }
    ${
      others.length > 0 &&
      html`<br />
        <span class="sub">such as ${others.map((other, index) => [index > 0 && ', ', name(other, 80)])}</span>`
    }
  </li>`
}

const MOST_NODES = 5

function nodesText(nodes: readonly string[]): string {
  const left = nodes.length - MOST_NODES
  return `${nodes.slice(0, MOST_NODES).join(', ')}${left > 0 ? ` and ${exact(left)} more` : ''}`
}

function evidence(findings: readonly Finding[]): Part {
  const keys = [...new Set(findings.flatMap(({ evidence }) => Object.keys(evidence)))].slice(0, MOST_KEYS)
  const columns: Column<Finding>[] = [
    { title: 'About', kind: 'row', cell: ({ about }) => name(about, 80) },
    ...keys.map((key) => ({ title: words(key), kind: 'number' as const, cell: ({ evidence }: Finding) => valueText(key, evidence[key]) })),
    { title: 'Fingerprint', cell: ({ fingerprint }) => html`<code>${fingerprint}</code>` },
  ]
  return table('Evidence', columns, findings)
}

const MOST_KEYS = 10

/** `maxmemoryBytes` is `maxmemory bytes`. */
function words(key: string): string {
  return key.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, ' ').toLowerCase()
}

/** Units are in the names: bytes, seconds, shares from 0 to 1. */
function valueText(key: string, value: number | string | boolean | undefined): Part {
  if (value === undefined) return ''
  if (typeof value !== 'number') return typeof value === 'string' ? name(value, 60) : value ? 'yes' : 'no'
  if (/bytes$/i.test(key)) return formatBytes(value)
  if (/seconds$/i.test(key)) return formatDuration(value * 1000)
  if (/share$|ratio$/i.test(key) && value >= 0 && value <= 1) return percent(value)
  return formatNumber(value)
}
