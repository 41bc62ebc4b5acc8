import type { Axis } from './axis.js'
import { type Draw, type ChartOption, FONT_SIZE, type Size } from './draw.js'
import { label } from './label.js'
import { lookOf } from './palette.js'

/** A line of a chart, in the look of its slot. */
export interface Line {
  slot: number
  /** From left to right; null where the line is broken. */
  points: readonly ([x: number, y: number] | null)[]
  /** How far up and down its points may be, at the same places. */
  spans?: readonly { x: number; low: number; high: number }[]
  /** Whether its points are marked. */
  dotted?: boolean
}

/** Something that happened, marked at the upper edge. */
export interface Mark {
  x: number
  slot: number
  /** A single sign. */
  sign: string
}

export interface LineChart {
  x: Axis
  y: Axis
  lines: readonly Line[]
  marks?: readonly Mark[]
  /** Where a part of the x axis ends and the next begins. */
  borders?: readonly number[]
}

/** Room for the labels of the y axis. */
const LEFT = 46
const BOTTOM = 38
const GRID_LINE = { color: 'var(--line)', width: 1 }

/** Lines over a common axis; what an axis shows stands beside it. */
export function drawLines(draw: Draw, { x, y, lines, marks = [], borders = [] }: LineChart, size: Size): string {
  const labels = labelled(x, size.width - LEFT - 14)
  const option: ChartOption = {
    grid: { left: LEFT, right: 14, top: marks.length > 0 ? 34 : 22, bottom: BOTTOM },
    xAxis: {
      ...axisOption(x, labels),
      nameLocation: 'middle',
      nameGap: 24,
      axisLine: { show: true, onZero: false, lineStyle: { color: 'var(--axis)' } },
    },
    yAxis: {
      ...axisOption(y, y.ticks),
      nameLocation: 'end',
      nameGap: 10,
      nameTextStyle: { align: 'left', padding: [0, 0, 0, -LEFT + 4], color: 'var(--dim)' },
      splitLine: { show: false },
    },
    series: [gridLines(y, borders, x), ...lines.flatMap((line) => lineSeries(line, x, y)), ...markSeries(marks, x, y)],
  }
  return draw(option, size)
}

function axisOption(axis: Axis, ticks: Axis['ticks']): object {
  const names = new Map(ticks.map((tick) => [tick.at, label(tick.label)]))
  const customValues = ticks.map(({ at }) => at)
  return {
    type: 'value',
    min: axis.min,
    max: axis.max,
    name: label(axis.name),
    nameTextStyle: { color: 'var(--dim)' },
    splitLine: { show: false },
    axisTick: { show: false },
    axisLine: { show: false },
    axisLabel: { customValues, formatter: (value: number) => nearestName(value, names), color: 'var(--dim)', hideOverlap: true, margin: 6 },
  }
}

/** ECharts rounds values on their way to the formatter. */
function nearestName(value: number, names: ReadonlyMap<number, string>): string {
  const exact = names.get(value)
  if (exact !== undefined) return exact
  return [...names].toSorted(([a], [b]) => Math.abs(a - value) - Math.abs(b - value))[0]?.[1] ?? ''
}

/** As many of the labels as have room beside each other. */
function labelled({ ticks }: Axis, width: number): Axis['ticks'] {
  const widest = ticks.reduce((most, { label }) => Math.max(most, label.length), 1) * FONT_SIZE * 0.6 + 6
  const every = Math.max(1, Math.ceil((ticks.length * widest) / width))
  return ticks.filter((_, index) => index % every === 0)
}

/** Faint lines at the ticks of the y axis, and where parts of the x axis meet. */
function gridLines(y: Axis, borders: readonly number[], x: Axis): object {
  return {
    type: 'line',
    data: [],
    markLine: {
      symbol: 'none',
      label: { show: false },
      lineStyle: { ...GRID_LINE, type: 'solid' },
      data: [
        ...y.ticks.map(({ at }) => [{ coord: [x.min, at] }, { coord: [x.max, at] }]),
        ...borders.map((at) => [{ coord: [at, y.min], lineStyle: { type: [2, 3] } }, { coord: [at, y.max] }]),
      ],
    },
  }
}

function lineSeries({ slot, points, spans = [], dotted = false }: Line, x: Axis, y: Axis): object[] {
  const { color, dash, symbol } = lookOf(slot)
  const place = (at: number, value: number) => [x.place(at), y.place(value)]
  return [
    ...(spans.length === 0 ? [] : [spanSeries(spans, color, place)]),
    {
      type: 'line',
      data: points.map((point) => (point === null ? [null, null] : place(...point))),
      symbol: dotted ? symbol : 'none',
      symbolSize: 7,
      showAllSymbol: true,
      lineStyle: { color, width: 2, type: dash.length === 0 ? 'solid' : [...dash], cap: 'butt', join: 'round' },
      itemStyle: { color, borderColor: 'var(--surface)', borderWidth: 1 },
      clip: true,
    },
  ]
}

interface Placed {
  coord(at: [number, number]): [number, number]
  value(dimension: number): number
}

/** Thin bars from low to high, drawn below the line. */
function spanSeries(
  spans: NonNullable<Line['spans']>,
  color: string,
  place: (at: number, value: number) => (number | undefined)[],
): object {
  return {
    type: 'custom',
    data: spans.map(({ x, low, high }) => [...place(x, low), ...place(x, high)]),
    renderItem: (_: unknown, api: Placed) => {
      const [x1, y1] = api.coord([api.value(0), api.value(1)])
      const [x2, y2] = api.coord([api.value(2), api.value(3)])
      return { type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: color, lineWidth: 5, opacity: 0.3, lineCap: 'round' } }
    },
    clip: true,
  }
}

function markSeries(marks: readonly Mark[], x: Axis, y: Axis): object[] {
  if (marks.length === 0) return []
  return [
    {
      type: 'scatter',
      clip: false,
      symbolSize: 0.1,
      data: marks.map(({ x: at, slot, sign }) => ({
        value: [x.place(at), y.max],
        itemStyle: { color: 'none' },
        label: {
          show: true,
          position: 'top',
          distance: 3,
          formatter: () => sign,
          color: lookOf(slot).color,
          fontSize: FONT_SIZE,
          fontWeight: 'bold',
        },
      })),
    },
  ]
}
