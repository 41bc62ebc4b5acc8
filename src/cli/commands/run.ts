import { join } from 'node:path'
import type { Allowance } from '../../redis/safety.js'
import { type ExitCode, InputError, messageOf } from '../../core/errors.js'
import { quote } from '../../core/text.js'
import { parseDuration } from '../../core/units.js'
import { parseMaxImpact } from '../../audit/budget/budget.js'
import { loadRules } from '../../audit/rules/registry.js'
import { planAdHoc } from '../../config/adhoc.js'
import { findScenarios, readScenario, type ScenarioLocation } from '../../config/discover.js'
import { loadProjectFile } from '../../config/project-file.js'
import { resolveScenario } from '../../config/resolve.js'
import { resultToJson } from '../../report/json.js'
import type { RunOptions, TargetChoice } from '../../run/options.js'
import { exitCodeOf } from '../../run/outcome.js'
import { run } from '../../run/run.js'
import type { RunResult } from '../../schema/result.js'
import type { ScenarioFile, ScenarioPlan } from '../../schema/scenario.js'
import { parseAddress } from '../../wire/address.js'
import type { RunCliOptions } from '../options.js'
import { chooseOutputs, type Output, printSaved, stdoutIsTaken, writeOutputs } from '../outputs.js'
import { savePage } from '../page.js'
import { Progress } from '../progress.js'
import { saveResult } from '../save.js'
import type { World } from '../world.js'

/** Options that only mean something without a scenario file. */
const AD_HOC_FIELDS = ['connections', 'pipeline', 'rate', 'arrival', 'duration', 'count', 'warmup', 'keys', 'driver', 'protocol'] as const

/** `redline run`: measures, prints, saves. Throws RedlineError. */
export async function runCommand(selectors: readonly string[], options: RunCliOptions, world: World): Promise<ExitCode> {
  const outputs = await chooseOutputs(options, 'run')
  const plans = await plansOf(selectors, options, world)
  const timeoutMs = parseDuration(options.timeout)
  const target = targetOf(options, world)
  const progress = new Progress(world)
  let result: RunResult
  try {
    const profile = options.command ? 'ad hoc' : options.quick ? 'quick' : 'full'
    result = await run({
      plans,
      target,
      profile,
      seed: options.seed,
      version: world.version,
      env: world.env,
      signal: world.signal,
      timeoutMs,
      ...('engines' in target ? await engineCommands(world) : {}),
      onProgress: progress.onEvent,
    })
  } finally {
    progress.stop()
  }
  await present(result, { plans, outputs, options, world })
  return exitCodeOf(result)
}

interface Ending {
  plans: readonly ScenarioPlan[]
  outputs: readonly Output[]
  options: RunCliOptions
  world: World
}

async function present(result: RunResult, { plans, outputs, options, world }: Ending): Promise<void> {
  const document = { startedAt: result.startedAt, kind: result.profile, text: resultToJson(result) }
  const path = options.command ? undefined : await saveResult(document, options.out, world.cwd)
  const saved = { kind: 'run', document: result } as const
  await printSaved(saved, outputs, world)
  // What is said about the run goes to stderr when stdout holds a document.
  const notes = stdoutIsTaken(outputs) ? world.stderr : world.stdout
  if (notes === world.stdout) notes.write('\n')
  if (result.failure !== null) world.stderr.write(`redline: the run ended early: ${result.failure}\n`)
  if (result.interrupted)
    world.stderr.write('redline: interrupted; what is shown was complete by then, and every key of the run is removed\n')
  await writeOutputs(saved, outputs, world, (line) => notes.write(`wrote   ${line}\n`))
  if (path === undefined) return
  const page = await savePage(saved, path, options, world)
  notes.write(`saved   ${[path, ...page].join(', ')}\n`)
  notes.write(`next    redline report ${join(options.out, 'latest')}, redline explain ${plans[0]!.id}\n`)
}

async function plansOf(selectors: readonly string[], options: RunCliOptions, world: World): Promise<ScenarioPlan[]> {
  const fields = Object.fromEntries(AD_HOC_FIELDS.map((name) => [name, options[name]]))
  if (options.command) {
    if (selectors.length > 0) throw new InputError('scenarios and --command exclude each other')
    if (options.set || options.quick)
      throw new InputError(`${options.set ? '--set' : '--quick'} is for scenarios; with --command each field has an option of its own`)
    const threads = options.threads === undefined ? undefined : String(options.threads)
    return [planAdHoc({ commands: options.command, fields: { ...fields, threads }, rounds: options.rounds })]
  }
  const stray = AD_HOC_FIELDS.find((name) => options[name] !== undefined)
  if (stray) throw new InputError(`--${stray} goes with --command`, { hint: `for scenarios write --set load.${stray}=${options[stray]}` })
  if (selectors.length === 0) {
    throw new InputError('nothing to run', { hint: "name scenarios (redline list shows them), or give --command 'GET key:{key}'" })
  }
  const { set, rounds, threads, quick } = options
  const files = await readAll(await findScenarios(selectors, world.cwd))
  return files.map((file) => resolveScenario(file, { set, rounds, threads, profile: quick ? 'quick' : 'full' }))
}

/** Reads all files, and tells the mistakes of all of them at once. */
async function readAll(locations: readonly ScenarioLocation[]): Promise<ScenarioFile[]> {
  const settled = await Promise.allSettled(locations.map(readScenario))
  const failures = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new InputError(failures.map(messageOf).join('\n'))
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

function targetOf(options: RunCliOptions, world: World): TargetChoice {
  if (options.target === undefined) {
    if (options.allow) throw new InputError('--allow goes with --target: redline needs no leave on its own servers')
    return { engines: enginesOf(options.engine) }
  }
  if (options.engine !== undefined) throw new InputError('--target and --engine exclude each other')
  return { address: parseAddress(options.target, world.env), allow: new Set<Allowance>(options.allow) }
}

/** How redline.config.yaml starts engines. Throws InputError for mistakes in it, whatever they are about. */
async function engineCommands({ cwd }: World): Promise<Pick<RunOptions, 'engineCommands'>> {
  const file = await loadProjectFile(undefined, cwd, async () => ({ rules: await loadRules(), maxImpact: parseMaxImpact }))
  return file?.engines ? { engineCommands: file.engines } : {}
}

/** `redis@6.0,valkey@9.1`: all scenarios on each of them. */
function enginesOf(text: string | undefined): string[] {
  if (text === undefined) return []
  const engines = text.split(',').map((engine) => engine.trim())
  const twice = engines.find((engine, index) => engines.indexOf(engine) < index)
  if (twice !== undefined) throw new InputError(`--engine names ${quote(twice)} twice`)
  return engines
}
