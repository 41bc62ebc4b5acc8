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
const GROW_EVERY_MS = 100
const GROWTH = 1.25
/** Below a level that was too much it stays for a second, and for twice as long when that level turns out to be too much again. */
const BELOW_CEILING = 0.7
/** What is seen has to speak for more than that level before it is forgotten. */
const BEYOND_CEILING = 1.5
const FIRST_MEMORY_MS = 1000
const LONGEST_MEMORY_MS = 30_000
/** Levels that are this near to each other are the same ceiling. */
const NEAR = [0.6, 1.6] as const

/** A level that was too much. */
interface Ceiling {
  level: number
  until: number
  memoryMs: number
  /** Forgotten before its time, because what was seen spoke for more than it. */
  lifted: boolean
  /** That was a mistake: what is seen below it does not tell of it. */
  isCliff: boolean
}

const NO_CEILING: Ceiling = { level: 1, until: -Infinity, memoryMs: 0, lifted: false, isCliff: false }

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
  #ceiling = NO_CEILING
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

  /** All is well: faster, as far as `supports` says that what was seen speaks for a level. */
  grow(supports: (level: number) => boolean, now: number): void {
    if (this.#level >= 1 || now - this.#changedAt < GROW_EVERY_MS) return
    this.#changedAt = now
    const ceiling = this.#ceiling
    // What harmed others at the ceiling would show well below it, if it were still there.
    const lifts = now < ceiling.until && !ceiling.isCliff && supports(BEYOND_CEILING * ceiling.level)
    if (lifts) this.#ceiling = { ...ceiling, until: now, lifted: true }
    const limit = now < this.#ceiling.until ? BELOW_CEILING * ceiling.level : 1
    const next = Math.min(limit, this.#level * GROWTH)
    if (next > this.#level && supports(next)) this.#level = next
  }

  /** The level was too much: it is not tried again for a while. */
  slowDown(factor: number, now: number): void {
    const { level, until, memoryMs, lifted, isCliff } = this.#ceiling
    const ratio = this.#level / level
    const isAgain = now < until + LONGEST_MEMORY_MS && ratio >= NEAR[0] && (lifted || ratio <= NEAR[1])
    const nextMs = isAgain ? Math.min(LONGEST_MEMORY_MS, 2 * memoryMs) : FIRST_MEMORY_MS
    this.#ceiling = {
      level: isAgain && lifted ? Math.min(level, this.#level) : this.#level,
      until: now + nextMs,
      memoryMs: nextMs,
      lifted: false,
      isCliff: isAgain && (isCliff || lifted),
    }
    this.ease(factor)
  }

  /** Something happened that says nothing of the level. */
  ease(factor: number): void {
    this.#level = Math.max(LEAST_LEVEL, this.#level * factor)
  }

  /** Slowing down was a mistake: it was not the pace. The level is what it was. */
  restore(level: number): void {
    this.#level = level
    this.#ceiling = NO_CEILING
  }
}
