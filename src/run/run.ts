import { systemClock } from '../core/clock.js'
import { InterruptedError, RedlineError } from '../core/errors.js'
import type { RunResult, ScenarioResult } from '../schema/result.js'
import { Engagement } from './engagement.js'
import { readEnvironment } from './environment.js'
import type { RunOptions } from './options.js'
import { ScenarioProgress } from './planned-time.js'
import { ScenarioRun, scenarioResult } from './scenario-run.js'

/**
 * Runs scenarios and says what came of it. Interrupted, or cut short by a server that went away, it returns what was
 * complete until then, with `interrupted` set or `failure` saying why. Throws RedlineError when nothing could be measured at all.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const clock = options.clock ?? systemClock
  const startedAt = clock.date()
  const begun = clock.now()
  const engagement = new Engagement(options)
  const scenarios: ScenarioResult[] = []
  let ended: Error | undefined
  try {
    for (const [index, plan] of options.plans.entries()) {
      options.onProgress({ kind: 'scenario', id: plan.id, index, of: options.plans.length })
      const session = await engagement.sessionFor(plan)
      const progress = new ScenarioProgress(plan, options, options.plans.slice(index + 1))
      const result = await new ScenarioRun(plan, session, options, engagement.pool, progress).run()
      if (result.rounds.some((rounds) => rounds.length > 0))
        scenarios.push(scenarioResult(plan, result.rounds, engagement.targetIndex(session)))
      if (result.ended) throw result.ended
    }
  } catch (error) {
    if (!(error instanceof RedlineError) || (scenarios.length === 0 && !(error instanceof InterruptedError))) throw error
    ended = error
  } finally {
    await engagement.close()
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
    targets: engagement.targets,
    scenarios,
  }
}
