import type { BackOffs } from './back-offs.js'
import type { CpuAccount, CpuReading } from './cpu-account.js'
import type { LatencyJudge } from './latency-judge.js'

/**
 * Decides when the next batch may go to one server, and how large it is. Pure: it is told of probes, CPU readings and batches, with
 * the time (milliseconds of any clock), and asked how long to wait.
 */
export interface Regulator {
  /** COUNT of the next batch. */
  readonly batch: number
  /** Batches that may be under way at once. */
  readonly window: number
  /** What the audit does about what it sees, while that is not reading at its full pace: `paused: a probe is not answered`. */
  readonly note: string | undefined
  readonly cpu: CpuAccount
  /** Undefined where no probes are sent. */
  readonly latency: LatencyJudge | undefined
  /** How often it slowed down or stopped, and why. */
  readonly backOffs: BackOffs
  /** Milliseconds until a batch may be sent, 0 for now. Ask again when they are over, or when anything was told. */
  waitMs(now: number): number
  /** A batch of `count` is sent. */
  sent(count: number, now: number): void
  /** The oldest batch is answered: its keys, and the time since the server had nothing else of ours to do. */
  done(keys: number, elapsedMs: number, now: number): void
  /** All but the last `keep` batches will not be answered: their connection is gone. */
  forget(keep: number): void
  /** A probe was answered. */
  probe(sentAt: number, ms: number, now: number): void
  /** When the oldest probe was sent that is not answered; undefined when all are. */
  oldest(sentAt: number | undefined, now: number): void
  /** The server refuses to work (LOADING, BUSY) or can't be reached; undefined when it is there again. */
  block(why: string | undefined, now: number): void
  /** A reading of the server's CPU time, and of how many keys it has evicted, where it tells. */
  reading(cpu: CpuReading | undefined, evicted: number | undefined, now: number): void
}
