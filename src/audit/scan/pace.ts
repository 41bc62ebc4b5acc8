/** Decides how fast the keys of one server are read. A scan asks it before each batch and tells it of each answer. */
export interface Pace {
  /** COUNT of the next SCAN. */
  readonly batch: number
  /** Batches that may be under way at once. */
  readonly window: number
  /** Asked before a batch is sent: undefined when it may be sent at once, else a promise of when. Rejects when the audit must end. */
  turn(): Promise<void> | undefined
  /**
   * Told when the last reply of a batch is in: keys and commands of it, and the milliseconds since the server had been busy with
   * nothing but this batch (since the batch before was answered, or since it was sent).
   */
  done(keys: number, commands: number, elapsedMs: number): void
}

/** As fast as the server answers: for replicas and copies, and for `--max-impact none`. */
export const UNLIMITED: Pace = { batch: 500, window: 4, turn: () => undefined, done: () => undefined }
