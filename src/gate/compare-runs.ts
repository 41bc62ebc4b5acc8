import { EXIT, type ExitCode } from '../core/errors.js'
import { COMPARE_VERDICTS, type ComparedMetric, type ComparedRuns } from '../schema/compare.js'
import { METRICS, type MetricName } from '../schema/metrics.js'
import type { RecordedLoad, RunRecord } from '../schema/run-record.js'
import { median } from '../stats/interval.js'
import { comparedBy, type Evidence, evidenceOf, type Sitting } from './evidence.js'
import { judgeMetrics } from './judge.js'
import { differencesOf } from './likeness.js'
import { sittingsOf } from './sittings.js'

/** One side of a comparison: one run or several, of the same things. */
export interface Side {
  /** As the user knows it. */
  name: string
  runs: readonly RunRecord[]
}

export interface CompareOptions {
  /** paired: one run on each side, whose rounds took turns on one machine, so that a round and the one of the other side with its index are a pair. */
  design: 'paired' | 'unpaired'
  /** What a ratio must exceed to be better or worse: 0.05 is 5%. */
  limit: number
  /** What the speed of a machine may lose from one sitting to another where that is not known better: 0.15 is 15%. */
  drift: number
  metrics: readonly MetricName[]
  /** Version of redline. */
  version: string
}

/** What a change for the worse would show in; few, because each further metric makes every verdict ask for more evidence. */
export const COMPARED_METRICS: readonly MetricName[] = ['throughput', 'p50', 'p99', 'server_cpu_us', 'errors']
export const DEFAULT_LIMIT = 0.05
export const DEFAULT_DRIFT = 0.15

/** Compares what two sides measured, metric by metric, for every scenario, variant and load that both have. Neither side may be without a run. */
export function compareRuns(base: Side, head: Side, { design, limit, drift, metrics, version }: CompareOptions): ComparedRuns {
  const [before, after] = [seriesOf(base.runs), seriesOf(head.runs)]
  const pairs = [...before].flatMap(([key, one]) => {
    const other = after.get(key)
    return other === undefined ? [] : [{ one, other }]
  })
  const asked = pairs.flatMap(({ one, other }) =>
    metrics
      .filter((metric) => one.metrics.has(metric) && other.metrics.has(metric))
      .map((metric) => {
        const sides = { base: one.sittings.map((sitting) => sitting(metric)), head: other.sittings.map((sitting) => sitting(metric)) }
        return { series: one, metric, ...sides, evidence: evidenceOf({ metric, design, executor: one.executor, ...sides }, drift) }
      }),
  )
  const judgements = judgeMetrics(asked, limit)
  const compared = asked.map((one, index): ComparedMetric => ({ ...described(one), ...judgements[index]! }))
  return {
    schema: 'redline/compare@1',
    kind: 'runs',
    tool: { name: 'redis-redline', version },
    design,
    base: sideOf(base),
    head: sideOf(head),
    differences: differencesOf(newest(base.runs), newest(head.runs)),
    limit,
    drift,
    metrics: compared,
    missing: [...missingFrom(before, after, 'head'), ...missingFrom(after, before, 'base')],
    counts: countsOf(compared),
  }
}

/** What a comparison exits with: 1 when anything is worse, 3 when nothing is and something could not be told, else 0. */
export function exitCodeOfComparison({ counts }: Pick<ComparedRuns, 'counts'>): ExitCode {
  if (counts.worse > 0) return EXIT.failed
  return counts.inconclusive > 0 || counts.better + counts.same === 0 ? EXIT.invalid : EXIT.ok
}

/** All that was measured of one load of one variant, over all runs of a side. */
interface Series {
  scenario: string
  variant: string
  load: string | null
  executor: string
  metrics: ReadonlySet<string>
  sittings: ((metric: MetricName) => Sitting)[]
}

function seriesOf(runs: readonly RunRecord[]): Map<string, Series> {
  const all = new Map<string, Series>()
  for (const sitting of sittingsOf(runs)) {
    const loads = sitting.flatMap((run) => loadsOf(run))
    for (const key of new Set(loads.map((load) => load.key))) {
      const same = loads.filter((load) => load.key === key)
      const { scenario, variant, load, isOnly } = same[0]!
      const before = all.get(key)
      all.set(key, {
        scenario,
        variant,
        load: isOnly ? null : load.name,
        executor: load.executor,
        metrics: new Set([...(before?.metrics ?? []), ...same.flatMap((one) => Object.keys(one.load.metrics))]),
        sittings: [...(before?.sittings ?? []), (metric) => sittingOf(same, metric)],
      })
    }
  }
  return all
}

interface PlacedLoad extends Omit<Sitting, 'values'> {
  key: string
  scenario: string
  variant: string
  load: RecordedLoad
  isOnly: boolean
}

function loadsOf({ scenarios }: RunRecord): PlacedLoad[] {
  return scenarios.flatMap((scenario) =>
    scenario.variants.flatMap(({ id, loads, generatorCpuUs, serverCpuShare }) =>
      loads.map((load) => ({
        key: JSON.stringify([scenario.id, id, load.name]),
        scenario: scenario.id,
        variant: id,
        load,
        isOnly: loads.length === 1,
        generatorCpuUs,
        serverCpuShare,
      })),
    ),
  )
}

function sittingOf(loads: readonly PlacedLoad[], metric: MetricName): Sitting {
  return {
    values: loads.flatMap(({ load }) => load.metrics[metric] ?? []),
    generatorCpuUs: loads.flatMap(({ generatorCpuUs }) => generatorCpuUs),
    serverCpuShare: loads.flatMap(({ serverCpuShare }) => serverCpuShare),
  }
}

interface Asked {
  series: Series
  metric: MetricName
  base: readonly Sitting[]
  head: readonly Sitting[]
  evidence: Evidence
}

function described({ series: { scenario, variant, load }, metric, base, head }: Asked) {
  const { unit, better } = METRICS[metric]
  return { scenario, variant, load, metric, unit, better, by: comparedBy(metric), base: valueOf(base), head: valueOf(head) }
}

function valueOf(sittings: readonly Sitting[]): ComparedMetric['base'] {
  const values = sittings.flatMap((sitting) => sitting.values.filter((value) => value !== null))
  return { value: values.length === 0 ? null : median(values), rounds: values.length }
}

function sideOf({ name, runs }: Side): ComparedRuns['base'] {
  return { name, startedAt: newest(runs).startedAt, runs: runs.length, sittings: sittingsOf(runs).length }
}

function newest(runs: readonly RunRecord[]): RunRecord {
  return sittingsOf(runs).at(-1)!.at(-1)!
}

function missingFrom(
  there: ReadonlyMap<string, Series>,
  others: ReadonlyMap<string, Series>,
  from: 'base' | 'head',
): ComparedRuns['missing'] {
  const missing = [...there].flatMap(([key, { scenario, variant }]) => (others.has(key) ? [] : [{ scenario, variant, from }]))
  return missing.filter(
    (one, index) => missing.findIndex(({ scenario, variant }) => scenario === one.scenario && variant === one.variant) === index,
  )
}

function countsOf(metrics: readonly ComparedMetric[]): ComparedRuns['counts'] {
  const [better, worse, same, inconclusive] = COMPARE_VERDICTS.map((verdict) => metrics.filter((one) => one.verdict === verdict).length)
  return { better: better!, worse: worse!, same: same!, inconclusive: inconclusive! }
}
