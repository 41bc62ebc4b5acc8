import { formatBytes, formatNumber, formatDuration } from '../../core/units.js'
import type { AuditResult, TopKey } from '../../schema/audit.js'
import type { Style } from '../style.js'
import { type Column, tableLines } from '../table.js'
import { cutMiddle, displayWidth } from '../wrap.js'
import { ellipsis, shown } from '../words.js'

const MOST_SHOWN = 5
const LEAST_NAME = 20
/** Times the mean of all keys from which a key stands out. */
const LARGE = 10
/** Elements from which reading all of them is felt. */
const LONG = 1000
const INDENT = 2

/** The keys that stand out: those that take the most bytes, and below them those with the most elements that are not among them. */
export function topLines({ top, totals }: Pick<AuditResult, 'top' | 'totals'>, style: Style): string[] {
  const usual = totals.keys.value > 0 ? totals.bytes.value / totals.keys.value : 0
  const largest = top.bytes.filter(({ bytes }) => bytes >= LARGE * usual).slice(0, MOST_SHOWN)
  const longest = top.elements
    .filter(({ elements }) => (elements ?? 0) >= LONG)
    .filter((key) => !largest.some((other) => other.key === key.key && other.db === key.db))
    .slice(0, MOST_SHOWN)
  if (largest.length + longest.length === 0) return []
  return tableOf(largest, longest, style).map((line) => `${' '.repeat(INDENT)}${line}`)
}

function tableOf(largest: readonly TopKey[], longest: readonly TopKey[], style: Style): string[] {
  const keys = [...largest, ...longest]
  /** Cells of both parts, and in the row between them the second one's heading, which only the names have. */
  const column = (title: string, align: Column['align'], cell: (key: TopKey) => string, heading = ''): Column => ({
    title,
    align,
    cells: [...largest.map(cell), ...(largest.length > 0 && longest.length > 0 ? [heading] : []), ...longest.map(cell)],
  })
  const columns = [
    ...(keys.some(({ db }) => db !== 0) ? [column('db', 'right', ({ db }) => String(db))] : []),
    column('bytes', 'right', ({ bytes }) => formatBytes(bytes)),
    column('elements', 'right', ({ elements }) => (elements === null ? '-' : formatNumber(elements))),
    column('expires', 'right', ({ ttlSeconds }) => (ttlSeconds === null ? 'never' : formatDuration(ttlSeconds * 1000))),
    column('type', 'left', ({ type }) => shown(type, style)),
    column('encoding', 'left', ({ encoding }) => shown(encoding, style)),
  ]
  const used = columns.reduce((width, { title, cells }) => width + 2 + Math.max(...[title, ...cells].map(displayWidth)), INDENT)
  const room = Math.max(LEAST_NAME, style.width - used)
  const name = ({ key }: TopKey) => cutMiddle(shown(key, style), room, ellipsis(style))
  return tableLines([column(largest.length > 0 ? 'largest keys' : 'most elements', 'left', name, 'most elements'), ...columns])
}
