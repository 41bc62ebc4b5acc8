import { formatDuration } from '../../core/units.js'
import { BudgetEnded, type Limits } from './budget.js'

/** A batch has no more commands than this time allows, so that the rate holds in every second. */
const BATCH_MS = 100
/** SCAN and five facts, until batches have told better. */
const COMMANDS_PER_KEY = 6

/** Limits that hold whatever the server could take: commands a second, and an end. Pure, like a Regulator. */
export class HardLimits {
  readonly #opsPerMs: number
  readonly #timeMs: number
  readonly #endsAt: number
  #credit = 0
  #creditAt: number
  #perKey = COMMANDS_PER_KEY
  /** Commands that batches under way are expected to have. */
  readonly #underWay: number[] = []

  constructor({ opsPerSecond = Infinity, timeMs = Infinity }: Limits, now: number) {
    this.#opsPerMs = opsPerSecond / 1000
    this.#timeMs = timeMs
    this.#endsAt = now + timeMs
    this.#creditAt = now
  }

  /** The largest COUNT that keeps the rate even. */
  get batch(): number {
    return Math.max(1, Math.floor((this.#opsPerMs * BATCH_MS) / this.#perKey))
  }

  /** Milliseconds until the end of the time. */
  leftMs(now: number): number {
    return this.#endsAt - now
  }

  /** The reason to end, once the time is over. */
  ended(now: number): BudgetEnded | undefined {
    if (now < this.#endsAt) return undefined
    const hint = 'allow more with --max-time, or read a part of the keys with --sample'
    return new BudgetEnded('time limit', `the time limit of ${formatDuration(this.#timeMs)} was reached`, hint)
  }

  /** Milliseconds until the next batch may be sent, 0 for now. */
  waitMs(now: number): number {
    if (this.#opsPerMs === Infinity) return 0
    this.#credit = Math.min(0, this.#credit + (now - this.#creditAt) * this.#opsPerMs)
    this.#creditAt = now
    return this.#credit >= 0 ? 0 : -this.#credit / this.#opsPerMs
  }

  /** A batch is sent: what it is expected to take counts at once. */
  sent(count: number): void {
    const expected = 1 + count * this.#perKey
    this.#credit -= expected
    this.#underWay.push(expected)
  }

  /** The oldest batch is answered. */
  done(keys: number, commands: number): void {
    this.#credit += (this.#underWay.shift() ?? commands) - commands
    if (keys > 0) this.#perKey = Math.max(1, this.#perKey + 0.2 * (commands / keys - this.#perKey))
  }

  /** All but the last `keep` batches will not be answered; they were sent all the same. */
  forget(keep: number): void {
    this.#underWay.splice(0, Math.max(0, this.#underWay.length - keep))
  }
}
