import { groupBy } from '../../core/group.js'
import { formatBytes, formatCount, significant } from '../../core/units.js'
import { isMetricName, METRICS } from '../../schema/metrics.js'
import type { Metric, ScenarioResult, VariantResult } from '../../schema/result.js'
import { type Axis, placesAxis, valueAxis } from '../plot/axis.js'
import type { Draw } from '../plot/draw.js'
import { drawLines } from '../plot/lines.js'
import { SLOTS } from '../plot/palette.js'
import { axesOf, rowName } from '../sweep.js'
import { visible, type Markup } from './escape.js'
import { figure, name, table } from './parts.js'
import { msText, SMALL } from './run-percentiles.js'

/** A matrix of variants: the values of its longest axis from left to right, a line for each point of the others. */
export interface Sweep {
  across: string
  values: readonly string[]
  rows: readonly { name: string; variants: readonly VariantResult[] }[]
}

/** Undefined where nothing was swept. */
export function sweepOf({ variants }: ScenarioResult): Sweep | undefined {
  const across = axesOf(variants).toSorted((a, b) => b.values.length - a.values.length)[0]
  if (!across || across.values.length < 2) return undefined
  const named = new Set(variants.map(({ variant }) => variant)).size > 1
  const rows = [...groupBy(variants, (variant) => rowName(variant, across.name, named))].map(([name, variants]) => ({ name, variants }))
  return { across: across.name, values: across.values, rows: rows.slice(0, SLOTS) }
}

/** What is expected of the sweep, then throughput, p99 and the server's time along it, as far as they were measured. */
export function sweepFigures({ expectations }: ScenarioResult, sweep: Sweep, draw: Draw): Markup[] {
  const expected = expectations.flatMap(({ left, right }) => [left.metric, ...(right ? [right.metric] : [])])
  return [...new Set([...expected, 'throughput', 'p99', 'server_cpu_us'])]
    .filter((metric) => sweep.rows.some(({ variants }) => variants.some(({ summary }) => (summary[metric]?.high ?? 0) > 0)))
    .slice(0, MOST_FIGURES)
    .map((metric) => sweepFigure(sweep, draw, titleOf(metric), metric, measureOf(metric)))
}

const MOST_FIGURES = 6
const TITLES = new Map([
  ['throughput', 'Throughput'],
  ['server_cpu_us', 'Server CPU per operation'],
])

function titleOf(metric: string): string {
  return TITLES.get(metric) ?? visible(metric.replaceAll('_', ' '), 40)
}

/** Latencies in milliseconds, as everywhere; what is about single operations in microseconds. */
function measureOf(metric: string): Measure {
  const unit = isMetricName(metric) ? METRICS[metric].unit : 'ratio'
  if (unit === 'ops/s') return { unit, scale: 1, show: formatCount }
  if (unit === 'us' && !metric.endsWith('_us')) return { unit: 'ms', scale: 1 / 1000, show: msText }
  if (unit === 'share') return { unit: '%', scale: 100, show: msText }
  return {
    unit: unit === 'ratio' || unit === 'count' ? '' : unit,
    scale: 1,
    show: unit === 'bytes' ? formatBytes : unit === 'count' ? formatCount : msText,
  }
}

interface Measure {
  unit: string
  scale: number
  show: (value: number) => string
}

function sweepFigure(sweep: Sweep, draw: Draw, title: string, metric: string, { unit, scale, show }: Measure): Markup {
  const { across, values, rows } = sweep
  const cell = (row: Sweep['rows'][number], value: string) =>
    scaled(row.variants.find(({ point }) => String(point[across]) === value)?.summary[metric], scale)
  const x = sweepAxis(across, values)
  const lines = rows.map((row, slot) => {
    const known = values.flatMap((value, index) => {
      const measured = cell(row, value)
      return measured ? [{ x: x.position(index), ...measured }] : []
    })
    return { slot, dotted: true, spans: known, points: known.map(({ x, median }): [number, number] => [x, median]) }
  })
  const y = valueAxis(
    unit,
    lines.flatMap(({ spans }) => spans.flatMap(({ low, high }) => [low, high])),
    show,
  )
  const ends = rows.map(
    (row) => `${row.name} from ${text(cell(row, values[0]!), show)} to ${text(cell(row, values.at(-1)!), show)} ${unit}`,
  )
  return figure({
    title: `${title} by ${visible(across, 40)}`,
    summary: `${title} as ${across} goes from ${values[0]} to ${values.at(-1)}: ${ends.join('; ')}`,
    drawing: drawLines(draw, { x: x.axis, y, lines }, SMALL),
    size: SMALL,
    data: table(
      `${title} by ${across}, in ${unit}: median, low to high`,
      [
        { title: visible(across, 40), kind: 'row', cell: (value) => name(value, 40) },
        ...rows.map((row) => ({
          title: name(row.name, 40),
          kind: 'number' as const,
          cell: (value: string) => rangeText(cell(row, value), unit === 'ms' || unit === 'us' ? digits : show),
        })),
      ],
      values,
    ),
  })
}

function scaled(metric: Metric | undefined, scale: number): { median: number; low: number; high: number } | undefined {
  return metric && { median: metric.median * scale, low: metric.low * scale, high: metric.high * scale }
}

type Measured = ReturnType<typeof scaled>

function text(measured: Measured, show: (value: number) => string): string {
  return measured === undefined ? 'nothing valid' : show(measured.median)
}

function rangeText(measured: Measured, show: (value: number) => string): string {
  return measured === undefined ? 'invalid' : `${show(measured.median)} (${show(measured.low)} to ${show(measured.high)})`
}

const digits = (value: number) => significant(value, 3)

/** Numbers that double and double again stand at equal distances; what are no numbers do so, too. */
function sweepAxis(title: string, values: readonly string[]): { axis: Axis; position: (index: number) => number } {
  const numbers = values.map(Number)
  const shortened = values.map((value) => visible(value, 16))
  const ascending = numbers.every((value, index) => value > 0 && (index === 0 || value > numbers[index - 1]!))
  if (!ascending || numbers.at(-1)! / numbers[0]! < 3)
    return { axis: placesAxis(visible(title, 40), shortened), position: (index) => index }
  const at = numbers.map((value) => Math.log2(value))
  const margin = (at.at(-1)! - at[0]!) * 0.04
  return {
    axis: {
      name: visible(title, 40),
      min: at[0]! - margin,
      max: at.at(-1)! + margin,
      ticks: at.map((place, index) => ({ at: place, label: shortened[index]! })),
      place: (value) => value,
    },
    position: (index) => at[index]!,
  }
}
