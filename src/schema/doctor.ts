import { z } from 'zod'
import { comparedRunsSchema } from './compare.js'
import { environmentSchema, runResultSchema } from './result.js'

/*
 * What `redline doctor` found of a machine: how steady it is, and the smallest change that can be told from its noise.
 */

const share = z.number().min(0)

export const machineReadingSchema = z.strictObject({
  seconds: z.number().describe('that it took to read'),
  timerStepNs: z.number().describe('the smallest step of the clock that rounds are timed by'),
  timerCostNs: z.number().describe('time that reading it takes'),
  loopDelayP99Ms: z.number().describe('how late the timers of an idle event loop are'),
  loopDelayMaxMs: z.number(),
  hiccupShare: share.describe('of the time in which a thread that never waits did not get on: stretches of 0.1 ms and more'),
  hiccupMaxMs: z.number().describe('the longest of them'),
  waitedShare: share.nullable().describe('of the time in which that thread was ready and had no core; null where the system does not tell'),
  stealShare: share.nullable().describe('of the machine that its hypervisor took'),
  othersShare: share.nullable().describe('of the machine that other processes used, while this one used one core'),
})

const detectableSchema = z.strictObject({
  scenario: z.string(),
  variant: z.string(),
  metric: z.string(),
  better: z.enum(['higher', 'lower']),
  sizes: z
    .array(z.strictObject({ pairs: z.int(), change: z.number().nullable() }))
    .describe(
      'the smallest change for the worse that so many pairs of rounds find four times out of five, as a ratio less 1; null: none of any size',
    ),
})

export const ADVICE = [
  'steal',
  'others',
  'hiccups',
  'timer',
  'governor',
  'huge-pages',
  'few-cores',
  'invalid',
  'noise',
  'false-alarm',
] as const

export const doctorSchema = z
  .strictObject({
    schema: z.literal('redline/doctor@1'),
    tool: runResultSchema.shape.tool,
    startedAt: z.iso.datetime(),
    environment: environmentSchema,
    machine: machineReadingSchema,
    pairs: z.int().describe('of rounds that were measured; those that count are in the comparison'),
    pairSeconds: z.number().describe('that a pair of rounds took'),
    comparison: comparedRunsSchema.describe('of the scenario with itself'),
    detectable: z.array(detectableSchema),
    advice: z.array(z.strictObject({ code: z.enum(ADVICE), text: z.string(), remedy: z.string() })),
  })
  .describe('What `redline doctor` found')

export type MachineReading = z.infer<typeof machineReadingSchema>
export type Detectable = z.infer<typeof detectableSchema>
export type Doctor = z.infer<typeof doctorSchema>
export type Advice = Doctor['advice'][number]

/** Pairs of rounds that count: valid on both sides, or so on the side that has fewer. */
export function usedPairs({ metrics }: Doctor['comparison']): number {
  return Math.max(0, ...metrics.map(({ base, head }) => Math.min(base.rounds, head.rounds)))
}
