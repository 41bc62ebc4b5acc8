import os from 'node:os'
import { systemClock } from '../core/clock.js'
import { Rng } from '../core/rng.js'
import type { LoadSlice, Phase, PhaseReport } from '../load/messages.js'
import type { GeneratorPool } from '../load/pool.js'
import { loadResult, ownLateness, seriesOf } from '../load/report.js'
import { disturbanceBetween, takeSnapshot } from '../redis/snapshot.js'
import type { GeneratorHealth, LoadResult, Round } from '../schema/result.js'
import type { VariantPlan } from '../schema/scenario.js'
import type { Relay } from '../server/relay.js'
import type { Address } from '../wire/address.js'
import type { Outcome } from '../workloads/workload.js'
import { FaultSchedule } from './faults.js'
import { serverDelta, stolen, takeReading, takeTimes } from './readings.js'
import type { ReadyLoad } from './ready.js'
import type { Session } from './session.js'
import { askedOf, judge } from './validity.js'

/** A server, and where its load goes: to it, or to the relay in front of it. */
export interface Way {
  session: Session
  address: Address
  relay: Relay | undefined
}

/** What rounds of both kinds are run with. */
export interface RoundBase {
  variant: VariantPlan
  seed: number
  /** Number of the round within its scenario. */
  epoch: number
  timeoutMs: number
  signal: AbortSignal
}

export interface RoundRequest extends RoundBase, Way {
  loads: readonly ReadyLoad[]
  pool: GeneratorPool
}

/** Between the order to begin and the beginning, so that all threads begin together. */
const START_DELAY_MS = 5

/**
 * One round of one variant: connect, warm up, read the server's counters, measure, read them again. The server is asked nothing
 * while it is measured: warm-up and measurement are two phases with a pause between them.
 */
export async function runRound(request: RoundRequest): Promise<Round> {
  const { loads, pool, signal, session, variant } = request
  const slices = loads.flatMap((load) => slicesOf(load, request))
  const schedule = new FaultSchedule(session, variant.faults)
  const open = await pool.open(
    slices.map(({ slice }) => slice),
    signal,
  )
  try {
    if (loads.some((load) => load.plan.warmupMs > 0))
      await open.runPhase(slices.map(({ load }) => phase({ measured: false, durationMs: load.plan.warmupMs, count: undefined })))
    signal.throwIfAborted()
    await request.relay?.reset()
    const before = await takeReading(session)
    const startedAt = systemClock.date().toISOString()
    const phases = slices.map(({ load, slice }) =>
      phase({ measured: true, durationMs: load.plan.durationMs, count: shareOf(load.plan.count, slice) }),
    )
    const durations = loads.flatMap(({ plan }) => plan.durationMs ?? [])
    schedule.begin(phases[0]!.startAt, durations.length === loads.length ? Math.max(...durations) : undefined)
    const reports = await open.runPhase(phases)
    const times = takeTimes(session)
    signal.throwIfAborted()
    await schedule.planned(Math.max(0, ...durations), signal)
    const { faults, checks: failedFaults } = await schedule.end()
    const hold = await request.relay?.measured()
    const after = { ...times, counters: await takeSnapshot(session.control) }
    const outcomes = (await open.settle()).filter((outcome) => outcome !== undefined)
    signal.throwIfAborted()

    const results = loads.map((load) =>
      loadResult(
        load.plan,
        reports.filter((_, i) => slices[i]!.load === load),
      ),
    )
    const seconds = Math.max(...results.map((result) => result.durationMs)) / 1000
    const server = serverDelta(before, after, seconds)
    const network = hold ? { delayMs: variant.delayMs, ...hold } : null
    const generator = generatorHealth(reports, results, stolen(before, after))
    const found = foundBy(outcomes)
    const checks = [...failedFaults, ...found.checks]
    return {
      startedAt,
      loads: results,
      series: seriesOf(reports, seconds * 1000),
      server,
      generator,
      network,
      validity: judge({
        loads: results,
        server,
        generator,
        cores: os.availableParallelism(),
        network,
        disturbance: faults.length > 0 ? undefined : disturbanceBetween(before.counters, after.counters),
        checks,
        isHurt: faults.length > 0,
        asked: askedOf(
          variant,
          loads.flatMap(({ workload }) => workload?.commands ?? []),
        ),
      }),
      measures: { ...clientCpu(reports), ...found.measures },
      remarks: found.remarks,
      faults,
      checks,
    }
  } finally {
    await schedule.abandon()
    open.close()
  }
}

