import { groupBy } from '../core/group.js'
import { Rng } from '../core/rng.js'
import type { Change } from '../schema/gate.js'
import type { HistoryRecord } from '../schema/history.js'
import { isMetricName, METRICS, type MetricName } from '../schema/metrics.js'
import type { RunRecord } from '../schema/run-record.js'
import { type ChangePoint, eDivisive } from '../stats/e-divisive.js'
import { median } from '../stats/interval.js'
import { COMPARED_METRICS } from './compare-runs.js'
import { machineClass } from './machine.js'

/** Of all series of a history together, a false change is shown in so many of a hundred histories without any. */
const FALSE_ALARMS = 0.05
/** Fewer runs than these after a change are no level. */
const MIN_SEGMENT = 3
/** Older runs say nothing about the newest change, and looking for it takes the square of their number. */
const MOST_RUNS = 150
/** What changed longer ago is history. */
const RECENT_RUNS = 10

/** The line of a history for one run. */
export function historyRecord(run: RunRecord): HistoryRecord {
  return {
    schema: 'redline/history@1',
    startedAt: run.startedAt,
    label: run.label ?? null,
    machine: machineClass(run.environment),
    redline: run.redline,
    series: run.scenarios.flatMap(({ id, hash, target, variants }) =>
      variants.flatMap((variant) =>
        variant.loads.map((load) => ({
          scenario: id,
          hash,
          engine: `${target.engine} ${target.version}`,
          variant: variant.id,
          load: variant.loads.length === 1 ? null : load.name,
          metrics: mediansOf(load.metrics),
        })),
      ),
    ),
  }
}

function mediansOf(metrics: Record<string, readonly (number | null)[]>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([metric, rounds]) => {
      const values = rounds.filter((value) => value !== null)
      return values.length === 0 ? [] : [[metric, median(values)] as const]
    }),
  )
}

/** A history with further records: in order of time, a run that is in it already stays as it is. */
export function withRecords(history: readonly HistoryRecord[], records: readonly HistoryRecord[]): HistoryRecord[] {
  const known = new Set(history.map(({ startedAt }) => startedAt))
  return [...history, ...records.filter(({ startedAt }) => !known.has(startedAt))].toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
}

/** A history as its file holds it, a run a line. */
export function historyText(history: readonly HistoryRecord[]): string {
  return history.map((record) => `${JSON.stringify(record)}\n`).join('')
}

interface Series {
  scenario: string
  variant: string
  load: string | null
  metric: MetricName
  points: { record: HistoryRecord; value: number }[]
}

/**
 * The changes of every series of a history (a metric of a load of a variant, as long as its scenario stays the same), by E-divisive on logarithms. All series
 * share the chance of a false change.
 */
export function changesOf(history: readonly HistoryRecord[], limit: number): Change[] {
  const series = seriesOf(history.slice(-MOST_RUNS)).filter(({ points }) => points.length >= 2 * MIN_SEGMENT)
  return series.flatMap((one) => changesOfSeries(one, FALSE_ALARMS / series.length, limit))
}

function seriesOf(history: readonly HistoryRecord[]): Series[] {
  const points = history.flatMap((record) =>
    record.series.flatMap((one) =>
      COMPARED_METRICS.filter((metric) => (one.metrics[metric] ?? 0) > 0).map((metric) => ({
        ...one,
        metric,
        point: { record, value: one.metrics[metric]! },
      })),
    ),
  )
  const groups = groupBy(points, ({ scenario, hash, variant, load, metric }) => JSON.stringify([scenario, hash, variant, load, metric]))
  const newest = new Map(points.map(({ scenario, hash }) => [scenario, hash]))
  return [...groups.values()].flatMap((group) => {
    const { scenario, hash, variant, load, metric } = group[0]!
    // A scenario that was changed since is another one.
    if (newest.get(scenario) !== hash || !isMetricName(metric)) return []
    return [{ scenario, variant, load, metric, points: group.map(({ point }) => point) }]
  })
}

function changesOfSeries({ points, ...series }: Series, significance: number, limit: number): Change[] {
  const values = points.map(({ value }) => value)
  const rng = new Rng(1).fork(JSON.stringify(series))
  const found = eDivisive(values.map(Math.log), { rng, significance, minSegment: MIN_SEGMENT })
  const borders = [0, ...found.map(({ index }) => index), values.length]
  return found.map((change, order) => {
    const level = (from: number) => median(values.slice(borders[from], borders[from + 1]))
    const [before, after] = [level(order), level(order + 1)]
    return {
      ...series,
      ...toldOf(change, points),
      unit: METRICS[series.metric].unit,
      better: METRICS[series.metric].better,
      before,
      after,
      isLast: order === found.length - 1,
      verdict: verdictOf(after / before, METRICS[series.metric].better, limit),
    }
  })
}

function toldOf({ index, p }: ChangePoint, points: Series['points']): Pick<Change, 'startedAt' | 'label' | 'runsSince' | 'p'> {
  const { record } = points[index]!
  return { startedAt: record.startedAt, label: record.label, runsSince: points.length - index, p }
}

function verdictOf(ratio: number, better: 'higher' | 'lower', limit: number): Change['verdict'] {
  if (Math.abs(Math.log(ratio)) <= Math.log1p(limit)) return 'same'
  return ratio > 1 === (better === 'higher') ? 'better' : 'worse'
}

/** Of the changes of a history those that a gate fails for: for the worse, nothing after them, recent, and after all runs that a baseline accepts. */
export function unacceptedChanges(changes: readonly Change[], acceptedUntil: string | undefined): Change[] {
  return changes.filter(
    ({ verdict, isLast, runsSince, startedAt }) =>
      verdict === 'worse' && isLast && (acceptedUntil === undefined ? runsSince <= RECENT_RUNS : startedAt > acceptedUntil),
  )
}
