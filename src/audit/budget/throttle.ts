import type { Budget } from './budget.js'
import { WorkModel } from './work-model.js'

/** Part of the allowed p99 that one batch may keep the server's only thread busy. */
const QUANTUM_SHARE = 0.4
/** A batch that is shorter than this hurts nobody less, and costs more for each key. */
const LEAST_QUANTUM_MS = 0.06
/** Over a long way, that of the pieces in which the server reads a batch. */
const MOST_QUANTA = 2
const MOST_COUNT = 500
/** Turns that were missed are made up for by no more than this, because timers are coarse. */
const BURST_MS = 4

/** How far the allowed pace is used: where it begins, its floor, and how it grows. */
const FIRST_LEVEL = 0.4
const LEAST_LEVEL = 0.05
const GROW_EVERY_MS = 400
const GROWTH = 0.1
/** Near a level that was too much a while ago: by a factor, until it is well past. */
const CAREFUL_GROWTH = 1.03
const NEAR = [0.65, 1.15] as const
const CEILING_MEMORY_MS = 30_000

/** Left to others when the core of the server is nearly full. */
const HEADROOM = 0.1
/** Who keeps the server busy for no more than a hundredth of the time can't be what its p99 suffers from. */
const LEAST_DUTY = 0.01

/**
 * The two knobs that keep a budget: how long a batch keeps the server's thread busy, which is what a bystander waits at worst, and
 * the share of time in which it is busy with batches. `level` scales both, from a twentieth of what is allowed to all of it.
 */
export class Throttle {
  readonly work = new WorkModel()
  readonly #budget: Budget
  #level = FIRST_LEVEL
  #ceiling = { level: 1, at: -Infinity }
  #changedAt: number
  /** Server time that may be used now, in milliseconds; negative when it is owed. */
  #credit = 0
  #creditAt: number

  constructor(budget: Budget, now: number) {
    this.#budget = budget
    this.#changedAt = this.#creditAt = now
  }

  get level(): number {
    return this.#level
  }

  /** Share of the core that batches may take where others use `othersShare`. */
  duty(othersShare: number): number {
    const free = 1 - HEADROOM - othersShare
    return Math.max(LEAST_DUTY, Math.min(this.#budget.cpuShare, free) * this.#level)
  }

  /**
   * COUNT of a batch. Over a long way the server would idle for a round trip after each, and a batch may be larger instead: the server
   * reads 16 KB of it at once, some 70 keys, and serves others in between.
   */
  batch(roundTripMs: number): number {
    const quantumMs = QUANTUM_SHARE * this.#budget.addedP99Ms
    const share = Math.min(0.5, this.#budget.cpuShare)
    const fillingMs = Math.min((share / (1 - share)) * roundTripMs, MOST_QUANTA * quantumMs)
    return Math.min(MOST_COUNT, Math.max(1, this.work.countFor(Math.max(LEAST_QUANTUM_MS, Math.max(quantumMs, fillingMs) * this.#level))))
  }

  /** Milliseconds until there is server time for a batch; 0 when there is. */
  waitMs(duty: number, now: number): number {
    this.#credit = Math.min(BURST_MS * duty, this.#credit + (now - this.#creditAt) * duty)
    this.#creditAt = now
    return this.#credit >= 0 ? 0 : -this.#credit / duty
  }

  /** Takes server time, or gives back (a negative one) what was not needed. */
  spend(ms: number): void {
    this.#credit -= ms
  }

  /** After a pause there is nothing to make up for. */
  restart(now: number): void {
    this.#credit = Math.min(this.#credit, 0)
    this.#creditAt = this.#changedAt = now
  }

  /** All is well: a little faster, once in a while. */
  grow(now: number): void {
    if (now - this.#changedAt < GROW_EVERY_MS) return
    this.#changedAt = now
    const toCeiling = now - this.#ceiling.at < CEILING_MEMORY_MS ? this.#level / this.#ceiling.level : 0
    const near = toCeiling >= NEAR[0] && toCeiling < NEAR[1]
    this.#level = Math.min(1, near ? this.#level * CAREFUL_GROWTH : this.#level + GROWTH)
  }

  /** The level was too much: half way back it grows carefully. */
  slowDown(factor: number, now: number): void {
    this.#ceiling = { level: this.#level, at: now }
    this.ease(factor)
  }

  /** Something happened that says nothing of the level. */
  ease(factor: number): void {
    this.#level = Math.max(LEAST_LEVEL, this.#level * factor)
  }

  /** Slowing down was a mistake: it was not the pace. */
  restore(level: number): void {
    this.#level = level
    this.#ceiling.at = -Infinity
  }
}
