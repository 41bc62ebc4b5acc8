import { z } from 'zod'
import { environmentSchema, loadResultSchema, runResultSchema, targetSchema } from './result.js'

/*
 * What a comparison needs of a run: the figures of each round, without histograms, series and counters. Baselines are made of it, and
 * comparisons of anything with anything.
 */

const byRound = z.array(z.number().nullable()).describe('a value for each round; null where the round was invalid or did not measure it')

export const recordedLoadSchema = z.strictObject({
  name: z.string(),
  executor: loadResultSchema.shape.executor,
  metrics: z.record(z.string(), byRound).describe("by name; those of the server are the first load's"),
})

export const recordedVariantSchema = z.strictObject({
  id: z.string(),
  loads: z.array(recordedLoadSchema),
  generatorCpuUs: byRound.describe('CPU time of the generator per operation, a measure of the machine; null where a loop is open'),
  serverCpuShare: byRound.describe('of one core, what its main thread used and waited for'),
})

export const recordedScenarioSchema = z.strictObject({
  id: z.string(),
  hash: z.string(),
  target: targetSchema
    .pick({ engine: true, version: true, topology: true, transport: true, config: true })
    .extend({ server: z.string().describe('"ours", or the host that was given') }),
  variants: z.array(recordedVariantSchema),
})

export const runRecordSchema = z.strictObject({
  startedAt: runResultSchema.shape.startedAt,
  redline: z.string().describe('version of redline'),
  label: z.string().optional().describe('a commit or the like, from --label'),
  environment: environmentSchema,
  scenarios: z.array(recordedScenarioSchema),
})

export const runBaselineSchema = z
  .strictObject({
    schema: z.literal('redline/run-baseline@1'),
    machine: z.string().describe('class of the machines on which its runs were made'),
    runs: z.array(runRecordSchema).describe('the oldest first'),
  })
  .describe('What `redline gate` compares runs with: rounds of several runs on one class of machines')

export type RecordedLoad = z.infer<typeof recordedLoadSchema>
export type RecordedVariant = z.infer<typeof recordedVariantSchema>
export type RecordedScenario = z.infer<typeof recordedScenarioSchema>
export type RunRecord = z.infer<typeof runRecordSchema>
export type RunBaseline = z.infer<typeof runBaselineSchema>
