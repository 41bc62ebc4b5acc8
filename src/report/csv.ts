import { safeText } from '../core/text.js'
import type { Latency, LoadResult, Round, RunResult, ScenarioResult, VariantResult } from '../schema/result.js'
import { auditToCsv } from './audit/csv.js'
import { compareToCsv } from './compare/csv.js'
import type { Format } from './format.js'
import { gateToCsv } from './gate/csv.js'
import { type Cell, csvTable } from './text/csv.js'

export const format: Format = {
  title: 'a table for spreadsheets and notebooks: a row for each round of a run, finding of an audit, metric of a comparison',
  renders: { run: runToCsv, audit: auditToCsv, compare: compareToCsv, gate: gateToCsv },
}

/** One load of one round, and where it belongs. */
interface Row {
  scenario: ScenarioResult
  variant: VariantResult
  /** From 1. */
  number: number
  round: Round
  load: LoadResult
}

type Column = [title: string, cell: (row: Row) => Cell]

/**
 * A run as a tidy table: a row for each load of each round, invalid ones too (`verdict` tells them), everything in base units that stand in
 * the titles. A sweep has a column for each of its axes, and what
 * workloads measure besides has columns at the end.
 */
export function runToCsv({ scenarios, targets }: RunResult): string {
  const rows = scenarios.flatMap(rowsOf)
  const axes = [...new Set(rows.flatMap(({ variant }) => Object.keys(variant.point)))]
  const target: Column[] = [
    ['engine', ({ scenario }) => targets[scenario.target]!.engine],
    ['version', ({ scenario }) => safeText(targets[scenario.target]!.version)],
  ]
  const points = axes.map((axis): Column => [`axis_${safeText(axis)}`, ({ variant }) => pointOf(variant, axis)])
  const names = [...new Set(rows.flatMap(({ round }) => Object.keys(round.measures)))]
  const measures = names.map((name): Column => [`measure_${safeText(name)}`, ({ round }) => round.measures[name]])
  const columns = [...IDENTITY, ...target, ...points, ...MEASURED, ...measures]
  return csvTable(
    columns.map(([title]) => title),
    rows.map((row) => columns.map(([, cell]) => cell(row))),
  )
}

function rowsOf(scenario: ScenarioResult): Row[] {
  return scenario.variants.flatMap((variant) =>
    variant.rounds.flatMap((round, index) => round.loads.map((load) => ({ scenario, variant, number: index + 1, round, load }))),
  )
}

function pointOf({ point }: VariantResult, axis: string): Cell {
  const value = Object.hasOwn(point, axis) ? point[axis] : undefined
  return typeof value === 'string' ? safeText(value) : value
}

const IDENTITY: Column[] = [
  ['scenario', ({ scenario }) => safeText(scenario.id)],
  ['variant', ({ variant }) => safeText(variant.id)],
  ['load', ({ load }) => safeText(load.name)],
  ['round', ({ number }) => number],
  ['started_at', ({ round }) => round.startedAt],
  ['verdict', ({ round }) => round.validity.verdict],
  ['limited_by', ({ round }) => round.validity.limiter],
  ['reasons', ({ round }) => round.validity.reasons.map(({ message }) => safeText(message)).join('; ')],
]

const times = (name: string, of: (load: LoadResult) => Latency | null): Column[] =>
  (['min', 'mean', 'p50', 'p90', 'p99', 'p999', 'max'] as const).map((time) => [`${name}_${time}_us`, ({ load }) => of(load)?.[time]])

const MEASURED: Column[] = [
  ['executor', ({ load }) => load.executor],
  ['driver', ({ load }) => load.driver],
  ['connections', ({ load }) => load.connections],
  ['pipeline', ({ load }) => load.pipeline],
  ['threads', ({ load }) => load.threads],
  ['duration_ms', ({ load }) => load.durationMs],
  ['operations', ({ load }) => load.operations],
  ['offered_per_second', ({ load }) => load.offered],
  ['throughput_per_second', ({ load }) => load.achieved],
  ['errors', ({ load }) => Object.values(load.errors).reduce((sum, count) => sum + count, 0)],
  ['delayed', ({ load }) => load.delayed],
  ['unsent', ({ load }) => load.unsent],
  ['unanswered', ({ load }) => load.unanswered],
  ...times('latency', ({ latency }) => latency),
  ...times('service', ({ service }) => service),
  ...times('lateness', ({ lateness }) => lateness),
  ['server_cpu_share', ({ round }) => round.server.cpu.share],
  ['server_used_memory_bytes', ({ round }) => round.server.memory.usedBytes],
  ['server_memory_delta_bytes', ({ round }) => round.server.memory.deltaBytes],
  ['keyspace_hits', ({ round }) => round.server.keyspace.hits],
  ['keyspace_misses', ({ round }) => round.server.keyspace.misses],
  ['evicted', ({ round }) => round.server.evicted],
  ['generator_cpu_share', ({ round }) => busiestThread(round)],
  ['steal_share', ({ round }) => round.generator.stealShare],
  ['relay_delay_ms', ({ round }) => round.network?.delayMs],
]

function busiestThread({ generator }: Round): number | null {
  const shares = generator.threads.flatMap(({ cpuShare }) => cpuShare ?? [])
  return shares.length === 0 ? null : Math.max(...shares)
}
