import { z } from 'zod'
import { InputError } from '../core/errors.js'
import { parseBytes, parseDuration } from '../core/units.js'
import { severitySchema } from './audit.js'

/* `redline.config.yaml`: what a team says about its keyspace, and which findings it wants to hear of. */

/** A size in bytes, as a number or as text (`100KB`). */
export const bytes = quantity(parseBytes, 'a size: 64, 100KB, 5MB')
/** A duration in milliseconds, written as text (`30d`). */
export const durationMs = z.union([z.string().transform(parsed(parseDuration)), z.never()]).describe('a duration: 500ms, 10s, 30d')

function quantity(parse: (text: string) => number, description: string) {
  return z.union([z.number().min(0), z.string().transform(parsed(parse))]).describe(description)
}

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

export const contractSchema = z.strictObject({
  pattern: z.string().min(1).describe('a glob as of SCAN MATCH: session:*'),
  owner: z.string().optional(),
  type: z.string().optional().describe('string, hash, list, set, zset, stream, or the name of a module type'),
  looks_like: z.enum(NAME_CLASSES).optional(),
  ttl: z
    .union([z.enum(['required', 'none']), z.strictObject({ min: durationMs.optional(), max: durationMs.optional() })])
    .optional()
    .describe('required; none (the keys are to stay); or required within limits'),
  max_bytes: bytes.optional().describe('of one key'),
  max_elements: z.int().min(1).optional().describe('of one key'),
  durability: z.enum(DURABILITIES).optional().describe('cache: may be evicted; durable and queue: may not'),
})

/** `off`, a severity, or a severity with options of the rule and exceptions for patterns. */
const setting = z.union([
  z.literal('off'),
  severitySchema,
  z.looseObject({
    severity: z.union([z.literal('off'), severitySchema]).optional(),
    patterns: z.record(z.string(), z.union([z.literal('off'), severitySchema])).optional(),
  }),
])

export const suppressionSchema = z.strictObject({
  rule: z.string(),
  about: z.string().optional().describe('a glob on what findings are about; every one of the rule without it'),
  reason: z.string().min(1),
  until: z.iso.date().optional().describe('the last day on which it holds'),
})

export const projectFileSchema = z.strictObject({
  contracts: z.array(contractSchema).optional(),
  rules: z.record(z.string(), setting).optional().describe('by id, or group/*; `redline list rules` names them'),
  suppressions: z.array(suppressionSchema).optional(),
  fail_on: severitySchema.optional().describe('the least severe finding that makes `redline audit` exit with 1; error by default'),
  max_impact: z.string().optional().describe('as --max-impact takes it'),
})

/** What `redline.config.yaml` says of keys: the keyspace contract of one pattern. */
export type Contract = z.infer<typeof contractSchema>
export type RuleSetting = z.infer<typeof setting>
export type Suppression = z.infer<typeof suppressionSchema>
export type ProjectFile = z.infer<typeof projectFileSchema>
export type NameClass = (typeof NAME_CLASSES)[number]
