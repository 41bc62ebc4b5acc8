import { setImmediate as turn } from 'node:timers/promises'
import { Bench } from 'tinybench'
import { schedulerTimes } from '../health.js'
import type { PhaseOutcome, Sink } from './sink.js'

/** The client's own work, again and again, without a server. */
export interface MicroPhase {
  /** Milliseconds, or undefined when `count` bounds the phase. */
  durationMs: number | undefined
  /** Calls at least; they come in whole batches. */
  count: number | undefined
}

/** Shorter than this the clock's own resolution and cost would show, so that several calls make one sample. */
const SAMPLE_MS = 0.1
const MAX_BATCH = 100_000
/** The thread hears of an interruption between slices. */
const SLICE_MS = 100

/**
 * Calls `work` for the duration and records the time of each call, as the mean of its sample. The CPU time of the thread per call, in
 * microseconds, is undefined where the system doesn't tell it.
 */
export async function runMicro(
  work: () => unknown,
  { durationMs, count }: MicroPhase,
  sink: Sink,
  start: number,
  signal: AbortSignal,
): Promise<{ outcome: PhaseOutcome; clientCpuUs: number | undefined }> {
  const outcome: PhaseOutcome = { operations: 0, unsent: 0, delayed: 0, unanswered: 0, elapsedMs: 0, losses: {} }
  const end = durationMs === undefined ? Infinity : start + durationMs
  const batch = batchSize(work)
  const before = schedulerTimes()
  const isOver = () => signal.aborted || performance.now() >= end || outcome.operations >= (count ?? Infinity)
  while (!isOver()) {
    const samples = await takeSamples(work, batch, Math.max(0, Math.min(SLICE_MS, end - performance.now())))
    const now = performance.now()
    for (const ms of samples) {
      sink.latency.record((ms * 1e6) / batch, batch)
      sink.series.record(now, (ms * 1e6) / batch, batch, 0)
    }
    outcome.operations += samples.length * batch
    await turn()
  }
  const after = schedulerTimes()
  outcome.elapsedMs = performance.now() - start
  const cpuNs = before && after && outcome.operations > 0 ? (after.ran - before.ran) / outcome.operations : undefined
  return { outcome, clientCpuUs: cpuNs === undefined ? undefined : cpuNs / 1000 }
}

/** Times of batches in milliseconds, at least one. */
async function takeSamples(work: () => unknown, batch: number, ms: number): Promise<readonly number[]> {
  const bench = new Bench({ time: ms, iterations: 1, warmup: false, retainSamples: true, throws: true })
  bench.add(
    'work',
    () => {
      for (let i = 0; i < batch; i++) work()
    },
    { async: false },
  )
  const [task] = await bench.run()
  const result = task!.result
  if (!('latency' in result)) throw new Error(`the client's work could not be measured: it ${result.state}`)
  return result.latency.samples ?? []
}

/** How many calls fill a sample, by doubling. */
function batchSize(work: () => unknown): number {
  for (let batch = 1; ; batch *= 2) {
    const began = performance.now()
    for (let i = 0; i < batch; i++) work()
    if (performance.now() - began >= SAMPLE_MS || batch >= MAX_BATCH) return batch
  }
}
