import { Rng } from '#redline/core/rng.js'
import type { RunRecord } from '#redline/schema/run-record.js'
import { environment } from './results.js'

/*
 * Runs as a machine with neighbours would give them. The speed of the machine wanders within a run (autocorrelated), single rounds are off by a
 * heavy-tailed error (Student's t with 3 degrees of freedom) or, one in twenty, by a lot: a neighbour, a page cache, a compaction. Tails of latencies vary by more
 * than medians.
 */

export interface SimulatedMachine {
  rng: Rng
  /** Standard deviation of the wandering, on the log scale, and how much of it stays from one round to the next. */
  wander?: number
  memory?: number
  /** Scale of the error of a round. */
  jitter?: number
  outliers?: number
  /** Of p99, beside all that. */
  tail?: number
}

export interface SimulatedRun {
  rounds?: number
  variants?: number
  startedAt?: string
  /** How much slower the machine is than usual: 1.15 takes 15% longer. */
  slower?: number
  /** How much longer the server takes for what is measured. */
  regression?: number
}

const DEFAULTS = { wander: 0.02, memory: 0.8, jitter: 0.012, outliers: 0.05, tail: 0.04 }

/** One run on a machine. */
export function simulateRun(machine: SimulatedMachine, { rounds = 5, variants = 4, ...run }: SimulatedRun = {}): RunRecord {
  const speed = wandering(machine)
  return recordOfRounds(run.startedAt, variants, (_variant) => Array.from({ length: rounds }, () => measure(machine, speed(), run)))
}

/** Two sides whose rounds took turns on one machine, which of them came first drawn for each pair; `head` is slower by `regression`. */
export function simulatePairs(
  machine: SimulatedMachine,
  { rounds = 20, variants = 1, slower = 1, regression = 1 }: SimulatedRun = {},
): [RunRecord, RunRecord] {
  const speed = wandering(machine)
  const measurePair = (): [base: Measure, head: Measure] => {
    const headFirst = machine.rng.float() < 0.5
    const sides = [headFirst ? regression : 1, headFirst ? 1 : regression].map((factor) =>
      measure(machine, speed(), { slower, regression: factor }),
    )
    return headFirst ? [sides[1]!, sides[0]!] : [sides[0]!, sides[1]!]
  }
  const pairs = Array.from({ length: variants }, () => Array.from({ length: rounds }, measurePair))
  const side = (index: 0 | 1) => recordOfRounds(undefined, variants, (variant) => pairs[variant]!.map((pair) => pair[index]))
  return [side(0), side(1)]
}

interface Measure {
  throughput: number
  p50: number
  p99: number
  server_cpu_us: number
  errors: number
  generatorCpuUs: number
}

function measure(machine: SimulatedMachine, speed: number, { slower = 1, regression = 1 }: SimulatedRun): Measure {
  const { rng } = machine
  const { jitter, outliers, tail } = { ...DEFAULTS, ...machine }
  const hit = rng.float() < outliers ? 0.1 + 0.4 * rng.float() : 0
  const time = slower * regression * Math.exp(speed + jitter * heavyTailed(rng) + hit)
  return {
    throughput: 96_000 / time,
    p50: 410 * time * Math.exp(0.004 * normal(rng)),
    p99: 920 * time * Math.exp(tail * heavyTailed(rng) + 2 * hit),
    server_cpu_us: 10 * slower * regression * Math.exp(speed + jitter * heavyTailed(rng) + hit / 3),
    errors: 0,
    generatorCpuUs: 7.3 * slower * Math.exp(speed + 0.01 * normal(rng)),
  }
}

function recordOfRounds(startedAt = '2026-11-22T09:14:00.000Z', variants: number, roundsOf: (variant: number) => Measure[]): RunRecord {
  return {
    startedAt,
    redline: '0.1.0',
    environment: environment(),
    scenarios: [
      {
        id: 'hashes/profile-read',
        hash: '5f'.repeat(32),
        target: { engine: 'redis', version: '7.0.15', topology: 'standalone', transport: 'tcp', config: {}, server: 'ours' },
        variants: Array.from({ length: variants }, (_, index) => {
          const rounds = roundsOf(index)
          const column = (name: keyof Measure) => rounds.map((round) => round[name])
          const metrics = {
            throughput: column('throughput'),
            p50: column('p50'),
            p99: column('p99'),
            server_cpu_us: column('server_cpu_us'),
            errors: column('errors'),
          }
          return {
            id: `variant-${index}`,
            loads: [{ name: 'main', executor: 'closed' as const, metrics }],
            generatorCpuUs: column('generatorCpuUs'),
            serverCpuShare: rounds.map(() => 0.6),
          }
        }),
      },
    ],
  }
}

/** An AR(1) process. */
function wandering(machine: SimulatedMachine): () => number {
  const { wander, memory } = { ...DEFAULTS, ...machine }
  let at = wander * normal(machine.rng)
  return () => (at = memory * at + wander * Math.sqrt(1 - memory ** 2) * normal(machine.rng))
}

/** Box and Muller's. */
export function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.float())) * Math.cos(2 * Math.PI * rng.float())
}

/** Student's t with 3 degrees of freedom. */
function heavyTailed(rng: Rng): number {
  return normal(rng) / Math.sqrt((normal(rng) ** 2 + normal(rng) ** 2 + normal(rng) ** 2) / 3)
}
