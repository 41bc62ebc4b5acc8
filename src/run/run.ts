import { systemClock } from '../core/clock.js'
import { InterruptedError, RedlineError } from '../core/errors.js'
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
          const [target] = places
          if (target !== undefined && rounds.some((measured) => measured.length > 0)) scenarios.push(scenarioResult(plan, rounds, target))
          if (ended) throw ended
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
  }
}

/** All scenarios run once on each of these engines; undefined is any, or the server that was given. */
function passesOf({ target }: RunOptions): readonly Place[] {
  if ('address' in target) return [target]
  return target.engines.length > 0 ? target.engines.map((engine) => ({ engine })) : [{ engine: undefined }]
}
