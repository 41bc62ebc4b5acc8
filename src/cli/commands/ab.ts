import { dirname } from 'node:path'
import { parseMaxImpact } from '../../audit/budget/budget.js'
import { loadRules } from '../../audit/rules/registry.js'
import { type AbSideSpec, planAb, readAbSide } from '../../config/ab-sides.js'
import { findScenarios, readScenario } from '../../config/discover.js'
import { loadProjectFile } from '../../config/project-file.js'
import { EXIT, type ExitCode, InputError } from '../../core/errors.js'
import { quote } from '../../core/text.js'
import { parseDuration } from '../../core/units.js'
import { compareRuns, exitCodeOfComparison } from '../../gate/compare-runs.js'
import { isEnough } from '../../gate/enough.js'
import { recordOf } from '../../gate/record.js'
import { compareToJson } from '../../report/compare/json.js'
import { resultToJson } from '../../report/json.js'
import { type AbResult, runAb } from '../../run/ab.js'
import type { MeasureOptions, Place } from '../../run/options.js'
import type { Allowance } from '../../redis/safety.js'
import type { ComparedRuns } from '../../schema/compare.js'
import { isUsableFor } from '../../stats/summary.js'
import { displayAddress, parseAddress } from '../../wire/address.js'
import type { AbCliOptions, InTurnsCliOptions } from '../options.js'
import { chooseOutputs, type Output, printSaved, stdoutIsTaken, writeOutputs } from '../outputs.js'
import { savePage } from '../page.js'
import { Progress } from '../progress.js'
import { saveResult } from '../save.js'
import type { World } from '../world.js'
import { comparisonOptions } from './compare.js'
import { shareNamed } from '../results.js'

/** `redline ab`: two sides of one scenario, measured in turns. Throws RedlineError. */
export async function abCommand(selector: string, options: AbCliOptions, world: World): Promise<ExitCode> {
  const outputs = await chooseOutputs(options, 'compare')
  const sides = [readAbSide('--a', options.a ?? []), readAbSide('--b', options.b ?? [])] as const
  const compared = comparisonOptions({ ...options, drift: '0%' }, world)
  const until = shareNamed(options.until, '--until', 1)
  const budgetMs = parseDuration(options.budget)
  const profile = options.full ? 'full' : 'quick'
  const plans = planAb(await scenarioNamed(selector, world), sides, {
    profile,
    set: options.set,
    threads: options.threads,
    variants: options.variant,
  })
  const places = sides.map((side) => placeOf(side, options, world))
  const comparisonOf = ({ a, b }: AbResult): ComparedRuns => {
    const [base, head] = [a, b].map((result, side) => ({
      name: `${'AB'[side]}: ${nameOf(sides[side]!, places[side]!)}`,
      runs: [recordOf(result, undefined, isUsableFor)],
    }))
    return compareRuns(base!, head!, { ...compared, design: 'paired' })
  }
  const progress = new Progress(world)
  let measured: AbResult
  try {
    measured = await runAb({
      a: { plan: plans[0], place: places[0]! },
      b: { plan: plans[1], place: places[1]! },
      budgetMs,
      enough: (a, b) => isEnough(comparisonOf({ a, b }), { until, failFast: options.failFast ?? false }),
      profile,
      ...(await measureOptions(options, world)),
      onProgress: progress.onEvent,
    })
  } finally {
    progress.stop()
  }
  const comparison = comparisonOf(measured)
  await present(comparison, measured, { outputs, options, world })
  if (measured.a.interrupted) return EXIT.interrupted
  return measured.a.failure === null ? exitCodeOfComparison(comparison) : EXIT.usage
}

/** The one scenario that a selector names. Throws InputError when there are more, or none. */
export async function scenarioNamed(selector: string, { cwd }: World) {
  const found = await findScenarios([selector], cwd)
  if (found.length !== 1)
    throw new InputError(`${quote(selector)} names ${found.length} scenarios, and one at a time is compared`, {
      hint: 'redline list shows their ids',
    })
  return readScenario(found[0]!)
}

/** A side as the report names it: without credentials. */
function nameOf({ words }: AbSideSpec, place: Place): string {
  const address = 'address' in place ? [displayAddress(place.address)] : []
  return [...address, ...(words === '' ? [] : [words])].join(' ') || 'as it is'
}

/** Where a side is measured. */
export function placeOf({ url, engine }: AbSideSpec, { allow }: Pick<InTurnsCliOptions, 'allow'>, world: World): Place {
  return url === undefined ? { engine } : { address: parseAddress(url, world.env), allow: new Set<Allowance>(allow) }
}

/** What every measurement needs. */
export async function measureOptions(
  { seed, timeout }: Pick<InTurnsCliOptions, 'seed' | 'timeout'>,
  world: World,
): Promise<Omit<MeasureOptions, 'profile' | 'onProgress'>> {
  const file = await loadProjectFile(undefined, world.cwd, async () => ({ rules: await loadRules(), maxImpact: parseMaxImpact }))
  return {
    seed,
    version: world.version,
    env: world.env,
    signal: world.signal,
    timeoutMs: parseDuration(timeout),
    ...(file?.engines ? { engineCommands: file.engines } : {}),
  }
}

interface Ending {
  outputs: readonly Output[]
  options: AbCliOptions
  world: World
}

async function present(comparison: ComparedRuns, { a, b }: AbResult, { outputs, options, world }: Ending): Promise<void> {
  const more = { 'a.json': resultToJson(a), 'b.json': resultToJson(b) }
  const path = await saveResult({ startedAt: a.startedAt, kind: 'ab', text: compareToJson(comparison), more }, options.out, world.cwd)
  const saved = { kind: 'compare', document: comparison } as const
  await printSaved(saved, outputs, world)
  const notes = stdoutIsTaken(outputs) ? world.stderr : world.stdout
  if (notes === world.stdout) notes.write('\n')
  if (a.failure !== null) world.stderr.write(`redline: the measurement ended early: ${a.failure}\n`)
  if (a.interrupted) world.stderr.write('redline: interrupted; what is shown was complete by then, and every key of it is removed\n')
  await writeOutputs(saved, outputs, world, (line) => notes.write(`wrote   ${line}\n`))
  const page = await savePage(saved, path, options, world)
  notes.write(`saved   ${[path, ...page].join(', ')}\n`)
  notes.write(`next    redline report ${dirname(path)}/a.json shows one side alone\n`)
}
