import type { RecordedScenario, RunBaseline, RunRecord } from '../schema/run-record.js'
import { isSameThing } from './likeness.js'
import { machineClass } from './machine.js'

/** More runs than these make the file larger and nothing else. */
const MOST_RUNS = 20

/**
 * A baseline that knows `runs`, all of one class of machines, too: the newest twenty runs. Scenarios that are no longer measured as they were (another engine, version,
 * configuration, or a changed scenario) are left out. `before` is the baseline until now; without it a new one begins.
 */
export function baselineOfRuns(runs: readonly RunRecord[], before?: RunBaseline): RunBaseline {
  const known = new Map([...(before?.runs ?? []), ...runs].map((run) => [run.startedAt, run]))
  const ordered = [...known.values()].toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
  const newest = new Map(ordered.flatMap(({ scenarios }) => scenarios.map((scenario) => [scenario.id, scenario])))
  const kept = ordered.map((run) => onlyScenarios(run, (scenario) => isSameThing(scenario, newest.get(scenario.id)!)))
  return {
    schema: 'redline/run-baseline@1',
    machine: machineClass(runs[0]!.environment),
    runs: kept.filter(({ scenarios }) => scenarios.length > 0).slice(-MOST_RUNS),
  }
}

/** Of the runs of a baseline, what measured the same things as `heads` did; a run is no baseline of itself. */
export function runsOfSameThings(baseline: RunBaseline, heads: readonly RunRecord[]): RunRecord[] {
  const measured = heads.flatMap(({ scenarios }) => scenarios)
  return baseline.runs
    .filter(({ startedAt }) => !heads.some((head) => head.startedAt === startedAt))
    .map((run) => onlyScenarios(run, (scenario) => measured.some((head) => head.id === scenario.id && isSameThing(scenario, head))))
    .filter(({ scenarios }) => scenarios.length > 0)
}

function onlyScenarios(run: RunRecord, keep: (scenario: RecordedScenario) => boolean): RunRecord {
  return { ...run, scenarios: run.scenarios.filter(keep) }
}

/** A baseline as its file holds it: a run a line, so that a diff shows which ones came and went. */
export function runBaselineText({ schema, machine, runs }: RunBaseline): string {
  const lines = runs.map((run) => `    ${JSON.stringify(run)}`)
  return `{\n  "schema": ${JSON.stringify(schema)},\n  "machine": ${JSON.stringify(machine)},\n  "runs": [\n${lines.join(',\n')}\n  ]\n}\n`
}
