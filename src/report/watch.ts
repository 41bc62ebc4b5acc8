import { formatBytes, formatCount, formatDuration, significant } from '../core/units.js'
import type { WatchCommand, WatchSample } from '../schema/watch.js'
import { sparkline } from './sparkline.js'
import { paint, separator, type Style } from './style.js'
import { type Column, tableLines } from './table.js'
import { cut, displayWidth, padEnd, padStart, wrap } from './wrap.js'

/** From this width on there is room for more. */
const WIDE = 110
const NOTHING = '-'
/** Between two tables, and what the figures of a command take at most. */
const GAP = '    '
const FIGURES_WIDTH = 37
/** Notes are shown as long as their sample is among so many. */
const NOTED_SAMPLES = 60

/** A figure of a sample: undefined where the sample does not know it. */
interface Figure {
  name: string
  of: (sample: WatchSample) => number | undefined
  show: (value: number) => string
  /** Left out where no sample knows it. */
  optional?: boolean
}

const percent = (share: number) => `${significantPercent(share * 100)}%`
const seconds = (value: number) => (value === Infinity ? 'down' : value === 0 ? '0s' : formatDuration(value * 1000))
/** Three digits, with their zeros: a number that stays the same looks the same. */
const count = (value: number) => {
  if (value > 0 && value < 0.001) return '<0.001'
  const [, digits = '', suffix = ''] = /^([\d.]+)([a-zA-Z]?)$/.exec(formatCount(value)) ?? []
  return suffix === '' ? digits : significant(Number(digits), 3) + suffix
}

const FIGURES: readonly Figure[] = [
  { name: 'used_memory', of: ({ state }) => state?.usedMemoryBytes, show: formatBytes },
  {
    name: '  of maxmemory',
    of: ({ state }) => (state?.maxmemoryBytes ? state.usedMemoryBytes / state.maxmemoryBytes : undefined),
    show: percent,
    optional: true,
  },
  { name: 'evicted_keys/s', of: ({ rates }) => rates?.evicted, show: count },
  { name: 'keyspace_hits/s', of: ({ rates }) => rates?.hits, show: count },
  { name: 'keyspace_misses/s', of: ({ rates }) => rates?.misses, show: count },
  { name: '  hit rate', of: ({ rates }) => rates?.hitRate, show: percent },
  { name: 'ops/s', of: ({ rates }) => rates?.operations, show: count },
  { name: 'expired_keys/s', of: ({ rates }) => rates?.expired, show: count },
  { name: 'CPU', of: ({ rates }) => rates?.cpuShare, show: percent },
  { name: 'clients', of: ({ state }) => state?.clients, show: count },
  { name: '  blocked', of: ({ state }) => state?.blockedClients, show: count },
  { name: 'fragmentation', of: ({ state }) => state?.fragmentation, show: (ratio) => ratio.toFixed(2), optional: true },
  { name: 'replication lag', of: ({ state }) => state?.replicationLagSeconds, show: seconds, optional: true },
]

/**
 * A watch as text that is drawn anew at each tick: what the server has and does now, with the recent past, and the commands that it
 * does most. `samples` in the order of time. A pure function; every line fits the width.
 */
