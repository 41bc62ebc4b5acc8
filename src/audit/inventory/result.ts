import type { AuditResult, DistributionResult, Estimate, PatternResult, Tally, TopKey } from '../../schema/audit.js'
import type { DistributionFacts, KeyFacts, KeyspaceFacts, PatternFacts } from '../facts.js'
import { bucketOf, lowestOf } from './distribution.js'
import { OTHER } from './pattern-text.js'

/** Patterns that a document lists; the smaller ones are joined in `<other>`. */
const MOST_PATTERNS = 200
const MOST_BUCKETS = 60
const MOST_TAGS = 20

/** The parts of an audit's document that tell of its keys. */
export function keyspaceResult(keyspace: KeyspaceFacts): Pick<AuditResult, 'totals' | 'patterns' | 'top' | 'hashTags'> {
  const { keys, bytes, types, encodings, patterns, top, hashTags } = keyspace
  return {
    totals: { keys, bytes, types: Object.fromEntries(types), encodings: Object.fromEntries(encodings) },
    patterns: patternResults(patterns),
    top: { bytes: top.bytes.map(topKey), elements: top.elements.map(topKey), idle: top.idle.map(topKey) },
    hashTags: hashTags.slice(0, MOST_TAGS),
  }
}

function patternResults(patterns: readonly PatternFacts[]): PatternResult[] {
  const named = patterns.filter(({ other }) => !other)
  const listed = named.length < patterns.length || named.length > MOST_PATTERNS ? named.slice(0, MOST_PATTERNS - 1) : named
  const rest = [...named.slice(listed.length), ...patterns.filter(({ other }) => other)]
  const results = listed.map((pattern) => patternResult(pattern))
  return rest.length > 0 ? [...results, joined(rest)] : results
}

function patternResult(pattern: PatternFacts): PatternResult {
  const { keys, bytes, persistent, nameBytes, contract, looksLike } = pattern
  return {
    ...{ pattern: pattern.pattern, keys, bytes, persistent, nameBytes },
    declared: contract !== undefined,
    looksLike: looksLike ?? null,
    owner: contract?.owner ?? null,
    types: Object.fromEntries(pattern.types),
    encodings: Object.fromEntries(pattern.encodings),
    ttl: distributionResult([pattern.ttl], 'seconds'),
    size: distributionResult([pattern.size], 'bytes')!,
    idle: distributionResult([pattern.idle], 'seconds'),
    elements: distributionResult([pattern.elements], 'elements'),
  }
}

/** Several patterns as one. The bounds of their estimates are added up, which is wider than it need be. */
function joined(patterns: readonly PatternFacts[]): PatternResult {
  const estimate = (of: (pattern: PatternFacts) => Estimate) => sum(patterns.map(of))
  const distribution = (of: (pattern: PatternFacts) => DistributionFacts | undefined, unit: DistributionResult['unit']) =>
    distributionResult(patterns.map(of), unit)
  return {
    ...{ pattern: OTHER, declared: false, looksLike: null, owner: null },
    keys: estimate(({ keys }) => keys),
    bytes: estimate(({ bytes }) => bytes),
    persistent: { keys: estimate(({ persistent }) => persistent.keys), bytes: estimate(({ persistent }) => persistent.bytes) },
    types: tallies(patterns.map(({ types }) => types)),
    encodings: tallies(patterns.map(({ encodings }) => encodings)),
    nameBytes: patterns.reduce((bytes, pattern) => bytes + pattern.nameBytes, 0),
    ttl: distribution(({ ttl }) => ttl, 'seconds'),
    size: distribution(({ size }) => size, 'bytes')!,
    idle: distribution(({ idle }) => idle, 'seconds'),
    elements: distribution(({ elements }) => elements, 'elements'),
  }
}

function sum(estimates: readonly Estimate[]): Estimate {
  const add = (end: keyof Estimate) => estimates.reduce((total, estimate) => total + estimate[end], 0)
  return { value: add('value'), low: add('low'), high: add('high') }
}

function tallies(maps: readonly ReadonlyMap<string, Tally>[]): Record<string, Tally> {
  const sums = new Map<string, Tally>()
  for (const [name, { keys, bytes }] of maps.flatMap((map) => [...map])) {
    const before = sums.get(name) ?? { keys: 0, bytes: 0 }
    sums.set(name, { keys: before.keys + keys, bytes: before.bytes + bytes })
  }
  return Object.fromEntries(sums)
}

function topKey({ elements, idleSeconds, ttlSeconds, ...key }: KeyFacts): TopKey {
  return { ...key, elements: elements ?? null, idleSeconds: idleSeconds ?? null, ttlSeconds: ttlSeconds ?? null }
}

/** Distributions as one, their buckets joined until there are few enough of them; null when there are none. */
export function distributionResult(
  parts: readonly (DistributionFacts | undefined)[],
  unit: DistributionResult['unit'],
): DistributionResult | null {
  const some = parts.filter((part) => part !== undefined)
  if (some.length === 0) return null
  const min = some.reduce((least, part) => Math.min(least, part.min), Infinity)
  const max = some.reduce((most, part) => Math.max(most, part.max), -Infinity)
  const buckets = addedUp(some.flatMap((part) => part.buckets()))
  const total = buckets.reduce((sum, [, keys]) => sum + keys, 0)
  const quantile = (q: number) => {
    let seen = 0
    const highest = buckets.find(([, keys]) => (seen += keys) >= q * total)?.[0] ?? max
    return Math.max(min, Math.min(max, highest))
  }
  return { unit, keys: total, min, p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max, buckets: coarsened(buckets) }
}

/** Keys by value, in ascending order of values. */
function addedUp(entries: readonly (readonly [number, number])[]): [number, number][] {
  const sums = new Map<number, number>()
  for (const [value, keys] of entries) sums.set(value, (sums.get(value) ?? 0) + keys)
  return [...sums].toSorted(([a], [b]) => a - b)
}

/** Joins 2, 4, 8 ... neighbouring buckets, up to whole powers of two, of which there are less than MOST_BUCKETS. */
function coarsened(buckets: readonly [number, number][]): [number, number][] {
  for (let shift = 0; ; shift++) {
    const joint = addedUp(buckets.map(([highest, keys]) => [bucketOf(highest) >> shift, keys]))
    if (joint.length <= MOST_BUCKETS) return joint.map(([bucket, keys]) => [lowestOf((bucket + 1) << shift) - 1, keys])
  }
}
