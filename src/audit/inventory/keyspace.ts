import { safeText } from '../../core/text.js'
import type { Estimate, Tally } from '../../schema/audit.js'
import type { Contract, NameClass } from '../../schema/project.js'
import type { KeyFacts, KeyspaceFacts, PatternFacts } from '../facts.js'
import { distributionFacts, spreadOf, type Distribution, type Scale } from './distribution.js'
import { estimateBytes, estimateKeys, exactly, sampleFrame, type Frame } from './estimate.js'
import type { Counted, ScanEnd } from './inventory.js'
import type { KeptKey, KeptName, TopKeys } from './kept-keys.js'
import { isTemporary, nameClass } from './name-class.js'
import { PatternCounts } from './pattern-counts.js'
import { literalsOf, OTHER, patternText } from './pattern-text.js'
import { findPatterns } from './patterns.js'
import { Products, type ProductKeys } from './products.js'
import { Redactor } from './redact.js'
import { isLiteral, LITERAL } from './tokens.js'

/** From here on a key is one that `big` knows. */
const BIG_BYTES = 100 * 1024
const BIG_ELEMENTS = 5000
/** Hash tags that are named. */
const TAGS = 100

/** A pattern before it is told what its keys are. */
interface Named {
  pattern: string
  other: boolean
  variables: number
  contract: Contract | undefined
  looksLike: NameClass | undefined
  product: ProductKeys | undefined
  counts: PatternCounts
}

/** Makes the facts; puts into `patterns` which pattern each of the counts belongs to. */
export function keyspaceFacts(
  counted: Counted,
  end: ScanEnd,
  patterns: Map<PatternCounts, string>,
  patternOf: (name: Uint8Array, db: number) => string,
): KeyspaceFacts {
  const redactor = counted.options.redact === undefined ? undefined : new Redactor(counted.options.redact)
  const frame = counted.blocks && sampleFrame(end.strata, counted.blocks.drawn())
  const named = [...declaredPatterns(counted, patterns), ...inferredPatterns(counted, patterns, redactor)]
  const text = (name: KeptName, pattern: string) => (redactor ? `${pattern}#${redactor.hash(name.bytes)}` : nameText(name))
  const keyFacts = (key: KeptKey) => factsOf(key, patternOf(key.name.bytes, key.db), text)
  const facts = named
    .filter(({ counts }) => counts.keys > 0)
    .map((each) => patternFacts(each, frame, text))
    .toSorted((a, b) => Number(a.other) - Number(b.other) || b.bytes.value - a.bytes.value || (a.pattern < b.pattern ? -1 : 1))
  const total = totals(named, frame)
  const { tags, slots, shards, options, top, limits } = counted
  return {
    mode: options.mode,
    complete: end.complete,
    keys: total.keys,
    bytes: total.bytes,
    types: sumOf(facts.map(({ types }) => types)),
    encodings: sumOf(facts.map(({ encodings }) => encodings)),
    patterns: facts,
    top: {
      bytes: top.bytes.sorted().slice(0, limits.top).map(keyFacts),
      elements: top.elements.sorted().slice(0, limits.top).map(keyFacts),
      idle: top.idle.sorted().map(keyFacts),
    },
    big: bigKeys(top.bytes, top.elements, keyFacts),
    hashTags: tags.top(TAGS).map(({ tag, keys, bytes }) => ({
      tag: redactor ? `#${redactor.hash(tag)}` : safeText(tag),
      ...scaled({ keys, bytes }, total.scale),
    })),
    slots: slots && {
      keys: slots.keys.map((keys) => Math.round(keys * total.scale.keys)),
      bytes: slots.bytes.map((bytes) => Math.round(bytes * total.scale.bytes)),
    },
    shards: options.shards.map((name, shard) => shardFacts(name, shard, shards, frame && end, total.scale)),
    lengths: end.lengths,
    idleKnown: end.idleKnown,
    contracts: options.contracts.length > 0,
  }
}