export function renderWatch(samples: readonly WatchSample[], style: Style): string {
  const last = samples.at(-1)
  if (!last) return ''
  const blocks = [headerLines(samples, style), figureLines(samples, style), commandLines(last, style), noteLines(samples, style)]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function headerLines(samples: readonly WatchSample[], style: Style): string[] {
  const last = samples.at(-1)!
  const server = samples.findLast(({ state }) => state)?.state?.server
  const parts = ['redline watch', ...(server === undefined ? [] : [server]), `${timeOf(last.at)} UTC`]
  const [first = '', ...more] = wrap(parts.join(separator(style)), style.width)
  const down = last.unreachable === undefined ? [] : wrap(`unreachable: ${last.unreachable}`, style.width)
  return [
    first.replace(/^redline watch/, paint('redline watch', 'strong', style)),
    ...more,
    ...down.map((line) => paint(line, 'bad', style)),
  ]
}

function figureLines(samples: readonly WatchSample[], style: Style): string[] {
  const figures = FIGURES.filter(({ of, optional }) => !optional || samples.some((sample) => of(sample) !== undefined))
  const values = figures.map(({ of }) => samples.map(of))
  const cells = (title: string, value: (row: readonly (number | undefined)[]) => number | undefined): Column => ({
    title,
    align: 'right',
    cells: figures.map(({ show }, i) => shown(value(values[i]!), show)),
  })
  const names: Column = { title: '', align: 'left', cells: figures.map(({ name }) => name) }
  const now = cells('now', (row) => row.at(-1))
  if (samples.length === 1) return tableLines([names, now])
  const of = (pick: (...values: number[]) => number) => (row: readonly (number | undefined)[]) => {
    const known = row.filter((value) => value !== undefined)
    return known.length === 0 ? undefined : pick(...known)
  }
  const columns = [names, now, cells('least', of(Math.min)), cells('most', of(Math.max))]
  return tableLines(style.unicode ? [...columns, pastColumn(values, columns, style)] : columns)
}

/** As much of the past as there is room for, a bar a sample. */
function pastColumn(values: readonly (readonly (number | undefined)[])[], columns: readonly Column[], style: Style): Column {
  const taken = columns.reduce((sum, { title, cells }) => sum + Math.max(...[title, ...cells].map(displayWidth)) + 2, 0)
  const room = Math.max(1, style.width - taken)
  const bars = values.map((row) => sparkline(row.slice(-room).map((value) => (value === Infinity ? undefined : value))))
  return { title: `past ${Math.min(room, values[0]?.length ?? 0)}`, align: 'left', cells: bars }
}

function commandLines({ rates }: WatchSample, style: Style): string[] {
  if (!rates) return []
  const nameWidth = style.width < WIDE ? 24 : Math.min(32, Math.floor((style.width - GAP.length) / 2) - FIGURES_WIDTH)
  const byCalls = commandTable('by calls', rates.topByCalls, nameWidth, style)
  const byTime = commandTable('by time', rates.topByTime, nameWidth, style)
  if (style.width < WIDE) return [...byCalls, '', ...byTime]
  const width = Math.max(...byCalls.map(displayWidth))
  return byCalls.map((line, i) => `${padEnd(line, width)}${GAP}${byTime[i] ?? ''}`.trimEnd())
}

function commandTable(title: string, commands: readonly WatchCommand[], nameWidth: number, style: Style): string[] {
  const ellipsis = style.unicode ? '…' : '...'
  const column = (title: string, align: Column['align'], cell: (command: WatchCommand) => string) => ({
    title,
    align,
    cells: commands.map(cell),
  })
  const timed = commands.some(({ latency }) => latency)
  const us = (ms: number | undefined) => shown(ms, (value) => count(value * 1000))
  return tableLines([
    column(padEnd(title, nameWidth), 'left', ({ command }) => cut(command, nameWidth, ellipsis)),
    column('calls/s', 'right', ({ callsPerSecond }) => count(callsPerSecond)),
    column('of a core', 'right', ({ timeShare }) => percent(timeShare)),
    ...(timed
      ? [column('p50 us', 'right', ({ latency }) => us(latency?.p50Ms)), column('p99', 'right', ({ latency }) => us(latency?.p99Ms))]
      : []),
  ])
}

function noteLines(samples: readonly WatchSample[], style: Style): string[] {
  const recent = samples.slice(-NOTED_SAMPLES)
  const notes = recent.flatMap(({ at, notes, unreachable }, i) => {
    // Of a time in which it could not be asked, the beginning.
    const lost = unreachable !== undefined && recent[i - 1]?.unreachable === undefined ? [`unreachable: ${unreachable}`] : []
    return [...lost, ...notes].map((note) => `${timeOf(at)} ${note}`)
  })
  return notes.slice(-5).flatMap((note) => wrap(note, style.width).map((line) => paint(line, 'doubtful', style)))
}

/** A column of the lines that are appended where a watch can't be redrawn. */
interface LineColumn {
  title: string
  width: number
  cell: (sample: WatchSample) => string
}

const figure = (title: string, width: number, name: string): LineColumn => {
  const { of, show } = FIGURES.find((one) => one.name.trim() === name)!
  return { title, width, cell: (sample) => shown(of(sample), show) }
}

const COLUMNS: readonly LineColumn[] = [
  figure('used_memory', 11, 'used_memory'),
  figure('evicted/s', 9, 'evicted_keys/s'),
  figure('hits/s', 6, 'keyspace_hits/s'),
  figure('misses/s', 8, 'keyspace_misses/s'),
  figure('hit rate', 8, 'hit rate'),
  figure('ops/s', 6, 'ops/s'),
  figure('expired/s', 9, 'expired_keys/s'),
]
const MORE_COLUMNS: readonly LineColumn[] = [
  figure('CPU', 6, 'CPU'),
  figure('clients', 7, 'clients'),
  figure('blocked', 7, 'blocked'),
  figure('frag.', 5, 'fragmentation'),
  figure('lag', 6, 'replication lag'),
  { title: 'most calls', width: 10, cell: ({ rates }) => rates?.topByCalls[0]?.command ?? NOTHING },
]

/** The heading of the lines that `watchLine` writes. */
export function watchHeader(style: Style): string {
  const titles = columnsFor(style).map(({ title, width }) => padStart(title, width))
  return [padEnd('time (UTC)', timeWidth(style)), ...titles].join(' ')
}

/** A sample as one line, for output that is appended to; notes follow the figures. */
export function watchLine(sample: WatchSample, style: Style): string {
  const time = padEnd(style.width >= WIDE ? new Date(sample.at).toISOString().slice(0, 19) + 'Z' : timeOf(sample.at), timeWidth(style))
  if (sample.unreachable !== undefined) return `${time} ${paint(`unreachable: ${sample.unreachable}`, 'bad', style)}`
  const cells = columnsFor(style).map(({ width, cell }) =>
    padStart(cut(cell(sample), Math.max(width, 10), style.unicode ? '…' : '...'), width),
  )
  return [time, ...cells, ...sample.notes.map((note) => paint(`(${note})`, 'doubtful', style))].join(' ')
}

const columnsFor = ({ width }: Style) => (width >= WIDE ? [...COLUMNS, ...MORE_COLUMNS] : COLUMNS)
const timeWidth = ({ width }: Style) => (width >= WIDE ? 20 : 10)
/** `12:30:05` */
const timeOf = (at: number) => new Date(at).toISOString().slice(11, 19)

function shown(value: number | undefined, show: (value: number) => string): string {
  return value === undefined ? NOTHING : show(value)
}

/** Two digits where it is small, none beyond the point where it is not. */
function significantPercent(value: number): string {
  if (value === 0) return '0'
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value < 0.005 ? '<0.01' : value.toFixed(2)
}
