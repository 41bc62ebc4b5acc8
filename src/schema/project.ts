import { z } from 'zod'
import { InputError } from '../core/errors.js'
import { quote } from '../core/text.js'
import { parseBytes, parseDuration } from '../core/units.js'
import { severitySchema } from './audit.js'

/* `redline.config.yaml`: what a team says about its keyspace, and which findings it wants to hear of. */

/** A size in bytes, as a number or as text (`100KB`). */
export const bytes = z
  .union([z.number().min(0), z.string().transform(parsed(parseBytes))])
  .meta({ description: 'a size: 64, 100KB, 5MB', examples: ['100KB'] })
/** A duration in milliseconds, written as text (`30d`). */
export const durationMs = z
  .string({ error: ({ input }) => `${quote(String(input))} is not a duration; write 10s, 500ms or 30d` })
  .transform(parsed(parseDuration))
  .meta({ description: 'a duration: 500ms, 10s, 30d', examples: ['30d'] })

function parsed(parse: (text: string) => number) {
  return (text: string, context: z.core.$RefinementCtx<string>) => {
    try {
      return parse(text)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      context.addIssue({ code: 'custom', message: error.message })
      return z.NEVER
    }
  }
}

export const DURABILITIES = ['cache', 'durable', 'queue'] as const
/** What a name may say that a key is. */
export const NAME_CLASSES = ['lock', 'token', 'session', 'cache', 'queue', 'rate-limit', 'stream', 'counter', 'leaderboard'] as const
export const KEY_TYPES = ['string', 'hash', 'list', 'set', 'zset', 'stream'] as const

const ttlLimits = z
  .strictObject({ min: durationMs.optional(), max: durationMs.optional() })
  .refine(({ min = 0, max = Infinity }) => min <= max, { error: 'min is above max', path: ['min'] })

export const contractSchema = z.strictObject({
  pattern: z.string().min(1).describe('a glob as of SCAN MATCH: session:*'),
  owner: z.string().optional().describe('who to ask; findings about the pattern name it'),
  type: z.string().optional().describe('string, hash, list, set, zset, stream, or the name of a module type'),
  looks_like: z.enum(NAME_CLASSES).optional().describe('what its keys are, where the name does not say it'),
  ttl: z
    .union([z.enum(['required', 'none']), ttlLimits])
    .optional()
    .describe('required; none (the keys are to stay); or required within limits: { min: 1h, max: 30d }'),
  max_bytes: bytes.optional().describe('of one key: 64, 100KB, 5MB'),
  max_elements: z.int().min(1).optional().describe('of one key'),
  durability: z.enum(DURABILITIES).optional().describe('cache: may be evicted; durable and queue: may not'),
})

const offOrSeverity = z.union([z.literal('off'), severitySchema])

/** `off`, a severity, or a severity with options of the rule and exceptions for patterns. */
export const ruleSettingSchema = z.union([
  z.literal('off'),
  severitySchema,
  z
    .looseObject({
      severity: offOrSeverity.optional().describe("of all its findings, instead of the rule's own"),
      patterns: z
        .record(z.string(), offOrSeverity)
        .optional()
        .describe('a glob on what findings are about: off or a severity; the first that matches counts'),
    })
    .describe('beside these, options of the rule; `redline explain <rule>` names them'),
])

export const suppressionSchema = z.strictObject({
  rule: z.string().describe('id of a rule, or group/*'),
  about: z.string().optional().describe('a glob on what findings are about; all of the rule without it'),
  reason: z.string().min(1).describe('why it may stay: the report shows it'),
  until: z.iso
    .date({ error: ({ input }) => `${quote(String(input))} is not a date; write 2027-01-31` })
    .optional()
    .describe('the last day (UTC) on which it holds'),
})

/** A program with options, as one text or in words. */
const command = z.union([z.string().trim().min(1), z.array(z.string()).min(1)])
const engineName = z.string().regex(/^(redis|valkey)(@\d+\.\d+)?$/, { error: 'name an engine: redis, valkey, redis@6.0' })

export const projectFileSchema = z.strictObject({
  gate: z
    .array(z.string())
    .optional()
    .describe(
      "what `redline gate` holds results against: 'hashes/* one-field: p99 < 2ms', 'findings.error == 0', 'session:*: bytes_per_key < 120'",
    ),
  contracts: z.array(contractSchema).optional().describe('what is known of keys, the first that matches counts'),
  rules: z.record(z.string(), ruleSettingSchema).optional().describe('by id, group/* or *; `redline list rules` names them'),
  suppressions: z.array(suppressionSchema).optional().describe('findings that may stay'),
  require: z
    .array(z.string())
    .optional()
    .describe('rules (ids, group/*) that must be assessed: where one could not be, `redline audit` exits with 3'),
  engines: z
    .record(engineName, command)
    .optional()
    .describe(
      'how `redline run --engine` starts a server of an engine, instead of looking for one: redis@6.0: /opt/redis-6.0/redis-server',
    ),
  fail_on: severitySchema.optional().describe('the least severe finding that makes `redline audit` exit with 1; error by default'),
  max_impact: z
    .string()
    .optional()
    .describe("what an audit may add to others' p99 and use of the server's core: 1ms,25% (the default), or none"),
})

/** What `redline.config.yaml` says of keys: the keyspace contract of one pattern. */
export type Contract = z.infer<typeof contractSchema>

/** A contract as a first draft, and what its reader has to decide; the remark holds numbers and no names. */
export interface SuggestedContract {
  contract: Contract
  remark?: string | undefined
}
export type RuleSetting = z.infer<typeof ruleSettingSchema>
export type Suppression = z.infer<typeof suppressionSchema>
export type ProjectFile = z.infer<typeof projectFileSchema>
export type NameClass = (typeof NAME_CLASSES)[number]