function declaredPatterns({ declared, contracts, options }: Counted, patterns: Map<PatternCounts, string>): Named[] {
  const texts = options.contracts.map(({ pattern }) => safeText(pattern))
  const products = new Products(texts)
  return declared.flatMap((counts, index) => {
    if (counts === undefined) return []
    const contract = options.contracts[index]!
    const pattern = texts[index]!
    patterns.set(counts, pattern)
    const product = products.of(pattern)
    const looksLike = contract.looks_like ?? classOf(product, [contract.pattern], counts)
    return [{ pattern, other: false, variables: contracts.globs[index]!.variables, contract, looksLike, product, counts }]
  })
}

function inferredPatterns({ trie }: Counted, patterns: Map<PatternCounts, string>, redactor: Redactor | undefined): Named[] {
  const found = findPatterns(trie.roots.values()).map(({ tokens, counts }) => ({ tokens, counts, plain: patternText(tokens) }))
  const products = new Products(found.map(({ plain }) => plain))
  const named = found.map(({ tokens, counts: parts, plain }): Named => {
    const pattern = redactor ? patternText(tokens, redactor) : plain
    for (const part of parts) patterns.set(part, pattern)
    const counts = joined(parts)
    const product = products.of(plain)
    const variables = tokens.filter(({ kind }) => !isLiteral(kind) || kind !== LITERAL).length
    return {
      pattern,
      other: false,
      variables,
      contract: undefined,
      looksLike: classOf(product, literalsOf(tokens), counts),
      product,
      counts,
    }
  })
  const other = {
    pattern: OTHER,
    other: true,
    variables: 1,
    contract: undefined,
    looksLike: undefined,
    product: undefined,
    counts: trie.other,
  }
  return [...named, other]
}

function joined(parts: readonly PatternCounts[]): PatternCounts {
  if (parts.length === 1) return parts[0]!
  const whole = parts[0]!.emptied()
  for (const part of parts) whole.merge(part)
  return whole
}

/** A product's word before the name's; a stream is one without any. */
function classOf(product: ProductKeys | undefined, literals: string[], { kinds }: PatternCounts): NameClass | undefined {
  if (product) return product.looksLike
  return nameClass(literals) ?? (kinds.every(({ type }) => type === 'stream') ? 'stream' : undefined)
}

function patternFacts(named: Named, frame: Frame | undefined, text: (name: KeptName, pattern: string) => string): PatternFacts {
  const { pattern, other, variables, contract, looksLike, product, counts } = named
  const { keys, bytes, persistent } = estimatesOf(counts, frame)
  const scale = scaleOf(counts, keys, bytes)
  const names = (some: readonly KeptName[] = []) => some.map((name) => text(name, pattern))
  const bySize = (type: string) => counts.kinds.filter((kind) => kind.type === type).map(({ size }) => size)
  const types = [...new Set(counts.kinds.map(({ type }) => type))].toSorted()
  const peak = counts.minutes?.peak()
  const collections = counts.kinds.filter(({ elements }) => elements !== undefined)
  return {
    ...{ pattern, other, variables, contract, looksLike, keys, bytes, persistent },
    product: product?.product,
    temporary: isTemporaryPattern(contract, looksLike),
    durable: isDurable(contract, looksLike, product),
    types: tallies(counts, scale, ({ type }) => type),
    encodings: tallies(counts, scale, ({ encoding }) => encoding),
    nameBytes: Math.round(counts.nameBytes * scale.keys),
    badNames: { keys: Math.round(counts.badNames * scale.keys), examples: names(counts.badExamples?.names) },
    ttl: optional([counts.ttl], scale),
    peakMinute: peak && { at: peak.minute * 60, keys: Math.round(peak.keys * scale.keys) },
    size: distributionFacts(
      counts.kinds.map(({ size }) => size),
      scale,
    )!,
    sizes: new Map(types.map((type) => [type, distributionFacts(bySize(type), scale)!])),
    idle: optional([counts.idleExpiring, counts.idlePersistent], scale),
    idlePersistent: optional([counts.idlePersistent], scale),
    elements: optional(
      counts.kinds.map(({ elements }) => elements),
      scale,
    ),
    collections: collections
      .map(({ type, encoding, elements }) => ({ type, encoding, elements: distributionFacts([elements!], scale)! }))
      .toSorted((a, b) => (`${a.type} ${a.encoding}` < `${b.type} ${b.encoding}` ? -1 : 1)),
    largest: counts.largest.sorted().map((key) => factsOf(key, pattern, text)),
    examples: names(counts.examples.names),
    persistentExamples: names(counts.persistentExamples.names),
  }
}

