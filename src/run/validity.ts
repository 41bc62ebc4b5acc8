import { formatCount, formatDuration, trim } from '../core/units.js'
import type { GeneratorHealth, LoadResult, ServerDelta, Validity, ValidityReason } from '../schema/result.js'

/** What a round is judged by. */
export interface RoundFacts {
  loads: readonly LoadResult[]
  server: ServerDelta
  generator: GeneratorHealth
  /** Cores of the generator's machine. */
  cores: number
  /** Why the server's counters don't tell the whole truth of the round, if so. */
  disturbance: string | undefined
}

/** A thread that runs, or wants to run, this share of the time has nothing left to give. */
const SATURATED = 0.95
/** A server above this share of its core limits the load, whatever the generator does. */
const SERVER_BUSY = 0.85
/** Time ready to run without a core: beyond it, latencies measure the generator's scheduler. */
const STARVED = { suspect: 0.1, invalid: 0.25 }
const STOLEN = { suspect: 0.1, invalid: 0.3 }
const ERRORS_TOLERATED = 0.01
/** An open loop must reach its rate to be what it says. */
const RATE_REACHED = 0.99
/** The generator's own lateness; beyond it, latency from the intended time is the generator's. */
const LATE_US = { suspect: 1000, invalid: 10_000 }

/**
 * Says what limited a round and whether its figures mean what they seem to. Pure.
 *
 * The limiter is whoever had nothing left to give: the server its main thread's core, the generator its own; else an open loop's
 * rate, else the round trips of connections that wait for replies (`network`).
 */
export function judge(facts: RoundFacts): Validity {
  const reasons = [...lossReasons(facts), ...generatorReasons(facts), ...rateReasons(facts), ...serverReasons(facts)]
  const worst = (severity: ValidityReason['severity']) => reasons.some((reason) => reason.severity === severity)
  return {
    verdict: worst('invalid') ? 'invalid' : worst('suspect') ? 'suspect' : 'valid',
    limiter: limiterOf(facts),
    reasons,
  }
}

function limiterOf(facts: RoundFacts): Validity['limiter'] {
  const { loads, server, generator } = facts
  if (starvation(generator) >= STARVED.invalid) return 'generator'
  if (loads.every((load) => load.operations === 0)) return 'unknown'
  const rateHeld = loads.every((load) => load.offered !== null && load.achieved >= load.offered * RATE_REACHED)
  if (rateHeld && ownLateness(generator) < LATE_US.invalid) return 'offered rate'
  if (serverDemand(server) >= SERVER_BUSY) return 'server'
  if (ownLateness(generator) >= LATE_US.invalid || isSaturated(facts)) return 'generator'
  return 'network'
}

/** Whether the generator of a closed loop has nothing left to give; an open loop spins, so that its CPU says nothing. */
function isSaturated({ loads, generator }: RoundFacts): boolean {
  if (loads.some((load) => load.executor === 'open')) return false
  return generator.threads.some(({ cpuShare, runQueueShare, loopUtilization }) =>
    cpuShare === null ? loopUtilization >= SATURATED : cpuShare + (runQueueShare ?? 0) >= SATURATED,
  )
}

/** Share of a core that the server's main thread ran or would have run. */
const serverDemand = (server: ServerDelta) => server.cpu.share + (server.runQueueShare ?? 0)
const starvation = (generator: GeneratorHealth) => Math.max(0, ...generator.threads.map(({ runQueueShare }) => runQueueShare ?? 0))
const ownLateness = (generator: GeneratorHealth) => generator.lateP99Us ?? 0
const percent = (share: number) => `${trim(share * 100, 2)}%`

