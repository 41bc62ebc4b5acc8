import { type Axis, valueAxis } from './axis.js'
import { type Draw, type ChartOption, type Size } from './draw.js'
import { lookOf } from './palette.js'

/** Bars in groups, one beside the other. */
export interface BarChart {
  groups: readonly string[]
  /** A value for each group. */
  series: readonly { slot: number; values: readonly number[] }[]
  name: string
  show: (value: number) => string
}

/** Bars that stand on a common line, their groups named below. */
export function drawBars(draw: Draw, { groups, series, name, show }: BarChart, size: Size): string {
  const y = linear(
    name,
    series.flatMap(({ values }) => values),
    show,
  )
  const names = new Map(y.ticks.map(({ at, label }) => [at.toFixed(9), label]))
  const option: ChartOption = {
    grid: { left: 46, right: 8, top: 22, bottom: 26 },
    xAxis: {
      type: 'category',
      data: [...groups],
      axisTick: { show: false },
      axisLine: { lineStyle: { color: 'var(--axis)' } },
      axisLabel: { color: 'var(--dim)', interval: 0, hideOverlap: true, margin: 6, fontSize: 11 },
    },
    yAxis: {
      type: 'value',
      min: y.min,
      max: y.max,
      name: y.name,
      nameGap: 10,
      nameTextStyle: { align: 'left', padding: [0, 0, 0, -42], color: 'var(--dim)' },
      splitLine: { lineStyle: { color: 'var(--line)' } },
      axisLabel: {
        customValues: y.ticks.map(({ at }) => at),
        formatter: (value: number) => names.get(value.toFixed(9)) ?? '',
        color: 'var(--dim)',
      },
    },
    series: series.map(({ slot, values }) => {
      const { color } = lookOf(slot)
      return {
        type: 'bar',
        data: [...values],
        barGap: '8%',
        barCategoryGap: '28%',
        itemStyle: { color, borderRadius: [2, 2, 0, 0], ...(slot === 0 ? {} : { opacity: 0.85 }) },
      }
    }),
  }
  return draw(option, size)
}

/** Bars stand for their length, which a logarithmic axis would make meaningless. */
function linear(name: string, values: readonly number[], show: (value: number) => string): Axis {
  const most = values.reduce((a, b) => Math.max(a, b), 0)
  return valueAxis(name, [most], show)
}
