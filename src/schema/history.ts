import { z } from 'zod'
import { runRecordSchema, recordedScenarioSchema } from './run-record.js'

/** A line of a history: what one run measured, the median of its valid rounds for each metric. */
export const historyRecordSchema = z
  .strictObject({
    schema: z.literal('redline/history@1'),
    startedAt: runRecordSchema.shape.startedAt,
    label: z.string().nullable().describe('a commit or the like'),
    machine: z.string(),
    redline: z.string(),
    series: z.array(
      z.strictObject({
        scenario: z.string(),
        hash: recordedScenarioSchema.shape.hash,
        engine: z.string().describe('with its version'),
        variant: z.string(),
        load: z.string().nullable().describe('null when the variant has one load'),
        metrics: z.record(z.string(), z.number()),
      }),
    ),
  })
  .describe('One line of reports/history/<machine>.jsonl')

export type HistoryRecord = z.infer<typeof historyRecordSchema>