/** What referees or a study found, together; of two that measured the same, the first counts. */
export function foundBy(outcomes: readonly Outcome[]): Pick<Round, 'measures' | 'checks' | 'remarks'> {
  const measures = outcomes.toReversed().flatMap(({ measures }) => Object.entries(measures))
  return {
    measures: Object.fromEntries(measures.filter(([, value]) => Number.isFinite(value))),
    checks: outcomes.flatMap(({ checks = [] }) => checks),
    remarks: outcomes.flatMap(({ remarks = [] }) => remarks),
  }
}

/** The micro executor's CPU time per call, over its loads. */
function clientCpu(reports: readonly PhaseReport[]): Round['measures'] {
  const known = reports.flatMap(({ clientCpuUs }) => clientCpuUs ?? [])
  return known.length === 0 ? {} : { client_cpu_us: known.reduce((sum, us) => sum + us, 0) / known.length }
}

function phase(bounds: Omit<Phase, 'startAt'>): Phase {
  return { startAt: systemClock.now() + START_DELAY_MS, ...bounds }
}

/** A thread's part of a count: connections share it out evenly, so the part is that of its connections. */
function shareOf(count: number | undefined, slice: LoadSlice): number | undefined {
  if (count === undefined) return undefined
  const upTo = (lane: number) => lane * Math.floor(count / slice.lanes) + Math.min(lane, count % slice.lanes)
  return upTo(slice.firstLane + slice.connections) - upTo(slice.firstLane)
}

function slicesOf(load: ReadyLoad, request: RoundRequest): { load: ReadyLoad; slice: LoadSlice }[] {
  const { plan, commands, choice } = load
  const threads = Math.min(plan.threads, plan.connections)
  // Variants of a round share its seed, so that both sides of a comparison are asked for the same keys.
  const seed = new Rng(request.seed).fork(`round ${request.epoch} load ${plan.name}`).uint32()
  const boundary = (thread: number) => Math.floor((plan.connections * thread) / threads)
  return Array.from({ length: threads }, (_, thread) => ({
    load,
    slice: {
      address: request.address,
      driver: plan.driver,
      executor: plan.executor,
      protocol: plan.protocol,
      commands,
      workload: choice,
      prefix: request.session.target.prefix,
      connections: boundary(thread + 1) - boundary(thread),
      pipeline: plan.pipeline,
      rate: plan.rate,
      arrival: plan.arrival,
      keys: plan.keys,
      members: plan.members,
      firstLane: boundary(thread),
      lanes: plan.connections,
      thread,
      threads,
      seed,
      epoch: request.epoch,
      timeoutMs: request.timeoutMs,
      reconnects: request.variant.faults.length > 0,
    },
  }))
}

function generatorHealth(reports: readonly PhaseReport[], loads: readonly LoadResult[], stealShare: number | null): GeneratorHealth {
  const operations = loads.reduce((sum, load) => sum + load.operations, 0)
  const cpuUs = reports.map(({ health, outcome }) => (health.cpuShare === null ? NaN : health.cpuShare * outcome.elapsedMs * 1000))
  const perOperation = cpuUs.reduce((sum, us) => sum + us, 0) / operations
  return {
    threads: reports.map(({ health }) => health),
    cpuPerOperationUs: Number.isFinite(perOperation) ? perOperation : null,
    ...ownLateness(reports),
    stealShare,
  }
}
