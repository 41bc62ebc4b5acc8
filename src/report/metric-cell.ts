import { formatBytes, formatCount, significant, trim } from '../core/units.js'
import { isMetricName, METRICS, type MetricName } from '../schema/metrics.js'
import type { ScenarioResult, VariantResult } from '../schema/result.js'

/** Metrics that are shown at most: what is beyond them is in the saved result. */
const MOST_METRICS = 4

/** The metrics that a scenario's expectations are about and that any variant has measured, in the order of their first mention. */
export function metricsInQuestion({ expectations, variants }: Pick<ScenarioResult, 'expectations' | 'variants'>): MetricName[] {
  const named = new Set(expectations.flatMap(({ left, right }) => [left.metric, ...(right ? [right.metric] : [])]))
  const measured = (name: string) => variants.some(({ summary }) => summary[name] !== undefined)
  return [...named].filter(isMetricName).filter(measured).slice(0, MOST_METRICS)
}

/** A metric as the heading of a column whose cells are numbers: `p99 ms`, `ops/s`, `lost`. */
export function metricTitle(metric: MetricName): string {
  if (metric === 'throughput') return 'ops/s'
  return isLatency(metric) ? `${metric} ms` : metric
}

/** A metric's median in a column below its heading; `-` where it was not measured. */
export function metricCell({ summary }: Pick<VariantResult, 'summary'>, metric: MetricName): string {
  const value = summary[metric]?.median
  if (value === undefined) return '-'
  switch (METRICS[metric].unit) {
    case 'us':
      return isLatency(metric) ? significant(value / 1000, 3) : trim(value, 3)
    case 'share':
      return `${trim(value * 100, 3)}%`
    case 'bytes':
      return formatBytes(value)
    case 'ops/s':
    case 'count':
      return formatCount(value)
    case 'ratio':
      return trim(value, 3)
  }
}

/** Times that a client sees are in milliseconds; those that say `us` in their name are what they say. */
const isLatency = (metric: MetricName) => METRICS[metric].unit === 'us' && !metric.endsWith('_us')
