/** How long replies and overdue sends are waited for after the planned end of a phase. */
export const DRAIN_MS = 5000

/** How long a phase that is bounded by a count waits for any reply at all. */
const STALL_MS = 30_000

/**
 * Calls `giveUp` when a phase has outlasted its planned end by the drain time or, when a count bounds it, when nothing has
 * been answered for half a minute. Returns the function that stops watching.
 *
 * @param end planned end (performance.now()), or Infinity
 * @param lastReply when the last reply came
 */
export function watch(end: number, lastReply: () => number, giveUp: () => void): () => void {
  const timer = setInterval(() => {
    const limit = end === Infinity ? lastReply() + STALL_MS : end + DRAIN_MS
    if (performance.now() >= limit) giveUp()
  }, 100)
  return () => clearInterval(timer)
}
