import { safeText } from '../core/text.js'
import { isMetricName, METRICS, type MetricName } from '../schema/metrics.js'
import type { Metric, RunResult, ScenarioResult, VariantResult } from '../schema/result.js'
import { summarize } from '../stats/summary.js'
import { auditToPrometheus } from './audit/prometheus.js'
import type { Format } from './format.js'
import { exposition, type Gauge, type Sample } from './text/exposition.js'

export const format: Format = {
  title: 'metrics in the text format of Prometheus, for the textfile collector or a Pushgateway',
  renders: { run: runToPrometheus, audit: auditToPrometheus },
}

/** A run as metrics: of every variant the median over its usable rounds, with the lowest and the highest (`stat`), in base units. */
export function runToPrometheus(result: RunResult): string {
  const { scenarios, targets, tool, profile, environment } = result
  return exposition([
    gauge('redline_run_info', 'The run that these metrics are of; always 1', [
      { labels: { version: safeText(tool.version), profile: safeText(profile), cpu: safeText(environment.cpu) }, value: 1 },
    ]),
    gauge('redline_run_start_timestamp_seconds', 'When the run began, in seconds since 1970', [
      { labels: {}, value: Date.parse(result.startedAt) / 1000 },
    ]),
    gauge('redline_run_duration_seconds', 'How long the run took', [{ labels: {}, value: result.seconds }]),
    gauge('redline_run_complete', 'Whether the run came to its end (1) or was interrupted or failed (0)', [
      { labels: {}, value: !result.interrupted && result.failure === null ? 1 : 0 },
    ]),
    gauge(
      'redline_scenario_info',
      'The server that a scenario was measured on; always 1',
      scenarios.map(({ id, target }) => {
        const { engine, version, topology } = targets[target]!
        return { labels: { scenario: safeText(id), engine, version: safeText(version), topology }, value: 1 }
      }),
    ),
    gauge('redline_rounds', 'Rounds by their verdict', scenarios.flatMap(roundSamples)),
    gauge(
      'redline_expectation',
      'Verdict on what a scenario expects: 1 for the one that it is, 0 for the others',
      scenarios.flatMap(expectationSamples),
    ),
    ...measuredGauges(scenarios),
  ])
}

function gauge(name: string, help: string, samples: readonly Sample[]): Gauge {
  return { name, help, samples }
}

function roundSamples({ id, variants }: ScenarioResult): Sample[] {
  return variants.flatMap((variant) =>
    (['valid', 'suspect', 'invalid'] as const).map((verdict) => ({
      labels: { scenario: safeText(id), variant: safeText(variant.id), verdict },
      value: variant.rounds.filter(({ validity }) => validity.verdict === verdict).length,
    })),
  )
}

function expectationSamples({ id, expectations }: ScenarioResult): Sample[] {
  return expectations.flatMap(({ expression, verdict }) =>
    (['holds', 'refuted', 'inconclusive'] as const).map((one) => ({
      labels: { scenario: safeText(id), expression: safeText(expression), verdict: one },
      value: one === verdict ? 1 : 0,
    })),
  )
}

/** Where a metric is told: percentiles of one time are one metric with `quantile`, times are in seconds. */
interface Place {
  name: string
  help: string
  quantile?: string
}

const LATENCY = { name: 'redline_latency_seconds', help: 'Latency at a quantile; of open loops from when a request was due' }
const SERVICE = { name: 'redline_service_time_seconds', help: 'Time from the actual send to the reply, at a quantile' }

const PLACES: Record<MetricName, Place> = {
  throughput: { name: 'redline_throughput_operations_per_second', help: 'Operations completed per second, error replies included' },
  p50: { ...LATENCY, quantile: '0.5' },
  p90: { ...LATENCY, quantile: '0.9' },
  p99: { ...LATENCY, quantile: '0.99' },
  p999: { ...LATENCY, quantile: '0.999' },
  max: { ...LATENCY, quantile: '1' },
  mean: { name: 'redline_latency_mean_seconds', help: 'Mean latency' },
  service_p50: { ...SERVICE, quantile: '0.5' },
  service_p99: { ...SERVICE, quantile: '0.99' },
  errors: { name: 'redline_errors_ratio', help: 'Share of the operations that were answered with an error or lost, from 0 to 1' },
  server_cpu_us: { name: 'redline_server_cpu_seconds_per_operation', help: 'CPU time of the server per operation' },
  memory_delta: { name: 'redline_server_memory_growth_bytes', help: 'Growth of the used memory of the server during a round' },
  hit_rate: { name: 'redline_hit_ratio', help: 'Share of the lookups that found their key, from 0 to 1' },
}

function measuredGauges(scenarios: readonly ScenarioResult[]): Gauge[] {
  const gauges = new Map<string, { help: string; samples: Sample[] }>()
  for (const { name, help } of Object.values(PLACES)) gauges.set(name, { help, samples: [] })
  for (const { id, variants } of scenarios) {
    for (const variant of variants) {
      for (const [load, summary] of summariesOf(variant)) {
        for (const [metric, value] of Object.entries(summary)) {
          if (!isMetricName(metric)) continue
          const { name, quantile } = PLACES[metric]
          const labels = { scenario: safeText(id), variant: safeText(variant.id), load, quantile }
          gauges.get(name)!.samples.push(...statistics(value, METRICS[metric].unit, labels))
        }
      }
    }
  }
  return [...gauges].map(([name, { help, samples }]) => gauge(name, help, samples))
}

/** The summary of each load; the load is named only where there are several. */
function summariesOf(variant: VariantResult): [load: string | undefined, summary: Record<string, Metric>][] {
  const loads = [...new Set(variant.rounds.flatMap(({ loads }) => loads.map(({ name }) => name)))]
  if (loads.length < 2) return [[undefined, variant.summary]]
  return loads.map((load) => [safeText(load), summarize(variant.rounds, load)])
}

function statistics({ median, low, high }: Metric, unit: string, labels: Sample['labels']): Sample[] {
  const base = (value: number) => (unit === 'us' ? value / 1e6 : value)
  return Object.entries({ median, low, high }).map(([stat, value]) => ({ labels: { ...labels, stat }, value: base(value) }))
}
