import { formatDuration } from '../../core/units.js'

interface Tally {
  times: number
  worstMs: number
}

/** Why an audit slowed down or paused, how often, and how bad it was at worst. */
export class BackOffs {
  /** How often it did. */
  count = 0
  readonly #reasons = new Map<string, Tally>()

  /** It slows down or pauses, for a reason that may have a size in milliseconds. */
  add(reason: string, ms = 0): void {
    this.count++
    this.note(reason, ms)
  }

  /** Something is found out about the reason, which costs nothing. */
  note(reason: string, ms = 0): void {
    const { times, worstMs } = this.#reasons.get(reason) ?? { times: 0, worstMs: 0 }
    this.#reasons.set(reason, { times: times + 1, worstMs: Math.max(worstMs, ms) })
  }

  timesOf(reason: string): number {
    return this.#reasons.get(reason)?.times ?? 0
  }

  /** One phrase for each reason, in the order in which they came up: `slowed down because p99 rose (3 times, up to 2.1ms)`. */
  get reasons(): string[] {
    return [...this.#reasons].map(([reason, { times, worstMs }]) => {
      const size = worstMs === 0 ? [] : [`${times === 1 ? '' : 'up to '}${formatLatency(worstMs)}`]
      const details = [...(times === 1 ? [] : [`${times} times`]), ...size]
      return details.length === 0 ? reason : `${reason} (${details.join(', ')})`
    })
  }
}

/** Milliseconds to the digits that a probe can tell: `0.31ms`, `1.3ms`, `120ms`. */
export function formatLatency(ms: number): string {
  return ms < 10 ? formatDuration(Number(ms.toPrecision(2))) : formatDuration(Math.round(ms))
}
