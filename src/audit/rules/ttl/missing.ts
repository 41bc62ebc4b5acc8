import { z } from 'zod'
import type { PatternFacts } from '../../facts.js'
import { bytesOption, countOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { usualTtl } from '../../usual-ttl.js'
import { commandKey } from '../commands.js'
import { leastShare } from '../estimates.js'
import { hasPersistent, neverExpire, persistentEvidence } from '../persistent.js'

const options = z.strictObject({
  share: shareOption(0.05, 'share of a cache, or of sessions, without a TTL from which it is reported'),
  floor: bytesOption('1MB', 'bytes of a cache, or of sessions, without a TTL from which it is reported'),
  keys: countOption(1, 'tokens or rate limits without a TTL from which it is reported'),
})

/** Temporary keys without a TTL pile up until memory is full. Locks have a rule of their own (lock/no-ttl). */
export const rule = defineRule({
  id: 'ttl/missing',
  severity: 'warning',
  summary: 'Keys that look temporary, or must expire by contract, never do',
  needs: ['keyspace'],
  options,
  check: ({ keyspace }, limits) => keyspace.patterns.filter((pattern) => isMissing(pattern, limits)).map(finding),
})

/** Whether this rule, with its defaults, tells of a pattern's keys without a TTL. */
export function tellsOfMissing(pattern: PatternFacts): boolean {
  return isMissing(pattern, options.parse({}))
}

function isMissing(pattern: PatternFacts, limits: z.infer<typeof options>): boolean {
  if (!hasPersistent(pattern) || (pattern.looksLike === 'lock' && pattern.temporary)) return false
  if (mustExpire(pattern)) return true
  if (!pattern.temporary) return false
  const { keys, persistent, looksLike } = pattern
  // One token that stays valid, or one client that stays blocked, is one too many.
  if (looksLike === 'token' || looksLike === 'rate-limit') return persistent.keys.value >= limits.keys
  return leastShare(persistent.keys, keys) >= limits.share && persistent.bytes.low >= limits.floor
}

const SET_IT = 'Set the TTL in the command that writes the key, and give one to the keys that are there.'
const FIND_WHO_FORGETS =
  'Find the writer that forgets the TTL (a plain SET also removes one that is there, unless KEEPTTL is given), and give one to the keys that have none.'

function mustExpire({ contract }: PatternFacts): boolean {
  return contract?.ttl !== undefined && contract.ttl !== 'none'
}

function finding(pattern: PatternFacts): FindingDraft {
  const broken = mustExpire(pattern)
  return {
    about: pattern.pattern,
    message: neverExpire(pattern) + (broken ? ', though its contract asks for a TTL' : ''),
    evidence: { ...persistentEvidence(pattern), looksLike: pattern.looksLike ?? 'temporary', contract: broken },
    remedy: pattern.ttl === undefined ? SET_IT : FIND_WHO_FORGETS,
    commands: [writing(pattern)],
    examples: pattern.persistentExamples,
    ...(broken ? { severity: 'error' as const } : {}),
  }
}

/** The command that writes such a key with the TTL that its contract allows, or that its siblings were probably given, or of a day. */
function writing({ pattern, types, contract, ttl }: PatternFacts): string {
  const declared = typeof contract?.ttl === 'object' ? contract.ttl.max : undefined
  const seconds = Math.max(1, Math.floor(declared === undefined ? usualTtl(ttl?.max ?? 86_400) : declared / 1000))
  return types.has('string') ? `SET ${commandKey(pattern)} <value> EX ${seconds}` : `EXPIRE ${commandKey(pattern)} ${seconds}`
}
