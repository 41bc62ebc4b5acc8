import type { Address } from '../wire/address.js'
import type { WorkloadChoice } from '../workloads/registry.js'
import type { Outcome } from '../workloads/workload.js'
import type { CommandTemplate } from './generators/request-stream.js'
import type { PhaseOutcome } from './executors/sink.js'
import type { ThreadHealth } from './health.js'
import type { Recording, SeriesSlice } from './recorder.js'

/*
 * What the main thread and a generator thread say to each other. Each command is answered once; everything in them survives
 * structured cloning.
 */

/** The part of one load that one thread carries. */
export interface LoadSlice {
  address: Address
  driver: 'wire' | 'ioredis'
  executor: 'closed' | 'open' | 'micro'
  protocol: 2 | 3
  /** What each connection sends: commands, with their keys already prefixed, or the steps of a workload. */
  commands: CommandTemplate[] | undefined
  workload: WorkloadChoice | undefined
  prefix: string
  connections: number
  pipeline: number
  /** Arrivals per second of the whole load; set exactly when the executor is open. */
  rate: number | undefined
  arrival: 'constant' | 'poisson'
  keys: number
  members: number
  /** Number of the first connection among all of the load, and how many the load has. */
  firstLane: number
  lanes: number
  /** This thread's number among those of the load, and how many there are. */
  thread: number
  threads: number
  /** Seed of the load in this round. */
  seed: number
  /** Number of the round. */
  epoch: number
  timeoutMs: number
  /** Connections that are lost are opened again: the round has faults. */
  reconnects: boolean
}

/** One phase: a warm-up or the measured part. */
export interface Phase {
  measured: boolean
  /** systemClock.now() at which all threads begin. */
  startAt: number
  durationMs: number | undefined
  /** This thread's part of the count. */
  count: number | undefined
}

/** What a thread recorded in a phase. */
export interface PhaseReport {
  outcome: PhaseOutcome
  latency: Recording
  service: Recording
  lateness: Recording
  ownLateness: Recording
  series: SeriesSlice[]
  errors: Record<string, number>
  /** CPU time of the client per operation, in microseconds, of the micro executor. */
  clientCpuUs: number | undefined
  health: ThreadHealth
}

/** To a generator thread; `abort` and `close` may come while a phase runs. */
export type Command =
  { kind: 'open'; slice: LoadSlice } | { kind: 'phase'; phase: Phase } | { kind: 'settle' } | { kind: 'abort' } | { kind: 'close' }

/** From a generator thread: one for each `open`, `phase` and `settle`. */
export type Answer =
  | { kind: 'opened' }
  | { kind: 'phase'; report: PhaseReport }
  | { kind: 'settled'; outcome: Outcome | undefined }
  | { kind: 'failed'; message: string; hint: string | undefined; exitCode: number | undefined; stack: string | undefined }
