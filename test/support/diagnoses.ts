import type { ComparedMetric } from '#redline/schema/compare.js'
import type { Doctor, MachineReading } from '#redline/schema/doctor.js'
import type { Environment } from '#redline/schema/result.js'
import { environment } from './results.js'

export interface DiagnosisFields {
  machine?: Partial<MachineReading>
  environment?: Partial<Environment>
  pairs?: number
  /** The smallest change that 160 pairs find. */
  change?: number
  verdict?: ComparedMetric['verdict']
  scenario?: string
  variant?: string
}

/** What was measured of a steady machine, but for these fields. */
export function diagnosis(fields: DiagnosisFields = {}): Omit<Doctor, 'advice'> {
  const { pairs = 20, change = 0.06, verdict = 'same', scenario = 'hashes/profile-read', variant = 'one-field' } = fields
  const startedAt = '2026-11-27T09:00:00.000Z'
  const counts = { better: 0, worse: 0, same: 0, inconclusive: 0, [verdict]: 1 }
  const side = (name: string) => ({ name, startedAt, runs: 1, sittings: 1 })
  const tool = { name: 'redis-redline' as const, version: '0.1.0' }
  return {
    schema: 'redline/doctor@1',
    tool,
    startedAt,
    environment: { ...environment(), cores: 8, governor: null, transparentHugePages: 'madvise', ...fields.environment },
    machine: {
      seconds: 3,
      timerStepNs: 40,
      timerCostNs: 60,
      loopDelayP99Ms: 0.2,
      loopDelayMaxMs: 0.4,
      hiccupShare: 0.001,
      hiccupMaxMs: 0.8,
      waitedShare: 0,
      stealShare: 0,
      othersShare: 0.01,
      ...fields.machine,
    },
    pairs,
    pairSeconds: 0.7,
    comparison: {
      schema: 'redline/compare@1',
      kind: 'runs',
      tool,
      design: 'paired',
      base: side('one half of the rounds'),
      head: side('the other half'),
      differences: [],
      limit: 0.05,
      drift: 0,
      metrics: [
        {
          scenario,
          variant,
          load: null,
          metric: 'throughput',
          unit: 'ops/s',
          better: 'higher',
          by: 'ratio',
          base: { value: 96_000, rounds: 20 },
          head: { value: 96_100, rounds: 20 },
          estimate: 1.001,
          low: 0.98,
          high: 1.02,
          limit: 0.05,
          allowance: 0,
          p: 1,
          verdict,
          why: '',
          noise: 0.02,
          moreRounds: null,
        },
      ],
      missing: [],
      counts,
    },
    detectable: [
      {
        scenario,
        variant,
        metric: 'throughput',
        better: 'higher',
        sizes: [10, 160].map((number) => ({ pairs: number, change: number === 10 ? 0.2 : change })),
      },
    ],
  }
}
