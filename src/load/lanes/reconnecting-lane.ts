import { setTimeout as sleep } from 'node:timers/promises'
import type { Lane } from './lane.js'

/** As applications do it; the server may need some time to come back. */
const RETRY_MS = 50

/**
 * A lane over connections that follow one another: where faults are what is measured, a load goes on when its server is back. What was
 * under way when a connection was lost is answered with that error; what is to be sent meanwhile waits.
 */
export class ReconnectingLane implements Lane {
  onReplies: Lane['onReplies'] = () => undefined
  /** Never called: there is always another connection. */
  onLost: Lane['onLost'] = () => undefined
  isOpen = true
  readonly errors = new Map<string, number>()
  readonly #reopen: () => Promise<Lane>
  #lane: Lane | undefined
  /** Errors of the lanes before. */
  #earlier = new Map<string, number>()
  #underWay = 0
  #waiting = 0

  /** @param reopen opens another connection like the first */
  constructor(first: Lane, reopen: () => Promise<Lane>) {
    this.#reopen = reopen
    this.#use(first)
  }

  send(count: number): void {
    if (!this.#lane) {
      this.#waiting += count
      return
    }
    this.#underWay += count
    this.#lane.send(count)
  }

  close(): void {
    this.isOpen = false
    this.#lane?.close()
  }

  #use(lane: Lane): void {
    this.#lane = lane
    this.#earlier = new Map(this.errors)
    lane.onReplies = (count, now) => {
      this.#underWay -= count
      for (const [code, seen] of lane.errors) this.errors.set(code, (this.#earlier.get(code) ?? 0) + seen)
      this.onReplies(count, now)
    }
    lane.onLost = (error) => this.#lost(error)
    const waiting = this.#waiting
    this.#waiting = 0
    if (waiting > 0) this.send(waiting)
  }

  #lost(error: Error): void {
    const lost = this.#underWay
    this.#underWay = 0
    this.#lane = undefined
    void this.#connectAgain()
    if (lost === 0) return
    this.errors.set(error.message, (this.errors.get(error.message) ?? 0) + lost)
    this.onReplies(lost, performance.now())
  }

  async #connectAgain(): Promise<void> {
    while (this.isOpen) {
      // That the server is still away is no news.
      const lane = await this.#reopen().catch(() => undefined)
      if (lane && this.isOpen) return this.#use(lane)
      lane?.close()
      await sleep(RETRY_MS)
    }
  }
}
