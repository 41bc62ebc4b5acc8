import { systemClock } from '../core/clock.js'
import { ConnectionError, InterruptedError, RedlineError, SafetyError } from '../core/errors.js'
import { estimateDatasetBytes, loadDataset } from '../load/dataset.js'
import type { GeneratorPool } from '../load/pool.js'
import { removeKeys } from '../redis/cleanup.js'
import { type KeyDomain, manifestFolder, removeManifest, writeManifest } from '../redis/manifest.js'
import { preflight } from '../redis/safety.js'
import type { Round } from '../schema/result.js'
import type { ScenarioPlan, VariantPlan } from '../schema/scenario.js'
import { type Relay, startRelay } from '../server/relay.js'
import type { Address } from '../wire/address.js'
import { Client } from '../wire/client.js'
import type { Engagement } from './engagement.js'
import type { MeasureOptions } from './options.js'
import { askAbout, type AskedLoad, keyDomains, oneThreadOnly, type ReadyLoad, readyLoads, withPrefix } from './ready.js'
import { runRound, type Way } from './round.js'
import type { Schedule } from './schedule.js'
import type { Session } from './session.js'
import { runStudyRound } from './study-round.js'

/** What a server holds of the scenario: its dataset as it was written, or as rounds have left it, or something else. */
type Data = 'fresh' | 'used' | 'spoiled'

/** Who watches a scenario: told before and after each round. */
export interface RoundWatcher {
  begin(variant: VariantPlan, round: number): void
  end(variant: VariantPlan, round: number, measured: Round): void
}

/** How a scenario is run: where each of its variants, in which order, and who watches. */
export interface Course {
  /** Servers of each variant. */
  engagements: readonly Engagement[]
  schedule: Schedule
  progress: RoundWatcher
}

/** What came of a scenario: rounds and target (undefined when its server could not be had) of each variant, and what ended it before its time. */
export interface Measured {
  rounds: Round[][]
  targets: (number | undefined)[]
  ended: RedlineError | undefined
}

/** One scenario on the servers of its variants: its data, its rounds, and everything removed afterwards. */
export class ScenarioRun {
  readonly #plan: ScenarioPlan
  readonly #course: Course
  readonly #options: MeasureOptions
  readonly #pool: GeneratorPool
  readonly #relays = new Map<string, Relay>()
  /** Server of each variant. */
  readonly #sessions: Session[] = []
  /** Servers that studies have beside that of their variant. */
  readonly #extras = new Map<Session, Session[]>()
  readonly #data = new Map<Session, Data>()
  /** What a run may leave on each server that is not ours. */
  readonly #domains = new Map<Session, KeyDomain[]>()

  constructor(plan: ScenarioPlan, course: Course, options: MeasureOptions, pool: GeneratorPool) {
    this.#plan = plan
    this.#course = course
    this.#options = options
    this.#pool = pool
  }

  async run(): Promise<Measured> {
    const { variants } = this.#plan
    const { engagements } = this.#course
    const rounds: Round[][] = variants.map(() => [])
    let ended: RedlineError | undefined
    try {
      for (const [index, { server }] of variants.entries()) {
        this.#sessions.push(await engagements[index]!.sessionFor(this.#plan.id, server.config))
      }
      const loads = await this.#prepare()
      try {
        await this.#measure(loads, rounds)
      } finally {
        await this.#cleanUp()
      }
    } catch (error) {
      const cause = this.#options.signal.aborted ? new InterruptedError() : error
      if (!(cause instanceof RedlineError)) throw cause
      ended = cause instanceof ConnectionError ? ((await this.#serverDeath()) ?? cause) : cause
    } finally {
      await Promise.all([...this.#relays.values()].map((relay) => relay.stop()))
      await Promise.all([...this.#extras.values()].flat().map((session) => session.close()))
    }
    const targets = variants.map((_, index) => this.#sessions[index] && engagements[index]!.targetIndex(this.#sessions[index]))
    return { rounds, targets, ended }
  }

  /** Loads of each variant, ready to be sent; on a foreign server only when it is safe. */
  async #prepare(): Promise<ReadyLoad[][]> {
    const { id, variants } = this.#plan
    const ready = await Promise.all(variants.map((variant) => readyLoads(variant, this.#options.modules ?? {})))
    for (const told of new Set(variants.flatMap((variant, index) => oneThreadOnly(variant, ready[index]!)))) {
      this.#options.onProgress({ kind: 'warning', message: `${id}: ${told}` })
    }
    for (const session of new Set(this.#sessions)) {
      if (!session.target.ours) await this.#prepareForeign(session, ready)
    }
    return ready
  }

  /** Makes the loads of a server that is not ours harmless to all but the run's own keys, and puts those on record; refuses what can't be made so. */
  async #prepareForeign(session: Session, ready: ReadyLoad[][]): Promise<void> {
    const { dataset } = this.#plan
    const { target, control, facts, runId } = session
    const places = this.#sessions.flatMap((own, index) => (own === session ? [index] : []))
    const variants = places.map((index) => this.#plan.variants[index]!)
    const harm = harmOf(
      variants,
      places.map((index) => ready[index]!),
    )
    if (harm !== undefined) {
      throw new SafetyError(`not run: ${this.#plan.id} ${harm}, which redline does only with servers that it started`, {
        hint: 'leave out --target, or leave out this scenario',
      })
    }
    const asked: AskedLoad[] = []
    for (const index of places) {
      const loads = await Promise.all(ready[index]!.map((load) => askAbout(load, control)))
      ready[index] = loads.map((load) => withPrefix(load, target.prefix))
      asked.push(...loads)
    }
    const estimatedBytes = estimateDatasetBytes(dataset, target.prefix)
    const { allowance } = this.#course.engagements[places[0]!]!
    const objection = preflight(facts, { estimatedBytes, commands: asked.flatMap(({ commands }) => commands) }, allowance)
    if (objection) throw objection
    const domains = keyDomains(dataset, asked, target.prefix)
    this.#domains.set(session, domains)
    await writeManifest(manifestFolder(this.#options.env), {
      id: runId,
      address: target.address,
      prefix: target.prefix,
      startedAt: systemClock.date().toISOString(),
      pid: process.pid,
      domains,
    })
  }

  async #measure(loads: readonly ReadyLoad[][], rounds: Round[][]): Promise<void> {
    const { schedule, progress } = this.#course
    for (const session of new Set(this.#sessions)) await this.#loadData(session)
    for (let turns = schedule.next(rounds); turns !== undefined; turns = schedule.next(rounds)) {
      for (const index of turns) {
        this.#options.signal.throwIfAborted()
        const variant = this.#plan.variants[index]!
        const round = rounds[index]!.length + 1
        progress.begin(variant, round)
        const measured = await this.#runRound(variant, this.#sessions[index]!, loads[index]!, round)
        rounds[index]!.push(measured)
        progress.end(variant, round, measured)
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
    const engagement = this.#course.engagements[this.#sessions.indexOf(session)]!
    const extras = this.#extras.get(session) ?? []
    this.#extras.set(session, extras)
    while (extras.length < count - 1) extras.push(await engagement.extraServer(server.config))
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
  async #removeData(client: Client, session: Session): Promise<void> {
    const { target } = session
    // What is removed must be removed whole, also after Ctrl-C.
    const signal = new AbortController().signal
    if (target.ours) await client.call('FLUSHALL')
    else await removeKeys(client, { prefix: target.prefix, domains: this.#domains.get(session) ?? [] }, { signal })
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
function harmOf(variants: readonly VariantPlan[], ready: readonly (readonly ReadyLoad[])[]): string | undefined {
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
