import { systemClock } from '../../core/clock.js'
import { ConnectionError } from '../../core/errors.js'
import { type Address, displayAddress } from '../../wire/address.js'
import { noTraffic } from '../../wire/traffic.js'
import type { Pace } from '../scan/pace.js'
import type { Budget, BudgetReport, Limits } from './budget.js'
import { BASELINE_MS, Controller } from './controller.js'
import { HardLimits } from './hard-limits.js'
import type { ProbeNews } from './probe-messages.js'
import { type ProbeOptions, ProbeThread } from './probe-thread.js'
import type { Regulator } from './regulator.js'
import { Unregulated } from './unregulated.js'

export interface GovernorOptions {
  /** How the probe connects; `signal` ends the waiting for turns too. */
  connect: ProbeOptions
  /** The thread of the probes, which the servers of an audit share; by default one of its own. */
  probes?: ProbeThread
  /** A server that does not work for so long ends the audit; half a minute by default. */
  giveUpMs?: number
}

/** Without a budget only the CPU of the others is watched before the scan, until it is known, and for no longer than this. */
const CPU_BASELINE_MS = 300
const LOOK_EVERY_MS = 5
/** A turn is looked at again at least so often, whatever was said about how long it takes. */
const LONGEST_SLEEP_MS = 20
/** Older news tell nothing: the thread of the probes has no core, and the budget can't be kept. */
const BLIND_MS = 500
const GIVE_UP_MS = 30_000

interface Waiting {
  since: number
  resolve: () => void
  reject: (error: Error) => void
}

/**
 * Keeps the reading of one server's keys within a budget, by what a probe beside it sees. Hand it to the scan as its pace, and call
 * `finish` in the end, whatever the end was.
 */
export class Governor implements Pace {
  readonly #address: Address
  readonly #limits: HardLimits
  readonly #regulator: Regulator
  readonly #signal: AbortSignal
  readonly #giveUpMs: number
  #close: () => Promise<void> = () => Promise.resolve()
  #queue: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #underWay = 0
  #pausedMs = 0
  #firstAt: number | undefined
  #lastAt = 0
  #heardAt: number
  #blocked: { why: string; since: number } | undefined
  #failure: Error | undefined
  #traffic = noTraffic()
  readonly #onAbort = () => this.#serve()

  private constructor(address: Address, budget: Budget | 'none', limits: Limits, { connect, giveUpMs = GIVE_UP_MS }: GovernorOptions) {
    const now = systemClock.now()
    this.#address = address
    this.#limits = new HardLimits(limits, now)
    this.#regulator = budget === 'none' ? new Unregulated(now) : new Controller(budget, now)
    this.#heardAt = now
    this.#signal = connect.signal
    this.#giveUpMs = giveUpMs
  }

