import { type Clock, systemClock } from '../core/clock.js'
import { InterruptedError, type RedlineError } from '../core/errors.js'
import { GeneratorPool } from '../load/pool.js'
import type { Round, RunResult, Target } from '../schema/result.js'
import type { ScenarioPlan, VariantPlan } from '../schema/scenario.js'
import { Engagement } from './engagement.js'
import { readEnvironment } from './environment.js'
import type { MeasureOptions, Place } from './options.js'
import { scenarioResult } from './scenario-result.js'
import { type RoundWatcher, ScenarioRun } from './scenario-run.js'
import { inPairs } from './schedule.js'

/** One side of a comparison: what it measures, and where. */
export interface AbSide {
  plan: ScenarioPlan
  place: Place
}

export interface AbOptions extends MeasureOptions {
  /** Both sides have the same number of variants, of which those with the same index are compared. They also have the same dataset. */
  a: AbSide
  b: AbSide
  /** No pair of rounds is begun that would probably end later than so long after the start; one is measured whatever it takes. */
  budgetMs: number
  /** Whether the rounds so far are enough, all of equal number on both sides. */
  enough: (a: RunResult, b: RunResult) => boolean
}

/** What both sides measured. */
export interface AbResult {
  a: RunResult
  b: RunResult
}

/** Fewer pairs give no 95% interval (Wilcoxon's signed ranks); and looking after each of many takes longer than they do. */
const FIRST_LOOK = 6
const LOOK_AGAIN = 1.15

/**
 * Measures two sides on one machine, their rounds taking turns in random order, until there are enough of them or the time is up. Sides in the same place share its
 * servers, except where they ask for different configurations.
 *
 * Interrupted, or cut short by a server that went away, it returns what was complete until then, as `run` does. Throws RedlineError when
 * no pair of rounds was complete.
 */
export async function runAb(options: AbOptions): Promise<AbResult> {
  const { a, b, seed, budgetMs } = options
  const clock = options.clock ?? systemClock
  const startedAt = clock.date().toISOString()
  const begun = clock.now()
  const pool = new GeneratorPool()
  const targets: Target[] = []
  const seat = new Engagement(a.place, options, targets)
  const seats = [seat, samePlace(a.place, b.place) ? seat : new Engagement(b.place, options, targets)] as const
  const pairs = a.plan.variants.length
  const plan = joined(a.plan, b.plan)
  const progress = new AbProgress(plan.id, begun + budgetMs, clock, options)

  const resultOf = (side: AbSide, rounds: readonly Round[][], target: number, ended?: RedlineError): RunResult => ({
    schema: 'redline/run@1',
    tool: { name: 'redis-redline', version: options.version },
    startedAt,
    seconds: (clock.now() - begun) / 1000,
    profile: options.profile,
    seed,
    interrupted: ended instanceof InterruptedError,
    failure: ended === undefined || ended instanceof InterruptedError ? null : ended.message,
    environment: readEnvironment(),
    targets: [targets[target]!],
    scenarios: [scenarioResult({ ...side.plan, rounds: rounds[0]?.length ?? 0, expectations: [] }, rounds, [0])],
  })
  const bothOf = (rounds: readonly (readonly Round[])[], [first, second]: readonly [number, number], ended?: RedlineError): AbResult => {
    const complete = Math.min(...rounds.map(({ length }) => length))
    const whole = rounds.map((own) => own.slice(0, complete))
    return { a: resultOf(a, whole.slice(0, pairs), first, ended), b: resultOf(b, whole.slice(pairs), second, ended) }
  }
  let nextLook = FIRST_LOOK
  const isEnough = (rounds: readonly (readonly Round[])[]) => {
    const done = rounds[0]?.length ?? 0
    if (done === 0) return false
    if (progress.isTimeUp(done)) return true
    if (done < nextLook) return false
    nextLook = Math.ceil(done * LOOK_AGAIN)
    const { a, b } = bothOf(rounds, [0, targets.length - 1])
    return options.enough(a, b)
  }

  try {
    options.onProgress({ kind: 'scenario', id: plan.id, index: 0, of: 1 })
    const engagements = plan.variants.map((_, index) => seats[index < pairs ? 0 : 1])
    const course = { engagements, schedule: inPairs(pairs, seed, isEnough), progress }
    const { rounds, targets: places, ended } = await new ScenarioRun(plan, course, options, pool).run()
    const complete = rounds.every((own) => own.length > 0)
    if (!complete) throw ended ?? new Error('no round was run')
    return bothOf(rounds, [places[0]!, places[pairs]!], ended)
  } finally {
    await Promise.all([...new Set(seats)].map((engagement) => engagement.close()))
    await pool.stop()
  }
}

function samePlace(a: Place, b: Place): boolean {
  if ('engine' in a) return 'engine' in b && a.engine === b.engine
  return 'address' in b && JSON.stringify(a.address) === JSON.stringify(b.address)
}

/** Both sides as one scenario: the variants of one, then those of the other. */
function joined(a: ScenarioPlan, b: ScenarioPlan): ScenarioPlan {
  const named = (side: string, { variants }: ScenarioPlan): VariantPlan[] => variants.map((one) => ({ ...one, id: `${side} ${one.id}` }))
  return { ...a, variants: [...named('A', a), ...named('B', b)] }
}

/** Time that is left of the budget, for whoever watches and for whoever decides on another pair. */
class AbProgress implements RoundWatcher {
  readonly #scenario: string
  readonly #deadline: number
  readonly #clock: Clock
  readonly #options: MeasureOptions
  #firstRound: number | undefined

  constructor(scenario: string, deadline: number, clock: Clock, options: MeasureOptions) {
    this.#scenario = scenario
    this.#deadline = deadline
    this.#clock = clock
    this.#options = options
  }

  /** Whether a further pair would probably end too late, after so many of them. */
  isTimeUp(done: number): boolean {
    const now = this.#clock.now()
    const pairMs = (now - (this.#firstRound ?? now)) / done
    return now + pairMs > this.#deadline
  }

  begin({ id }: VariantPlan, round: number): void {
    this.#firstRound ??= this.#clock.now()
    const remainingMs = Math.max(0, this.#deadline - this.#clock.now())
    this.#options.onProgress({ kind: 'round', scenario: this.#scenario, variant: id, round, of: undefined, remainingMs })
  }

  end({ id }: VariantPlan, round: number, { validity }: Round): void {
    this.#options.onProgress({ kind: 'round-end', scenario: this.#scenario, variant: id, round, verdict: validity.verdict })
  }
}
