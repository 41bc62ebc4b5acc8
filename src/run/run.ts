import { type Clock, systemClock } from '../core/clock.js'
import { ConnectionError, InputError, InterruptedError, RedlineError } from '../core/errors.js'
import { estimateDatasetBytes, loadDataset } from '../load/dataset.js'
import { GeneratorPool } from '../load/pool.js'
import { removeKeys } from '../redis/cleanup.js'
import { type KeyDomain, manifestFolder, removeManifest, writeManifest } from '../redis/manifest.js'
import { type Allowance, preflight } from '../redis/safety.js'
import type { RunResult, Round, ScenarioResult, VariantResult } from '../schema/result.js'
import type { ScenarioPlan, VariantPlan } from '../schema/scenario.js'
import { type Relay, startRelay } from '../server/relay.js'
import { judgeAll } from '../stats/expectation.js'
import { summarize } from '../stats/summary.js'
import { type Address, displayAddress } from '../wire/address.js'
import { Client } from '../wire/client.js'
import { readEnvironment } from './environment.js'
import { askAbout, keyDomains, type ReadyLoad, readyLoad, withPrefix } from './ready.js'
import { runRound } from './round.js'
import { openForeign, openOwn, type Session, type SessionContext } from './session.js'

/** Where scenarios run: at an address, or on a server that redline gets for the run. */
export type TargetChoice = { address: Address; allow: ReadonlySet<Allowance> } | { engine: string | undefined }

export interface RunOptions extends SessionContext {
  plans: readonly ScenarioPlan[]
  target: TargetChoice
  /** `full`, `quick` or `ad hoc`. */
  profile: string
  seed: number
  /** Version of redline. */
  version: string
  clock?: Clock
}

/** Time that a round takes beside its warm-up and measurement: connecting, draining, reading counters. */
const ROUND_OVERHEAD_MS = 120

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

/** The servers of a run: one for all scenarios, and one more for each configuration that a scenario asks for. */
class Engagement {
  readonly pool = new GeneratorPool()
  readonly #options: RunOptions
  readonly #sessions = new Map<string, Session>()

  constructor(options: RunOptions) {
    this.#options = options
  }

