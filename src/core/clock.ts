/** Time as the program sees it, injected so that tests can hold it still. */
export interface Clock {
  /** Monotonic milliseconds with sub-microsecond resolution, comparable between threads of this process. */
  now(): number
  /** The wall clock. */
  date(): Date
}

/** performance.now() counts from each thread's own start; adding its origin makes threads comparable. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  date: () => new Date(),
}
