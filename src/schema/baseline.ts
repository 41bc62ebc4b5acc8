import { z } from 'zod'
import { severitySchema } from './audit.js'

/** One finding that a team accepted. */
export const baselineEntrySchema = z.strictObject({
  rule: z.string(),
  about: z.string(),
  severity: severitySchema.describe('that was accepted; a finding that became more severe is reported again'),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/, { error: 'is no fingerprint: 16 hexadecimal digits' }),
  note: z.string().optional().describe('yours; kept when the file is written anew'),
})

/** Findings that are known, so that `redline audit --baseline` reports what is new. */
export const baselineSchema = z
  .strictObject({ schema: z.literal('redline/baseline@1'), findings: z.array(baselineEntrySchema) })
  .describe('Findings that `redline audit --baseline` does not report')

export type BaselineEntry = z.infer<typeof baselineEntrySchema>
export type Baseline = z.infer<typeof baselineSchema>
