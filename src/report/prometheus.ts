import { safeText } from '../core/text.js'
import { isMetricName, METRICS, type MetricName } from '../schema/metrics.js'
import type { Metric, RunResult, ScenarioResult, VariantResult } from '../schema/result.js'
import { summarize } from '../stats/summary.js'
import { auditToPrometheus } from './audit/prometheus.js'
import { compareToPrometheus } from './compare/prometheus.js'
import type { Format } from './format.js'
import { gateToPrometheus } from './gate/prometheus.js'
import { exposition, type Gauge, type Sample } from './text/exposition.js'

export const format: Format = {
  title: 'metrics in the text format of Prometheus, for the textfile collector or a Pushgateway',
  renders: { run: runToPrometheus, audit: auditToPrometheus, compare: compareToPrometheus, gate: gateToPrometheus },
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

/** Times of which there are percentiles, by what stands before the percentile in the names of our metrics. */
const TIMES: Record<string, { name: string; help: string }> = {
  '': { name: 'redline_latency_seconds', help: 'Latency at a quantile; of open loops from when a request was due' },
  service_: { name: 'redline_service_time_seconds', help: 'Time from the actual send to the reply, at a quantile' },
  delivery_: { name: 'redline_delivery_time_seconds', help: 'Time from sending a message to its arrival at a consumer, at a quantile' },
}
const QUANTILES: Record<string, string> = { p50: '0.5', p90: '0.9', p99: '0.99', p999: '0.999', max: '1' }
/** What is too short or too much like our own files for a name that stands among those of others. */
const NAMES: Partial<Record<MetricName, string>> = {
  throughput: 'redline_throughput_operations_per_second',
  mean: 'redline_latency_mean_seconds',
  server_cpu_us: 'redline_server_cpu_seconds_per_operation',
  client_cpu_us: 'redline_client_cpu_seconds_per_operation',
  hit_rate: 'redline_hit_ratio',
  memory_delta: 'redline_server_memory_growth_bytes',
}

function placeOf(metric: MetricName): Place {
  const { unit, summary } = METRICS[metric]
  const [, time = '', percentile = ''] = /^(|[a-z]+_)(p\d+|max)$/.exec(metric) ?? []
  const quantile = QUANTILES[percentile]
  const help = summary.charAt(0).toUpperCase() + summary.slice(1)
  if (quantile !== undefined) return { ...(TIMES[time] ?? { name: `redline_${time}seconds`, help }), quantile }
  return { name: NAMES[metric] ?? `redline_${metric.replace(/_us$/, '')}${metric.includes('bytes') ? '' : SUFFIXES[unit]}`, help }
}

const SUFFIXES = { 'ops/s': '_per_second', us: '_seconds', share: '_ratio', bytes: '_bytes', count: '', ratio: '' } as const

function measuredGauges(scenarios: readonly ScenarioResult[]): Gauge[] {
  const gauges = new Map<string, { help: string; samples: Sample[] }>()
  for (const { name, help } of Object.keys(METRICS).filter(isMetricName).map(placeOf)) gauges.set(name, { help, samples: [] })
  for (const { id, variants } of scenarios) {
    for (const variant of variants) {
      for (const [load, summary] of summariesOf(variant)) {
        for (const [metric, value] of Object.entries(summary)) {
          if (!isMetricName(metric)) continue
          const { name, quantile } = placeOf(metric)
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
