import { systemClock } from '../core/clock.js'
import { ConnectionError, InterruptedError, RedlineError } from '../core/errors.js'
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
import type { RunOptions } from './options.js'
import type { ScenarioProgress } from './planned-time.js'
import { askAbout, keyDomains, type ReadyLoad, readyLoad, withPrefix } from './ready.js'
import { runRound } from './round.js'
import type { Session } from './session.js'

/** One scenario on one server: its data, its rounds, and everything removed afterwards. */
export class ScenarioRun {
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
