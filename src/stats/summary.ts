import { isMetricName, METRICS, type MetricName } from '../schema/metrics.js'
import type { LoadResult, Metric, Round, VariantResult } from '../schema/result.js'
import { range } from './interval.js'

/** What one round measured; a metric that it could not measure (no lookup, no reply) is absent. */
export type RoundMetrics = Partial<Record<MetricName, number>>

/**
 * The metrics of one round: those of the named load (by default the first) and those of the server, which belong to all
 * loads of the round together. Empty when the round has no such load.
 */
export function metricsOfRound(round: Round, loadName?: string): RoundMetrics {
  const load = loadName === undefined ? round.loads[0] : round.loads.find(({ name }) => name === loadName)
  return load ? { ...metricsOfLoad(load), ...metricsOfServer(round), ...round.measures } : {}
}

/**
 * Median, low and high of each metric over the rounds that may be used for it, in the order of METRICS. A metric that no
 * such round measured is absent.
 */
export function summarize(rounds: readonly Round[], loadName?: string): Record<string, Metric> {
  const measured = rounds.map((round) => ({ round, metrics: metricsOfRound(round, loadName) }))
  const summary: Record<string, Metric> = {}
  for (const name of Object.keys(METRICS).filter(isMetricName)) {
    const usable = measured.filter(({ round }) => isUsableFor(name, round))
    const values = usable.map(({ metrics }) => metrics[name]).filter((value) => value !== undefined)
    if (values.length > 0) summary[name] = { ...range(values), unit: METRICS[name].unit }
  }
  return summary
}

/** Whether a round's numbers may be used: it was not found invalid. */
export function isUsable(round: Round): boolean {
  return round.validity.verdict !== 'invalid'
}

/**
 * Whether a round's value of a metric may be used. What was counted (lost messages, bytes, encodings) may be used also where only the machine was
 * too busy for times and rates, and so may CPU times, which the system accounts without the waiting: in 58 rounds whose throughput was half of that of
 * their quiet neighbours, for want of a core, the server's CPU time for an operation was 1.09 times theirs (median).
 */
export function isUsableFor(metric: MetricName, round: Round): boolean {
  if (isUsable(round)) return true
  if (TIMED_UNITS.has(METRICS[metric].unit) && !CPU_TIMES.has(metric)) return false
  return round.validity.reasons.every(({ severity, code }) => severity !== 'invalid' || BUSY_MACHINE.has(code))
}

/** Whether a variant was measured: at least half of its rounds may be used. */
export function isMeasured({ rounds }: Pick<VariantResult, 'rounds'>): boolean {
  return rounds.filter(isUsable).length * 2 >= rounds.length
}

const CPU_TIMES: ReadonlySet<MetricName> = new Set(['server_cpu_us', 'client_cpu_us'])
const TIMED_UNITS: ReadonlySet<string> = new Set(['ops/s', 'us'])
/** Reasons that say that somebody waited for a core, and nothing else. */
const BUSY_MACHINE: ReadonlySet<string> = new Set(['generator-starved', 'generator-saturated', 'generator-late', 'server-starved', 'steal'])

function metricsOfLoad({ executor, achieved, operations, errors, latency, service }: LoadResult): RoundMetrics {
  // A study that recorded no operation measured something else.
  if (executor === 'study' && operations === 0) return {}
  const failed = sum(Object.values(errors))
  const answered = Math.max(operations, failed) // a lost connection is an error that completed nothing
  return {
    throughput: achieved,
    ...(latency.count > 0 && {
      p50: latency.p50,
      p90: latency.p90,
      p99: latency.p99,
      p999: latency.p999,
      max: latency.max,
      mean: latency.mean,
    }),
    ...(service.count > 0 && { service_p50: service.p50, service_p99: service.p99 }),
    ...(answered > 0 && { errors: failed / answered }),
  }
}

/** The metrics of the server, which belong to all loads of a round together. */
export function metricsOfServer({ loads, server }: Round): RoundMetrics {
  const operations = sum(loads.map((load) => load.operations))
  const { hits, misses } = server.keyspace
  return {
    ...(operations > 0 && { server_cpu_us: (server.cpu.share * server.seconds * 1e6) / operations }),
    ...(operations > 0 && { bytes_per_operation: (server.network.inBytes + server.network.outBytes) / operations }),
    memory_delta: server.memory.deltaBytes,
    evicted: server.evicted,
    ...(hits + misses > 0 && { hit_rate: hits / (hits + misses) }),
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
