import type { AuditResult, Estimate, SinceResult } from '../../schema/audit.js'
import { paint, separator, type Style } from '../style.js'
import { type Column, tableLines } from '../table.js'
import { cutMiddle } from '../wrap.js'
import { beside, ellipsis, exact, shown, signedBytes, signedCount } from '../words.js'

const MOST_SHOWN = 5
const LABEL = 9

/** What changed since an earlier audit: in all, by pattern, and which findings came and went. */
export function sinceLines({ since }: Pick<AuditResult, 'since'>, style: Style): string[] {
  if (since === null) return []
  const when = shown(since.startedAt.slice(0, 16).replace('T', ' '), style)
  const totals = [growthText(since.keys, signedCount, ' keys'), growthText(since.bytes, signedBytes)]
  return [
    `${paint('since', 'strong', style)}    ${[when, ...totals].join(separator(style))}`,
    ...since.remarks.flatMap((remark) => beside('', LABEL, shown(remark, style), style)).map((line) => paint(line, 'doubtful', style)),
    ...patternTable(since.patterns, style),
    ...namedLines('fixed', since.fixed, style),
    ...namedLines('new', since.added, style),
  ]
}

/** `+60k keys`, with its interval where it was estimated. */
function growthText({ value, low, high }: Estimate, say: (value: number) => string, unit = ''): string {
  return `${say(value)}${unit}${low === high ? '' : ` (${say(low)} to ${say(high)})`}`
}

function patternTable(patterns: SinceResult['patterns'], style: Style): string[] {
  const rows = patterns.slice(0, MOST_SHOWN)
  if (rows.length === 0) return []
  const column = (title: string, align: Column['align'], cell: (row: SinceResult['patterns'][number]) => string): Column => ({
    title,
    align,
    cells: rows.map(cell),
  })
  const lines = tableLines([
    column('', 'left', ({ pattern }) => cutMiddle(shown(pattern, style), Math.floor(style.width / 2), ellipsis(style))),
    column('keys', 'right', ({ keys }) => signedCount(keys.value)),
    column('bytes', 'right', ({ bytes }) => signedBytes(bytes.value)),
    column('', 'left', ({ change }) => (change === 'new' || change === 'gone' ? change : '')),
  ])
  const rest = patterns.length - rows.length
  return [...lines, ...(rest > 0 ? [paint(`and ${exact(rest)} more (--json has all)`, 'dim', style)] : [])].map(
    (line) => `${' '.repeat(LABEL)}${line}`,
  )
}

function namedLines(label: string, findings: readonly { rule: string; about: string }[], style: Style): string[] {
  const room = style.width - LABEL
  const lines = findings
    .slice(0, MOST_SHOWN)
    .map(({ rule, about }) => cutMiddle(`${shown(rule, style)}  ${shown(about, style)}`, room, ellipsis(style)))
  const rest = findings.length - lines.length
  if (rest > 0) lines.push(`and ${exact(rest)} more`)
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(LABEL)}${line}`)
}
