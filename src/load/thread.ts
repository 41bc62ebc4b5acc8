import { setMaxListeners } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { systemClock } from '../core/clock.js'
import { messageOf, RedlineError } from '../core/errors.js'
import { Rng } from '../core/rng.js'
import { Client } from '../wire/client.js'
import type { BoundWorkload } from '../workloads/registry.js'
import type { Referee } from '../workloads/workload.js'
import { arrivals } from './executors/arrivals.js'
import { runClosed } from './executors/closed.js'
import { runOpen } from './executors/open.js'
import { createSink, type PhaseOutcome, type Sink } from './executors/sink.js'
import { HealthMonitor } from './health.js'
import type { Lane } from './lanes/lane.js'
import { bindActors, openLanes } from './lanes/open-lanes.js'
import type { Answer, Command, LoadSlice, Phase, PhaseReport } from './messages.js'

/*
 * A generator thread: owns the connections of one slice at a time and runs phases over them. It does nothing else, so that
 * progress, INFO and rendering in the main thread don't show in the latencies.
 */

interface Open {
  slice: LoadSlice
  lanes: Lane[]
  workload: BoundWorkload | undefined
  referee: Referee | undefined
  /** Stream of the random gaps between arrivals; it goes on over the phases. */
  gaps: Rng
}

/** For what a referee asks in the end. */
const SETTLE_TIMEOUT_MS = 30_000

const port = parentPort!
let open: Open | undefined
let abort = new AbortController()

port.on('message', (command: Command) => {
  switch (command.kind) {
    case 'open':
      abort = new AbortController()
      // Every connection listens to it while it opens.
      setMaxListeners(0, abort.signal)
      answer(openSlice(command.slice))
      break
    case 'phase':
      answer(runPhase(open!, command.phase))
      break
    case 'settle':
      answer(settle(open!))
      break
    case 'abort':
      abort.abort()
      break
    case 'close':
      for (const lane of open?.lanes ?? []) lane.close()
      open = undefined
      break
  }
})

function answer(work: Promise<Answer>): void {
  work.then(
    (done) => port.postMessage(done, transferables(done)),
    (error: unknown) => port.postMessage(failure(error)),
  )
}

async function openSlice(slice: LoadSlice): Promise<Answer> {
  const workload = slice.workload && (await bindActors(slice.workload))
  if (slice.executor === 'micro') {
    open = { slice, lanes: [], workload, referee: undefined, gaps: new Rng(0) }
    return { kind: 'opened' }
  }
  const root = new Rng(slice.seed)
  const referee = workload?.referee?.({ prefix: slice.prefix, actors: slice.lanes, rng: root.fork('referee') })
  const lanes = await openLanes(slice, workload && { workload, referee }, abort.signal)
  open = { slice, lanes, workload, referee, gaps: root.fork(`arrivals ${slice.thread}`) }
  return { kind: 'opened' }
}

/** Asks the referee, who may ask the server over a connection of its own. */
async function settle({ slice, referee }: Open): Promise<Answer> {
  if (!referee) return { kind: 'settled', outcome: undefined }
  const { address, protocol, timeoutMs } = slice
  const client = await Client.open(address, { protocol, timeoutMs, replyTimeoutMs: SETTLE_TIMEOUT_MS, signal: abort.signal })
  try {
    return { kind: 'settled', outcome: await referee.settle(client) }
  } finally {
    client.close()
  }
}

async function runPhase(current: Open, phase: Phase): Promise<Answer> {
  const before = countErrors(current.lanes)
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, phase.startAt - systemClock.now())))
  const start = performance.now()
  const sink = createSink(current.slice.executor, start)
  const monitor = new HealthMonitor()
  if (phase.measured) current.referee?.begin()
  const lostBefore = current.lanes.filter((lane) => !lane.isOpen).length
  const { outcome, clientCpuUs } = await execute(current, phase, sink, start)
  if (lostBefore > 0) {
    // What they were in the middle of was never answered, and the rest of the load is not what was asked for.
    outcome.losses['connection lost in the warm-up'] = lostBefore
    outcome.unanswered += lostBefore
  }
  const health = monitor.stop()
  sink.series.cut()
  const report: PhaseReport = {
    outcome,
    latency: sink.latency.recording,
    service: sink.service.recording,
    lateness: sink.lateness.recording,
    ownLateness: sink.ownLateness.recording,
    series: sink.series.slices,
    errors: difference(countErrors(current.lanes), before),
    clientCpuUs,
    health,
  }
  return { kind: 'phase', report }
}

async function execute(
  { slice, lanes, workload, gaps }: Open,
  phase: Phase,
  sink: Sink,
  start: number,
): Promise<{ outcome: PhaseOutcome; clientCpuUs: number | undefined }> {
  const usable = lanes.filter((lane) => lane.isOpen)
  const { pipeline, arrival, rate, thread, threads } = slice
  const { durationMs, count } = phase
  if (slice.executor === 'micro') {
    const { runMicro } = await import('./executors/micro.js')
    const work = workload!.micro!(new Rng(slice.seed).fork('micro'))
    return runMicro(work, { durationMs, count }, sink, start, abort.signal)
  }
  const none = { clientCpuUs: undefined }
  if (rate === undefined) return { ...none, outcome: await runClosed(usable, { pipeline, durationMs, count }, sink, start, abort.signal) }
  const open = { pipeline, durationMs, count, arrivals: arrivals(arrival, rate, thread, threads, gaps) }
  return { ...none, outcome: await runOpen(usable, open, sink, start, abort.signal) }
}

function countErrors(lanes: readonly Lane[]): Map<string, number> {
  const all = new Map<string, number>()
  for (const lane of lanes) for (const [code, count] of lane.errors) all.set(code, (all.get(code) ?? 0) + count)
  return all
}

function difference(after: Map<string, number>, before: Map<string, number>): Record<string, number> {
  const codes = [...after].map(([code, count]) => [code, count - (before.get(code) ?? 0)] as const)
  return Object.fromEntries(codes.filter(([, count]) => count > 0))
}

function transferables(done: Answer): ArrayBuffer[] {
  if (done.kind !== 'phase') return []
  const { latency, service, lateness, ownLateness, series } = done.report
  const recordings = [latency, service, lateness, ownLateness].map(({ counts }) => counts.buffer)
  return [...new Set([...recordings, ...series.map(({ buckets }) => buckets.buffer)])]
}

function failure(error: unknown): Answer {
  const known = error instanceof RedlineError ? error : undefined
  const stack = known || !(error instanceof Error) ? undefined : error.stack
  return { kind: 'failed', message: messageOf(error), hint: known?.hint, exitCode: known?.exitCode, stack }
}
