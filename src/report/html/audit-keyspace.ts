import { formatBytes, formatDuration, formatNumber } from '../../core/units.js'
import type { AuditResult, Estimate, PatternResult, Tally } from '../../schema/audit.js'
import { counted, exact, percent, uncertainty } from '../words.js'
import type { Draw } from '../plot/draw.js'
import { drawTreemap } from '../plot/treemap.js'
import { html, type Markup, type Part, trusted, visible } from './escape.js'
import { bar, chip, type Column, folded, name, rest, table } from './parts.js'
import { sizeFigure, ttlFigure } from './audit-distributions.js'

/** What the keyspace is made of: memory by pattern, lifetimes, sizes, types and encodings. */
export function keyspaceBody({ patterns, totals, coverage }: AuditResult, draw: Draw): Part {
  if (patterns.length === 0) return coverage.mode === 'none' ? '' : html`<div class="card"><p>There are no keys.</p></div>`
  const largest = patterns.toSorted((a, b) => b.bytes.value - a.bytes.value)
  const total = totals.bytes.value
  return html`<div class="card">
      <h3>Memory by pattern <span class="sub">${allText(totals)}</span></h3>
      ${treemap(largest, total, draw)}${patternTable(largest, total)}
    </div>
    <div class="card">
      <h3>Lifetimes and sizes</h3>
      <div class="charts two">${ttlFigure(patterns, draw)}${sizeFigure(patterns, draw)}</div>
    </div>
    <div class="card">
      <h3>Types and encodings</h3>
      <div class="charts two">
        <div>${tallyTable('Type', totals.types, total)}</div>
        <div>${tallyTable('Encoding', totals.encodings, total)}</div>
      </div>
    </div>`
}

function allText({ keys, bytes }: AuditResult['totals']): string {
  return `${estimated(formatNumber(keys.value), keys)} keys, ${estimated(formatBytes(bytes.value), bytes)} in all`
}

/** With how far it may be off, where it was estimated. */
function estimated(text: string, estimate: Estimate): string {
  return [text, uncertainty(estimate, { unicode: true })].filter(Boolean).join(' ')
}

/** Areas that a person can tell apart. */
const MOST_AREAS = 40
const WIDE = { width: 1108, height: 400 }
const NARROW = { width: 326, height: 420 }
/** Maps, as a type can be called anything: `toString` is in every object. */
const TINTS = new Map([
  ['string', 1],
  ['hash', 2],
  ['list', 3],
  ['set', 4],
  ['zset', 5],
  ['stream', 6],
])

/** Twice: for a wide page, and for a narrow one, where the first would have no room for names. */
function treemap(largest: readonly PatternResult[], total: number, draw: Draw): Part {
  const kept = largest.slice(0, MOST_AREAS).filter(({ bytes }) => bytes.value > 0)
  if (kept.length === 0) return ''
  const others = largest.slice(kept.length).reduce((sum, { bytes }) => sum + bytes.value, 0)
  const areas = [
    ...kept.map(({ pattern, bytes, types }) => ({
      name: visible(pattern, 60),
      figure: formatBytes(bytes.value),
      value: bytes.value,
      tint: TINTS.get(mainOf(types)) ?? 7,
    })),
    ...(others > 0
      ? [{ name: counted(largest.length - kept.length, 'more pattern'), figure: formatBytes(others), value: others, tint: 7 }]
      : []),
  ]
  const summary = `Memory by pattern: ${areas
    .slice(0, 8)
    .map(({ name, value }) => `${name} ${percent(total > 0 ? Math.min(1, value / total) : 0)}`)
    .join(', ')}`
  const types = [...TINTS.keys()].filter((type) => kept.some((pattern) => mainOf(pattern.types) === type))
  const drawn = (size: typeof WIDE) =>
    html`<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${summary}">
      ${trusted(drawTreemap(draw, areas, size))}
    </svg>`
  return html`<figure class="chart full broad">${drawn(WIDE)}</figure>
    <figure class="chart full narrow">${drawn(NARROW)}</figure>
    <ul class="legend">
      ${types.map((type) => html`<li>${chip(`t${TINTS.get(type)!}`)}${type}</li>`)}
    </ul>`
}

