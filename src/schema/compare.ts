import { z } from 'zod'
import { auditResultSchema, sinceSchema } from './audit.js'
import { runResultSchema } from './result.js'

/*
 * The result of a comparison. Ratios are head / base; what has no ratio (a share of errors that is 0) is compared by its difference, head - base.
 */

const count = z.number().min(0)

export const COMPARE_VERDICTS = ['better', 'worse', 'same', 'inconclusive'] as const
export const compareVerdictSchema = z.enum(COMPARE_VERDICTS)

const sideValueSchema = z.strictObject({
  value: z.number().nullable().describe('median of its rounds; null without any'),
  rounds: count.describe('that count: valid ones that measured it'),
})

export const comparedMetricSchema = z.strictObject({
  scenario: z.string(),
  variant: z.string(),
  load: z.string().nullable().describe('null when the variant has one load'),
  metric: z.string(),
  unit: z.string(),
  better: z.enum(['higher', 'lower']),
  by: z.enum(['ratio', 'difference']),
  base: sideValueSchema,
  head: sideValueSchema,
  estimate: z.number().nullable(),
  low: z.number().nullable().describe('of the 95% interval, the allowance included'),
  high: z.number().nullable(),
  limit: z.number().describe('what a change must exceed: 0.05 is 5% of a ratio, or a difference of 0.05'),
  allowance: z
    .number()
    .nullable()
    .describe('by how much machines may have differed, as a ratio less 1, by which the interval is wider; null: without bound'),
  p: z.number().nullable().describe('evidence of a change beyond the limit, corrected for all metrics of the comparison (Holm)'),
  verdict: compareVerdictSchema,
  why: z.string().describe('what made it inconclusive, or empty'),
  noise: z
    .number()
    .nullable()
    .describe('the smallest change that this interval could have told from none, as a ratio less 1 or a difference'),
  moreRounds: count
    .nullable()
    .describe('rounds (pairs of them) beyond these that would make the interval narrow enough; null: rounds can not'),
})

export const differenceSchema = z.strictObject({
  what: z.string().describe('scenario, engine, version, machine ...'),
  scenario: z.string().nullable().describe('the one that it is about; null when about the whole'),
  base: z.string(),
  head: z.string(),
  unlike: z.boolean().describe('such things are compared only when asked to'),
})

const sideSchema = z.strictObject({
  name: z.string(),
  startedAt: z.iso.datetime().describe('of the newest run'),
  runs: count,
  sittings: count.describe('runs within an hour of each other are one'),
})

const tool = runResultSchema.shape.tool

export const comparedRunsSchema = z.strictObject({
  schema: z.literal('redline/compare@1'),
  kind: z.literal('runs'),
  tool,
  design: z
    .enum(['paired', 'unpaired'])
    .describe('paired: rounds of both sides took turns on one machine; unpaired: the sides were measured at different times'),
  base: sideSchema,
  head: sideSchema,
  differences: z.array(differenceSchema),
  limit: z.number(),
  drift: z.number().describe('by how much the speed of a machine may change from one sitting to another, where that was not measured'),
  metrics: z.array(comparedMetricSchema),
  missing: z
    .array(z.strictObject({ scenario: z.string(), variant: z.string(), from: z.enum(['base', 'head']) }))
    .describe('measured by one side only'),
  counts: z.strictObject({ better: count, worse: count, same: count, inconclusive: count }),
})

export const comparedAuditsSchema = z.strictObject({
  schema: z.literal('redline/compare@1'),
  kind: z.literal('audits'),
  tool,
  base: z.strictObject({ name: z.string(), startedAt: auditResultSchema.shape.startedAt }),
  head: z.strictObject({ name: z.string(), startedAt: auditResultSchema.shape.startedAt }),
  differences: z.array(differenceSchema),
  complete: z.boolean().describe('both audits saw all that they were to see'),
  since: sinceSchema,
})

export const compareResultSchema = z
  .discriminatedUnion('kind', [comparedRunsSchema, comparedAuditsSchema])
  .describe('What `redline compare` made of two results')

export type CompareVerdict = z.infer<typeof compareVerdictSchema>
export type ComparedMetric = z.infer<typeof comparedMetricSchema>
export type Difference = z.infer<typeof differenceSchema>
export type ComparedRuns = z.infer<typeof comparedRunsSchema>
export type ComparedAudits = z.infer<typeof comparedAuditsSchema>
export type CompareResult = z.infer<typeof compareResultSchema>
