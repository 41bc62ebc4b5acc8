import { type ExitCode, EXIT, InputError } from '../../core/errors.js'
import { parseMaxImpact } from '../../audit/budget/budget.js'
import { loadRules } from '../../audit/rules/registry.js'
import { loadProjectFile } from '../../config/project-file.js'
import { readThreshold } from '../../config/thresholds.js'
import { gate, type GateInput } from '../../gate/gate.js'
import { machineClass } from '../../gate/machine.js'
import type { ThresholdPlan } from '../../schema/gate.js'
import { readBaseline, readBaselines } from '../baselines.js'
import { addToHistories } from '../histories.js'
import type { GateCliOptions } from '../options.js'
import { chooseOutputs, showSaved } from '../outputs.js'
import { readRecords, readResult } from '../results.js'
import type { World } from '../world.js'
import { comparisonOptions } from './compare.js'

/** `redline gate`: whether results pass the thresholds of the project and its baselines. Throws InputError. */
export async function gateCommand(paths: readonly string[], options: GateCliOptions, world: World): Promise<ExitCode> {
  const outputs = await chooseOutputs(options, 'gate')
  const results = await Promise.all((paths.length === 0 ? ['reports/latest'] : paths).map((path) => readResult(path, world)))
  const runs = results.flatMap((one) => (one.kind === 'run' ? [one] : []))
  const audits = results.flatMap((one) => (one.kind === 'audit' ? [one] : []))
  const thresholds = await thresholdsOf(options.config, world)
  const against = await baselinesFor(runs, options, world)
  if (
    runs.length > 0 &&
    against.baselines.length + against.unknownMachines.length === 0 &&
    !options.history &&
    !thresholds.some(({ of }) => of === 'run')
  )
    throw new InputError('there is nothing to hold a run against: no threshold, and no baseline', {
      hint: "write gate: ['hashes/*: p99 < 2ms'] into redline.config.yaml, or run redline baseline update <result>",
    })
  const document = gate(
    { runs, audits, thresholds, ...against, histories: await historiesOf(runs, options, world) },
    comparisonOptions(options, world),
  )
  await showSaved({ kind: 'gate', document }, outputs, world)
  return Object.values(EXIT).find((code) => code === document.exitCode) ?? EXIT.usage
}

async function thresholdsOf(config: string | undefined, world: World): Promise<ThresholdPlan[]> {
  const file = await loadProjectFile(config, world.cwd, async () => ({ rules: await loadRules(), maxImpact: parseMaxImpact }))
  // The file was checked when it was read: what is left are plans.
  return (file?.gate ?? []).map(readThreshold).filter((plan): plan is ThresholdPlan => 'of' in plan)
}

async function baselinesFor(
  runs: GateInput['runs'],
  { baseline, baselines }: GateCliOptions,
  world: World,
): Promise<Pick<GateInput, 'baselines' | 'unknownMachines'>> {
  const all = baseline === undefined ? await readBaselines(baselines, world) : [await readBaseline(baseline, world)]
  const machines = [...new Set(runs.map(({ result }) => machineClass(result.environment)))]
  const known = all.filter((one) => machines.includes(one.baseline.machine))
  const unknown = machines.filter((machine) => !known.some((one) => one.baseline.machine === machine))
  return { baselines: known, unknownMachines: all.length === 0 ? [] : unknown }
}

/** The histories of the machines, with these runs in them; runs that ended early are not recorded. */
async function historiesOf(
  runs: GateInput['runs'],
  { history, histories, label }: GateCliOptions,
  world: World,
): Promise<GateInput['histories']> {
  const whole = runs.filter(({ result }) => result.failure === null && !result.interrupted)
  if (!history || whole.length === 0) return []
  const records = await readRecords(
    whole.map(({ name }) => name),
    label,
    world,
  )
  const files = await addToHistories(records, histories, world)
  return files.map((file) => file.records)
}
