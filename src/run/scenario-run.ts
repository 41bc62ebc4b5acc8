import { systemClock } from '../core/clock.js'
import { ConnectionError, InterruptedError, RedlineError, SafetyError } from '../core/errors.js'
import { estimateDatasetBytes, loadDataset } from '../load/dataset.js'
import type { GeneratorPool } from '../load/pool.js'
import { removeKeys } from '../redis/cleanup.js'
import { type KeyDomain, manifestFolder, removeManifest, writeManifest } from '../redis/manifest.js'
import { preflight } from '../redis/safety.js'
import type { Round, ScenarioResult, VariantResult } from '../schema/result.js'
import type { ScenarioPlan, VariantPlan } from '../schema/scenario.js'
import { type Relay, startRelay } from '../server/relay.js'
import { judgeAll } from '../stats/expectation.js'
import { summarize } from '../stats/summary.js'
import type { Address } from '../wire/address.js'
import { Client } from '../wire/client.js'
import type { Engagement } from './engagement.js'
import type { RunOptions } from './options.js'
import type { ScenarioProgress } from './planned-time.js'
import { askAbout, keyDomains, type ReadyLoad, readyLoads, withPrefix } from './ready.js'
import { runRound, type Way } from './round.js'
import type { Session } from './session.js'
import { runStudyRound } from './study-round.js'

/** What a server holds of the scenario: its dataset as it was written, or as rounds have left it, or something else. */
type Data = 'fresh' | 'used' | 'spoiled'

/** One scenario on the servers of its variants: its data, its rounds, and everything removed afterwards. */
export class ScenarioRun {
  readonly #plan: ScenarioPlan
  readonly #engagement: Engagement
  readonly #options: RunOptions
  readonly #pool: GeneratorPool
  readonly #progress: ScenarioProgress
  readonly #relays = new Map<string, Relay>()
  /** Server of each variant. */
  readonly #sessions: Session[] = []
  /** Servers that studies have beside that of their variant, by configuration. */
  readonly #extras = new Map<string, Session[]>()
  readonly #data = new Map<Session, Data>()
  #domains: KeyDomain[] = []

  constructor(plan: ScenarioPlan, engagement: Engagement, options: RunOptions, pool: GeneratorPool, progress: ScenarioProgress) {
    this.#plan = plan
    this.#engagement = engagement
    this.#options = options
    this.#pool = pool
    this.#progress = progress
  }

