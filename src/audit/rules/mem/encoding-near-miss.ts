import { z } from 'zod'
import { formatBytes, formatCount } from '../../../core/units.js'
import type { ConfigFacts, DistributionFacts, PatternFacts } from '../../facts.js'
import { bytesOption, countOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { inferred, shareOf } from '../estimates.js'
import { keyCount } from '../wording.js'
import { type CompactType, type Saving, savingsOf } from './savings.js'

const options = z.strictObject({
  reach: countOption(2, 'times the limit on the length up to which a collection is near it'),
  floor: bytesOption('1MB', 'bytes that compact encodings would save in a pattern from which it is reported'),
  share: shareOption(0.1, "share of the pattern's bytes that they would save from which it is reported"),
})

/** The collections that have a compact encoding, what they turn into beyond its limits, and what the limits are called since and before 7.0. */
const KINDS: readonly { type: CompactType; full: string; plural: string; elements: string; length: string[]; value: string[] }[] = [
  {
    type: 'hash',
    full: 'hashtable',
    plural: 'hashes',
    elements: 'fields',
    length: ['hash-max-listpack-entries', 'hash-max-ziplist-entries'],
    value: ['hash-max-listpack-value', 'hash-max-ziplist-value'],
  },
  {
    type: 'zset',
    full: 'skiplist',
    plural: 'sorted sets',
    elements: 'members',
    length: ['zset-max-listpack-entries', 'zset-max-ziplist-entries'],
    value: ['zset-max-listpack-value', 'zset-max-ziplist-value'],
  },
  // Before 7.2 only sets of integers are compact, and whether these are some can't be seen.
  {
    type: 'set',
    full: 'hashtable',
    plural: 'sets',
    elements: 'members',
    length: ['set-max-listpack-entries'],
    value: ['set-max-listpack-value'],
  },
]
type Kind = (typeof KINDS)[number]

interface Limit {
  parameter: string
  value: number
}

/** Collections that just miss the compact encoding: a little too long, or with one value past the limit. */
export const rule = defineRule({
  id: 'mem/encoding-near-miss',
  severity: 'note',
  summary: 'Hashes, sets and sorted sets that just miss their compact encoding',
  needs: ['keyspace', 'config', 'server'],
  options,
  check: ({ keyspace, config, server }, limits) =>
    KINDS.flatMap((kind) => {
      const length = limitOf(config, kind.length)
      if (length === undefined) return []
      const value = limitOf(config, kind.value)
      const saving = savingsOf(server.engine)[kind.type]
      return keyspace.patterns.flatMap((pattern) => judge(pattern, kind, { length, value, saving }, limits))
    }),
  blind: ({ keyspace, config }) => {
    if (keyspace.lengths === 'none') return { kind: 'not assessed', why: 'the lengths of collections were not read' }
    if (KINDS.every((kind) => limitOf(config, kind.length) === undefined))
      return { kind: 'not assessed', why: "the encodings' limits could not be read" }
    return undefined
  },
})

function limitOf(config: ConfigFacts, names: readonly string[]): Limit | undefined {
  for (const parameter of names) {
    const value = Number(config.get(parameter) ?? NaN)
    if (value > 0) return { parameter, value }
  }
  return undefined
}

interface Measures {
  length: Limit
  value: Limit | undefined
  saving: Saving
}

function judge(pattern: PatternFacts, kind: Kind, measures: Measures, { reach, floor, share }: z.infer<typeof options>): FindingDraft[] {
  const elements = pattern.collections.find(({ type, encoding }) => type === kind.type && encoding === kind.full)?.elements
  if (!elements) return []
  const { length, saving } = measures
  const near = upTo(elements, reach * length.value)
  const within = upTo(elements, length.value)
  const saved = near.keys * saving.perKey + near.elements * saving.perElement
  if (inferred(saved, pattern).low < floor || shareOf(saved, pattern.bytes.value) < share) return []
  const cause = within.keys > near.keys / 2 ? 'value' : 'length'
  return [finding(pattern, kind, measures, { cause, saved, near: near.keys, within: within.keys, longest: near.longest })]
}

/** Keys with at most so many elements, and the elements that they have together: the mean of quantiles, each standing for as many keys. */
function upTo(distribution: DistributionFacts, bound: number): { keys: number; elements: number; longest: number } {
  const keys = distribution.keys - distribution.from(bound + 1).keys
  if (keys <= 0) return { keys: 0, elements: 0, longest: 0 }
  const share = keys / distribution.keys
  const steps = 20
  const quantiles = Array.from({ length: steps }, (_, i) => Math.min(bound, distribution.quantile((share * (i + 0.5)) / steps)))
  return {
    keys,
    elements: (keys * quantiles.reduce((sum, value) => sum + value, 0)) / steps,
    longest: Math.min(bound, distribution.quantile(share)),
  }
}

interface Miss {
  cause: 'value' | 'length'
  saved: number
  near: number
  within: number
  longest: number
}

function finding(pattern: PatternFacts, kind: Kind, { length, value }: Measures, miss: Miss): FindingDraft {
  const count = keyCount(inferred(miss.near, pattern)).replace(/keys?$/, kind.plural)
  const limit = `${formatCount(length.value)} ${kind.elements}`
  const saving = `as listpacks they would take about ${formatBytes(miss.saved)} less`
  const tooLong = `${count} of at most ${formatCount(miss.longest)} ${kind.elements} are ${kind.full}s, near the limit of ${limit}; ${saving}`
  const tooWide = `${count} within the limit of ${limit} are ${kind.full}s, because a value is longer than ${formatBytes(value?.value ?? 64)}, or they once were longer; ${saving}`
  return {
    about: pattern.pattern,
    role: kind.type,
    message: miss.cause === 'length' ? tooLong : tooWide,
    evidence: {
      nearKeys: miss.near,
      withinLimitKeys: miss.within,
      savedBytes: Math.round(miss.saved),
      bytes: pattern.bytes.value,
      lengthLimit: length.value,
      cause: miss.cause,
    },
    ...remedyFor(kind, length, value, miss),
    examples: pattern.examples,
  }
}

function remedyFor(kind: Kind, length: Limit, value: Limit | undefined, miss: Miss): Pick<FindingDraft, 'remedy' | 'commands'> {
  const later = 'Keys that are there change when they are written anew or the server loads them at its start.'
  if (miss.cause === 'length') {
    const raised = Math.ceil(miss.longest / 64) * 64
    return {
      remedy: `Split them, or raise ${length.parameter}: access takes time in proportion to the length, so measure it. ${later}`,
      commands: [`redis-cli CONFIG SET ${length.parameter} ${raised}`],
    }
  }
  const widest = value === undefined ? [] : [`redis-cli CONFIG SET ${value.parameter} ${value.value * 2}`]
  return {
    remedy: `Keep long values out of these ${kind.plural}, in keys of their own, or raise the limit on the size of a value. ${later}`,
    commands: widest,
  }
}
