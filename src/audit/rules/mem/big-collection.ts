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
  blind({ keyspace }, { elements }) {
    if (keyspace.lengths !== 'none') return undefined
    const possible = keyspace.patterns.reduce((sum, pattern) => sum + possiblyBig(pattern, elements), 0)
    if (possible === 0) return undefined
    const what = possible === 1 ? 'a collection takes bytes enough' : `${formatNumber(possible)} collections take bytes enough`
    return { kind: 'not assessed', why: `${NO_LENGTHS}; ${what} for the number of elements that is big` }
  },
})

/**
 * No element takes fewer bytes, whatever the encoding: two of an intset, a number and its length in a ziplist or listpack; twice that
 * where an element is a pair. Elements of hash tables and skiplists take forty bytes and more.
 */
const LEAST_BYTES: Record<string, number> = { set: 2, list: 2, hash: 4, zset: 4, stream: 4 }

/** How many keys of a pattern are large enough to be big in elements, where nobody counted them. */
function possiblyBig({ sizes, contract }: PatternFacts, elements: number): number {
  const limit = contract?.max_elements === undefined ? elements : contract.max_elements + 1
  const ofType = ([type, bytes]: [string, DistributionFacts]) => {
    // Of streams elements are judged by a contract alone.
    const least = type === 'stream' && contract?.max_elements === undefined ? undefined : LEAST_BYTES[type]
    return least !== undefined && bytes.max >= least * limit ? Math.max(1, bytes.from(least * limit).keys) : 0
  }
  return [...sizes].reduce((sum, entry) => sum + ofType(entry), 0)
}

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
  const isCounted = keyspace.lengths === 'all' || excesses.some(({ unit }) => unit === 'elements') || pattern.collections.length > 0
  return {
    about: pattern.pattern,
    severity: excesses.some(({ isError }) => isError) ? 'error' : 'warning',
    message: [...excesses.map((each) => phrase(each, pattern)), ...(isCounted ? [] : ['elements were not counted'])].join('; '),
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