  /**
   * Connects the probe and watches the server for a second: that is what it is compared with, so nothing else should be asked of it
   * meanwhile. The time of the limits begins. Throws ConnectionError, or the signal's reason.
   */
  static async open(address: Address, budget: Budget | 'none', limits: Limits, options: GovernorOptions): Promise<Governor> {
    const { connect } = options
    connect.signal.throwIfAborted()
    const probes = options.probes ?? new ProbeThread()
    const governor = new Governor(address, budget, limits, options)
    governor.#close = () => (options.probes ? Promise.resolve() : probes.stop())
    try {
      const probe = await probes.open(address, connect, budget !== 'none', (news) => governor.#hear(news))
      const stop = governor.#close
      governor.#close = () => probe.close().then(stop)
      if (budget === 'none') await governor.#knowsOthers(connect.signal)
      else await passed(BASELINE_MS, connect.signal)
    } catch (error) {
      await governor.#close()
      throw error
    }
    connect.signal.addEventListener('abort', governor.#onAbort)
    return governor
  }

  async #knowsOthers(signal: AbortSignal): Promise<void> {
    for (let ms = 0; ms < CPU_BASELINE_MS && this.#regulator.cpu.othersShare === undefined; ms += LOOK_EVERY_MS) {
      await passed(LOOK_EVERY_MS, signal)
    }
  }

  get batch(): number {
    return Math.min(this.#regulator.batch, this.#limits.batch)
  }

  get window(): number {
    return this.#regulator.window
  }

  /** What holds the scan back, while something does. */
  get note(): string | undefined {
    return this.#regulator.note
  }

  /** As Pace says. Rejects with BudgetEnded when a limit is reached, ConnectionError when the server is gone, the signal's reason. */
  turn(): Promise<void> | undefined {
    const now = systemClock.now()
    const ended = this.#ended(now)
    if (ended) return Promise.reject(ended)
    if (this.#queue.length === 0 && this.#waitMs(now) === 0) {
      this.#grant(now)
      return undefined
    }
    const turn = new Promise<void>((resolve, reject) => {
      this.#queue.push({ since: now, resolve, reject })
    })
    this.#serve()
    return turn
  }

  done(keys: number, commands: number, elapsedMs: number): void {
    const now = systemClock.now()
    this.#underWay = Math.max(0, this.#underWay - 1)
    this.#lastAt = now
    this.#regulator.done(keys, elapsedMs, now)
    this.#limits.done(keys, commands)
    this.#serve()
  }

  /** Ends the probe and says what the scan cost. Never rejects. */
  async finish(): Promise<BudgetReport> {
    this.#failure ??= new ConnectionError(`the audit of ${displayAddress(this.#address)} has ended`)
    this.#serve()
    this.#signal.removeEventListener('abort', this.#onAbort)
    await this.#close()
    const { cpu, backOffs } = this.#regulator
    const seconds = this.#firstAt === undefined ? 0 : (this.#lastAt - this.#firstAt) / 1000
    const serverCpuSeconds = cpu.othersShare === undefined ? null : cpu.auditSeconds
    return {
      latency: this.#latency(),
      traffic: this.#traffic,
      serverCpuSeconds,
      serverCpuShare: serverCpuSeconds === null || seconds <= 0 ? null : serverCpuSeconds / seconds,
      pausedSeconds: this.#pausedMs / 1000,
      backOffs: backOffs.count,
      reasons: backOffs.reasons,
    }
  }

  #latency(): BudgetReport['latency'] {
    const { latency } = this.#regulator
    if (!latency || latency.during.count === 0) return null
    const p99BeforeMs = latency.before.quantile(0.99)
    const p99DuringMs = latency.during.quantile(0.99)
    return { probes: latency.during.count, p99BeforeMs, p99DuringMs, addedP99Ms: p99DuringMs - p99BeforeMs }
  }

  #hear(news: ProbeNews): void {
    const now = (this.#heardAt = systemClock.now())
    if (news.kind === 'probes') {
      for (let i = 0; i < news.answered.length; i += 2) this.#regulator.probe(news.answered[i]!, news.answered[i + 1]!, now)
      this.#regulator.oldest(news.oldestSentAt, now)
      this.#regulator.block(news.blocked, now)
      this.#traffic = news.traffic
      this.#blocked = news.blocked === undefined ? undefined : { why: news.blocked, since: this.#blocked?.since ?? now }
    } else if (news.kind === 'counters') {
      const cpu = news.cpuSeconds === undefined ? undefined : { at: news.at, seconds: news.cpuSeconds }
      this.#regulator.reading(cpu, news.evicted, now)
    } else if (news.kind === 'failed') {
      this.#failure ??= new ConnectionError(news.message)
    }
    this.#serve()
  }

  /** Gives turns to those who wait, as far as there are any, and looks again when the next may be due. */
  #serve(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#queue.length > 0) {
      const now = systemClock.now()
      const ended = this.#ended(now)
      const waitMs = ended ? 0 : this.#waitMs(now)
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#serve(), Math.min(waitMs, LONGEST_SLEEP_MS, Math.max(0, this.#limits.leftMs(now))))
        return
      }
      const { since, resolve, reject } = this.#queue.shift()!
      this.#pausedMs += now - since
      if (ended) reject(ended)
      else {
        this.#grant(now)
        resolve()
      }
    }
  }

  #waitMs(now: number): number {
    if (this.#regulator.latency && now > this.#heardAt + BLIND_MS) return LONGEST_SLEEP_MS
    return Math.max(this.#limits.waitMs(now), this.#regulator.waitMs(now))
  }

  #grant(now: number): void {
    // The scan would not ask if so many were under way: those are lost, with their connection.
    if (this.#underWay >= this.window) {
      this.#underWay = this.window - 1
      this.#regulator.forget(this.#underWay)
      this.#limits.forget(this.#underWay)
    }
    const { batch } = this
    this.#underWay++
    this.#firstAt ??= now
    this.#lastAt = now
    this.#regulator.sent(batch, now)
    this.#limits.sent(batch)
  }

  /** Why there are no more turns; undefined as long as there are. */
  #ended(now: number): Error | undefined {
    if (this.#failure) return this.#failure
    if (this.#signal.aborted) return asError(this.#signal.reason)
    const blocked = this.#blocked
    if (blocked && now - blocked.since > this.#giveUpMs) {
      return new ConnectionError(`the audit can't go on: ${blocked.why}`, { hint: 'try again when the server is there' })
    }
    return this.#limits.ended(now)
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

/** Resolves after so many milliseconds. Throws the signal's reason. */
function passed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(asError(signal.reason))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
