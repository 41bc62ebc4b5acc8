import { formatBytes, formatCount, trim } from '../core/units.js'

/** What a metric is: the unit of its values, which direction is an improvement, and one line for `redline explain`. */
export interface MetricMeaning {
  unit: 'ops/s' | 'us' | 'share' | 'bytes' | 'count' | 'ratio'
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
  bytes_per_operation: {
    unit: 'bytes',
    better: 'lower',
    summary: 'bytes that the server received and sent per operation, all loads together',
  },
  memory_delta: { unit: 'bytes', better: 'lower', summary: "growth of the server's used memory during the round" },
  hit_rate: { unit: 'share', better: 'higher', summary: 'share of key lookups that found their key; absent when there were none' },
  evicted: { unit: 'count', better: 'lower', summary: 'keys that the server evicted during the round' },
  // What only some workloads measure.
  lost: { unit: 'count', better: 'lower', summary: 'updates or messages that were accepted and never took effect' },
  repeated: { unit: 'count', better: 'lower', summary: 'messages that were handled more than once' },
  overlaps: { unit: 'count', better: 'lower', summary: 'times that two holders had the same lock at once' },
  foreign_releases: { unit: 'count', better: 'lower', summary: "locks that were released by somebody who didn't hold them any more" },
  stale_writes: {
    unit: 'count',
    better: 'lower',
    summary: 'writes to the protected resource by a holder whose lease was over, accepted by it',
  },
  acquired: { unit: 'count', better: 'higher', summary: 'locks that were acquired' },
  fairness: {
    unit: 'ratio',
    better: 'higher',
    summary: "Jain's index of what each contender got: 1 when all got the same, 1/n when one got all",
  },
  commands_per_operation: { unit: 'ratio', better: 'lower', summary: 'commands sent for each operation that was completed' },
  retries_per_operation: { unit: 'ratio', better: 'lower', summary: 'attempts beyond the first, for each operation that was completed' },
  over_admitted: { unit: 'count', better: 'lower', summary: 'requests that a limiter let through beyond its limit' },
  under_admitted: { unit: 'count', better: 'lower', summary: 'requests that a limiter refused although its limit had room' },
  edge_burst: { unit: 'ratio', better: 'lower', summary: 'most requests let through within any one window, relative to the limit' },
  keys_without_ttl: { unit: 'count', better: 'lower', summary: 'keys left behind that should expire and never will' },
  settled_hit_rate: { unit: 'share', better: 'higher', summary: 'hit rate of the cache once it is full and has settled' },
  keys_left: { unit: 'count', better: 'lower', summary: 'keys that were there when all was over' },
  used_memory: { unit: 'bytes', better: 'lower', summary: "the server's used memory when all was over" },
  bytes_per_item: { unit: 'bytes', better: 'lower', summary: "memory of one element, field or client, by the server's own account" },
  switch_at: { unit: 'count', better: 'higher', summary: 'number of elements up to which the compact encoding was kept' },
  switch_bytes: { unit: 'bytes', better: 'higher', summary: 'length of a value up to which the compact encoding was kept' },
  delivery_p50: { unit: 'us', better: 'lower', summary: 'median time from sending a message to its arrival at a consumer' },
  delivery_p99: { unit: 'us', better: 'lower', summary: 'time from sending a message to its arrival that 99% stayed within' },
  disconnected: { unit: 'count', better: 'lower', summary: 'clients that the server cut off' },
  durable_lost: { unit: 'count', better: 'lower', summary: 'keys that were meant to last and were evicted' },
  writes_refused: { unit: 'share', better: 'lower', summary: 'share of the writes that the server refused for want of memory' },
  torn_reads: { unit: 'count', better: 'lower', summary: 'times that a reader saw some keys of a write and not the others' },
  origin_calls: { unit: 'ratio', better: 'lower', summary: 'computations at the origin for each expiry of the cached value' },
  uniformity_p: { unit: 'ratio', better: 'higher', summary: 'p-value of a chi-square test that every element is drawn equally often' },
  client_cpu_us: { unit: 'us', better: 'lower', summary: "CPU time of the client's own thread per operation" },
  fork_us: { unit: 'us', better: 'lower', summary: "time of the server's last fork" },
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
    case 'count':
      return formatCount(value)
    default:
      return trim(value, 3)
  }
}
