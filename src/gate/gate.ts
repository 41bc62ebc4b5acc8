import { EXIT } from '../core/errors.js'
import type { AuditResult } from '../schema/audit.js'
import type { CheckedThreshold, GateDocument, GateVerdict, ThresholdPlan } from '../schema/gate.js'
import type { HistoryRecord } from '../schema/history.js'
import type { RunResult } from '../schema/result.js'
import type { RunBaseline, RunRecord } from '../schema/run-record.js'
import { runsOfSameThings } from './baseline.js'
import { compareRuns, type CompareOptions } from './compare-runs.js'
import { machineClass } from './machine.js'
import { changesOf, unacceptedChanges } from './history.js'
import { recordOf } from './record.js'
import { checkAudit, checkRun } from './thresholds.js'

/** A baseline with its file as the user knows it. */
export interface NamedBaseline {
  file: string
  baseline: RunBaseline
}

export interface GateInput {
  runs: readonly { name: string; result: RunResult }[]
  audits: readonly { name: string; result: AuditResult }[]
  thresholds: readonly ThresholdPlan[]
  /** Of the machines that the runs were made on, one for each class that there is a file of. */
  baselines: readonly NamedBaseline[]
  /** Where there are baselines, but none for these machines: the class of each. */
  unknownMachines: readonly string[]
  /** Histories that the runs are part of; empty unless they are asked for. */
  histories: readonly (readonly HistoryRecord[])[]
}

type Reason = GateDocument['reasons'][number]

/**
 * Says whether results pass. It fails when a threshold or the baseline says so, or the history shows an unaccepted change for the worse; it is
 * inconclusive when nothing of that is so and something could not be told: rounds were invalid, intervals too wide, nothing was there to compare with.
 */
export function gate(input: GateInput, options: Omit<CompareOptions, 'design'>): GateDocument {
  const { runs, audits, thresholds, histories } = input
  const records = runs.map(({ name, result }) => ({ name, record: recordOf(result) }))
  const checked = thresholds.flatMap((plan) => checkThreshold(plan, records, audits))
  const against = input.baselines.map((named) => compareWith(named, records, options))
  const acceptedUntil = input.baselines
    .flatMap(({ baseline }) => baseline.runs.map(({ startedAt }) => startedAt))
    .toSorted()
    .at(-1)
  const changes = histories.flatMap((history) => unacceptedChanges(changesOf(history, options.limit), acceptedUntil))
  const baselines = against.flatMap(({ comparison, file }) => (comparison === undefined ? [] : [{ file, comparison }]))
  const reasons = [
    ...runs.flatMap(endedEarly),
    ...audits.flatMap(({ name, result }) => ownVerdict(name, result, thresholds)),
    ...unmatched(thresholds, checked, input),
    ...input.unknownMachines.map((machine) => inconclusive(`there is no baseline for this class of machines: ${machine}`)),
    ...against.flatMap((one) => one.reasons),
  ]
  const verdict = worstOf([
    ...reasons.map((reason) => reason.verdict),
    ...checked.map((threshold) => threshold.verdict),
    ...baselines.flatMap(({ comparison }) => comparison.metrics.map((metric) => VERDICTS[metric.verdict])),
    ...changes.map(() => 'fail' as const),
  ])
  return {
    schema: 'redline/gate@1',
    tool: { name: 'redis-redline', version: options.version },
    verdict,
    exitCode: EXIT_CODES[verdict],
    reasons,
    results: [
      ...runs.map(({ name, result }) => ({ name, kind: 'run' as const, startedAt: result.startedAt })),
      ...audits.map(({ name, result }) => ({ name, kind: 'audit' as const, startedAt: result.startedAt })),
    ],
    thresholds: checked,
    baselines,
    changes,
  }
}

const VERDICTS = { better: 'pass', same: 'pass', worse: 'fail', inconclusive: 'inconclusive' } as const
const EXIT_CODES = { pass: EXIT.ok, fail: EXIT.failed, inconclusive: EXIT.invalid } as const

function worstOf(verdicts: readonly GateVerdict[]): GateVerdict {
  return (['fail', 'inconclusive'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'pass'
}

const inconclusive = (message: string): Reason => ({ verdict: 'inconclusive', message })

interface NamedRecord {
  name: string
  record: RunRecord
}

function checkThreshold(plan: ThresholdPlan, records: readonly NamedRecord[], audits: GateInput['audits']): CheckedThreshold[] {
  return plan.of === 'run'
    ? records.flatMap(({ name, record }) => checkRun(plan, name, record))
    : audits.flatMap(({ name, result }) => checkAudit(plan, name, result))
}

/** A threshold that nothing was held against has not passed; one on the other kind of result was not asked. */
function unmatched(thresholds: readonly ThresholdPlan[], checked: readonly CheckedThreshold[], { runs, audits }: GateInput): Reason[] {
  const asked = thresholds.filter((plan) => (plan.of === 'run' ? runs : audits).length > 0)
  return asked
    .filter(({ expression }) => !checked.some((one) => one.expression === expression))
    .map(({ expression }) => inconclusive(`nothing was measured that this is about: ${expression}`))
}

function endedEarly({ name, result: { interrupted, failure } }: GateInput['runs'][number]): Reason[] {
  if (failure !== null) return [inconclusive(`${name} ended early: ${failure}`)]
  return interrupted ? [inconclusive(`${name} was interrupted`)] : []
}

/** Where the project sets no threshold for audits, what the audit itself came to counts. */
function ownVerdict(name: string, { gate: { exitCode, reasons } }: AuditResult, thresholds: readonly ThresholdPlan[]): Reason[] {
  if (exitCode === EXIT.ok || thresholds.some((plan) => plan.of === 'audit')) return []
  return [{ verdict: exitCode === EXIT.failed ? 'fail' : 'inconclusive', message: `${name}: ${reasons.join('; ')}` }]
}

function compareWith({ file, baseline }: NamedBaseline, records: readonly NamedRecord[], options: Omit<CompareOptions, 'design'>) {
  const heads = records.filter(({ record }) => machineClass(record.environment) === baseline.machine)
  const known = runsOfSameThings(
    baseline,
    heads.map(({ record }) => record),
  )
  const covered = new Set(known.flatMap(({ scenarios }) => scenarios.map(({ id }) => id)))
  const reasons = heads.flatMap(({ record }) =>
    record.scenarios
      .filter(({ id }) => !covered.has(id))
      .map(({ id, target }) => inconclusive(`${file} has nothing of ${id} as it is now, on ${target.engine} ${target.version}`)),
  )
  if (known.length === 0) return { file, comparison: undefined, reasons }
  const name = heads.map((head) => head.name).join(', ')
  const comparison = compareRuns(
    { name: file, runs: known },
    { name, runs: heads.map(({ record }) => record) },
    { ...options, design: 'unpaired' },
  )
  if (comparison.metrics.length === 0) reasons.push(inconclusive(`nothing was measured that ${file} could be held against`))
  return { file, comparison, reasons }
}
