import { formatCount, formatDuration, significant } from '../../core/units.js'
import type { Round, VariantResult } from '../../schema/result.js'
import { isUsable } from '../../stats/summary.js'
import { counted } from '../words.js'
import { type Axis, valueAxis } from '../plot/axis.js'
import type { Draw } from '../plot/draw.js'
import { drawLines, type Line, type Mark } from '../plot/lines.js'
import { html, type Markup, type Part } from './escape.js'
import { type Column, figure, name, rest, table } from './parts.js'
import { msText, SMALL } from './run-percentiles.js'

/** Points of one line; more are put together, of which the slowest second counts. */
const MOST_POINTS = 240

/** A point of a variant: in which round, when, and what was measured until then. */
interface Moment {
  round: number
  /** Seconds since the first round began, the pauses between rounds left out. */
  x: number
  perSecond: number
  p99Ms: number
}

/** The rounds one after the other on one axis, each as long as its longest. */
interface Timeline {
  starts: readonly number[]
  lengths: readonly number[]
  axis: Axis
  borders: readonly number[]
}

/** Throughput and p99 of the variants over time, the rounds one after the other, with what the server did meanwhile. */
export function overTimeFigures(variants: readonly VariantResult[], draw: Draw): Part {
  if (variants.every(({ rounds }) => rounds.every(({ series }) => series.length === 0))) return ''
  const timeline = timelineOf(variants)
  const all = variants.map((variant, slot) => ({ slot, id: variant.id, moments: momentsOf(variant, timeline) }))
  const marks = variants.flatMap((variant, slot) => marksOf(variant, slot, timeline))
  const chart = (title: string, unit: string, of: (moment: Moment) => number, show: (value: number) => string) => {
    const lines = all.map(({ slot, moments }) => lineOf(slot, moments, of))
    const y = valueAxis(
      unit,
      all.flatMap(({ moments }) => moments.map(of)),
      show,
    )
    return figure({
      title,
      summary: `${title}: ${all.map(({ id, moments }) => `${id} from ${show(least(moments.map(of)))} to ${show(greatest(moments.map(of)))} ${unit}`).join('; ')}`,
      drawing: drawLines(draw, { x: timeline.axis, y, lines, marks, borders: timeline.borders }, SMALL),
      size: SMALL,
      data: momentsTable(`${title}, in ${unit}`, all, of, unit === 'ms' ? (value) => significant(value, 3) : show),
    })
  }
  return [
    chart('Throughput over time', 'ops/s', ({ perSecond }) => perSecond, formatCount),
    chart('p99 over time', 'ms', ({ p99Ms }) => p99Ms, msText),
  ]
}

function timelineOf(variants: readonly VariantResult[]): Timeline {
  const count = greatest(variants.map(({ rounds }) => rounds.length))
  const lengths = Array.from({ length: count }, (_, index) => greatest(variants.map(({ rounds }) => secondsOf(rounds[index]))) || 1)
  const starts = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, 0))
  const end = lengths.reduce((sum, length) => sum + length, 0)
  const ticks =
    count === 1
      ? Array.from({ length: 5 }, (_, i) => ({ at: (end * i) / 4, label: msText((end * i) / 4) }))
      : starts.map((start, index) => ({ at: start + lengths[index]! / 2, label: String(index + 1) }))
  return {
    starts,
    lengths,
    axis: { name: count === 1 ? 'seconds' : 'round', min: 0, max: end, ticks, place: (value) => value },
    borders: starts.slice(1),
  }
}

function secondsOf(round: Round | undefined): number {
  return round?.series.at(-1)?.second ?? 0
}

/** Of a round with one point alone that stands in its middle: there is nothing before it. */
function momentsOf({ rounds }: VariantResult, { starts, lengths }: Timeline): Moment[] {
  const moments = rounds.flatMap((round, index) =>
    isUsable(round)
      ? round.series.map(({ second, operations, p99Us }, i) => {
          const before = round.series[i - 1]?.second ?? 0
          const x = starts[index]! + (round.series.length === 1 ? lengths[index]! / 2 : second)
          return { round: index, x, perSecond: operations / Math.max(1e-9, second - before), p99Ms: p99Us / 1000 }
        })
      : [],
  )
  return thinned(moments)
}

/** Of neighbours within one round the mean rate, and the highest p99. */
function thinned(moments: readonly Moment[]): Moment[] {
  const width = Math.ceil(moments.length / MOST_POINTS)
  if (width <= 1) return [...moments]
  const kept: Moment[] = []
  for (let i = 0; i < moments.length; i += width) {
    const same = moments.slice(i, i + width).filter(({ round }) => round === moments[i]!.round)
    const rate = same.reduce((sum, { perSecond }) => sum + perSecond, 0) / same.length
    kept.push({ round: moments[i]!.round, x: same.at(-1)!.x, perSecond: rate, p99Ms: greatest(same.map(({ p99Ms }) => p99Ms)) })
  }
  return kept
}

