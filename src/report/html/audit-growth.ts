import type { AuditResult, Estimate, SinceResult } from '../../schema/audit.js'
import { signedBytes, signedCount } from '../words.js'
import { html, type Markup, type Part } from './escape.js'
import { bar, type Column, dateText, facts, name, rest, table } from './parts.js'

const MOST_SHOWN = 30

/** What changed since an earlier audit: in all, by pattern, and which findings came and went. */
export function growthBody({ since }: AuditResult): Part {
  return since === null ? '' : growthCard(since)
}

/** The same of what changed, wherever it stands. */
export function growthCard(since: SinceResult): Markup {
  return html`<div class="card">
    ${facts([
      ['Since', dateText(since.startedAt)],
      ['Keys', grown(since.keys, signedCount)],
      ['Bytes', grown(since.bytes, signedBytes)],
    ])}
    ${since.remarks.map((remark) => html`<p class="sub">${remark}</p>`)}${since.patterns.length > 0 && patternTable(since.patterns)}
    ${namedFindings('Findings that are new', since.added)}${namedFindings('Findings that are gone', since.fixed)}
  </div>`
}

/** With its interval, where it was estimated. */
function grown({ value, low, high }: Estimate, say: (value: number) => string): string {
  return `${say(value)}${low === high ? '' : ` (${say(low)} to ${say(high)})`}`
}

type Change = SinceResult['patterns'][number]

function patternTable(patterns: readonly Change[]): Part {
  const most = patterns.reduce((sum, { bytes }) => Math.max(sum, Math.abs(bytes.value)), 1)
  const columns: Column<Change>[] = [
    { title: 'Pattern', kind: 'row', cell: ({ pattern }) => name(pattern, 90) },
    { title: 'change', cell: ({ change }) => change },
    { title: 'keys', kind: 'number', cell: ({ keys }) => grown(keys, signedCount) },
    { title: 'bytes', kind: 'number', cell: ({ bytes }) => grown(bytes, signedBytes) },
    { title: '', kind: 'plot', minor: true, cell: ({ bytes }) => bar(Math.abs(bytes.value) / most, bytes.value < 0 ? 's3' : 's2') },
  ]
  return html`<h3>By pattern</h3>
    ${table('Growth by pattern', columns, patterns, MOST_SHOWN)}`
}

/** Findings by their rule and what they are about. */
export function namedFindings(title: string, findings: SinceResult['added']): Part {
  if (findings.length === 0) return ''
  return html`<h3>${title}</h3>
    <ul class="found">
      ${findings.slice(0, MOST_SHOWN).map(({ rule, about }) => html`<li>${rule} ${name(about)}</li>`)}
    </ul>
    ${rest(findings.length - MOST_SHOWN)}`
}
