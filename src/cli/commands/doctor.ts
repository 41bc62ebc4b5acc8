import { planAb, readAbSide } from '../../config/ab-sides.js'
import { EXIT, type ExitCode, InputError } from '../../core/errors.js'
import { parseDuration } from '../../core/units.js'
import { adviceFor } from '../../gate/advice.js'
import { compareRuns } from '../../gate/compare-runs.js'
import { detectableOf } from '../../gate/detectable.js'
import { recordOf } from '../../gate/record.js'
import { doctorToJson, renderDoctor } from '../../report/doctor.js'
import { runAb } from '../../run/ab.js'
import { examineMachine } from '../../run/examine.js'
import { isUsableFor } from '../../stats/summary.js'
import type { DoctorCliOptions } from '../options.js'
import { Progress } from '../progress.js'
import { styleFor, type World } from '../world.js'
import { measureOptions, placeOf, scenarioNamed } from './ab.js'
import { comparisonOptions } from './compare.js'

const BUSY_MS = 2000
const DEFAULT_SCENARIO = 'hashes/profile-read'
const DEFAULT_VARIANTS = ['one-field']

/** `redline doctor`: how steady this machine is, and what can be told from its noise. Throws RedlineError. */
export async function doctorCommand(selector: string | undefined, options: DoctorCliOptions, world: World): Promise<ExitCode> {
  if (options.engine !== undefined && options.target !== undefined) throw new InputError('--target and --engine exclude each other')
  const words = [options.engine === undefined ? [] : [`engine=${options.engine}`], options.target ?? []].flat()
  const side = readAbSide('doctor', words)
  const profile = options.full ? 'full' : 'quick'
  const chosen = options.variant ?? (selector === undefined ? DEFAULT_VARIANTS : undefined)
  const [plan] = planAb(await scenarioNamed(selector ?? DEFAULT_SCENARIO, world), [side, side], {
    profile,
    set: options.set,
    threads: options.threads,
    variants: chosen,
  })
  const place = placeOf(side, options, world)
  const progress = new Progress(world)
  try {
    progress.onEvent({ kind: 'step', message: 'watching the machine' })
    const machine = await examineMachine(BUSY_MS, world.signal)
    const { a, b } = await runAb({
      a: { plan, place },
      b: { plan, place },
      budgetMs: parseDuration(options.budget),
      enough: () => false,
      profile,
      ...(await measureOptions(options, world)),
      onProgress: progress.onEvent,
    })
    const compared = comparisonOptions({ ...options, drift: '0%' }, world)
    const comparison = compareRuns(
      { name: 'one half of the rounds', runs: [recordOf(a, undefined, isUsableFor)] },
      { name: 'the other half', runs: [recordOf(b, undefined, isUsableFor)] },
      { ...compared, design: 'paired' },
    )
    const pairs = Math.max(...a.scenarios[0]!.variants.map(({ rounds }) => rounds.length))
    const measured = {
      schema: 'redline/doctor@1' as const,
      tool: a.tool,
      startedAt: a.startedAt,
      environment: a.environment,
      machine,
      pairs,
      pairSeconds: a.seconds / pairs,
      comparison,
      detectable: detectableOf(comparison),
    }
    const doctor = { ...measured, advice: adviceFor(measured) }
    progress.stop()
    world.stdout.write(options.json ? doctorToJson(doctor) : renderDoctor(doctor, styleFor(world.stdout, world.env)))
    if (a.interrupted) return EXIT.interrupted
    return EXIT.ok
  } finally {
    progress.stop()
  }
}
