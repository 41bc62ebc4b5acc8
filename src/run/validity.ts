import { formatCount, formatDuration, trim } from '../core/units.js'
import type { GeneratorHealth, LoadResult, Round, ServerDelta, Validity, ValidityReason } from '../schema/result.js'
import type { VariantPlan } from '../schema/scenario.js'

/** What a round is judged by. */
export interface RoundFacts {
  loads: readonly LoadResult[]
  server: ServerDelta
  generator: GeneratorHealth
  /** Cores of the generator's machine. */
  cores: number
  /** What the relay before the server was asked for and really did; null without one. */
  network: Round['network']
  /** Why the server's counters don't tell the whole truth of the round, if so. */
  disturbance: string | undefined
  checks: Round['checks']
  /** Faults were done to the server: what the load lost by them is what was asked for. */
  isHurt: boolean
  /** What the round is about, and so no reason to doubt it. */
  asked: Asked
}

/** Things that servers do at their own time, unless they are asked to. */
export interface Asked {
  evictions: boolean
  forks: boolean
}

/** What a configuration asks a server to do, and what loads ask it by commands: their own, or those of their workloads. */
export function askedOf({ server: { config }, loads }: VariantPlan, ofWorkloads: readonly (readonly string[])[] = []): Asked {
  const given = (...names: string[]) => Object.keys(config).some((name) => names.includes(name.toLowerCase()))
  const sent = [...loads.flatMap(({ commands = [] }) => commands.map(({ line }) => line.split(' ', 1))), ...ofWorkloads]
  const saves = sent.some(([command = '']) => SAVING.has(command.toUpperCase()))
  return { evictions: given('maxmemory'), forks: saves || given('save', 'appendonly') }
}

/** Commands that fork. */
const SAVING: ReadonlySet<string> = new Set(['BGSAVE', 'BGREWRITEAOF'])

type Thread = GeneratorHealth['threads'][number]

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
/** Random arrivals miss their number by chance, but by more than 3 standard deviations (its square root) in 1 round of 1000 only. */
const CHANCE = 3
/** Of the errors that a server invents, a message names the most frequent. */
const MOST_CODES = 3
/** A relay that holds this many times as long as it should is another network than the one asked for. */
const RELAY_LATE = 1.5
/** The generator's own lateness; beyond it, latency from the intended time is the generator's. */
const LATE_US = { suspect: 1000, invalid: 10_000 }

/**
 * Says what limited a round and whether its figures mean what they seem to. Pure.
 *
 * The limiter is whoever had nothing left to give: the server its main thread's core, the generator its own; else an open loop's
 * rate, else the round trips of connections that wait for replies (`network`).
 */
export function judge(facts: RoundFacts): Validity {
  const reasons = [
    ...checkReasons(facts),
    ...[...lossReasons(facts), ...rateReasons(facts)].map((reason) => (facts.isHurt ? excused(reason) : reason)),
    ...generatorReasons(facts),
    ...serverReasons(facts),
    ...networkReasons(facts),
  ]
  const worst = (severity: ValidityReason['severity']) => reasons.some((reason) => reason.severity === severity)
  return {
    verdict: worst('invalid') ? 'invalid' : worst('suspect') ? 'suspect' : 'valid',
    limiter: limiterOf(facts),
    reasons,
  }
}

/** A fault was to cost something; but where not one reply came, nothing was measured. */
function excused(reason: ValidityReason): ValidityReason {
  return reason.code === 'nothing-measured' ? reason : { ...reason, severity: 'note' }
}

/** What the experiment rests on and was not so. */
function checkReasons({ checks }: RoundFacts): ValidityReason[] {
  return checks
    .filter(({ ok }) => !ok)
    .map(({ name, expected, observed }) => ({
      code: 'check-failed',
      severity: 'invalid',
      message: `${name}: expected ${expected}, observed ${observed}`,
    }))
}

function limiterOf(facts: RoundFacts): Validity['limiter'] {
  const { loads, server, generator } = facts
  if (starvation(generator) >= STARVED.invalid) return 'generator'
  if (loads.some((load) => load.operations > 0) && loads.every((load) => load.executor === 'micro')) return 'generator'
  if (loads.every((load) => load.operations === 0)) return 'unknown'
  if (loads.every(holdsRate) && ownLateness(generator) < LATE_US.invalid) return 'offered rate'
  if (serverDemand(server) >= SERVER_BUSY) return 'server'
  if (ownLateness(generator) >= LATE_US.invalid || saturation(facts)) return 'generator'
  return 'network'
}

/** Whether an open loop did all that was due, and in its time. Where most arrivals found no free connection, nothing is put down to chance. */
function holdsRate({ offered, unsent, delayed, operations, durationMs }: LoadResult): boolean {
  if (offered === null || unsent > 0) return false
  const due = (offered * durationMs) / 1000
  const byChance = delayed * 2 < operations ? CHANCE * Math.sqrt(due) : 0
  return operations >= due * RATE_REACHED - byChance
}

/**
 * A closed load whose generator has nothing left to give, and its busiest thread. Threads come in the order of the loads that they
 * serve; those of an open loop spin until the next arrival, so that their CPU says nothing.
 */
function saturation({ loads, generator }: RoundFacts): { load: LoadResult; busiest: Thread } | undefined {
  let next = 0
  for (const load of loads) {
    const own = generator.threads.slice(next, (next += Math.min(load.threads, load.connections)))
    const busiest = own.toSorted((a, b) => threadDemand(b) - threadDemand(a))[0]
    if (load.executor === 'closed' && busiest && threadDemand(busiest) >= SATURATED) return { load, busiest }
  }
  return undefined
}

/** Share of a core that a thread ran or would have run. */
const threadDemand = ({ cpuShare, runQueueShare, loopUtilization }: Thread) =>
  cpuShare === null ? loopUtilization : cpuShare + (runQueueShare ?? 0)
