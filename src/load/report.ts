import type { LoadResult, SeriesPoint } from '../schema/result.js'
import type { LoadPlan } from '../schema/scenario.js'
import { BUCKETS } from './buckets.js'
import { mergeRecordings, percentile, toLatency } from './histogram.js'
import type { PhaseReport } from './messages.js'
import type { Recording } from './recorder.js'

/** What all threads of one load measured, put together. */
export function loadResult(plan: LoadPlan, reports: readonly PhaseReport[]): LoadResult {
  const sum = (pick: (report: PhaseReport) => number) => reports.reduce((total, report) => total + pick(report), 0)
  const merged = (pick: (report: PhaseReport) => Recording) => toLatency(mergeRecordings(reports.map(pick)))
  const elapsedMs = Math.max(...reports.map(({ outcome }) => outcome.elapsedMs))
  const operations = sum(({ outcome }) => outcome.operations)
  const errors: Record<string, number> = {}
  for (const { errors: own, outcome } of reports) {
    for (const [code, count] of Object.entries({ ...own, ...outcome.losses })) errors[code] = (errors[code] ?? 0) + count
  }
  return {
    name: plan.name,
    executor: plan.executor,
    driver: plan.driver,
    connections: plan.connections,
    pipeline: plan.pipeline,
    threads: plan.threads,
    durationMs: elapsedMs,
    operations,
    offered: plan.rate ?? null,
    achieved: elapsedMs > 0 ? (operations * 1000) / elapsedMs : 0,
    delayed: sum(({ outcome }) => outcome.delayed),
    unsent: sum(({ outcome }) => outcome.unsent),
    unanswered: sum(({ outcome }) => outcome.unanswered),
    errors,
    latency: merged((report) => report.latency),
    service: merged((report) => report.service),
    lateness: plan.executor === 'open' ? merged((report) => report.lateness) : null,
  }
}

/** Second by second, over all loads and threads of a round. The last interval may be shorter than a second. */
export function seriesOf(reports: readonly PhaseReport[], durationMs: number): SeriesPoint[] {
  const seconds = Math.max(0, ...reports.map(({ series }) => series.length))
  return Array.from({ length: seconds }, (_, second) => {
    const slices = reports.flatMap(({ series }) => series[second] ?? [])
    const counts = new Float64Array(BUCKETS)
    for (const { buckets } of slices) for (let i = 0; i < buckets.length; i += 2) counts[buckets[i]!]! += buckets[i + 1]!
    const operations = slices.reduce((sum, slice) => sum + slice.operations, 0)
    const max = Math.max(0, ...slices.map((slice) => slice.max))
    const recording: Recording = { counts, total: operations, min: 0, max, sum: 0 }
    const us = (ns: number) => Math.round(ns) / 1000
    return {
      second: Math.min(second + 1, durationMs / 1000),
      operations,
      errors: slices.reduce((sum, slice) => sum + slice.errors, 0),
      p50Us: operations === 0 ? 0 : us(percentile(recording, 50)),
      p99Us: operations === 0 ? 0 : us(percentile(recording, 99)),
      maxUs: us(max),
    }
  })
}

/** How late the generator itself was, over all threads of the open loads: microseconds, or nulls when every loop is closed. */
export function ownLateness(reports: readonly PhaseReport[]): { lateP99Us: number | null; lateMaxUs: number | null } {
  const merged = mergeRecordings(reports.map((report) => report.ownLateness))
  if (merged.total === 0) return { lateP99Us: null, lateMaxUs: null }
  return { lateP99Us: percentile(merged, 99) / 1000, lateMaxUs: merged.max / 1000 }
}
