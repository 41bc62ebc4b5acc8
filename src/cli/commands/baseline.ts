import { type ExitCode, EXIT, InputError } from '../../core/errors.js'
import { groupBy } from '../../core/group.js'
import { safeText } from '../../core/text.js'
import { baselineOfRuns, runBaselineText } from '../../gate/baseline.js'
import { machineClass } from '../../gate/machine.js'
import type { RunBaseline } from '../../schema/run-record.js'
import { type Column, tableLines } from '../../report/table.js'
import { baselinePath, readBaselines, writeReport } from '../baselines.js'
import type { BaselineCliOptions } from '../options.js'
import { readRecords } from '../results.js'
import type { World } from '../world.js'

/** `redline baseline update`: takes runs into the baselines of their machines. Throws InputError. */
export async function updateBaselineCommand(paths: readonly string[], options: BaselineCliOptions, world: World): Promise<ExitCode> {
  const records = await readRecords(paths, options.label, world)
  const known = options.replace ? [] : await readBaselines(options.folder, world)
  for (const [machine, runs] of groupBy(records, ({ environment }) => machineClass(environment))) {
    const before = known.find(({ baseline }) => baseline.machine === machine)
    const baseline = baselineOfRuns(runs, before?.baseline)
    const file = await writeReport(before?.file ?? baselinePath(options.folder, machine), runBaselineText(baseline), world)
    world.stdout.write(`${safeText(file)}: ${summary(baseline)}\n`)
  }
  return EXIT.ok
}

/** `redline baseline list`: the baselines there are. Throws InputError. */
export async function listBaselinesCommand(options: BaselineCliOptions, world: World): Promise<ExitCode> {
  const all = await readBaselines(options.folder, world)
  if (all.length === 0) world.stderr.write(`no baseline below ${safeText(options.folder)}: redline baseline update <result> writes one\n`)
  for (const { file, baseline } of all) world.stdout.write(`${safeText(file)}: ${summary(baseline)}\n`)
  return EXIT.ok
}

/** `redline baseline show`: the runs of a baseline, one a line. Throws InputError. */
export async function showBaselineCommand(name: string | undefined, options: BaselineCliOptions, world: World): Promise<ExitCode> {
  const all = await readBaselines(options.folder, world)
  const chosen =
    name === undefined ? all : all.filter(({ file, baseline }) => file === name || file.endsWith(`/${name}`) || baseline.machine === name)
  if (chosen.length === 0)
    throw new InputError(name === undefined ? `no baseline below ${safeText(options.folder)}` : `there is no baseline ${safeText(name)}`, {
      hint: 'redline baseline list names them',
    })
  const blocks = chosen.map(({ file, baseline }) => [`${safeText(file)}: ${summary(baseline)}`, ...runLines(baseline)].join('\n'))
  world.stdout.write(`${blocks.join('\n\n')}\n`)
  return EXIT.ok
}

function summary({ runs }: RunBaseline): string {
  const scenarios = new Set(runs.flatMap((run) => run.scenarios.map(({ id }) => id)))
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`
  return `${count(runs.length, 'run')} of ${count(scenarios.size, 'scenario')}`
}

function runLines({ runs }: RunBaseline): string[] {
  const column = (cell: (run: RunBaseline['runs'][number]) => string): Column => ({ title: '', align: 'left', cells: runs.map(cell) })
  const rows = tableLines([
    column(({ startedAt }) => startedAt.slice(0, 16).replace('T', ' ')),
    column(({ label }) => safeText(label ?? '-')),
    column(({ scenarios }) => safeText([...new Set(scenarios.map(({ target }) => `${target.engine} ${target.version}`))].join(', '))),
    column(({ scenarios }) => safeText(scenarios.map(({ id }) => id).join(', '))),
  ])
  return rows.slice(1).map((row) => `  ${row}`)
}
