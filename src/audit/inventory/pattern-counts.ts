import type { KeyRecord } from '../key-record.js'
import { Distribution, type SavedDistribution } from './distribution.js'
import { CurrentKey, Examples, TopKeys, type SavedKey, type SavedName } from './kept-keys.js'
import { Minutes, type SavedMinutes } from './minutes.js'
import { SampleCounts, type Blocks } from './samples.js'

const EXAMPLES = 3
/** Types and encodings that are told apart in one pattern: more than any server has. */
const MOST_KINDS = 64
/** What expires later is counted as if it did then. */
const LATEST_MS = 20 * 365 * 86_400_000

/** Keys of one type and encoding. */
export interface KindCounts {
  type: string
  encoding: string
  size: Distribution
  /** Undefined for strings, and while no length is known. */
  elements: Distribution | undefined
}

/** The settings that all counts of an inventory share. */
export interface CountSettings {
  nowSeconds: number
  /** Set where a sample is counted. */
  blocks: Blocks | undefined
}

/** All that is counted of one pattern. Adding keys in another order, or in parts that are merged, counts the same. */
export class PatternCounts {
  readonly #settings: CountSettings
  keys = 0
  bytes = 0
  persistentKeys = 0
  persistentBytes = 0
  nameBytes = 0
  badNames = 0
  kinds: KindCounts[] = []
  /** In seconds, of the keys that expire. */
  ttl: Distribution | undefined
  minutes: Minutes | undefined
  /** In seconds: of the keys that expire, and of those that don't. */
  idleExpiring: Distribution | undefined
  idlePersistent: Distribution | undefined
  largest = new TopKeys('bytes', EXAMPLES)
  examples = new Examples(EXAMPLES)
  persistentExamples = new Examples(EXAMPLES)
  badExamples: Examples | undefined
  sample: SampleCounts | undefined

  constructor(settings: CountSettings) {
    this.#settings = settings
    if (settings.blocks) this.sample = new SampleCounts(settings.blocks)
  }

  /** Counts of nothing, with the same settings. */
  emptied(): PatternCounts {
    return new PatternCounts(this.#settings)
  }

  add(key: CurrentKey, isBadName: boolean): void {
    const { record } = key
    const { bytes } = record
    this.keys++
    this.bytes += bytes
    this.nameBytes += record.name.length
    const kind = this.#kindOf(record.type, record.encoding)
    kind.size.add(bytes, bytes)
    if (record.elements !== undefined && record.type !== 'string') (kind.elements ??= new Distribution()).add(record.elements, bytes)
    if (record.ttlMs < 0) this.#addPersistent(key)
    else this.#addExpiring(record)
    this.sample?.add(record)
    this.largest.add(key, bytes)
    this.examples.add(key)
    if (!isBadName) return
    this.badNames++
    ;(this.badExamples ??= new Examples(EXAMPLES)).add(key)
  }

  #addPersistent(key: CurrentKey): void {
    const { bytes, idleSeconds } = key.record
    this.persistentKeys++
    this.persistentBytes += bytes
    if (idleSeconds !== undefined) (this.idlePersistent ??= new Distribution()).add(idleSeconds, bytes)
    this.persistentExamples.add(key)
  }

