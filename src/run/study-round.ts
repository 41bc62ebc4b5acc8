import { setMaxListeners } from 'node:events'
import os from 'node:os'
import { systemClock } from '../core/clock.js'
import { Rng } from '../core/rng.js'
import { createSink } from '../load/executors/sink.js'
import { HealthMonitor } from '../load/health.js'
import type { PhaseReport } from '../load/messages.js'
import { loadResult, seriesOf } from '../load/report.js'
import { readWholeConfig, restoreConfig } from '../redis/config-guard.js'
import { disturbanceBetween, takeSnapshot } from '../redis/snapshot.js'
import type { LoadResult, Round } from '../schema/result.js'
import type { LoadPlan } from '../schema/scenario.js'
import { Client } from '../wire/client.js'
import type { BoundStudy } from '../workloads/registry.js'
import type { Outcome, StudyServer } from '../workloads/workload.js'
import { serverDelta, stolen, takeReading, takeTimes } from './readings.js'
import { foundBy, type RoundBase, type Way } from './round.js'
import { askedOf, judge } from './validity.js'

export interface StudyRequest extends RoundBase {
  plan: LoadPlan
  study: BoundStudy
  /** All that the study takes; the first is the scenario's target. */
  servers: readonly Way[]
}

/** How long a study that was interrupted may take to notice. */
const GIVE_UP_MS = 5000

/**
 * One round of a study, which has it to itself: its servers are empty but for the dataset when it begins. Whatever becomes of it, its
 * connections are closed, its servers are back at work and configured as they were.
 */
export async function runStudyRound(request: StudyRequest): Promise<Round> {
  const { servers, study, plan, variant, signal } = request
  const { session, relay } = servers[0]!
  const sessions = servers.map((way) => way.session)
  const configs = study.own ? await Promise.all(sessions.map(({ control }) => readWholeConfig(control))) : []
  await relay?.reset()
  const before = await takeReading(session)
  const startedAt = systemClock.date().toISOString()
  const { outcome, report } = await measured(request)
  const times = takeTimes(session)
  signal.throwIfAborted()
  const hold = await relay?.measured()
  for (const each of sessions) await each.recover()
  const after = { ...times, counters: await takeSnapshot(session.control) }
  for (const [index, config] of configs.entries()) await restoreConfig(sessions[index]!.control, config)

  const load = studyResult(plan, report)
  const seconds = report.outcome.elapsedMs / 1000
  const server = serverDelta(before, after, (times.atMs - before.atMs) / 1000)
  const network = hold ? { delayMs: variant.delayMs, ...hold } : null
  const generator = {
    threads: [report.health],
    cpuPerOperationUs: null,
    lateP99Us: null,
    lateMaxUs: null,
    stealShare: stolen(before, after),
  }
  const found = foundBy([outcome])
  return {
    startedAt,
    loads: [load],
    series: seriesOf([report], seconds * 1000),
    server,
    generator,
    network,
    validity: judge({
      // What its operations are, how many and how fast, is the study's own affair.
      loads: [],
      server,
      generator,
      cores: os.availableParallelism(),
      network,
      disturbance: study.own ? undefined : disturbanceBetween(before.counters, after.counters),
      checks: found.checks,
      isHurt: study.own,
      asked: study.own ? { evictions: true, forks: true } : askedOf(variant),
    }),
    ...found,
    faults: [],
  }
}

interface Measured {
  outcome: Outcome
  report: PhaseReport
}

/** Lets the study measure; its connections are closed and its servers mended when it is over, also when it threw. */
async function measured({ servers, study, plan, seed, epoch, timeoutMs, signal }: StudyRequest): Promise<Measured> {
  const clients: Client[] = []
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  // Every connection listens to it while it opens.
  setMaxListeners(0, either)
  const recording = new StudyRecording()
  const monitor = new HealthMonitor()
  const measuring = study.measure({
    servers: servers.map((way) => studyServer(way, clients, timeoutMs, either)),
    rng: new Rng(seed).fork(`round ${epoch} load ${plan.name}`),
    prefix: servers[0]!.session.target.prefix,
    durationMs: plan.durationMs!,
    connections: plan.connections,
    rate: plan.rate,
    record: (us) => recording.record(us),
    signal: either,
  })
  try {
    const outcome = await Promise.race([measuring, abortionOf(either)])
    const health = monitor.stop()
    return { outcome, report: recording.report(health) }
  } catch (error) {
    monitor.stop()
    for (const { session } of servers) await session.recover().catch(() => undefined)
    throw error
  } finally {
    ended.abort()
    for (const client of clients) client.close()
    // One that was interrupted may be in the middle of something: it shall not go on beside whatever comes next.
    await Promise.race([measuring.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, GIVE_UP_MS).unref())])
    for (const client of clients) client.close()
  }
}

/** Rejects when the signal is aborted. */
function abortionOf(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  aborted.catch(() => undefined)
  return aborted
}

function studyServer({ session, address }: Way, clients: Client[], timeoutMs: number, signal: AbortSignal): StudyServer {
  return {
    address,
    async connect(options = {}) {
      const client = await Client.open(address, { protocol: 2, timeoutMs, signal, ...options })
      clients.push(client)
      return client
    },
    pause: () => session.pause(),
    resume: () => session.resume(),
    kill: () => session.kill(),
    restart: () => session.restart(),
  }
}

/** The operations that a study tells of. */
class StudyRecording {
  readonly #start = performance.now()
  readonly #sink = createSink('closed', this.#start)
  #operations = 0
  #first = Infinity
  #last = 0

  record(us: number): void {
    const now = performance.now()
    this.#first = Math.min(this.#first, now - us / 1000)
    this.#last = now
    this.#operations++
    this.#sink.latency.record(us * 1000, 1)
    this.#sink.series.record(now, us * 1000, 1, 0)
  }

  /** The time that they took is that from the beginning of the first to the end of the last; without any, all of the study's. */
  report(health: PhaseReport['health']): PhaseReport {
    const elapsedMs = this.#operations > 0 ? this.#last - this.#first : performance.now() - this.#start
    const { latency, service, lateness, ownLateness, series } = this.#sink
    series.cut()
    return {
      outcome: { operations: this.#operations, unsent: 0, delayed: 0, unanswered: 0, elapsedMs, losses: {} },
      latency: latency.recording,
      service: service.recording,
      lateness: lateness.recording,
      ownLateness: ownLateness.recording,
      series: series.slices,
      errors: {},
      clientCpuUs: undefined,
      health,
    }
  }
}

function studyResult(plan: LoadPlan, report: PhaseReport): LoadResult {
  return { ...loadResult({ ...plan, rate: undefined, executor: 'closed', pipeline: 1, threads: 1 }, [report]), executor: 'study' }
}
