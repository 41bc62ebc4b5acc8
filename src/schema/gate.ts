import { z } from 'zod'
import { comparedRunsSchema } from './compare.js'
import type { MetricName } from './metrics.js'
import { runResultSchema } from './result.js'

/* What `redline gate` is asked (the plans that `config/` reads from redline.config.yaml) and what it answers (the document). */

/** What a threshold on an audit may name, in its unit. */
export const AUDIT_METRICS = {
  findings: 'count',
  'findings.error': 'count',
  'findings.warning': 'count',
  'findings.note': 'count',
  keys: 'count',
  bytes: 'bytes',
  bytes_per_key: 'bytes',
} as const
export type AuditMetric = keyof typeof AUDIT_METRICS

export const THRESHOLD_COMPARISONS = ['<', '<=', '>', '>=', '=='] as const
export type ThresholdComparison = (typeof THRESHOLD_COMPARISONS)[number]

interface Threshold {
  /** As it was written. */
  expression: string
  comparison: ThresholdComparison
  /** In the unit of the metric. */
  value: number
}

/** A bound on a metric of runs; `*` in a name stands for anything. */
export interface RunThreshold extends Threshold {
  of: 'run'
  scenario: string
  variant: string
  /** The first one when it is undefined. */
  load: string | undefined
  metric: MetricName
}

/** A bound on an audit, on the whole or on the patterns that a glob names. */
export interface AuditThreshold extends Threshold {
  of: 'audit'
  pattern: string | undefined
  metric: AuditMetric
}

export type ThresholdPlan = RunThreshold | AuditThreshold

export const gateVerdictSchema = z.enum(['pass', 'fail', 'inconclusive'])

export const checkedThresholdSchema = z.strictObject({
  expression: z.string().describe('as redline.config.yaml has it'),
  result: z.string().describe('the file that it was held against'),
  about: z.string().describe('scenario, variant and load, or pattern; empty when about the whole'),
  metric: z.string(),
  unit: z.string(),
  comparison: z.enum(THRESHOLD_COMPARISONS),
  asked: z.number().describe('the bound, in the unit'),
  value: z.number().nullable(),
  low: z.number().nullable().describe('of the 95% interval; the value itself where it was counted'),
  high: z.number().nullable(),
  verdict: gateVerdictSchema,
  why: z.string().describe('what made it inconclusive, or empty'),
})

export const changeSchema = z.strictObject({
  scenario: z.string(),
  variant: z.string(),
  load: z.string().nullable(),
  metric: z.string(),
  unit: z.string(),
  better: z.enum(['higher', 'lower']),
  before: z.number().describe('median of the runs up to the change, back to the one before it'),
  after: z.number().describe('median of the runs from the change on, up to the next one'),
  runsSince: z.number().describe('runs in the history since the change, its first one included'),
  isLast: z.boolean().describe('no other change came after it'),
  startedAt: z.iso.datetime().describe('of the first run after the change'),
  label: z.string().nullable(),
  p: z.number().describe('how often a history without the change shows as much of one, by permutation'),
  verdict: z.enum(['better', 'worse', 'same']).describe('same: certain, and smaller than the limit'),
})

export const gateDocumentSchema = z
  .strictObject({
    schema: z.literal('redline/gate@1'),
    tool: runResultSchema.shape.tool,
    verdict: gateVerdictSchema,
    exitCode: z.int().describe('0 pass; 1 fail; 3 inconclusive'),
    reasons: z
      .array(z.strictObject({ verdict: z.enum(['fail', 'inconclusive']), message: z.string() }))
      .describe('what made it fail or inconclusive beside what the parts below say'),
    results: z.array(z.strictObject({ name: z.string(), kind: z.enum(['run', 'audit']), startedAt: z.iso.datetime() })),
    thresholds: z.array(checkedThresholdSchema),
    baselines: z.array(z.strictObject({ file: z.string(), comparison: comparedRunsSchema })),
    changes: z.array(changeSchema).describe('recent changes for the worse in the history that no update of the baseline has accepted'),
  })
  .describe('What `redline gate` says of results')

export type GateVerdict = z.infer<typeof gateVerdictSchema>
export type CheckedThreshold = z.infer<typeof checkedThresholdSchema>
export type Change = z.infer<typeof changeSchema>
export type GateDocument = z.infer<typeof gateDocumentSchema>
