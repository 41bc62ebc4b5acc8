import { safeText } from '../core/text.js'
import { trim } from '../core/units.js'
import type { MetricName } from '../schema/metrics.js'
import type { Metric, Round, ScenarioResult, VariantResult } from '../schema/result.js'
import { summarize } from '../stats/summary.js'
import { metricCell, metricsInQuestion, metricTitle } from './metric-cell.js'
import { paint, separator, type Style } from './style.js'
import { type Column, tableLines } from './table.js'
import { cut, displayWidth, padEnd } from './wrap.js'

/** From this width on there is room for more columns. */
const WIDE = 110
const INDENT = 4

/** The same as a table that is not laid out: its columns, and instead of a row the reason where a variant has no usable round. */
export function variantTable(
  scenario: Pick<ScenarioResult, 'variants' | 'expectations'>,
  style: Style,
): { columns: Column[]; unusable: { name: string; reason: string }[] } {
  const rows = scenario.variants.flatMap((variant) => rowsOf(variant, style, metricsInQuestion(scenario)))
  const measured = rows.filter(({ unusable }) => unusable === undefined)
  return {
    columns: measured.length === 0 ? [] : columnsFor(measured, measured, metricsInQuestion(scenario), style),
    unusable: rows.flatMap(({ name, unusable }) => (unusable === undefined ? [] : { name, reason: unusable })),
  }
}

/** One row: a variant, or one of its loads when it has several. */
export interface Row {
  name: string
  rounds: readonly Round[]
  summary: Record<string, Metric>
  /** Why nothing of it can be shown; undefined when there is a valid round, or one that measured what was asked all the same. */
  unusable: string | undefined
}

/**
 * The table of a scenario: throughput with its spread, latency, what else its expectations are about, what limited it. An invalid variant
 * shows why in place of numbers. Where it is too wide, what nobody asked about gives way, latencies first.
 */
export function variantLines(scenario: Pick<ScenarioResult, 'variants' | 'expectations'>, style: Style): string[] {
  const { variants } = scenario
  const rows = variants.flatMap((variant) => rowsOf(variant, style, metricsInQuestion(scenario)))
  const measured = rows.filter(({ unusable }) => unusable === undefined)
  const [heading, ...lines] = measured.length === 0 ? [] : tableLines(columnsFor(measured, rows, metricsInQuestion(scenario), style))
  const nameWidth = Math.max(...rows.map(({ name }) => name.length), 0)
  let next = 0
  const body = rows.map(({ name, rounds, unusable }) => {
    if (unusable === undefined) return `    ${tinted(lines[next++]!, rounds, style)}`
    const text = cut(`invalid: ${unusable}`, Math.max(20, style.width - nameWidth - 6), style.unicode ? '…' : '...')
    return `    ${padEnd(name, nameWidth)}  ${paint(text, 'bad', style)}`
  })
  return heading === undefined ? body : [`    ${heading}`, ...body]
}

/** The variant as a row, or as one for each of its loads; `asked`: metrics that make it worth showing also where no round is valid. */
export function rowsOf(variant: VariantResult, style: Style, asked: readonly MetricName[] = []): Row[] {
  const loads = [...new Set(variant.rounds.flatMap(({ loads }) => loads.map(({ name }) => name)))]
  const usable = usableRounds(variant.rounds).length > 0 || asked.some((metric) => variant.summary[metric])
  const unusable = usable ? undefined : reasonOf(variant)
  const base = { rounds: variant.rounds, unusable }
  if (loads.length < 2) return [{ ...base, name: safeText(variant.id), summary: variant.summary }]
  return loads.map((load) => ({ ...base, name: safeText(variant.id + separator(style) + load), summary: summarize(variant.rounds, load) }))
}

/** The first thing that made the rounds invalid. */
export function reasonOf({ rounds }: VariantResult): string {
  const reasons = rounds.flatMap(({ validity }) => validity.reasons.filter(({ severity }) => severity === 'invalid'))
  if (rounds.length === 0) return 'no round was run'
  return safeText(reasons[0]?.message ?? 'no reason is known')
}

/** A column that may be left out, the one with the lowest rank first; undefined has to stay. */
interface Candidate {
  column: Column
  rank: number | undefined
}