/** Share of a core that the server's main thread ran or would have run. */
const serverDemand = (server: ServerDelta) => server.cpu.share + (server.runQueueShare ?? 0)
const starvation = (generator: GeneratorHealth) => Math.max(0, ...generator.threads.map(({ runQueueShare }) => runQueueShare ?? 0))
const ownLateness = (generator: GeneratorHealth) => generator.lateP99Us ?? 0
const counted = (count: number, noun: string) => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
const percent = (share: number) => `${trim(share * 100, 2)}%`

function lossReasons({ loads }: RoundFacts): ValidityReason[] {
  return loads.flatMap((load): ValidityReason[] => {
    const failed = Object.values(load.errors).reduce((sum, count) => sum + count, 0)
    const codes = failed > 0 ? ` (${codesOf(load)})` : ''
    const of = prefixOf(load, loads)
    if (load.operations === 0) return [{ code: 'nothing-measured', severity: 'invalid', message: `${of}not one reply came${codes}` }]
    const reasons: ValidityReason[] = []
    if (failed > 0) {
      // A lost connection is an error that completed nothing.
      const share = failed / Math.max(load.operations, failed)
      const severity = share > ERRORS_TOLERATED ? 'invalid' : 'suspect'
      reasons.push({ code: 'errors', severity, message: `${of}${percent(share)} of the replies were errors${codes}` })
    }
    if (load.unanswered > 0) {
      const message = `${of}the server left ${counted(load.unanswered, 'operation')} unanswered`
      reasons.push({ code: 'unanswered', severity: 'invalid', message })
    }
    return reasons
  })
}

/** The load that a message is about, where there are several. */
const prefixOf = ({ name }: LoadResult, loads: readonly LoadResult[]) => (loads.length > 1 ? `${name}: ` : '')

function codesOf({ errors }: LoadResult): string {
  const byCount = Object.entries(errors).toSorted(([, a], [, b]) => b - a)
  const shown = byCount.slice(0, MOST_CODES).map(([code, count]) => `${code} ${formatCount(count)}`)
  return [...shown, ...(byCount.length > MOST_CODES ? [`${byCount.length - MOST_CODES} more kinds`] : [])].join(', ')
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
  const saturated = saturation(facts)
  if (saturated && serverDemand(server) < SERVER_BUSY) {
    const used = percent(saturated.busiest.cpuShare ?? saturated.busiest.loopUtilization)
    const seen = `used ${used} of its core while the server used ${percent(server.cpu.share)}`
    // With ioredis the client is what is measured: that it is the limit is an answer, not a fault of the measurement.
    if (saturated.load.driver === 'ioredis') reasons.push({ code: 'client-saturated', severity: 'note', message: `ioredis ${seen}` })
    else
      reasons.push({
        code: 'generator-saturated',
        severity: 'invalid',
        message: `the generator ${seen}; ${reliefOf(saturated.load, facts)}`,
      })
  }
  const late = ownLateness(generator)
  if (late >= LATE_US.suspect) {
    const severity = late >= LATE_US.invalid ? 'invalid' : 'suspect'
    const message = `the generator sent 1% of its requests more than ${formatDuration(late / 1000)} late`
    reasons.push({ code: 'generator-late', severity, message })
  }
  return reasons
}

/** What to do for the generator of a load that has nothing left to give. */
function reliefOf({ threads, connections }: LoadResult, { generator, cores }: RoundFacts): string {
  if (starvation(generator) >= STARVED.suspect) return 'free a core for it'
  if (generator.threads.length >= cores) return 'run it on another machine'
  return threads < connections ? `try --threads ${threads + 1}` : 'use more connections, so that --threads can share them out'
}

function rateReasons({ loads }: RoundFacts): ValidityReason[] {
  return loads.flatMap((load): ValidityReason[] => {
    if (load.offered === null || load.operations === 0 || holdsRate(load)) return []
    const unsent = load.unsent > 0 ? `, and ${counted(load.unsent, 'arrival')} never sent` : ''
    const done = `${formatCount(load.achieved)} of the offered ${formatCount(load.offered)} ops/s were done`
    return [{ code: 'rate-missed', severity: load.unsent > 0 ? 'invalid' : 'suspect', message: `${prefixOf(load, loads)}${done}${unsent}` }]
  })
}

function serverReasons({ server, disturbance, asked }: RoundFacts): ValidityReason[] {
  const reasons: ValidityReason[] = []
  if (disturbance !== undefined) reasons.push({ code: 'counters', severity: 'invalid', message: disturbance })
  const starved = server.runQueueShare ?? 0
  if (starved >= STARVED.suspect) {
    const severity = starved >= STARVED.invalid ? 'invalid' : 'suspect'
    const message = `the server was ready and had no core for ${percent(starved)} of the time; something else runs on this machine`
    reasons.push({ code: 'server-starved', severity, message })
  }
  if (server.evicted > 0) {
    const message = `the server evicted ${counted(server.evicted, 'key')}: it was out of memory`
    reasons.push({ code: 'evictions', severity: asked.evictions ? 'note' : 'suspect', message })
  }
  if (server.forks > 0)
    reasons.push({
      code: 'fork',
      severity: asked.forks ? 'note' : 'suspect',
      message: 'the server forked to save its data during the round',
    })
  return reasons
}

function networkReasons({ network }: RoundFacts): ValidityReason[] {
  if (!network || network.holdP50Ms < network.delayMs * RELAY_LATE) return []
  const message = `the relay added ${formatDuration(Number(trim(network.holdP50Ms, 3)))} where ${formatDuration(network.delayMs)} were asked for`
  return [{ code: 'relay-late', severity: 'suspect', message }]
}
