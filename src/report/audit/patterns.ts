import { formatBytes, formatNumber, formatDuration } from '../../core/units.js'
import type { AuditResult, Estimate, PatternResult, Tally } from '../../schema/audit.js'
import { paint, type Style } from '../style.js'
import { type Column, tableLines } from '../table.js'
import { cut, cutMiddle, displayWidth } from '../wrap.js'
import { counted, ellipsis, flow, percent, shown, uncertainty } from '../words.js'

/** From this width on there is room for more rows and columns. */
const WIDE = 110
const INDENT = 2
/** Names get so many columns before encodings get more than one name. */
const LEAST_NAME = 32
/** A name that is cut to fewer columns tells nothing. */
const SHORT_NAME = 20
/** An encoding by its name. */
const LEAST_MIX = 9

/** What the keyspace is made of: its patterns by their bytes, and types. */
export function patternLines({ patterns, totals, coverage }: AuditResult, style: Style): string[] {
  if (patterns.length === 0) return []
  const largest = patterns.toSorted((a, b) => b.bytes.value - a.bytes.value)
  const rows = largest.slice(0, rowsFor(largest, totals.bytes.value))
  const others = largest.slice(rows.length)
  const rest = others.reduce((bytes, pattern) => bytes + pattern.bytes.value, 0)
  const share = totals.bytes.value > 0 ? ` with ${percent(Math.min(1, rest / totals.bytes.value))} of the bytes` : ''
  return [
    ...tableOf(rows, coverage.mode === 'sample', style),
    ...(others.length === 0
      ? []
      : [`${' '.repeat(INDENT)}${paint(`and ${counted(others.length, 'pattern')} more${share} (--json has all)`, 'dim', style)}`]),
    ...totalLines(totals, style),
  ]
}

/** Rows that tell of nearly all bytes, within what can be looked at. */
function rowsFor(largest: readonly PatternResult[], totalBytes: number): number {
  let told = 0
  const enough = largest.findIndex(({ bytes }) => (told += bytes.value) >= NEARLY_ALL * totalBytes) + 1
  return Math.min(MOST_ROWS, Math.max(LEAST_ROWS, enough === 0 ? MOST_ROWS : enough))
}

const NEARLY_ALL = 0.9
const LEAST_ROWS = 10
const MOST_ROWS = 20

function tableOf(rows: readonly PatternResult[], sampled: boolean, style: Style): string[] {
  const wide = style.width >= WIDE
  const column = (title: string, align: Column['align'], cell: (row: PatternResult) => string): Column => ({
    title,
    align,
    cells: rows.map(cell),
  })
  const figures = [
    column('keys', 'right', ({ keys }) => formatNumber(keys.value)),
    ...(sampled ? [column('', 'right', ({ keys }) => uncertainty(keys, style))] : []),
    column('bytes', 'right', ({ bytes }) => formatBytes(bytes.value)),
    ...(sampled ? [column('', 'right', ({ bytes }) => uncertainty(bytes, style))] : []),
    column('per key', 'right', ({ bytes, keys }) => (keys.value > 0 ? formatBytes(bytes.value / keys.value) : '-')),
    column('expire', 'right', expiring),
    ...(wide && rows.some(({ idle }) => idle !== null)
      ? [column('idle p50', 'right', ({ idle }) => (idle === null ? '-' : formatDuration(idle.p50 * 1000)))]
      : []),
    ...(wide ? [column('type', 'left', ({ types }) => shown(mix(types, 2), style))] : []),
  ]
  const used = figures.reduce((width, { title, cells }) => width + 2 + Math.max(...[title, ...cells].map(displayWidth)), INDENT)
  const room = style.width - used
  const mixes = rows.map(({ encodings }) => shown(mix(encodings, wide ? 3 : 2), style))
  const names = rows.map(({ pattern }) => shown(pattern, style))
  const longestName = Math.max(...names.map(displayWidth))
  const leastName = Math.min(LEAST_NAME, longestName, Math.max(SHORT_NAME, room - 2 - LEAST_MIX))
  const mixWidth = Math.min(Math.max(...['encoding', ...mixes].map(displayWidth)), Math.max(8, room - 2 - leastName))
  const whole = (columns: number) => names.filter((name) => displayWidth(name) <= columns).length
  // Names tell more than encodings, which give way where that leaves more names whole.
  const mixed = wide || whole(room) <= whole(room - 2 - Math.min(mixWidth, LEAST_MIX))
  const nameWidth = mixed ? Math.max(leastName, room - 2 - mixWidth) : Math.max(leastName, room)
  return tableLines([
    { title: 'pattern', align: 'left', cells: names.map((name) => cutMiddle(name, nameWidth, ellipsis(style))) },
    ...figures,
    ...(mixed ? [{ title: 'encoding', align: 'left' as const, cells: mixes.map((text) => cut(text, mixWidth, ellipsis(style))) }] : []),
  ]).map((line) => `${' '.repeat(INDENT)}${line}`)
}

/** The share of keys that have a time to live. */
function expiring({ keys, persistent }: PatternResult): string {
  if (keys.value === 0) return '-'
  return percent(Math.min(1, Math.max(0, 1 - persistent.keys.value / keys.value)))
}

/** The most frequent names with their shares of the keys: `listpack 98%, hashtable 2%`; one alone by its name. */
function mix(tallies: Record<string, Tally>, most: number): string {
  const sorted = Object.entries(tallies).toSorted(([, a], [, b]) => b.keys - a.keys)
  const total = sorted.reduce((sum, [, { keys }]) => sum + keys, 0)
  if (sorted.length === 1) return sorted[0]![0]
  return sorted
    .slice(0, most)
    .map(([name, { keys }]) => `${name} ${percent(total === 0 ? 0 : keys / total)}`)
    .join(', ')
}

/** `in all 1M keys, 107 MB · string 66% · hash 34%`: shares of the bytes. */
function totalLines({ keys, bytes, types }: AuditResult['totals'], style: Style): string[] {
  const estimated = (text: string, estimate: Estimate) => [text, uncertainty(estimate, style)].filter(Boolean).join(' ')
  const all = [estimated(`${formatNumber(keys.value)} keys`, keys), estimated(formatBytes(bytes.value), bytes)].join(', ')
  const sorted = Object.entries(types).toSorted(([, a], [, b]) => b.bytes - a.bytes)
  const shares = sorted.map(
    ([type, tally]) => `${shown(type, style)} ${percent(bytes.value > 0 ? Math.min(1, tally.bytes / bytes.value) : 0)}`,
  )
  return flow([`in all ${all}`, ...shares], style, style.width - INDENT).map((line) => `${' '.repeat(INDENT)}${line}`)
}