function optional(parts: readonly (Distribution | undefined)[], scale: Scale) {
  return distributionFacts(
    parts.filter((part) => part !== undefined),
    scale,
  )
}

/** The contract's word about TTLs is the last one; one that says the keys are to stay for other reasons counts before their name. */
function isTemporaryPattern(contract: Contract | undefined, looksLike: NameClass | undefined): boolean {
  if (contract?.ttl !== undefined) return contract.ttl !== 'none'
  if (contract?.looks_like === undefined && (contract?.durability === 'durable' || contract?.durability === 'queue')) return false
  return isTemporary(looksLike)
}

function isDurable(contract: Contract | undefined, looksLike: NameClass | undefined, product: ProductKeys | undefined): boolean {
  if (contract?.durability !== undefined) return contract.durability !== 'cache'
  if (contract?.looks_like !== undefined) return contract.looks_like === 'queue'
  return product ? product.durable : looksLike === 'queue'
}

interface Estimates {
  keys: Estimate
  bytes: Estimate
  persistent: { keys: Estimate; bytes: Estimate }
}

function estimatesOf(counts: PatternCounts, frame: Frame | undefined): Estimates {
  const { sample } = counts
  if (frame === undefined || sample === undefined) {
    const persistent = { keys: exactly(counts.persistentKeys), bytes: exactly(counts.persistentBytes) }
    return { keys: exactly(counts.keys), bytes: exactly(counts.bytes), persistent }
  }
  const keys = estimateKeys(frame, sample.byGroup('keys'))
  const bytes = estimateBytes(frame, keys, sample.byGroup('keys'), sample.byGroup('bytes'), sizesOf([counts]))
  return { keys, bytes, persistent: estimatePersistent(counts, frame, keys, bytes) }
}

/** As of anything else in the sample, but never more than the pattern has. */
function estimatePersistent(counts: PatternCounts, frame: Frame, keys: Estimate, bytes: Estimate): Estimates['persistent'] {
  const sample = counts.sample!
  const [foundKeys, foundBytes] = [onlyFound(sample.byGroup('persistentKeys')), onlyFound(sample.byGroup('persistentBytes'))]
  const estimate = estimateKeys(frame, foundKeys)
  const few = { ...estimate, high: Math.min(estimate.high, keys.high) }
  if (foundKeys.size === 0) return { keys: few, bytes: { value: 0, low: 0, high: Math.ceil((few.high / keys.value) * bytes.value) } }
  const size = estimateBytes(frame, estimate, foundKeys, foundBytes, sizesOf([counts]))
  return { keys: few, bytes: { ...size, high: Math.max(size.value, Math.min(size.high, bytes.high)) } }
}

const sizesOf = (parts: readonly PatternCounts[]) => spreadOf(parts.flatMap(({ kinds }) => kinds.map(({ size }) => size)))

const onlyFound = (found: Map<number, number>) => new Map([...found].filter(([, value]) => value > 0))

function scaleOf({ keys: seenKeys, bytes: seenBytes }: { keys: number; bytes: number }, keys: Estimate, bytes: Estimate): Scale {
  return { keys: seenKeys > 0 ? keys.value / seenKeys : 1, bytes: seenBytes > 0 ? bytes.value / seenBytes : 1 }
}

