import os from 'node:os'
import { systemClock } from '../core/clock.js'
import { Rng } from '../core/rng.js'
import { type MachineTimes, machineTimes, type SchedulerTimes, schedulerTimes } from '../load/health.js'
import type { LoadSlice, Phase, PhaseReport } from '../load/messages.js'
import type { GeneratorPool } from '../load/pool.js'
import { loadResult, ownLateness, seriesOf } from '../load/report.js'
import { deltaOf, disturbanceBetween, takeSnapshot } from '../redis/snapshot.js'
import type { GeneratorHealth, LoadResult, Round } from '../schema/result.js'
import type { VariantPlan } from '../schema/scenario.js'
import type { Relay } from '../server/relay.js'
import type { Address } from '../wire/address.js'
import type { Client } from '../wire/client.js'
import type { ReadyLoad } from './ready.js'
import { judge } from './validity.js'

export interface RoundRequest {
  variant: VariantPlan
  loads: readonly ReadyLoad[]
  /** Where the load goes: the server, or the relay in front of it. */
  address: Address
  relay: Relay | undefined
  /** Connection for INFO; idle while the round measures. */
  control: Client
  pool: GeneratorPool
  /** Process of the server when it runs on this machine because we started it. */
  serverPid: number | undefined
  prefix: string
  seed: number
  /** Number of the round within its scenario. */
  epoch: number
  timeoutMs: number
  signal: AbortSignal
}

/** Between the order to begin and the beginning, so that all threads begin together. */
const START_DELAY_MS = 5

/**
 * One round of one variant: connect, warm up, read the server's counters, measure, read them again. The server is asked nothing
 * while it is measured: warm-up and measurement are two phases with a pause between them.
 */
export async function runRound(request: RoundRequest): Promise<Round> {
  const { loads, pool, signal, control } = request
  const slices = loads.flatMap((load) => slicesOf(load, request))
  const open = await pool.open(
    slices.map(({ slice }) => slice),
    signal,
  )
  try {
    if (loads.some((load) => load.plan.warmupMs > 0)) await open.runPhase(slices.map(({ load }) => phase(load.plan.warmupMs, undefined)))
    signal.throwIfAborted()
    await request.relay?.reset()
    const before = await takeSnapshot(control)
    const machineBefore = machineTimes()
    const serverBefore = request.serverPid === undefined ? undefined : schedulerTimes(request.serverPid)
    const startedAt = systemClock.date().toISOString()
    const reports = await open.runPhase(slices.map(({ load, slice }) => phase(load.plan.durationMs, shareOf(load.plan.count, slice))))
    const machineAfter = machineTimes()
    const serverAfter = request.serverPid === undefined ? undefined : schedulerTimes(request.serverPid)
    signal.throwIfAborted()
    const hold = await request.relay?.measured()
    const after = await takeSnapshot(control)

    const results = loads.map((load) =>
      loadResult(
        load.plan,
        reports.filter((_, i) => slices[i]!.load === load),
      ),
    )
    const seconds = Math.max(...results.map((result) => result.durationMs)) / 1000
    const server = { ...deltaOf(before, after, seconds), runQueueShare: waitedShare(serverBefore, serverAfter, seconds) }
    const network = hold ? { delayMs: request.variant.delayMs, ...hold } : null
    const generator = generatorHealth(reports, results, steal(machineBefore, machineAfter))
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
        disturbance: disturbanceBetween(before, after),
      }),
      measures: {},
      remarks: [],
      faults: [],
      checks: [],
    }
  } finally {
    open.close()
  }
}

function phase(durationMs: number | undefined, count: number | undefined): Phase {
  return { startAt: systemClock.now() + START_DELAY_MS, durationMs, count }
}

/** A thread's part of a count: connections share it out evenly, so the part is that of its connections. */
function shareOf(count: number | undefined, slice: LoadSlice): number | undefined {
  if (count === undefined) return undefined
  const upTo = (lane: number) => lane * Math.floor(count / slice.lanes) + Math.min(lane, count % slice.lanes)
  return upTo(slice.firstLane + slice.connections) - upTo(slice.firstLane)
}

function slicesOf(load: ReadyLoad, request: RoundRequest): { load: ReadyLoad; slice: LoadSlice }[] {
  const { plan, commands } = load
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
      workload: plan.workload,
      prefix: request.prefix,
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

function waitedShare(before: SchedulerTimes | undefined, after: SchedulerTimes | undefined, seconds: number): number | null {
  return before && after ? (after.waited - before.waited) / (seconds * 1e9) : null
}

function steal(before: MachineTimes | undefined, after: MachineTimes | undefined): number | null {
  if (!before || !after || after.total === before.total) return null
  return (after.steal - before.steal) / (after.total - before.total)
}