  get targets(): RunResult['targets'] {
    return [...this.#sessions.values()].map(({ target }) => target)
  }

  targetIndex(session: Session): number {
    return [...this.#sessions.values()].indexOf(session)
  }

  async sessionFor(plan: ScenarioPlan): Promise<Session> {
    const { target } = this.#options
    const wishes = Object.keys(plan.serverConfig)
    if ('address' in target && wishes.length > 0) {
      throw new InputError(
        `${plan.id} needs a server with ${wishes.join(', ')} set, and redline changes no configuration of ${displayAddress(target.address)}`,
        {
          hint: 'leave out --target, or leave out this scenario',
        },
      )
    }
    const key = JSON.stringify(plan.serverConfig)
    const known = this.#sessions.get(key)
    if (known) return known
    const session = await ('address' in target
      ? openForeign(target.address, this.#options)
      : openOwn(target.engine, plan.serverConfig, this.#options))
    this.#sessions.set(key, session)
    return session
  }

  async close(): Promise<void> {
    await this.pool.stop()
    await Promise.all([...this.#sessions.values()].map((session) => session.close()))
  }
}

/** Planned time that is left, for whoever watches. */
class ScenarioProgress {
  readonly #options: RunOptions
  readonly #plan: ScenarioPlan
  readonly #laterMs: number
  #leftMs: number

  constructor(plan: ScenarioPlan, options: RunOptions, later: readonly ScenarioPlan[]) {
    this.#plan = plan
    this.#options = options
    this.#leftMs = plannedMs(plan)
    this.#laterMs = later.reduce((sum, other) => sum + plannedMs(other), 0)
  }

  begin(variant: VariantPlan, round: number): void {
    const { id, rounds } = this.#plan
    const remainingMs = this.#leftMs + this.#laterMs
    this.#options.onProgress({ kind: 'round', scenario: id, variant: variant.id, round, of: rounds, remainingMs })
  }

  end(variant: VariantPlan, round: number, { validity }: Round): void {
    this.#leftMs -= roundMs(variant)
    this.#options.onProgress({ kind: 'round-end', scenario: this.#plan.id, variant: variant.id, round, verdict: validity.verdict })
  }
}

function roundMs({ loads }: VariantPlan): number {
  return Math.max(...loads.map((load) => load.warmupMs + (load.durationMs ?? 1000))) + ROUND_OVERHEAD_MS
}

function plannedMs(plan: ScenarioPlan): number {
  return plan.rounds * plan.variants.reduce((sum, variant) => sum + roundMs(variant), 0)
}

/** One scenario on one server: its data, its rounds, and everything removed afterwards. */
class ScenarioRun {
  readonly #plan: ScenarioPlan
  readonly #session: Session
  readonly #options: RunOptions
  readonly #pool: GeneratorPool
  readonly #progress: ScenarioProgress
  readonly #relays = new Map<number, Relay>()
  #domains: KeyDomain[] = []

  constructor(plan: ScenarioPlan, session: Session, options: RunOptions, pool: GeneratorPool, progress: ScenarioProgress) {
    this.#plan = plan
    this.#session = session
    this.#options = options
    this.#pool = pool
    this.#progress = progress
  }

  /** Rounds by variant, and what ended the scenario before its time. */
  async run(): Promise<{ rounds: Round[][]; ended: Error | undefined }> {
    const rounds: Round[][] = this.#plan.variants.map(() => [])
    let ended: Error | undefined
    try {
      const loads = await this.#prepare()
      try {
        await this.#measure(loads, rounds)
      } finally {
        await this.#cleanUp()
      }
    } catch (error) {
      ended = this.#options.signal.aborted ? new InterruptedError() : error instanceof Error ? error : new Error(String(error))
      if (!(ended instanceof RedlineError)) throw ended
      if (ended instanceof ConnectionError) ended = (await this.#serverDeath()) ?? ended
    } finally {
      await Promise.all([...this.#relays.values()].map((relay) => relay.stop()))
    }
    return { rounds, ended }
  }

  /** Loads of each variant, ready to be sent; on a foreign server only when it is safe. */
  async #prepare(): Promise<ReadyLoad[][]> {
    const { variants, dataset } = this.#plan
    const { target, control, facts, runId } = this.#session
    const ready = await Promise.all(variants.map(({ loads }) => Promise.all(loads.map(readyLoad))))
    if (target.ours || !('allow' in this.#options.target)) return ready

    const asked = []
    for (const loads of ready) asked.push(await Promise.all(loads.map((load) => askAbout(load, control))))
    const all = asked.flat()
    const estimatedBytes = estimateDatasetBytes(dataset, target.prefix)
    const objection = preflight(facts, { estimatedBytes, commands: all.flatMap(({ commands }) => commands) }, this.#options.target.allow)
    if (objection) throw objection
    this.#domains = keyDomains(dataset, all, target.prefix)
    await writeManifest(manifestFolder(this.#options.env), {
      id: runId,
      address: target.address,
      prefix: target.prefix,
      startedAt: systemClock.date().toISOString(),
      pid: process.pid,
      domains: this.#domains,
    })
    return asked.map((loads) => loads.map((load) => withPrefix(load, target.prefix)))
  }

  async #measure(loads: readonly ReadyLoad[][], rounds: Round[][]): Promise<void> {
    const { variants, rounds: count, reload } = this.#plan
    await this.#loadData()
    for (let round = 1; round <= count; round++) {
      for (const [index, variant] of variants.entries()) {
        this.#options.signal.throwIfAborted()
        this.#progress.begin(variant, round)
        if (reload === 'round' && (round > 1 || index > 0)) {
          await this.#removeData(this.#session.control)
          await this.#loadData()
        }
        const measured = await this.#runRound(variant, loads[index]!, round)
        rounds[index]!.push(measured)
        this.#progress.end(variant, round, measured)
      }
    }
  }

  async #runRound(variant: VariantPlan, loads: readonly ReadyLoad[], round: number): Promise<Round> {
    const { control, target, address, server } = this.#session
    const { seed, timeoutMs, signal } = this.#options
    for (const { workload } of loads) await workload?.prepare(control, target.prefix)
    const relay = variant.delayMs > 0 ? await this.#relay(variant.delayMs) : undefined
    return runRound({
      variant,
      loads,
      address: relay ? throughRelay(address, relay) : address,
      relay,
      control,
      pool: this.#pool,
      serverPid: server?.pid,
      prefix: target.prefix,
      seed,
      epoch: round,
      timeoutMs,
      signal,
    })
  }

  async #relay(delayMs: number): Promise<Relay> {
    const { address } = this.#session
    const upstream = address.path === undefined ? { host: address.host, port: address.port } : { path: address.path }
    const relay = this.#relays.get(delayMs) ?? (await startRelay({ upstream, delayMs, signal: this.#options.signal }))
    this.#relays.set(delayMs, relay)
    return relay
  }

  async #loadData(): Promise<void> {
    const { seed, onProgress, signal } = this.#options
    await loadDataset(this.#session.control, this.#plan.dataset, { prefix: this.#session.target.prefix, seed, onProgress, signal })
  }

  /** Everything of this scenario: on a server of ours all there is, elsewhere what carries the run's prefix. */
  async #removeData(client: Client): Promise<void> {
    const { target } = this.#session
    // What is removed must be removed whole, also after Ctrl-C.
    const signal = new AbortController().signal
    if (target.ours) await client.call('FLUSHALL')
    else await removeKeys(client, { prefix: target.prefix, domains: this.#domains }, { signal })
  }

  async #cleanUp(): Promise<void> {
    const { target, control, runId, address } = this.#session
    if (target.ours) {
      // A server that is gone has nothing to be removed.
      await this.#removeData(control).catch((error: unknown) => {
        if (!(error instanceof ConnectionError)) throw error
      })
      return
    }
    try {
      await this.#removeData(control).catch(async (error: unknown) => {
        if (!(error instanceof ConnectionError)) throw error
        const again = await Client.open(address, { protocol: 2, timeoutMs: this.#options.timeoutMs, signal: new AbortController().signal })
        await this.#removeData(again).finally(() => again.close())
      })
      await removeManifest(manifestFolder(this.#options.env), runId)
    } catch (error) {
      const message = `keys of this run may be left below ${target.prefix}; remove them with: redline clean ${target.address}`
      this.#options.onProgress({ kind: 'warning', message })
      throw error
    }
  }

  /** When the server was ours and died, what it said last: a better reason than a connection that was closed. */
  async #serverDeath(): Promise<RedlineError | undefined> {
    const { server } = this.#session
    const exit = server && (await Promise.race([server.exited, new Promise<undefined>((resolve) => setTimeout(resolve, 500, undefined))]))
    if (!exit || exit.expected) return undefined
    return new ConnectionError(`the server that redline started ended in the middle of ${this.#plan.id}: ${exit.reason}`, {
      hint: ['its last words:', ...exit.log.slice(-5)].join('\n'),
    })
  }
}

/** The server's address by way of the relay; a TLS server must still show the certificate of its own name. */
function throughRelay(address: Address, relay: Relay): Address {
  const { host, port } = relay.address
  const tls = address.tls && { ...address.tls, servername: address.tls.servername ?? address.host }
  return { ...address, transport: address.transport === 'unix' ? 'tcp' : address.transport, path: undefined, host, port, tls }
}

function scenarioResult(plan: ScenarioPlan, rounds: readonly Round[][], target: number): ScenarioResult {
  const variants = plan.variants.map((variant, index): VariantResult => ({
    id: variant.id,
    variant: variant.variant,
    point: variant.point,
    commands: variant.loads.flatMap(({ commands }) => commands?.map(({ line }) => line) ?? []),
    workload: variant.loads.find(({ workload }) => workload)?.workload?.id ?? null,
    rounds: rounds[index]!,
    summary: summarize(rounds[index]!),
  }))
  return {
    id: plan.id,
    claim: plan.claim,
    hash: plan.hash,
    roundsAsked: plan.rounds,
    variants,
    expectations: judgeAll(plan.expectations, variants),
    target,
  }
}
