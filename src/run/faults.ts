import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../core/clock.js'
import { messageOf } from '../core/errors.js'
import { formatDuration } from '../core/units.js'
import type { Round } from '../schema/result.js'
import type { FaultPlan } from '../schema/scenario.js'
import { asNumber } from '../wire/client.js'
import type { Session } from './session.js'

/** What happened to the server, and a check for each fault that had no effect. */
export interface FaultReport {
  faults: Round['faults']
  checks: Round['checks']
}

/**
 * What is done to a server at times of a round, one thing after the other. Times count from the start of the measured part; when it
 * ends, the server is brought back to work.
 */
export class FaultSchedule {
  readonly #session: Session
  readonly #faults: readonly FaultPlan[]
  readonly #report: FaultReport = { faults: [], checks: [] }
  readonly #happened = new Set<FaultPlan>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #queue: Promise<void> = Promise.resolve()
  #startAt = 0

  constructor(session: Session, faults: readonly FaultPlan[]) {
    this.#session = session
    this.#faults = faults
  }

  /**
   * `startAt`: systemClock.now() at which the measured part begins. Where it is bound by time, `durationMs`, the server is brought back to work at
   * its end, so that what still waits for it is answered.
   */
  begin(startAt: number, durationMs: number | undefined): void {
    this.#startAt = startAt
    for (const fault of this.#faults) this.#at(startAt + fault.atMs, () => this.#do(fault))
    if (this.#faults.length > 0 && durationMs !== undefined) this.#at(startAt + durationMs, () => this.#session.recover())
  }

  /**
   * Waits for the planned end of the measured part, `durationMs` after its start: where all connections were lost it is over before, and
   * the server may be on its way back.
   */
  async planned(durationMs: number, signal: AbortSignal): Promise<void> {
    const leftMs = this.#startAt + durationMs - systemClock.now()
    if (this.#faults.length > 0 && leftMs > 0) await sleep(leftMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }

  /** Lets nothing more happen, waits for what is under way and brings the server back to work. Throws what that throws. */
  async end(): Promise<FaultReport> {
    await this.#stop()
    if (this.#faults.length > 0) await this.#session.recover()
    const missed = this.#faults.filter((fault) => !this.#happened.has(fault))
    return {
      faults: this.#report.faults,
      checks: [...this.#report.checks, ...missed.map((fault) => failed(fault, 'the round was over before'))],
    }
  }

  /** The same for a round that may have failed: that is what is told then, and not what could not be mended after it. */
  async abandon(): Promise<void> {
    await this.#stop()
    if (this.#faults.length > 0) await this.#session.recover().catch(() => undefined)
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    await this.#queue
  }

  /** Does something at a time of systemClock, and not before: timers count whole milliseconds, and may be one too early. */
  #at(time: number, work: () => Promise<void>): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer)
        if (systemClock.now() < time) this.#at(time, work)
        else this.#queue = this.#queue.then(work)
      },
      Math.max(0, Math.ceil(time - systemClock.now())),
    )
    this.#timers.add(timer)
  }

  async #do(fault: FaultPlan): Promise<void> {
    this.#happened.add(fault)
    const atMs = systemClock.now() - this.#startAt
    let ok = true
    try {
      await this.#inflict(fault)
    } catch (error) {
      ok = false
      this.#report.checks.push(failed(fault, messageOf(error)))
    }
    this.#report.faults.push({ atMs, kind: fault.kind, ok })
  }

  async #inflict({ kind, forMs }: FaultPlan): Promise<void> {
    const session = this.#session
    switch (kind) {
      case 'pause':
        await session.pause()
        this.#later(forMs, 'paused', () => session.resume())
        break
      case 'kill':
        await session.kill()
        this.#later(forMs, 'killed', () => session.restart())
        break
      case 'restart':
        if (session.server?.condition !== 'killed') await session.kill()
        if (forMs === undefined) await session.restart()
        else this.#later(forMs, 'killed', () => session.restart())
        break
      case 'cut':
        if (asNumber(await session.control.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')) === 0)
          throw new Error('no connection was there to be closed')
        break
    }
  }

  /** Undoes a fault after its time, unless another has done so before. */
  #later(forMs: number | undefined, condition: 'paused' | 'killed', undo: () => Promise<void>): void {
    if (forMs === undefined) return
    this.#at(systemClock.now() + forMs, async () => {
      if (this.#session.server?.condition !== condition) return
      await undo().catch((error: unknown) => {
        this.#report.checks.push({ name: `the end of ${condition}`, expected: 'back at work', observed: messageOf(error), ok: false })
      })
    })
  }
}

function failed({ kind, atMs }: FaultPlan, observed: string): Round['checks'][number] {
  return { name: `${kind} at ${formatDuration(atMs)}`, expected: 'took effect', observed, ok: false }
}