/** Broken where a round ends, unless rounds have one point each: then the line is how they differ. */
function lineOf(slot: number, moments: readonly Moment[], of: (moment: Moment) => number): Line {
  const single = new Set(moments.map(({ round }) => round)).size === moments.length
  const points = moments.flatMap((moment, i) => {
    const point: [number, number] = [moment.x, of(moment)]
    return i > 0 && !single && moments[i - 1]!.round !== moment.round ? [null, point] : [point]
  })
  return { slot, points, dotted: moments.length <= 24 }
}

function momentsTable(
  title: string,
  all: readonly { id: string; moments: readonly Moment[] }[],
  of: (moment: Moment) => number,
  show: (value: number) => string,
): Markup {
  const places = [...new Set(all.flatMap(({ moments }) => moments.map(({ round, x }) => `${round} ${x}`)))]
    .map((place) => place.split(' ').map(Number))
    .toSorted(([, a], [, b]) => a! - b!)
  const byPlace = all.map(({ moments }) => new Map(moments.map((moment) => [`${moment.round} ${moment.x}`, moment])))
  const columns: Column<number[]>[] = [
    { title: 'Round', kind: 'row', cell: ([round]) => (round ?? 0) + 1 },
    { title: 'Second', kind: 'number', cell: ([, x]) => msText(x ?? 0) },
    ...all.map(({ id }, index) => ({
      title: name(id, 30),
      kind: 'number' as const,
      cell: (place: number[]) => {
        const moment = byPlace[index]!.get(place.join(' '))
        return moment === undefined ? '' : show(of(moment))
      },
    })),
  ]
  return table(title, columns, places, MOST_ROWS)
}

const MOST_ROWS = 60

/** What a server does beside the load, the sign of each, and how much of it a round had. */
const EVENTS = [
  { sign: 'F', what: 'fork', count: ({ server }: Round) => server.forks, text: (count: number) => counted(count, 'fork') },
  { sign: 'E', what: 'evicted', count: ({ server }: Round) => server.evicted, text: (count: number) => `${counted(count, 'key')} evicted` },
  { sign: 'X', what: 'expired', count: ({ server }: Round) => server.expired, text: (count: number) => `${counted(count, 'key')} expired` },
] as const

/** Faults where they happened; what the server's counters tell, which is how many and not when, in its round. */
function marksOf({ rounds }: VariantResult, slot: number, { starts, lengths }: Timeline): Mark[] {
  return rounds.flatMap((round, index) => {
    const signs = EVENTS.filter(({ count }) => count(round) > 0).map(({ sign }) => sign)
    const x = starts[index]! + (lengths[index]! * (slot + 1)) / 9
    const faults = round.faults.map(({ atMs }) => ({
      x: starts[index]! + Math.min(lengths[index]!, Math.max(0, atMs / 1000)),
      slot,
      sign: '!',
    }))
    return isUsable(round) ? [...faults, ...(signs.length === 0 ? [] : [{ x, slot, sign: signs.join('') }])] : []
  })
}

/** The same in words; nothing where nothing happened. */
export function eventsList(variants: readonly VariantResult[]): Part {
  const faults = variants.flatMap(({ id, rounds }) => {
    const kinds = [
      ...new Set(
        rounds.flatMap((round) =>
          round.faults.map(({ kind, ok, atMs }) => `${kind} at ${formatDuration(atMs)}${ok ? '' : ', which failed'}`),
        ),
      ),
    ]
    return kinds.length === 0 ? [] : [html`<li><b>!</b> <span>${name(id, 80)}: ${kinds.slice(0, 6).join('; ')}</span></li>`]
  })
  const events = variants.flatMap(({ id, rounds }) =>
    EVENTS.flatMap(({ sign, count, text }) => {
      const where = rounds.flatMap((round, index) => (count(round) > 0 ? [{ index, count: count(round) }] : []))
      if (where.length === 0) return []
      const total = where.reduce((sum, each) => sum + each.count, 0)
      const numbers = where.length === rounds.length ? 'in every round' : `in round ${where.map(({ index }) => index + 1).join(', ')}`
      return [html`<li><b>${sign}</b> <span>${name(id, 80)}: ${text(total)} ${numbers}</span></li>`]
    }),
  )
  const items = [...faults, ...events]
  if (items.length === 0) return ''
  return html`<h4>What the server did meanwhile</h4>
    <ul class="lines">
      ${items.slice(0, MOST_LISTED)}
    </ul>
    ${rest(items.length - MOST_LISTED)}`
}

const MOST_LISTED = 24

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0)
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity)
}
