/**
 * One connection's way of doing operations, whatever carries them. An executor decides when; a lane does it and says when replies
 * arrive. Replies come in the order of the sends.
 */
export interface Lane {
  /** Starts the next `count` operations. */
  send(count: number): void
  /** Called when `count` operations are complete, as seen at `now` (performance.now()). Set by the executor. */
  onReplies: (count: number, now: number) => void
  /** Called once when the lane can do no more; its operations under way are lost. Set by the executor. */
  onLost: (error: Error) => void
  /** False once it can do no more: lost, or closed. */
  readonly isOpen: boolean
  /** Error replies so far, by code. */
  readonly errors: ReadonlyMap<string, number>
  /** Ends the connection. */
  close(): void
}

/** How many error replies a lane has seen. */
export function errorCount(lane: Lane): number {
  let sum = 0
  for (const count of lane.errors.values()) sum += count
  return sum
}
