import { groupBy } from '../core/group.js'
import { safeText } from '../core/text.js'
import { formatCount, significant } from '../core/units.js'
import type { ScenarioResult, VariantResult } from '../schema/result.js'
import { sparkline } from './sparkline.js'
import type { Style } from './style.js'
import { type Column, tableLines } from './table.js'
import { displayWidth } from './wrap.js'

const WIDE = 110

/**
 * A matrix as a table: the values of its longest axis as columns, a row for each variant at each point of the other axes, and the
 * shape of the row as bars. Undefined when it does not fit the width.
 */
export function sweepLines({ variants }: ScenarioResult, style: Style): string[] | undefined {
  const axes = axesOf(variants)
  const across = axes.toSorted((a, b) => b.values.length - a.values.length)[0]
  if (!across || across.values.length < 2) return undefined
  const rows = groupBy(variants, (variant) => rowName(variant, across.name, new Set(variants.map((one) => one.variant)).size > 1))
  const at = (row: readonly VariantResult[], value: string) => row.find(({ point }) => String(point[across.name]) === value)
  const cells = (show: (variant: VariantResult) => string, align: Column['align']) =>
    across.values.map((value) => ({
      title: safeText(value),
      align,
      cells: [...rows.values()].map((row) => {
        const variant = at(row, value)
        return variant ? show(variant) : '-'
      }),
    }))
  const bars = [...rows.values()].map((row) =>
    style.unicode ? sparkline(across.values.map((value) => at(row, value)?.summary['throughput']?.median)) : '',
  )
  const names = { title: safeText(across.name), align: 'left' as const, cells: [...rows.keys()] }
  const lines = [
    ...tableLines([names, ...cells(opsCell, 'right'), { title: 'ops/s', align: 'left', cells: bars }]),
    ...(style.width >= WIDE
      ? ['', ...tableLines([names, ...cells(latencyCell, 'point'), { title: 'p99 ms', align: 'left', cells: bars.map(() => '') }])]
      : []),
  ].map((line) => (line === '' ? '' : `    ${line}`))
  return lines.every((line) => displayWidth(line) <= style.width) ? lines : undefined
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

const isUsable = ({ summary }: VariantResult) => summary['throughput'] !== undefined
const mark = ({ rounds }: VariantResult) => (rounds.every(({ validity }) => validity.verdict === 'valid') ? '' : '?')

function opsCell(variant: VariantResult): string {
  return isUsable(variant) ? formatCount(variant.summary['throughput']!.median) + mark(variant) : 'invalid'
}

function latencyCell(variant: VariantResult): string {
  return isUsable(variant) ? significant(variant.summary['p99']!.median / 1000, 3) : 'invalid'
}
