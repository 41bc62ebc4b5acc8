import { isMetricName, type MetricName } from '../schema/metrics.js'
import type { Round, RunResult, Target, VariantResult } from '../schema/result.js'
import type { RecordedLoad, RecordedScenario, RecordedVariant, RunRecord } from '../schema/run-record.js'
import { isUsable, metricsOfRound, metricsOfServer, type RoundMetrics } from '../stats/summary.js'

/** Whether a round is evidence for a metric. */
export type IsEvidence = (metric: MetricName, round: Round) => boolean

const isValid: IsEvidence = (_, round) => isUsable(round)

/**
 * What a comparison needs of a run. Rounds that are no evidence keep their place. By default the invalid ones are none; where the other side met the same moment
 * (`redline ab`), what a busy machine does not change may count: `isUsableFor`.
 */
export function recordOf(result: RunResult, label?: string, isEvidence: IsEvidence = isValid): RunRecord {
  return {
    startedAt: result.startedAt,
    redline: result.tool.version,
    ...(label !== undefined && { label }),
    environment: result.environment,
    scenarios: result.scenarios.map(({ id, hash, target, variants }) => ({
      id,
      hash,
      target: recordedTarget(result.targets[target]!),
      variants: variants.map((variant) => recordedVariant(variant, isEvidence)),
    })),
  }
}

function recordedTarget({ engine, version, topology, transport, config, ours, address }: Target): RecordedScenario['target'] {
  return { engine, version, topology, transport, config, server: ours ? 'ours' : hostOf(address) }
}

/** Without its port, which containers get anew each time; a socket's path as it is. */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, '')
}

function recordedVariant({ id, rounds }: VariantResult, isEvidence: IsEvidence): RecordedVariant {
  const names = [...new Set(rounds.flatMap(({ loads }) => loads.map(({ name }) => name)))]
  return {
    id,
    loads: names.map((name, index) => recordedLoad(rounds, name, index === 0, isEvidence)),
    generatorCpuUs: byRound(rounds, ({ loads, generator }) =>
      loads.every(({ executor }) => executor === 'closed') ? generator.cpuPerOperationUs : null,
    ),
    serverCpuShare: byRound(rounds, ({ server }) => server.cpu.share + (server.runQueueShare ?? 0)),
  }
}

/** A load's metrics; those that it shares with all other loads of the round are the first one's. */
function recordedLoad(rounds: readonly Round[], name: string, isFirst: boolean, isEvidence: IsEvidence): RecordedLoad {
  const measured = rounds.map((round): RoundMetrics => metricsOfRound(round, name))
  const shared = new Set(isFirst ? [] : rounds.flatMap((round) => [...Object.keys(metricsOfServer(round)), ...Object.keys(round.measures)]))
  const metrics = [...new Set(measured.flatMap((values) => Object.keys(values)))].filter(isMetricName)
  return {
    name,
    executor: rounds.flatMap(({ loads }) => loads).find((load) => load.name === name)!.executor,
    metrics: Object.fromEntries(
      metrics
        .filter((metric) => !shared.has(metric))
        .map((metric) => [metric, rounds.map((round, index) => (isEvidence(metric, round) ? kept(measured[index]![metric]) : null))]),
    ),
  }
}

function byRound(rounds: readonly Round[], valueOf: (round: Round) => number | null): (number | null)[] {
  return rounds.map((round) => (isUsable(round) ? kept(valueOf(round)) : null))
}

/** Six significant digits: more than any measurement has. */
function kept(value: number | null | undefined): number | null {
  return value === undefined || value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(6))
}