function columnsFor(rows: readonly Row[], all: readonly Row[], asked: readonly MetricName[], style: Style): Column[] {
  const wide = style.width >= WIDE
  const nameWidth = Math.max(...all.map(({ name }) => name.length))
  const has = (metric: MetricName) => rows.some(({ summary }) => summary[metric])
  const column = (title: string, align: Column['align'], cell: (row: Row) => string): Column => ({ title, align, cells: rows.map(cell) })
  const latency = (title: string, metric: MetricName, rank: number): Candidate[] =>
    has(metric)
      ? [{ column: column(title, 'point', (row) => metricCell(row, metric)), rank: asked.includes(metric) ? undefined : rank }]
      : []
  const usual: MetricName[] = ['throughput', 'p50', 'p99', 'p999', ...(wide ? (['p90', 'max'] as const) : [])]
  const others = asked.filter((metric) => !usual.includes(metric))
  const candidates: Candidate[] = [
    { column: column('', 'left', ({ name }) => padEnd(name, nameWidth)), rank: undefined },
    ...(has('throughput')
      ? [
          {
            column: column('ops/s', 'right', (row) => metricCell(row, 'throughput')),
            rank: others.length > 0 && !asked.includes('throughput') ? 5 : undefined,
          },
          {
            column: column('', 'right', ({ rounds, summary }) =>
              usableRounds(rounds).length < 2 ? '' : spreadOf(summary['throughput'], style),
            ),
            rank: 4,
          },
        ]
      : []),
    ...latency('p50 ms', 'p50', 3),
    ...(wide ? latency('p90', 'p90', 0) : []),
    ...latency(has('p50') ? 'p99' : 'p99 ms', 'p99', 2),
    ...latency('p99.9', 'p999', 1),
    ...(wide ? latency('max', 'max', 0) : []),
    ...others.map((metric) => ({ column: column(metricTitle(metric), 'right', (row) => metricCell(row, metric)), rank: undefined })),
    ...(wide && has('throughput')
      ? [
          {
            column: column(
              'server CPU',
              'right',
              cpuOf(({ server }) => server.cpu.share),
            ),
            rank: 0,
          },
          { column: column('generator CPU', 'right', cpuOf(generatorShare)), rank: 0 },
        ]
      : []),
    ...limits(rows, column),
  ]
  return fitting(candidates, style.width)
}

/** Nothing limits a study but what it does; a doubt is told all the same. */
function limits(rows: readonly Row[], column: (title: string, align: 'left', cell: (row: Row) => string) => Column): Candidate[] {
  const known = rows.some(({ rounds }) => usableRounds(rounds).some(({ validity }) => validity.limiter !== 'unknown'))
  if (known) return [{ column: column('limited by', 'left', ({ rounds }) => limiterOf(rounds)), rank: 6 }]
  const doubtful = rows.some(({ rounds }) => rounds.some(isDoubtful))
  const doubt = ({ rounds }: Row) => (rounds.some(isDoubtful) ? `(${doubtOf(rounds)})` : '')
  return doubtful ? [{ column: column('', 'left', doubt), rank: undefined }] : []
}

/** All columns, or those that are left when there is room for no more. */
function fitting(candidates: readonly Candidate[], width: number): Column[] {
  const lineWidth = (some: readonly Candidate[]) => Math.max(...tableLines(some.map(({ column }) => column)).map(displayWidth)) + INDENT
  const least = Math.min(...candidates.map(({ rank }) => rank ?? Infinity))
  if (least === Infinity || lineWidth(candidates) <= width) return candidates.map(({ column }) => column)
  const at = candidates.findLastIndex(({ rank }) => rank === least)
  return fitting(candidates.toSpliced(at, 1), width)
}

/** `±1.8%`: half the range over the rounds, of the median. */
function spreadOf(metric: Metric | undefined, { unicode }: Style): string {
  if (!metric || metric.median === 0) return ''
  return `${unicode ? '±' : '+-'}${trim((((metric.high - metric.low) / 2) * 100) / metric.median, 2)}%`
}

function cpuOf(share: (round: Round) => number | null): (row: Row) => string {
  return ({ rounds }) => {
    const shares = usableRounds(rounds).map(share)
    const known = shares.filter((value) => value !== null)
    if (known.length === 0) return '-'
    return `${Math.round((known.reduce((sum, value) => sum + value, 0) / known.length) * 100)}%`
  }
}

/** The busiest thread's: it is the one that limits. */
function generatorShare({ generator }: Round): number | null {
  const shares = generator.threads.map(({ cpuShare }) => cpuShare).filter((share) => share !== null)
  return shares.length === 0 ? null : Math.max(...shares)
}

const usableRounds = (rounds: readonly Round[]) => rounds.filter(({ validity }) => validity.verdict !== 'invalid')

/** What limited most of the usable rounds, and whether any of them is in doubt. */
function limiterOf(rounds: readonly Round[]): string {
  const usable = usableRounds(rounds)
  const limiters = usable.map(({ validity }) => validity.limiter)
  const most = limiters.toSorted((a, b) => timesIn(limiters, b) - timesIn(limiters, a))[0]
  if (most === undefined) return `(${doubtOf(rounds)})`
  return rounds.some(isDoubtful) ? `${most} (${doubtOf(rounds)})` : most
}

const timesIn = <T>(values: readonly T[], value: T) => values.filter((one) => one === value).length
const isDoubtful = ({ validity }: Round) => validity.verdict !== 'valid'

/** `suspect`, `invalid` when all are, `2/3 in doubt`; the remarks say which, and why. */
function doubtOf(rounds: readonly Round[]): string {
  for (const verdict of ['suspect', 'invalid']) if (rounds.every(({ validity }) => validity.verdict === verdict)) return verdict
  return `${rounds.filter(isDoubtful).length}/${rounds.length} in doubt`
}

function tinted(line: string, rounds: readonly Round[], style: Style): string {
  if (!rounds.some(isDoubtful)) return line
  const at = line.search(/\((?:suspect|invalid|\d+\/\d+ in doubt)\)$/)
  return at < 0 ? line : line.slice(0, at) + paint(line.slice(at), 'doubtful', style)
}
