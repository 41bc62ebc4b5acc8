import { z } from 'zod'
import { formatBytes, formatNumber } from '../../../core/units.js'
import type { DistributionFacts, KeyFacts, KeyspaceFacts, PatternFacts } from '../../facts.js'
import { bytesOption, countOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { shellWord } from '../commands.js'
import { inferred } from '../estimates.js'
import { keyCount, NO_LENGTHS } from '../wording.js'
import { namedKeys } from './big-keys.js'

const options = z.strictObject({
  elements: countOption(5000, 'elements from which a hash, list, set or sorted set is big'),
  error_elements: countOption(50_000, 'elements from which it is an error'),
  bytes: bytesOption('10MB', 'bytes (MEMORY USAGE) from which a key other than a string is big'),
  error_bytes: bytesOption('100MB', 'bytes from which it is an error'),
})
type Limits = z.infer<typeof options>

/**
 * One command on a big collection (HGETALL, SMEMBERS, DEL) holds up everybody. A contract's max_elements and max_bytes take the place
 * of the limits. Long streams have a rule of their own (stream/unbounded): of them only bytes are judged, unless the contract says
 * how long they may be.
 */
export const rule = defineRule({
  id: 'mem/big-collection',
  severity: 'warning',
  summary: 'Collections so big that one command on them holds up everybody',
  needs: ['keyspace'],
  options,
  check: ({ keyspace }, limits) => keyspace.patterns.flatMap((pattern) => judge(keyspace, pattern, limits)),
  blind: ({ keyspace }) => (keyspace.lengths === 'none' ? { kind: 'not assessed', why: `${NO_LENGTHS}; none is big in bytes` } : undefined),
})

/** What of a pattern's keys is beyond one limit. */
interface Excess {
  unit: 'elements' | 'bytes'
  keys: number
  largest: number
  bound: number
  declared: boolean
  isError: boolean
}

function judge(keyspace: KeyspaceFacts, pattern: PatternFacts, limits: Limits): FindingDraft[] {
  const declaredElements = pattern.contract?.max_elements
  const counted = pattern.collections.filter(({ type }) => type !== 'string' && (type !== 'stream' || declaredElements !== undefined))
  const sized = [...pattern.sizes].filter(([type]) => type !== 'string')
  const excesses = [
    excess(
      'elements',
      counted.map((each) => each.elements),
      { warn: limits.elements, error: limits.error_elements, declared: declaredElements },
    ),
    excess(
      'bytes',
      sized.map(([, sizes]) => sizes),
      { warn: limits.bytes, error: limits.error_bytes, declared: pattern.contract?.max_bytes },
    ),
  ].filter((each) => each !== undefined)
  return excesses.length > 0 ? [finding(keyspace, pattern, excesses)] : []
}

function excess(
  unit: Excess['unit'],
  distributions: readonly DistributionFacts[],
  { warn, error, declared }: { warn: number; error: number; declared: number | undefined },
): Excess | undefined {
  const largest = Math.max(0, ...distributions.map(({ max }) => max))
  if (distributions.length === 0 || largest < (declared === undefined ? warn : declared + 1)) return undefined
  const bound = declared ?? warn
  const keys = distributions.reduce((sum, distribution) => sum + distribution.from(bound).keys, 0)
  const isError = declared !== undefined || largest >= error
  return { unit, keys: Math.max(1, keys), largest, bound, declared: declared !== undefined, isError }
}

function finding(keyspace: KeyspaceFacts, pattern: PatternFacts, excesses: readonly Excess[]): FindingDraft {
  const isBig = (key: KeyFacts) =>
    key.type !== 'string' && excesses.some(({ unit, bound }) => (unit === 'bytes' ? key.bytes : (key.elements ?? 0)) >= bound)
  const keys = namedKeys(keyspace, pattern, isBig)
  return {
    about: pattern.pattern,
    severity: excesses.some(({ isError }) => isError) ? 'error' : 'warning',
    message: excesses.map((each) => phrase(each, pattern)).join('; '),
    evidence: { keys: pattern.keys.value, ...evidence('elements', excesses), ...evidence('bytes', excesses) },
    remedy:
      'Split it over several keys by a part of the id, read it in parts (HSCAN, SSCAN, ZSCAN, LRANGE), trim it, and delete it with UNLINK.',
    commands: keys.slice(0, 1).map(({ key }) => `redis-cli MEMORY USAGE ${shellWord(key)}`),
    examples: keys.map(({ key }) => key),
  }
}

function phrase({ unit, keys, largest, bound, declared }: Excess, pattern: PatternFacts): string {
  const say = (amount: number) => (unit === 'bytes' ? formatBytes(amount) : `${formatNumber(amount)} elements`)
  const limit = declared ? `above the contract's ${say(bound)}` : `of ${say(bound)} or more`
  if (keys === 1) return `1 key of ${say(largest)}${declared ? `, ${limit}` : ''}`
  return `${keyCount(inferred(keys, pattern))} ${limit}, the largest ${say(largest)}`
}

function evidence(unit: Excess['unit'], excesses: readonly Excess[]): Record<string, number | boolean> {
  const found = excesses.find((each) => each.unit === unit)
  if (!found) return {}
  const { keys, largest, bound, declared } = found
  return { [`${unit}Keys`]: keys, [`${unit}Largest`]: largest, [`${unit}Limit`]: bound, [`${unit}Contract`]: declared }
}
