import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import type { DistributionFacts, PatternFacts } from '../../facts.js'
import { countOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { commandKey } from '../commands.js'
import { shareOf } from '../estimates.js'
import { keyCount, someOf } from '../wording.js'

const options = z.strictObject({
  tolerance: shareOption(0.02, 'share of a limit by which it may be missed; TTLs are counted to two digits'),
  keys: countOption(100, 'keys with a TTL from which all of them being too short is reported'),
})

/** TTLs beyond the maximum of a contract, and patterns in which no key lives as long as its minimum asks. */
export const rule = defineRule({
  id: 'ttl/too-long',
  severity: 'error',
  summary: "Keys live longer, or shorter, than the pattern's contract allows",
  needs: ['keyspace'],
  options,
  check: ({ keyspace }, limits) => keyspace.patterns.flatMap((pattern) => judge(pattern, limits)),
  blind: ({ keyspace }) =>
    keyspace.patterns.some((pattern) => limitsOf(pattern) !== undefined)
      ? undefined
      : { kind: 'not applicable', why: 'no contract limits the TTL of any key' },
})

function limitsOf({ contract }: PatternFacts): { min?: number | undefined; max?: number | undefined } | undefined {
  return typeof contract?.ttl === 'object' ? contract.ttl : undefined
}

function judge(pattern: PatternFacts, { tolerance, keys }: z.infer<typeof options>): FindingDraft[] {
  const { min, max } = limitsOf(pattern) ?? {}
  const { ttl } = pattern
  if (!ttl) return []
  const findings: FindingDraft[] = []
  if (max !== undefined && ttl.max > (max / 1000) * (1 + tolerance)) findings.push(tooLong(pattern, ttl, max, tolerance))
  // What is left of a TTL says little; that nobody has as much left as everybody was given at first says a lot.
  if (min !== undefined && ttl.keys >= keys && ttl.max < (min / 1000) * (1 - tolerance)) findings.push(tooShort(pattern, ttl, min))
  return findings
}

function tooLong(pattern: PatternFacts, ttl: DistributionFacts, maxMs: number, tolerance: number): FindingDraft {
  const over = Math.max(1, ttl.from((maxMs / 1000) * (1 + tolerance)).keys)
  const limit = formatDuration(maxMs)
  return {
    about: pattern.pattern,
    message: `${someOf(over, pattern.keys)} ${over === 1 ? 'lives' : 'live'} longer than the contract's ${limit}, the longest another ${formatDuration(ttl.max * 1000)}`,
    evidence: {
      keys: pattern.keys.value,
      overKeys: over,
      overShare: shareOf(over, pattern.keys.value),
      maxSeconds: ttl.max,
      limitSeconds: maxMs / 1000,
    },
    remedy: `Write these keys with a TTL of ${limit} or less; if they should live longer, change the contract.`,
    commands: [`EXPIRE ${commandKey(pattern.pattern)} ${Math.floor(maxMs / 1000)}`],
    examples: pattern.examples,
  }
}

function tooShort(pattern: PatternFacts, ttl: DistributionFacts, minMs: number): FindingDraft {
  const limit = formatDuration(minMs)
  return {
    about: pattern.pattern,
    role: 'min',
    severity: 'warning',
    message: `none of ${keyCount(ttl.keys)} lives for another ${formatDuration(ttl.max * 1000)}, though the contract asks for ${limit} at least`,
    evidence: { keys: ttl.keys, maxSeconds: ttl.max, limitSeconds: minMs / 1000 },
    remedy: `Write these keys with a TTL of ${limit} or more; if they may go sooner, change the contract.`,
    commands: [`EXPIRE ${commandKey(pattern.pattern)} ${Math.ceil(minMs / 1000)}`],
    examples: pattern.examples,
  }
}
