import { groupBy } from '../core/group.js'
import { safeText } from '../core/text.js'
import { isMetricName, type MetricName } from '../schema/metrics.js'
import type { ScenarioResult, VariantResult } from '../schema/result.js'
import { metricCell, metricsInQuestion, metricTitle } from './metric-cell.js'
import { sparkline } from './sparkline.js'
import type { Style } from './style.js'
import { type Column, dividedTableLines } from './table.js'
import { cut } from './wrap.js'

const WIDE = 110
const INDENT = '    '

/**
 * A matrix as tables, one for each metric that is in question: the values of its longest axis as columns, a row for each variant at each
 * point of the other axes, and the shape of the row as bars. Columns that do not fit the width go on below. Undefined when nothing
 * is swept.
 */
export function sweepLines(scenario: ScenarioResult, style: Style): string[] | undefined {
  const { variants } = scenario
  const axes = axesOf(variants)
  const across = axes.toSorted((a, b) => b.values.length - a.values.length)[0]
  if (!across || across.values.length < 2) return undefined
  const rows = groupBy(variants, (variant) => rowName(variant, across.name, new Set(variants.map((one) => one.variant)).size > 1))
  const room = Math.floor(style.width / 2)
  const names: Column = {
    title: safeText(across.name),
    align: 'left',
    cells: [...rows.keys()].map((name) => cut(name, room, style.unicode ? '…' : '...')),
  }
  const tables = metricsOf(scenario, style).map((metric) => {
    const at = (row: readonly VariantResult[], value: string) => row.find(({ point }) => String(point[across.name]) === value)
    const cells = across.values.map((value): Column => ({
      title: safeText(value),
      align: 'right',
      cells: [...rows.values()].map((row) => cellOf(at(row, value), metric)),
    }))
    const bars = [...rows.values()].map((row) =>
      style.unicode ? sparkline(across.values.map((value) => at(row, value)?.summary[metric]?.median)) : '',
    )
    const last: Column = { title: metricTitle(metric), align: 'left', cells: bars }
    return dividedTableLines(names, [...cells, last], style.width - INDENT.length)
  })
  return tables.flatMap((lines, index) => [...(index > 0 ? [''] : []), ...lines.map((line) => (line === '' ? '' : INDENT + line))])
}

/** What the expectations are about, or else the throughput and, where there is room, the latency. */
function metricsOf(scenario: ScenarioResult, style: Style): MetricName[] {
  const named = metricsInQuestion(scenario)
  const usual = ['throughput', ...(style.width >= WIDE ? ['p99'] : [])].filter(isMetricName)
  if (named.length === 0) return usual
  return named.length === 1 && named[0] === 'throughput' ? usual : named
}

/** The axes of a matrix, each with its values in the order in which they were measured. */
export function axesOf(variants: readonly VariantResult[]): { name: string; values: string[] }[] {
  const names = [...new Set(variants.flatMap(({ point }) => Object.keys(point)))]
  return names.map((name) => ({ name, values: [...new Set(variants.map(({ point }) => String(point[name])))] }))
}

/** `delay 1ms`, with the variant's name before it when there are several. */
export function rowName({ variant, point }: VariantResult, across: string, named: boolean): string {
  const others = Object.entries(point)
    .filter(([name]) => name !== across)
    .map(([name, value]) => `${name} ${value}`)
  const parts = named || others.length === 0 ? [variant, ...others] : others
  return safeText(parts.join(' '))
}

const isUsable = ({ rounds }: VariantResult) => rounds.some(({ validity }) => validity.verdict !== 'invalid')
const mark = ({ rounds }: VariantResult) => (rounds.every(({ validity }) => validity.verdict === 'valid') ? '' : '?')

function cellOf(variant: VariantResult | undefined, metric: MetricName): string {
  if (!variant) return '-'
  // What was counted may be known where times are not.
  return isUsable(variant) || variant.summary[metric] ? metricCell(variant, metric) + mark(variant) : 'invalid'
}
