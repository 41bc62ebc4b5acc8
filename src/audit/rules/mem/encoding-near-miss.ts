import { z } from 'zod'
import { formatBytes, formatNumber } from '../../../core/units.js'
import type { ConfigFacts, DistributionFacts, PatternFacts } from '../../facts.js'
import type { ServerFacts } from '../../../redis/server-facts.js'
import { bytesOption, countOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { has } from '../../versions.js'
import { inferred, shareOf } from '../estimates.js'
import { keyCount, NO_LENGTHS } from '../wording.js'
import { type CompactType, type Saving, savingsOf } from './savings.js'

const options = z.strictObject({
  reach: countOption(2, 'times the limit on the length up to which a collection is near it'),
  floor: bytesOption('1MB', 'bytes that compact encodings would save in a pattern from which it is reported'),
  share: shareOption(0.1, "share of the pattern's bytes that they would save from which it is reported"),
})

/** The collections that have a compact encoding, what they turn into beyond its limits, and what the limits are called since 7.0. */
const KINDS: readonly { type: CompactType; full: string; plural: string; elements: string; length: string; value: string }[] = [
  {
    type: 'hash',
    full: 'hashtable',
    plural: 'hashes',
    elements: 'fields',
    length: 'hash-max-listpack-entries',
    value: 'hash-max-listpack-value',
  },
  {
    type: 'zset',
    full: 'skiplist',
    plural: 'sorted sets',
    elements: 'members',
    length: 'zset-max-listpack-entries',
    value: 'zset-max-listpack-value',
  },
  // Before 7.2 only sets of integers are compact, and whether these are some can't be seen.
  {
    type: 'set',
    full: 'hashtable',
    plural: 'sets',
    elements: 'members',
    length: 'set-max-listpack-entries',
    value: 'set-max-listpack-value',
  },
]
type Kind = (typeof KINDS)[number]

/** Lengths are counted to two digits: a bucket in which a length lies may reach this much further. */
const BUCKET_WIDTH = 1 / 128

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
      const measures = {
        length,
        value: limitOf(config, kind.value),
        saving: savingsOf(server.engine)[kind.type],
        compact: compactEncoding(server),
      }
      return keyspace.patterns.flatMap((pattern) => judge(pattern, kind, measures, limits))
    }),
  blind: ({ keyspace, config }) => {
    if (keyspace.lengths === 'none') return { kind: 'not assessed', why: NO_LENGTHS }
    if (KINDS.every((kind) => limitOf(config, kind.length) === undefined))
      return { kind: 'not assessed', why: "the encodings' limits could not be read" }
    return undefined
  },
})

/** What the compact encoding is called, in names of parameters too. */
function compactEncoding(server: ServerFacts): string {
  return has(server, { redis: '7.0', valkey: '7.2' }) ? 'listpack' : 'ziplist'
}

/** The value of a limit, whichever of its names the server has it under. */
function limitOf(config: ConfigFacts, parameter: string): number | undefined {
  const value = Number(config.get(parameter) ?? NaN)
  return value > 0 ? value : undefined
}

interface Measures {
  /** The limits, on the number of elements and on the bytes of each. */
  length: number
  value: number | undefined
  saving: Saving
  compact: string
}

function judge(pattern: PatternFacts, kind: Kind, measures: Measures, { reach, floor, share }: z.infer<typeof options>): FindingDraft[] {
  const elements = pattern.collections.find(({ type, encoding }) => type === kind.type && encoding === kind.full)?.elements
  if (!elements) return []
  const { length, saving } = measures
  const near = upTo(elements, reach * length * (1 + BUCKET_WIDTH))
  const within = upTo(elements, length)
  const saved = near.keys * saving.perKey + near.elements * saving.perElement
  if (inferred(saved, pattern).low < floor || shareOf(saved, pattern.bytes.value) < share) return []
  const cause = within.keys > near.keys / 2 ? 'value' : 'length'
  return [finding(pattern, kind, measures, { cause, saved, near: near.keys, within: within.keys, longest: near.longest })]
}

/** Keys with so many elements at most, the elements that they have together, and how many the longest has. */
function upTo(distribution: DistributionFacts, bound: number): { keys: number; elements: number; longest: number } {
  const buckets = distribution.buckets().filter(([elements]) => elements <= bound)
  return {
    keys: buckets.reduce((sum, [, keys]) => sum + keys, 0),
    elements: buckets.reduce((sum, [elements, keys]) => sum + elements * keys, 0),
    longest: buckets.at(-1)?.[0] ?? 0,
  }
}

interface Miss {
  cause: 'value' | 'length'
  saved: number
  near: number
  within: number
  longest: number
}

function finding(pattern: PatternFacts, kind: Kind, measures: Measures, miss: Miss): FindingDraft {
  const { length, value = 64, compact } = measures
  const count = keyCount(inferred(miss.near, pattern)).replace(/keys?$/, kind.plural)
  const limit = `${formatNumber(length)} ${kind.elements}`
  const saving = `as ${compact}s they would take about ${formatBytes(miss.saved)} less`
  const tooLong = `${count} of at most ${formatNumber(miss.longest)} ${kind.elements} are ${kind.full}s, near the limit of ${limit}; ${saving}`
  const tooWide = `${count} within the limit of ${limit} are ${kind.full}s, because a value is longer than ${formatBytes(value)}, or they once were longer; ${saving}`
  return {
    about: pattern.pattern,
    role: kind.type,
    message: miss.cause === 'length' ? tooLong : tooWide,
    evidence: {
      nearKeys: miss.near,
      withinLimitKeys: miss.within,
      savedBytes: Math.round(miss.saved),
      bytes: pattern.bytes.value,
      lengthLimit: length,
      cause: miss.cause,
    },
    ...remedyFor(kind, measures, miss),
    examples: pattern.examples,
  }
}

function remedyFor(kind: Kind, { value, compact }: Measures, miss: Miss): Pick<FindingDraft, 'remedy' | 'commands'> {
  const later = 'Keys that are there change when they are written anew or the server loads them at its start.'
  const set = (parameter: string, to: number) => `redis-cli CONFIG SET ${parameter.replace('listpack', compact)} ${to}`
  if (miss.cause === 'length') {
    return {
      remedy: `Split them, or raise the limit: access takes time in proportion to the length, so measure it. ${later}`,
      commands: [set(kind.length, Math.ceil(miss.longest / 64) * 64)],
    }
  }
  return {
    remedy: `Keep long values out of these ${kind.plural}, in keys of their own, or raise the limit on the size of a value. ${later}`,
    commands: value === undefined ? [] : [set(kind.value, value * 2)],
  }
}