function lossReasons({ loads }: RoundFacts): ValidityReason[] {
  const reasons: ValidityReason[] = []
  for (const load of loads) {
    if (load.operations === 0) {
      reasons.push({ code: 'nothing-measured', severity: 'invalid', message: `${load.name}: not one reply came` })
      continue
    }
    const errors = Object.values(load.errors).reduce((sum, count) => sum + count, 0)
    if (errors > 0) {
      const share = errors / load.operations
      const codes = Object.entries(load.errors).map(([code, count]) => `${code} ${formatCount(count)}`)
      const severity = share > ERRORS_TOLERATED ? 'invalid' : 'suspect'
      reasons.push({ code: 'errors', severity, message: `${percent(share)} of the replies were errors (${codes.join(', ')})` })
    }
    if (load.unanswered > 0) {
      const message = `${formatCount(load.unanswered)} operations were sent and never answered`
      reasons.push({ code: 'unanswered', severity: 'invalid', message })
    }
  }
  return reasons
}

function generatorReasons(facts: RoundFacts): ValidityReason[] {
  const { generator, server } = facts
  const reasons: ValidityReason[] = []
  const starved = starvation(generator)
  if (starved >= STARVED.suspect) {
    const severity = starved >= STARVED.invalid ? 'invalid' : 'suspect'
    const message = `the generator was ready and had no core for ${percent(starved)} of the time; free a core, or use fewer --threads`
    reasons.push({ code: 'generator-starved', severity, message })
  }
  const steal = generator.stealShare ?? 0
  if (steal >= STOLEN.suspect) {
    const severity = steal >= STOLEN.invalid ? 'invalid' : 'suspect'
    reasons.push({ code: 'steal', severity, message: `the hypervisor took ${percent(steal)} of this machine's time` })
  }
  if (serverDemand(server) < SERVER_BUSY && isSaturated(facts)) {
    const share = Math.max(...generator.threads.map((thread) => thread.cpuShare ?? thread.loopUtilization))
    const next = generator.threads.length < facts.cores ? `try --threads ${generator.threads.length + 1}` : 'run it on another machine'
    const message = `the generator used ${percent(share)} of its core while the server used ${percent(server.cpu.share)}; ${next}`
    reasons.push({ code: 'generator-saturated', severity: 'invalid', message })
  }
  const late = ownLateness(generator)
  if (late >= LATE_US.suspect) {
    const severity = late >= LATE_US.invalid ? 'invalid' : 'suspect'
    const message = `the generator sent 1% of its requests more than ${formatDuration(late / 1000)} late`
    reasons.push({ code: 'generator-late', severity, message })
  }
  return reasons
}

function rateReasons({ loads }: RoundFacts): ValidityReason[] {
  return loads.flatMap((load): ValidityReason[] => {
    if (load.offered === null || load.operations === 0) return []
    if (load.unsent === 0 && load.achieved >= load.offered * RATE_REACHED) return []
    const unsent = load.unsent > 0 ? `, and ${formatCount(load.unsent)} arrivals were never sent` : ''
    const message = `${load.name}: ${formatCount(load.achieved)} of the offered ${formatCount(load.offered)} ops/s were done${unsent}`
    return [{ code: 'rate-missed', severity: load.unsent > 0 ? 'invalid' : 'suspect', message }]
  })
}

function serverReasons({ server, disturbance }: RoundFacts): ValidityReason[] {
  const reasons: ValidityReason[] = []
  if (disturbance !== undefined) reasons.push({ code: 'counters', severity: 'invalid', message: disturbance })
  const starved = server.runQueueShare ?? 0
  if (starved >= STARVED.suspect) {
    const severity = starved >= STARVED.invalid ? 'invalid' : 'suspect'
    const message = `the server was ready and had no core for ${percent(starved)} of the time; something else runs on this machine`
    reasons.push({ code: 'server-starved', severity, message })
  }
  if (server.evicted > 0) {
    const message = `the server evicted ${formatCount(server.evicted)} keys: it was out of memory`
    reasons.push({ code: 'evictions', severity: 'suspect', message })
  }
  if (server.forks > 0) reasons.push({ code: 'fork', severity: 'suspect', message: 'the server forked to save its data during the round' })
  return reasons
}
