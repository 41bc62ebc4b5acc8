import { formatBytes, formatCount, trim } from '../core/units.js'

/** What a metric is: the unit of its values, which direction is an improvement, and one line for `redline explain`. */
export interface MetricMeaning {
  unit: 'ops/s' | 'us' | 'share' | 'bytes'
  better: 'higher' | 'lower'
  summary: string
}

/** The metrics that an expectation may name and that every variant's summary holds, in the order they are listed. */
export const METRICS = {
  throughput: { unit: 'ops/s', better: 'higher', summary: 'operations completed per second, error replies included' },
  p50: { unit: 'us', better: 'lower', summary: 'median latency (open loop: from the intended send time)' },
  p90: { unit: 'us', better: 'lower', summary: 'latency that 90% of the operations stayed within' },
  p99: { unit: 'us', better: 'lower', summary: 'latency that 99% of the operations stayed within' },
  p999: { unit: 'us', better: 'lower', summary: 'latency that 99.9% of the operations stayed within' },
  max: { unit: 'us', better: 'lower', summary: 'the longest latency of all' },
  mean: { unit: 'us', better: 'lower', summary: 'mean latency' },
  service_p50: { unit: 'us', better: 'lower', summary: 'median time from the actual send to the reply' },
  service_p99: { unit: 'us', better: 'lower', summary: 'time from the actual send to the reply that 99% stayed within' },
  errors: { unit: 'share', better: 'lower', summary: 'share of the operations that were answered with an error or lost' },
  server_cpu_us: { unit: 'us', better: 'lower', summary: 'CPU time of the server per operation, all loads together' },
  memory_delta: { unit: 'bytes', better: 'lower', summary: "growth of the server's used memory during the round" },
  hit_rate: { unit: 'share', better: 'higher', summary: 'share of key lookups that found their key; absent when there were none' },
} as const satisfies Record<string, MetricMeaning>

export type MetricName = keyof typeof METRICS

/** Whether a name that someone wrote is a metric's. */
export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name)
}

/** A metric's value as a person reads it, in three significant digits: `96.2k ops/s`, `0.92 ms`, `41 us`, `1.2%`, `38 KB`. */
export function formatMetric(value: number, unit: string): string {
  switch (unit) {
    case 'ops/s':
      return `${formatCount(value)} ops/s`
    case 'us':
      return Math.abs(value) < 100 ? `${trim(value, 3)} us` : `${trim(value / 1000, 3)} ms`
    case 'share':
      return `${trim(value * 100, 3)}%`
    case 'bytes':
      return formatBytes(value)
    default:
      return `${trim(value, 3)} ${unit}`
  }
}