  #addExpiring({ bytes, idleSeconds, ttlMs, afterMs }: KeyRecord): void {
    const leftMs = Math.min(ttlMs, LATEST_MS)
    if (this.ttl === undefined || this.minutes === undefined) {
      this.ttl = new Distribution()
      this.minutes = new Minutes()
    }
    this.ttl.add(Math.round(leftMs / 1000), bytes)
    this.minutes.add(Math.floor((this.#settings.nowSeconds + (afterMs + leftMs) / 1000) / 60))
    if (idleSeconds !== undefined) (this.idleExpiring ??= new Distribution()).add(idleSeconds, bytes)
  }

  #kindOf(type: string, encoding: string): KindCounts {
    for (const kind of this.kinds) if (kind.encoding === encoding && kind.type === type) return kind
    if (this.kinds.length === MOST_KINDS) return this.kinds.at(-1)!
    const kind = { type, encoding, size: new Distribution(), elements: undefined }
    this.kinds.push(kind)
    return kind
  }

  merge(other: PatternCounts): void {
    this.keys += other.keys
    this.bytes += other.bytes
    this.persistentKeys += other.persistentKeys
    this.persistentBytes += other.persistentBytes
    this.nameBytes += other.nameBytes
    this.badNames += other.badNames
    for (const { type, encoding, size, elements } of other.kinds) {
      const kind = this.#kindOf(type, encoding)
      kind.size.merge(size)
      kind.elements = mergedDistribution(kind.elements, elements)
    }
    this.ttl = mergedDistribution(this.ttl, other.ttl)
    this.idleExpiring = mergedDistribution(this.idleExpiring, other.idleExpiring)
    this.idlePersistent = mergedDistribution(this.idlePersistent, other.idlePersistent)
    if (other.minutes) (this.minutes ??= new Minutes()).merge(other.minutes)
    this.largest.merge(other.largest)
    this.examples.merge(other.examples)
    this.persistentExamples.merge(other.persistentExamples)
    if (other.badExamples) (this.badExamples ??= new Examples(EXAMPLES)).merge(other.badExamples)
    if (other.sample) this.sample?.merge(other.sample)
  }

  save(): SavedCounts {
    return {
      sums: [this.keys, this.bytes, this.persistentKeys, this.persistentBytes, this.nameBytes, this.badNames],
      kinds: this.kinds.map(({ type, encoding, size, elements }) => [type, encoding, size.save(), elements?.save() ?? null]),
      ttl: this.ttl?.save() ?? null,
      minutes: this.minutes?.save() ?? null,
      idle: [this.idleExpiring?.save() ?? null, this.idlePersistent?.save() ?? null],
      largest: this.largest.save(),
      examples: [this.examples.save(), this.persistentExamples.save(), this.badExamples?.save() ?? null],
      sample: this.sample?.save() ?? null,
    }
  }

  static restore(settings: CountSettings, saved: SavedCounts): PatternCounts {
    const restored = new PatternCounts(settings)
    const distribution = (part: SavedDistribution | null) => (part ? Distribution.restore(part) : undefined)
    const [keys, bytes, persistentKeys, persistentBytes, nameBytes, badNames] = saved.sums
    const [examples, persistentExamples, badExamples] = saved.examples
    return Object.assign(restored, {
      ...{ keys, bytes, persistentKeys, persistentBytes, nameBytes, badNames },
      kinds: saved.kinds.map(([type, encoding, size, elements]) => ({
        ...{ type, encoding },
        size: Distribution.restore(size),
        elements: distribution(elements),
      })),
      ttl: distribution(saved.ttl),
      minutes: saved.minutes ? Minutes.restore(saved.minutes) : undefined,
      idleExpiring: distribution(saved.idle[0]),
      idlePersistent: distribution(saved.idle[1]),
      largest: TopKeys.restore('bytes', EXAMPLES, saved.largest),
      examples: Examples.restore(EXAMPLES, examples),
      persistentExamples: Examples.restore(EXAMPLES, persistentExamples),
      badExamples: badExamples ? Examples.restore(EXAMPLES, badExamples) : undefined,
      sample: saved.sample && settings.blocks ? SampleCounts.restore(settings.blocks, saved.sample) : restored.sample,
    })
  }
}

/** Counts of a pattern as JSON holds them. */
export interface SavedCounts {
  sums: [keys: number, bytes: number, persistentKeys: number, persistentBytes: number, nameBytes: number, badNames: number]
  kinds: [type: string, encoding: string, size: SavedDistribution, elements: SavedDistribution | null][]
  ttl: SavedDistribution | null
  minutes: SavedMinutes | null
  idle: [expiring: SavedDistribution | null, persistent: SavedDistribution | null]
  largest: SavedKey[]
  examples: [SavedName[], SavedName[], SavedName[] | null]
  sample: ReturnType<SampleCounts['save']> | null
}

function mergedDistribution(into: Distribution | undefined, part: Distribution | undefined): Distribution | undefined {
  if (part === undefined) return into
  const merged = into ?? new Distribution()
  merged.merge(part)
  return merged
}
