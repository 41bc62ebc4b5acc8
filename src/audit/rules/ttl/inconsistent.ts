import { z } from 'zod'
import type { PatternFacts } from '../../facts.js'
import { countOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { scanLine } from '../commands.js'
import { shareOf } from '../estimates.js'
import { neverExpire, persistentEvidence } from '../persistent.js'
import { someOf } from '../wording.js'
import { tellsOfMissing } from './missing.js'

const options = z.strictObject({
  low: shareOption(0.1, 'share of keys with a TTL from which a pattern is mixed'),
  high: shareOption(0.9, 'share of keys with a TTL up to which a pattern is mixed'),
  keys: countOption(100, 'keys of a pattern from which it is judged'),
})

/** Where some keys of one pattern expire and others don't, one code path forgets the TTL, or drops it (SET without KEEPTTL). */
export const rule = defineRule({
  id: 'ttl/inconsistent',
  severity: 'warning',
  summary: 'Some keys of a pattern expire and others never do',
  needs: ['keyspace'],
  options,
  check: ({ keyspace }, limits) =>
    keyspace.patterns.flatMap((pattern) => {
      if (pattern.contract?.ttl === 'none') return expiresAgainstContract(pattern)
      return isMixed(pattern, limits) ? [mixed(pattern)] : []
    }),
})

/** Of keys that should all expire, by contract or by their name, ttl/missing tells, and lock/no-ttl of locks. */
function isMixed(pattern: PatternFacts, { low, high, keys: floor }: z.infer<typeof options>): boolean {
  const { keys, persistent, contract, other, temporary, looksLike } = pattern
  if (other || contract?.ttl !== undefined || keys.low < floor) return false
  if (tellsOfMissing(pattern) || (temporary && looksLike === 'lock')) return false
  const expiring = (persistentKeys: number) => shareOf(keys.value - persistentKeys, keys.value)
  return expiring(persistent.keys.high) >= low && expiring(persistent.keys.low) <= high
}

function mixed(pattern: PatternFacts): FindingDraft {
  return {
    about: pattern.pattern,
    message: neverExpire(pattern),
    evidence: persistentEvidence(pattern),
    remedy: 'Find the writer that forgets the TTL: a plain SET also removes one that is there, unless KEEPTTL is given.',
    commands: scanLine(pattern, ' | head'),
    examples: pattern.persistentExamples,
  }
}

function expiresAgainstContract(pattern: PatternFacts): FindingDraft[] {
  const expiring = pattern.ttl?.keys ?? 0
  if (expiring === 0) return []
  return [
    {
      about: pattern.pattern,
      role: 'contract',
      severity: 'error',
      message: `${someOf(expiring, pattern.keys)} will expire, though the contract says that they stay (ttl: none)`,
      evidence: { keys: pattern.keys.value, expiringKeys: expiring, expiringShare: shareOf(expiring, pattern.keys.value) },
      remedy: 'Write these keys without a TTL, and remove the TTL of those that have one.',
      commands: [...scanLine(pattern, ' | head'), "redis-cli PERSIST '<key>'"],
      examples: pattern.examples,
    },
  ]
}
