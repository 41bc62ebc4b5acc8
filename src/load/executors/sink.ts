import type { LoadSlice } from '../messages.js'
import { Recorder, SeriesRecorder } from '../recorder.js'

/** Where an executor records one phase of one load. */
export interface Sink {
  /** Closed: from the send to the reply. Open: from the intended send time to the reply. */
  latency: Recorder
  /** From the actual send to the reply; for a closed loop the same recorder as `latency`. */
  service: Recorder
  /** Open: actual send time less the intended one. */
  lateness: Recorder
  /** Open: the part of the lateness that is the generator's fault: since the request was due and a connection was free. */
  ownLateness: Recorder
  series: SeriesRecorder
}

/** A sink for a phase that begins at `start` (performance.now()). */
export function createSink(executor: LoadSlice['executor'], start: number): Sink {
  const latency = new Recorder()
  return {
    latency,
    service: executor === 'open' ? new Recorder() : latency,
    lateness: new Recorder(),
    ownLateness: new Recorder(),
    series: new SeriesRecorder(start),
  }
}

/** How a phase went, beside what was recorded. */
export interface PhaseOutcome {
  /** Completed operations, error replies included. */
  operations: number
  /** Arrivals whose time came and that were never sent. */
  unsent: number
  /** Arrivals that were due while every connection was taken, and were sent later. */
  delayed: number
  /** Operations that were sent and not answered: connection lost, or no reply within the drain time. */
  unanswered: number
  /** Milliseconds from the start to the last reply (or to the planned end, when that is later). */
  elapsedMs: number
  /** Why connections were lost, by message. */
  losses: Record<string, number>
}
