import { formatDuration, parseDuration } from '../core/units.js'
import { isMetricName, METRICS } from '../schema/metrics.js'
import type { MetricMeaning, MetricName } from '../schema/metrics.js'
import { DATA_TYPES } from '../schema/scenario.js'
import type {
  DatasetEntry,
  DataType,
  ExpectationPlan,
  FaultPlan,
  LoadPlan,
  ScenarioFile,
  ScenarioPlan,
  VariantPlan,
} from '../schema/scenario.js'
import { mergeLayers } from './layers.js'
import { expandMatrix } from './matrix.js'
import { layersOf } from './merged.js'
import { treeOf } from './paths.js'
import { resolveScenario } from './resolve.js'

/** What a person wants to know of a scenario before running it. */
export interface ScenarioDescription {
  id: string
  claim: string
  /** The sentence that it puts to the test, in other words. */
  article: string | undefined
  about: string | undefined
  hash: string
  dataset: DatasetDescription[]
  /** `round`: the dataset is written anew before each round. */
  reload: 'once' | 'round'
  /** Each variant once, as it is at the first point of the matrix. */
  variants: VariantDescription[]
  full: ExtentDescription
  quick: ExtentDescription
  /** The metrics that the expectations name, in the order of METRICS. */
  metrics: (MetricMeaning & { name: MetricName })[]
}

/** How much of a scenario is run, and what is expected of that. */
export interface ExtentDescription {
  /** What is swept over which values, by short name. */
  axes: { name: string; values: string[] }[]
  /** Rounds of each variant at each point. */
  rounds: number
  /** Rounds of all variants at all points. */
  roundsInAll: number
  /** Time that all rounds are planned to take, loading left out; undefined when a load ends after a count. */
  plannedMs: number | undefined
  expectations: string[]
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
  /** redis.conf directives that are not swept. */
  serverConfig: Record<string, string>
  /** What is done to the server, and when: `at 1s pause for 500ms`. */
  faults: string[]
  /** What `{$name}` stands for, where it is not swept. */
  vars: Record<string, string>
  /** `sends` has the commands as they were written, vars not replaced. */
  loads: (LoadPlan & { sends: string[] })[]
}

/** The facts of a scenario for `redline explain`. */
export function describeScenario(file: ScenarioFile): ScenarioDescription {
  const plan = resolveScenario(file)
  return {
    id: plan.id,
    claim: plan.claim,
    article: plan.article,
    about: plan.about,
    hash: plan.hash,
    dataset: plan.dataset.map(describeEntry),
    reload: plan.reload,
    variants: describeVariants(plan.variants, file),
    full: describeExtent(plan),
    quick: describeExtent(resolveScenario(file, { profile: 'quick' })),
    metrics: describeMetrics(plan),
  }
}

function describeExtent(plan: ScenarioPlan): ExtentDescription {
  return {
    axes: describeAxes(plan.variants),
    rounds: plan.rounds,
    roundsInAll: plan.rounds * plan.variants.length,
    plannedMs: plannedMs(plan),
    expectations: plan.expectations.map(({ expression }) => expression),
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

function describeVariants(variants: readonly VariantPlan[], file: ScenarioFile): VariantDescription[] {
  const [first] = expandMatrix(file.matrix)
  return Object.keys(file.variants).map((name) => {
    const { variant, point, delayMs, server, faults, loads } = variants.find((plan) => plan.variant === name)!
    const written = mergeLayers(layersOf(file, name, first!))
    const fixed = (values: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (Object.hasOwn(point, key) ? [] : [[key, String(value)]])))
    return {
      variant,
      delayMs,
      serverConfig: fixed(server.config),
      faults: faults.map(faultText),
      vars: fixed(written.vars),
      loads: loads.map((load) => ({ ...load, sends: sentBy(load, written.loads.get(load.name)?.['commands']) })),
    }
  })
}

function faultText({ atMs, kind, forMs }: FaultPlan): string {
  return `at ${formatDuration(atMs)} ${kind}${forMs === undefined ? '' : ` for ${formatDuration(forMs)}`}`
}

function sentBy({ commands, workload }: LoadPlan, written: unknown): string[] {
  if (workload !== undefined) {
    const params = Object.entries(workload.params).map(([name, value]) => `${name} ${value}`)
    return [`workload ${[workload.id, ...params].join(', ')}`]
  }
  const lines: unknown[] = Array.isArray(written) ? written : []
  return (commands ?? []).map(({ line, weight }, index) => {
    const { run = lines[index] } = treeOf(lines[index])
    const text = typeof run === 'string' ? run : line
    return weight === undefined ? text : `${weight} x ${text}`
  })
}

function describeAxes(variants: readonly VariantPlan[]): ExtentDescription['axes'] {
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
