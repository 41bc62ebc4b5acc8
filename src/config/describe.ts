import { parseDuration } from '../core/units.js'
import { isMetricName, METRICS } from '../schema/metrics.js'
import type { MetricMeaning, MetricName } from '../schema/metrics.js'
import { DATA_TYPES } from '../schema/scenario.js'
import type { DatasetEntry, DataType, ExpectationPlan, LoadPlan, ScenarioPlan, VariantPlan } from '../schema/scenario.js'

/** What a person wants to know of a scenario before running it. */
export interface ScenarioDescription {
  id: string
  claim: string
  about: string | undefined
  hash: string
  dataset: DatasetDescription[]
  /** `round`: the dataset is written anew before each round. */
  reload: 'once' | 'round'
  /** Each variant once, as it is at the first point of the matrix. */
  variants: VariantDescription[]
  /** What is swept over which values, by short name. */
  axes: { name: string; values: string[] }[]
  /** Rounds of each variant at each point. */
  rounds: number
  /** Rounds of all variants at all points. */
  roundsInAll: number
  /** Time that all rounds are planned to take, loading left out; undefined when a load ends after a count. */
  plannedMs: number | undefined
  expectations: string[]
  /** The metrics that the expectations name, in the order of METRICS. */
  metrics: (MetricMeaning & { name: MetricName })[]
}

export interface DatasetDescription {
  /** Template of the key names. */
  key: string
  type: DataType
  keys: number
  elementsPerKey: number
  ttlMs: number | undefined
}

export interface VariantDescription {
  variant: string
  delayMs: number
  serverConfig: Record<string, string>
  loads: (LoadPlan & { sends: string[] })[]
}

/** The facts of a plan for `redline list` and `redline explain`. */
export function describeScenario(plan: ScenarioPlan): ScenarioDescription {
  return {
    id: plan.id,
    claim: plan.claim,
    about: plan.about,
    hash: plan.hash,
    dataset: plan.dataset.map(describeEntry),
    reload: plan.reload,
    variants: describeVariants(plan.variants),
    axes: describeAxes(plan.variants),
    rounds: plan.rounds,
    roundsInAll: plan.rounds * plan.variants.length,
    plannedMs: plannedMs(plan),
    expectations: plan.expectations.map(({ expression }) => expression),
    metrics: describeMetrics(plan),
  }
}

function describeEntry(entry: DatasetEntry): DatasetDescription {
  const type = DATA_TYPES.find((type) => entry[type] !== undefined) ?? 'string'
  const fields: unknown = entry[type]
  const perElement = typeof fields === 'object' && fields !== null && type !== 'stream' ? Object.keys(fields).length : 1
  return {
    key: entry.key,
    type,
    keys: entry.count,
    elementsPerKey: perElement * (entry.size ?? 1),
    ttlMs: entry.ttl === undefined ? undefined : parseDuration(entry.ttl),
  }
}

function describeVariants(variants: readonly VariantPlan[]): VariantDescription[] {
  const first = new Map(variants.toReversed().map((plan) => [plan.variant, plan]))
  return [...first.values()].toReversed().map(({ variant, delayMs, server, loads }) => ({
    variant,
    delayMs,
    serverConfig: server.config,
    loads: loads.map((load) => ({ ...load, sends: sentBy(load) })),
  }))
}

function sentBy({ commands, workload }: LoadPlan): string[] {
  if (workload !== undefined) return [`workload ${workload.id}`]
  return (commands ?? []).map(({ line, weight }) => (weight === undefined ? line : `${weight} x ${line}`))
}

function describeAxes(variants: readonly VariantPlan[]): ScenarioDescription['axes'] {
  const names = Object.keys(variants[0]?.point ?? {})
  return names.map((name) => ({ name, values: [...new Set(variants.map(({ point }) => String(point[name])))] }))
}

function plannedMs({ variants, rounds }: ScenarioPlan): number | undefined {
  let total = 0
  for (const { loads } of variants) {
    if (loads.some(({ durationMs }) => durationMs === undefined)) return undefined
    total += Math.max(...loads.map(({ warmupMs, durationMs }) => warmupMs + (durationMs ?? 0)))
  }
  return total * rounds
}

function describeMetrics({ expectations }: ScenarioPlan): ScenarioDescription['metrics'] {
  const named = new Set(expectations.flatMap(({ left, right }) => [metricOf(left), right?.metric]))
  return Object.keys(METRICS).flatMap((name) => (isMetricName(name) && named.has(name) ? [{ name, ...METRICS[name] }] : []))
}

/** Of a fit, the metric that is fitted. */
function metricOf(left: ExpectationPlan['left']): string | undefined {
  return 'kind' in left ? left.points[0]?.ref.metric : left.metric
}
