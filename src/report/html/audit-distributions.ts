import { formatBytes, formatNumber } from '../../core/units.js'
import type { DistributionResult, PatternResult } from '../../schema/audit.js'
import { percent } from '../words.js'
import { drawBars } from '../plot/bars.js'
import type { Draw } from '../plot/draw.js'
import { html, type Markup } from './escape.js'
import { chip, figure, table } from './parts.js'

const SIZE = { width: 430, height: 240 }
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Upper bounds of lifetimes, in seconds. */
const LIFETIMES: readonly (readonly [label: string, until: number])[] = [
  ['<1m', MINUTE],
  ['<10m', 10 * MINUTE],
  ['<1h', HOUR],
  ['<6h', 6 * HOUR],
  ['<1d', DAY],
  ['<7d', 7 * DAY],
  ['<30d', 30 * DAY],
  ['longer', Infinity],
]

/** For how long keys go on living, those that live for ever in a bar of their own. */
export function ttlFigure(patterns: readonly PatternResult[], draw: Draw): Markup {
  const bins = binned(
    patterns.flatMap(({ ttl }) => ttl ?? []),
    LIFETIMES,
  )
  const never = patterns.reduce((sum, { persistent }) => sum + persistent.keys.value, 0)
  const rows = [...bins.map(({ label, keys }) => ({ label, keys })), { label: 'never', keys: never }]
  const all = rows.reduce((sum, { keys }) => sum + keys, 0)
  const share = (keys: number) => (all > 0 ? keys / all : 0)
  return figure({
    title: 'Keys by the time until they expire',
    summary: `Keys by the time until they expire: ${rows.map(({ label, keys }) => `${label} ${percent(share(keys))}`).join(', ')}`,
    drawing: drawBars(
      draw,
      {
        groups: rows.map(({ label }) => label),
        series: [{ slot: 0, values: rows.map(({ keys }) => keys) }],
        name: 'keys',
        show: formatNumber,
      },
      SIZE,
    ),
    size: SIZE,
    data: table(
      'Keys by the time until they expire',
      [
        { title: 'Expires in', kind: 'row', cell: ({ label }) => label },
        { title: 'keys', kind: 'number', cell: ({ keys }) => formatNumber(keys) },
        { title: 'of all', kind: 'number', cell: ({ keys }) => percent(share(keys)) },
      ],
      rows,
    ),
  })
}

/** Upper bounds of sizes: four times the one before. */
const SIZES: readonly (readonly [label: string, until: number])[] = [
  ...[64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 16_777_216].map(
    (bytes) => [`<${formatBytes(bytes).replace(' ', '')}`, bytes] as const,
  ),
  ['larger', Infinity],
]

/** How large keys are, and in which of them the bytes are: the two are seldom the same. */
export function sizeFigure(patterns: readonly PatternResult[], draw: Draw): Markup {
  const bins = binned(
    patterns.map(({ size }) => size),
    SIZES,
  )
  const [keys, bytes] = [bins.reduce((sum, bin) => sum + bin.keys, 0), bins.reduce((sum, bin) => sum + bin.sum, 0)]
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : 0)
  const rows = withoutEmptyEnds(bins)
  return figure({
    title: 'Keys and bytes by the size of the key',
    summary: `Keys by their size: ${rows.map(({ label, keys: part, sum }) => `${label} ${percent(share(part, keys))} of the keys with ${percent(share(sum, bytes))} of the bytes`).join(', ')}`,
    drawing: drawBars(
      draw,
      {
        groups: rows.map(({ label }) => label),
        series: [
          { slot: 0, values: rows.map((row) => share(row.keys, keys)) },
          { slot: 1, values: rows.map((row) => share(row.sum, bytes)) },
        ],
        name: 'share',
        show: (value) => `${Math.round(value * 100)}%`,
      },
      SIZE,
    ),
    size: SIZE,
    note: html`<ul class="legend">
      <li>${chip('s1')}of the keys</li>
      <li>${chip('s2')}of the bytes, about</li>
    </ul>`,
    data: table(
      'Keys and bytes by the size of the key',
      [
        { title: 'Size', kind: 'row', cell: ({ label }) => label },
        { title: 'keys', kind: 'number', cell: (row) => formatNumber(row.keys) },
        { title: 'of the keys', kind: 'number', cell: (row) => percent(share(row.keys, keys)) },
        { title: 'of the bytes, about', kind: 'number', cell: (row) => percent(share(row.sum, bytes)) },
      ],
      rows,
    ),
  })
}

interface Bin {
  label: string
  keys: number
  /** Of what was measured of the keys in it: of the upper bounds of their buckets, so about. */
  sum: number
}

function binned(distributions: readonly DistributionResult[], bounds: readonly (readonly [string, number])[]): Bin[] {
  const bins = bounds.map(([label]): Bin => ({ label, keys: 0, sum: 0 }))
  for (const [value, keys] of distributions.flatMap(({ buckets }) => buckets)) {
    const bin = bins[bounds.findIndex(([, until]) => value < until)]!
    bin.keys += keys
    bin.sum += value * keys
  }
  return bins
}

function withoutEmptyEnds(bins: readonly Bin[]): Bin[] {
  const first = Math.max(
    0,
    bins.findIndex(({ keys }) => keys > 0),
  )
  const last = bins.findLastIndex(({ keys }) => keys > 0)
  return bins.slice(first, Math.max(last, first) + 1)
}
