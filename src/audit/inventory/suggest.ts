import type { Contract, NameClass, SuggestedContract } from '../../schema/project.js'
import type { DistributionFacts, KeyspaceFacts, PatternFacts } from '../facts.js'
import { percent } from '../rules/wording.js'
import { usualTtl } from '../usual-ttl.js'

/** A pattern gets a contract when it has so many keys, or this share of all keys or bytes; or when it is known what it is for. */
const MANY_KEYS = 100
const LARGE_SHARE = 0.01
/** Nearly all keys have a TTL when no more than this share has none. */
const NEARLY_ALL = 0.05
/** What is seen may grow by this much before it breaks the contract. */
const HEADROOM = 1.5

/**
 * A first version of a project's contracts, from what its keyspace holds: what all keys of a pattern have in common, with room to
 * grow. The narrower of two globs comes first, since the first that matches a key is the key's.
 */
export function suggestContracts(keyspace: KeyspaceFacts): SuggestedContract[] {
  const byGlob = new Map<string, PatternFacts[]>()
  const matters = keyspace.patterns.filter((pattern) => !pattern.other && doesMatter(pattern, keyspace))
  for (const [glob, pattern] of withGlobs(matters)) byGlob.set(glob, [...(byGlob.get(glob) ?? []), pattern])
  const suggested = Array.from(byGlob, ([glob, patterns]): SuggestedContract => {
    const declared = patterns.find(({ contract }) => contract)?.contract
    return declared ? { contract: declared } : { contract: contractOf(glob, patterns), remark: remarkOn(patterns) }
  })
  const literals = ({ pattern }: Contract) => pattern.replaceAll(/\\(.)/g, '$1').replaceAll('*', '').length
  return suggested.toSorted(({ contract: a }, { contract: b }) => literals(b) - literals(a) || (a.pattern < b.pattern ? -1 : 1))
}

function doesMatter({ keys, bytes, temporary, durable, contract }: PatternFacts, all: KeyspaceFacts): boolean {
  if (temporary || durable || contract || keys.value >= MANY_KEYS) return true
  return keys.value >= LARGE_SHARE * all.keys.value || bytes.value >= LARGE_SHARE * all.bytes.value
}

/** One glob for each pattern; but all that a product keeps under one prefix is one thing to its user. */
function withGlobs(patterns: readonly PatternFacts[]): [glob: string, pattern: PatternFacts][] {
  const prefixes = new Map<string, string>()
  for (const { product, durable, pattern } of patterns) {
    if (product !== undefined && durable) prefixes.set(product, commonPrefix(prefixes.get(product) ?? pattern, pattern))
  }
  return patterns.map((facts) => {
    const prefix = facts.durable && facts.product !== undefined ? upToDelimiter(prefixes.get(facts.product)!) : ''
    const glob = prefix !== '' && prefix !== facts.pattern ? globOf(`${prefix}<*>`) : globOf(facts.pattern)
    return [facts.contract?.pattern ?? glob, facts]
  })
}

function commonPrefix(a: string, b: string): string {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return a.slice(0, length)
}

/** Without a token or a mask that is cut in two. */
const upToDelimiter = (text: string) => /^([^<\\]*[:./|]|)/.exec(text)![0]

/** The glob of a pattern's text. Bytes that a file can't show become a star too. */
function globOf(pattern: string): string {
  return pattern
    .replaceAll(
      /<[^<>]*>|\\x3c|\\\\|\\u\{?[\da-f]+\}?|\\x[\da-f]{2}|\\[nrt]|[*?[\]^]/g,
      (part) => GLOBS[part] ?? (part.length === 1 ? `\\${part}` : '*'),
    )
    .replaceAll(/\*{2,}/g, '*')
}

const GLOBS: Record<string, string> = { '\\x3c': '<', '\\\\': '\\\\' }

function contractOf(glob: string, patterns: readonly PatternFacts[]): Contract {
  const types = new Set(patterns.flatMap(({ types }) => [...types.keys()]))
  const looksLike = common(patterns.map(({ looksLike }) => looksLike))
  const ttl = ttlOf(patterns)
  const durability = durabilityOf(patterns, looksLike)
  const longest = mostOf(patterns.map(({ elements }) => elements))
  return {
    pattern: glob,
    ...(types.size === 1 && { type: [...types][0]! }),
    ...(looksLike && { looks_like: looksLike }),
    ...(ttl !== undefined && { ttl }),
    max_bytes: powerOfTwo(Math.max(128, HEADROOM * mostOf(patterns.map(({ size }) => size)))),
    ...(longest > 0 && { max_elements: roundNumber(Math.max(10, HEADROOM * longest)) }),
    ...(durability && { durability }),
  }
}

function common<T>(values: readonly T[]): T | undefined {
  return new Set(values).size === 1 ? values[0] : undefined
}

const mostOf = (distributions: readonly (DistributionFacts | undefined)[]) => Math.max(0, ...distributions.map((each) => each?.max ?? 0))

/** Only a maximum: what is left of a TTL falls to nothing. A TTL that some keys lack is not asked of all: the remark leaves it to the reader. */
function ttlOf(patterns: readonly PatternFacts[]): Contract['ttl'] {
  const share = persistentShare(patterns)
  if (share <= NEARLY_ALL) return { max: usualTtl(mostOf(patterns.map(({ ttl }) => ttl))) * 1000 }
  return share === 1 && patterns.every(({ durable }) => durable) ? 'none' : undefined
}

/** What the keys of a pattern do not agree on, or not with what their name says. */
function remarkOn(patterns: readonly PatternFacts[]): string | undefined {
  const share = persistentShare(patterns)
  if (share === 0) return undefined
  if (share <= NEARLY_ALL) return `${percent(share)} of its keys have no TTL, which breaks this`
  if (share < 1) return `${percent(share)} of its keys never expire: add "ttl: required" if they should`
  return patterns.every(({ temporary }) => temporary) ? 'none of its keys expires: add "ttl: required" if they should' : undefined
}

function persistentShare(patterns: readonly PatternFacts[]): number {
  const total = (of: (pattern: PatternFacts) => number) => patterns.reduce((sum, pattern) => sum + of(pattern), 0)
  return total(({ persistent }) => persistent.keys.value) / total(({ keys }) => keys.value)
}

function durabilityOf(patterns: readonly PatternFacts[], looksLike: NameClass | undefined): Contract['durability'] {
  if (patterns.every(({ durable }) => durable)) return 'queue'
  return looksLike === 'cache' ? 'cache' : undefined
}

const powerOfTwo = (value: number) => 2 ** Math.ceil(Math.log2(value))

/** The next of 1, 2, 5, 10, 20, 50 ... */
function roundNumber(value: number): number {
  const scale = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map((step) => step * scale).find((number) => number >= value)!
}