function totals(named: readonly Named[], frame: Frame | undefined): { keys: Estimate; bytes: Estimate; scale: Scale } {
  const parts = named.map(({ counts }) => counts)
  const seen = {
    keys: parts.reduce((sum, { keys }) => sum + keys, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
  }
  if (frame === undefined) return { keys: exactly(seen.keys), bytes: exactly(seen.bytes), scale: { keys: 1, bytes: 1 } }
  const keys = exactly(frame.population)
  const found = (measure: 'keys' | 'bytes') => {
    const sums = new Map<number, number>()
    for (const { sample } of parts) for (const [group, value] of sample!.byGroup(measure)) sums.set(group, (sums.get(group) ?? 0) + value)
    return sums
  }
  const bytes = estimateBytes(frame, keys, found('keys'), found('bytes'), sizesOf(parts))
  return { keys, bytes, scale: scaleOf(seen, keys, bytes) }
}

function tallies({ kinds }: PatternCounts, scale: Scale, nameOf: (kind: { type: string; encoding: string }) => string): Map<string, Tally> {
  return sumOf(kinds.map((kind) => new Map([[nameOf(kind), scaled(kind.size, scale)]])))
}

function scaled({ keys, bytes }: Tally, scale: Scale): Tally {
  return { keys: Math.round(keys * scale.keys), bytes: Math.round(bytes * scale.bytes) }
}

/** Sums by name, most bytes first. */
function sumOf(maps: readonly ReadonlyMap<string, Tally>[]): Map<string, Tally> {
  const sums = new Map<string, Tally>()
  for (const map of maps) {
    for (const [name, { keys, bytes }] of map) {
      const sum = sums.get(name)
      sums.set(name, { keys: keys + (sum?.keys ?? 0), bytes: bytes + (sum?.bytes ?? 0) })
    }
  }
  return new Map([...sums].toSorted(([a, x], [b, y]) => y.bytes - x.bytes || (a < b ? -1 : 1)))
}

function shardFacts(
  name: string,
  shard: number,
  { keys, bytes }: Counted['shards'],
  sampled: ScanEnd | undefined,
  scale: Scale,
): KeyspaceFacts['shards'][number] {
  const seen = { keys: keys[shard]!, bytes: bytes[shard]! }
  if (sampled === undefined) return { name, ...seen }
  const there = sampled.strata.filter((stratum) => stratum.shard === shard).reduce((sum, stratum) => sum + stratum.keys, 0)
  const factor = seen.keys > 0 ? there / seen.keys : scale.keys
  return { name, keys: there, bytes: Math.round(seen.bytes * factor) }
}

function factsOf(key: KeptKey, pattern: string, text: (name: KeptName, pattern: string) => string): KeyFacts {
  const { db, type, encoding, bytes, elements, idleSeconds, ttlMs } = key
  const ttlSeconds = ttlMs < 0 ? undefined : Math.round(ttlMs / 1000)
  return { key: text(key.name, pattern), pattern, db, type, encoding, bytes, elements, idleSeconds, ttlSeconds }
}

/** A name to show; what was not kept of a very long one is counted. */
function nameText({ bytes, length }: KeptName): string {
  return length > bytes.length ? `${safeText(bytes)}... (${length} bytes)` : safeText(bytes)
}

/** Looks a key up by its name as it is, also where names are hidden. The largest of several databases. */
function bigKeys(byBytes: TopKeys, byElements: TopKeys, keyFacts: (key: KeptKey) => KeyFacts): KeyspaceFacts['big'] {
  const big = new Map<string, KeptKey>()
  const isBig = ({ bytes, elements = 0, type }: KeptKey) => bytes >= BIG_BYTES || (type !== 'string' && elements >= BIG_ELEMENTS)
  for (const key of [...byBytes.sorted(), ...byElements.sorted()].filter(isBig)) {
    const name = nameText(key.name)
    if (!big.has(name)) big.set(name, key)
  }
  return (name) => {
    const key = big.get(name)
    return key && keyFacts(key)
  }
}
