import { systemClock } from '../core/clock.js'
import { InapplicableError, InterruptedError, RedlineError } from '../core/errors.js'
import { GeneratorPool } from '../load/pool.js'
import type { RunResult, ScenarioResult, Target } from '../schema/result.js'
import { Engagement } from './engagement.js'
import { readEnvironment } from './environment.js'
import type { Place, RunOptions } from './options.js'
import { ScenarioProgress } from './planned-time.js'
import { ScenarioRun } from './scenario-run.js'
import { scenarioResult } from './scenario-result.js'
import { inTurn } from './schedule.js'

/**
 * Runs scenarios and says what came of it. Interrupted, or cut short by a server that went away, it returns what was
 * complete until then, with `interrupted` set or `failure` saying why. Throws RedlineError when nothing could be measured at all.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const clock = options.clock ?? systemClock
  const startedAt = clock.date()
  const begun = clock.now()
  const pool = new GeneratorPool()
  const targets: Target[] = []
  const scenarios: ScenarioResult[] = []
  const inapplicable: { scenario: string; error: InapplicableError }[] = []
  const passes = passesOf(options)
  let ended: Error | undefined
  try {
    for (const [pass, place] of passes.entries()) {
      const engagement = new Engagement(place, options, targets)
      try {
        for (const [index, plan] of options.plans.entries()) {
          const turn = pass * options.plans.length + index
          const later = passes.flatMap(() => options.plans).slice(turn + 1)
          options.onProgress({ kind: 'scenario', id: plan.id, index: turn, of: passes.length * options.plans.length })
          const course = {
            engagements: plan.variants.map(() => engagement),
            schedule: inTurn(plan.variants.length, plan.rounds),
            progress: new ScenarioProgress(plan, options, later),
          }
          const { rounds, targets: places, ended } = await new ScenarioRun(plan, course, options, pool).run()
          if (rounds.some((measured) => measured.length > 0)) scenarios.push(scenarioResult(plan, rounds, places))
          if (ended instanceof InapplicableError) {
            inapplicable.push({ scenario: plan.id, error: ended })
            options.onProgress({ kind: 'warning', message: `${plan.id} is not run: ${ended.message}` })
          } else if (ended) throw ended
          await engagement.retire()
        }
      } finally {
        await engagement.close()
      }
    }
  } catch (error) {
    if (!(error instanceof RedlineError) || (scenarios.length === 0 && !(error instanceof InterruptedError))) throw error
    ended = error
  } finally {
    await pool.stop()
  }
  if (ended instanceof InterruptedError && scenarios.length === 0) throw ended
  const [refused] = inapplicable
  if (refused && scenarios.length === 0) throw refused.error
  return {
    schema: 'redline/run@1',
    tool: { name: 'redis-redline', version: options.version },
    startedAt: startedAt.toISOString(),
    seconds: (clock.now() - begun) / 1000,
    profile: options.profile,
    seed: options.seed,
    interrupted: ended instanceof InterruptedError,
    failure: ended === undefined || ended instanceof InterruptedError ? null : ended.message,
    environment: readEnvironment(),
    targets,
    scenarios,
    ...(refused && {
      inapplicable: inapplicable.map(({ scenario, error }) => ({ scenario, engine: error.engine, reason: error.message })),
    }),
  }
}

/** All scenarios run once on each of these engines; undefined is any, or the server that was given. */
function passesOf({ target }: RunOptions): readonly Place[] {
  if ('address' in target) return [target]
  return target.engines.length > 0 ? target.engines.map((engine) => ({ engine })) : [{ engine: undefined }]
}