  /** Rounds by variant, the target of the first, and what ended the scenario before its time. */
  async run(): Promise<{ rounds: Round[][]; target: number | undefined; ended: Error | undefined }> {
    const rounds: Round[][] = this.#plan.variants.map(() => [])
    let ended: Error | undefined
    try {
      for (const { server } of this.#plan.variants) this.#sessions.push(await this.#engagement.sessionFor(this.#plan.id, server.config))
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
      await Promise.all([...this.#extras.values()].flat().map((session) => session.close()))
    }
    const [first] = this.#sessions
    return { rounds, target: first && this.#engagement.targetIndex(first), ended }
  }

  /** Loads of each variant, ready to be sent; on a foreign server only when it is safe. */
  async #prepare(): Promise<ReadyLoad[][]> {
    const { variants, dataset } = this.#plan
    const { target, control, facts, runId } = this.#sessions[0]!
    const ready = await Promise.all(variants.map((variant) => readyLoads(variant, this.#options.modules ?? {})))
    if (target.ours || !('allow' in this.#options.target)) return ready

    const harm = harmOf(this.#plan, ready)
    if (harm !== undefined) {
      throw new SafetyError(`not run: ${this.#plan.id} ${harm}, which redline does only with servers that it started`, {
        hint: 'leave out --target, or leave out this scenario',
      })
    }
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
    const { variants, rounds: count } = this.#plan
    for (const session of new Set(this.#sessions)) await this.#loadData(session)
    for (let round = 1; round <= count; round++) {
      for (const [index, variant] of variants.entries()) {
        this.#options.signal.throwIfAborted()
        this.#progress.begin(variant, round)
        const measured = await this.#runRound(variant, this.#sessions[index]!, loads[index]!, round)
        rounds[index]!.push(measured)
        this.#progress.end(variant, round, measured)
      }
    }
  }

  async #runRound(variant: VariantPlan, session: Session, loads: readonly ReadyLoad[], round: number): Promise<Round> {
    const [only] = loads
    if (only?.study) {
      await this.#freshen(session, ['fresh'])
      this.#data.set(session, 'spoiled')
      const sessions = await this.#sessionsOf(session, variant, only.study.servers)
      return runStudyRound({
        ...this.#requestFor(variant, round),
        plan: only.plan,
        study: only.study,
        servers: await this.#ways(sessions, variant),
      })
    }
    await this.#freshen(session, this.#plan.reload === 'round' ? ['fresh'] : ['fresh', 'used'])
    // A server that was killed comes back with what it had persisted.
    this.#data.set(session, variant.faults.some(({ kind }) => kind === 'kill' || kind === 'restart') ? 'spoiled' : 'used')
    for (const { workload } of loads) await workload?.prepare(session.control, session.target.prefix)
    const [way] = await this.#ways([session], variant)
    return runRound({ ...this.#requestFor(variant, round), ...way!, loads, pool: this.#pool })
  }

  #requestFor(variant: VariantPlan, epoch: number) {
    const { seed, timeoutMs, signal } = this.#options
    return { variant, seed, epoch, timeoutMs, signal }
  }

  /** Writes the dataset anew where the server holds it in no state that will do. */
  async #freshen(session: Session, good: readonly Data[]): Promise<void> {
    if (good.includes(this.#data.get(session) ?? 'spoiled')) return
    await this.#removeData(session.control, session)
    await this.#loadData(session)
  }

  /** The server of a variant and those that its study has beside it, all empty but for the dataset on the first. */
  async #sessionsOf(session: Session, { server }: VariantPlan, count: number): Promise<Session[]> {
    const key = JSON.stringify(server.config)
    const extras = this.#extras.get(key) ?? []
    this.#extras.set(key, extras)
    while (extras.length < count - 1) extras.push(await this.#engagement.extraServer(server.config))
    const used = extras.slice(0, Math.max(0, count - 1))
    for (const extra of used) await extra.control.call('FLUSHALL')
    return [session, ...used]
  }

  /** How the load gets to each server: at once, or through a relay. */
  async #ways(sessions: readonly Session[], { delayMs }: VariantPlan): Promise<Way[]> {
    const ways: Way[] = []
    for (const session of sessions) {
      const relay = delayMs > 0 ? await this.#relay(session, delayMs) : undefined
      ways.push({ session, relay, address: relay ? throughRelay(session.address, relay) : session.address })
    }
    return ways
  }

  async #relay({ address }: Session, delayMs: number): Promise<Relay> {
    const upstream = address.path === undefined ? { host: address.host, port: address.port } : { path: address.path }
    const key = JSON.stringify({ upstream, delayMs })
    const relay = this.#relays.get(key) ?? (await startRelay({ upstream, delayMs, signal: this.#options.signal }))
    this.#relays.set(key, relay)
    return relay
  }

  async #loadData(session: Session): Promise<void> {
    const { seed, onProgress, signal } = this.#options
    await loadDataset(session.control, this.#plan.dataset, { prefix: session.target.prefix, seed, onProgress, signal })
    this.#data.set(session, 'fresh')
  }

  /** Everything of this scenario: on a server of ours all there is, elsewhere what carries the run's prefix. */
  async #removeData(client: Client, { target }: Session): Promise<void> {
    // What is removed must be removed whole, also after Ctrl-C.
    const signal = new AbortController().signal
    if (target.ours) await client.call('FLUSHALL')
    else await removeKeys(client, { prefix: target.prefix, domains: this.#domains }, { signal })
  }

  async #cleanUp(): Promise<void> {
    for (const session of new Set(this.#sessions)) {
      if (session.target.ours) await this.#cleanOwn(session)
      else await this.#cleanForeign(session)
    }
  }

  async #cleanOwn(session: Session): Promise<void> {
    // A server that is gone has nothing to be removed; one that a fault has hurt is back since the end of the round.
    await this.#removeData(session.control, session).catch((error: unknown) => {
      if (!(error instanceof ConnectionError)) throw error
    })
  }

  async #cleanForeign(session: Session): Promise<void> {
    const { target, control, runId, address } = session
    try {
      await this.#removeData(control, session).catch(async (error: unknown) => {
        if (!(error instanceof ConnectionError)) throw error
        const again = await Client.open(address, { protocol: 2, timeoutMs: this.#options.timeoutMs, signal: new AbortController().signal })
        await this.#removeData(again, session).finally(() => again.close())
      })
      await removeManifest(manifestFolder(this.#options.env), runId)
    } catch (error) {
      const message = `keys of this run may be left below ${target.prefix}; remove them with: redline clean ${target.address}`
      this.#options.onProgress({ kind: 'warning', message })
      throw error
    }
  }

  /** When a server was ours and died, what it said last: a better reason than a connection that was closed. */
  async #serverDeath(): Promise<RedlineError | undefined> {
    const exits = [...this.#sessions, ...[...this.#extras.values()].flat()].flatMap(({ server }) => server?.exited ?? [])
    const exit = await Promise.race([...exits, new Promise<undefined>((resolve) => setTimeout(resolve, 500, undefined))])
    if (!exit || exit.expected) return undefined
    return new ConnectionError(`the server that redline started ended in the middle of ${this.#plan.id}: ${exit.reason}`, {
      hint: ['its last words:', ...exit.log.slice(-5)].join('\n'),
    })
  }
}

/** What a scenario would do to its server that nobody does to a server of others; undefined when it does nothing of the kind. */
function harmOf({ variants }: ScenarioPlan, ready: readonly (readonly ReadyLoad[])[]): string | undefined {
  const studies = ready.flat().flatMap(({ study }) => study ?? [])
  const fault = variants.flatMap(({ faults }) => faults)[0]
  if (fault) return `does a ${fault.kind} to its server`
  const own = studies.find((study) => study.own)
  if (own) return `pauses, kills or configures its servers (${own.id})`
  const several = studies.find(({ servers }) => servers > 1)
  return several && `needs ${several.servers} servers (${several.id})`
}

/** The server's address by way of the relay; a TLS server must still show the certificate of its own name. */
function throughRelay(address: Address, relay: Relay): Address {
  const { host, port } = relay.address
  const tls = address.tls && { ...address.tls, servername: address.tls.servername ?? address.host }
  return { ...address, transport: address.transport === 'unix' ? 'tcp' : address.transport, path: undefined, host, port, tls }
}

/** What came of a scenario, with its summaries and the answers to what was expected. */
export function scenarioResult(plan: ScenarioPlan, rounds: readonly Round[][], target: number): ScenarioResult {
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