/** The name with the most bytes. */
function mainOf(tallies: Record<string, Tally>): string {
  return Object.entries(tallies).toSorted(([, a], [, b]) => b.bytes - a.bytes)[0]?.[0] ?? ''
}

const FIRST_ROWS = 15

function patternTable(largest: readonly PatternResult[], total: number): Markup {
  const columns: Column<PatternResult>[] = [
    {
      title: 'Pattern',
      kind: 'row',
      cell: ({ pattern, owner }) => [
        name(pattern, 90),
        owner !== null &&
          html`<br />
            <span class="sub">owner: ${owner}</span>`,
      ],
    },
    { title: 'keys', kind: 'number', cell: ({ keys }) => estimated(formatNumber(keys.value), keys) },
    { title: 'bytes', kind: 'number', cell: ({ bytes }) => estimated(formatBytes(bytes.value), bytes) },
    { title: 'of all', kind: 'number', minor: true, cell: ({ bytes }) => (total > 0 ? percent(Math.min(1, bytes.value / total)) : '-') },
    { title: '', kind: 'plot', minor: true, cell: ({ bytes, types }) => bar(total > 0 ? bytes.value / total : 0, barTint(types)) },
    {
      title: 'per key',
      kind: 'number',
      minor: true,
      cell: ({ bytes, keys }) => (keys.value > 0 ? formatBytes(bytes.value / keys.value) : '-'),
    },
    {
      title: 'expire',
      kind: 'number',
      cell: ({ keys, persistent }) => (keys.value > 0 ? percent(clamped(1 - persistent.keys.value / keys.value)) : '-'),
    },
    { title: 'TTL p50', kind: 'number', minor: true, cell: ({ ttl }) => (ttl === null ? '-' : formatDuration(ttl.p50 * 1000)) },
    { title: 'encoding', minor: true, cell: ({ encodings }) => mix(encodings) },
  ]
  const first = table('Memory by pattern', columns, largest.slice(0, FIRST_ROWS))
  const others = largest.slice(FIRST_ROWS)
  if (others.length === 0) return first
  const bytes = others.reduce((sum, pattern) => sum + pattern.bytes.value, 0)
  const share = total > 0 ? `, ${percent(clamped(bytes / total))} of the bytes` : ''
  return html`${first}${folded(`${counted(others.length, 'more pattern')}${share}`, html`${table('Further patterns', columns, others, MOST_PATTERNS)}`)}`
}

const MOST_PATTERNS = 200

function barTint(types: Record<string, Tally>): string {
  return tintOf(mainOf(types))
}

function tintOf(type: string): string {
  return `s${TINTS.get(type) ?? 7}`
}

function clamped(share: number): number {
  return Math.min(1, Math.max(0, share))
}

/** `listpack 98%, hashtable 2%`; one alone by its name. */
function mix(encodings: Record<string, Tally>): string {
  const sorted = Object.entries(encodings).toSorted(([, a], [, b]) => b.keys - a.keys)
  const total = sorted.reduce((sum, [, { keys }]) => sum + keys, 0)
  if (sorted.length === 1) return sorted[0]![0]
  return sorted
    .slice(0, 3)
    .map(([encoding, { keys }]) => `${encoding} ${percent(total === 0 ? 0 : keys / total)}`)
    .join(', ')
}

function tallyTable(title: string, tallies: Record<string, Tally>, total: number): Markup {
  const rows = Object.entries(tallies).toSorted(([, a], [, b]) => b.bytes - a.bytes)
  return html`${table(
    `${title}s`,
    [
      { title, kind: 'row', cell: ([text]) => visible(text, 40) },
      { title: 'keys', kind: 'number', cell: ([, { keys }]) => exact(keys) },
      { title: 'bytes', kind: 'number', cell: ([, { bytes }]) => formatBytes(bytes) },
      { title: 'of all', kind: 'number', cell: ([, { bytes }]) => percent(total > 0 ? clamped(bytes / total) : 0) },
      { title: '', kind: 'plot', minor: true, cell: ([text, { bytes }]) => bar(total > 0 ? bytes / total : 0, tintOf(text)) },
    ],
    rows,
    MOST_TALLIES,
  )}${rest(0)}`
}

const MOST_TALLIES = 30
