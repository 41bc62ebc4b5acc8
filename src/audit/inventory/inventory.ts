import { InputError } from '../../core/errors.js'
import type { Contract } from '../../schema/project.js'
import type { KeyspaceFacts } from '../facts.js'
import type { KeyRecord, KeySink, Stratum } from '../key-record.js'
import { isBadName } from './bad-name.js'
import { Contracts } from './contracts.js'
import { HashTags } from './hash-tags.js'
import { CurrentKey, TopKeys, type SavedKey } from './kept-keys.js'
import { keyspaceFacts } from './keyspace.js'
import { PatternCounts, type CountSettings, type SavedCounts } from './pattern-counts.js'
import { OTHER } from './pattern-text.js'
import { Blocks } from './samples.js'
import { SLOTS, slotOf } from './slots.js'
import { Tokens } from './tokens.js'
import { Trie, TRIE_LIMITS, type SavedTrie, type TrieLimits } from './trie.js'

export interface InventoryOptions {
  /** The first whose pattern matches a name is the name's. */
  contracts: readonly Contract[]
  /** Unix time of the audit: what remains of a TTL counts from it. */
  nowSeconds: number
  mode: 'full' | 'sample'
  /** Their names, by index. */
  shards: readonly string[]
  cluster: boolean
  /** The salt of the hashes to show in place of names; undefined: show names. */
  redact?: string | undefined
  limits?: Partial<InventoryLimits> | undefined
}

export interface InventoryLimits extends TrieLimits {
  /** Largest, longest and idlest keys to list. */
  top: number
  /** Keys by bytes, and by elements, that `big` knows. */
  big: number
  /** Hash tags that are counted at once. */
  tags: number
}

const LIMITS: InventoryLimits = { ...TRIE_LIMITS, top: 20, big: 1000, tags: 10_000 }

/** What is known when a scan is over. */
export interface ScanEnd {
  /** All that was to be read has been. */
  complete: boolean
  /** From which a sample was drawn, by number; of a full scan they are not used. */
  strata: readonly Stratum[]
  lengths: KeyspaceFacts['lengths']
  idleKnown: boolean
}

/** What an inventory has counted: what its facts are made of. */
export interface Counted {
  options: InventoryOptions
  limits: InventoryLimits
  contracts: Contracts
  /** By contract. */
  declared: (PatternCounts | undefined)[]
  trie: Trie
  blocks: Blocks | undefined
  top: { bytes: TopKeys; elements: TopKeys; idle: TopKeys }
  tags: HashTags
  /** Keys and bytes by slot, where there are slots. */
  slots: { keys: Float64Array; bytes: Float64Array } | undefined
  shards: { keys: Float64Array; bytes: Float64Array }
}

/**
 * Takes in the keys that a scan reads, in memory that does not grow with their number, and finds the patterns of their names. The keys
 * of a block must come one after the other. It does not depend on the order of keys, but for what `Trie` says of places and
 * patterns beyond its limits, and hash tags beyond theirs.
 */
export class Inventory implements KeySink {
  readonly #counted: Counted
  readonly #settings: CountSettings
  readonly #tokens = new Tokens()
  #current: CurrentKey | undefined
  /** Which pattern the counts of the trie belong to; known once the facts are. */
  #patterns = new Map<PatternCounts, string>()

  constructor(options: InventoryOptions) {
    const limits = { ...LIMITS, ...options.limits }
    const blocks = options.mode === 'sample' ? new Blocks() : undefined
    this.#settings = { nowSeconds: options.nowSeconds, blocks }
    this.#counted = {
      ...{ options, limits, blocks },
      contracts: new Contracts(options.contracts),
      declared: options.contracts.map(() => undefined),
      trie: new Trie(this.#settings, limits),
      top: {
        bytes: new TopKeys('bytes', limits.big),
        elements: new TopKeys('elements', limits.big),
        idle: new TopKeys('idleSeconds', limits.top),
      },
      tags: new HashTags(limits.tags),
      slots: options.cluster ? { keys: new Float64Array(SLOTS), bytes: new Float64Array(SLOTS) } : undefined,
      shards: { keys: new Float64Array(options.shards.length), bytes: new Float64Array(options.shards.length) },
    }
  }

  add(record: KeyRecord): void {
    const { tags, slots, shards, top } = this.#counted
    const { name, bytes } = record
    const tokens = this.#tokens
    tokens.read(name)
    const key = (this.#current ??= new CurrentKey(record))
    key.set(record, tokens.hash)
    this.#countsOf(record).add(key, isBadName(name, tokens.classes))
    top.bytes.add(key, bytes)
    if (record.elements !== undefined && record.type !== 'string') top.elements.add(key, record.elements)
    if (record.idleSeconds !== undefined) top.idle.add(key, record.idleSeconds)
    if (tokens.mayHaveTag) tags.add(name, bytes)
    shards.keys[record.shard]!++
    shards.bytes[record.shard]! += bytes
    if (slots === undefined) return
    const slot = slotOf(name)
    slots.keys[slot]!++
    slots.bytes[slot]! += bytes
  }

  #countsOf({ name, db }: KeyRecord): PatternCounts {
    const { contracts, declared, trie } = this.#counted
    const contract = contracts.of(name)
    if (contract === -1) return trie.at(this.#tokens, name, db)
    return (declared[contract] ??= new PatternCounts(this.#settings))
  }

  endBlock(stratum: number, keys: number): void {
    this.#counted.blocks?.end(stratum, keys)
  }

  /** The facts of all that was taken in; a block that has not ended is not part of a sample. */
  finish(end: ScanEnd): KeyspaceFacts {
    this.#counted.blocks?.drop()
    this.#patterns = new Map()
    return keyspaceFacts(this.#counted, end, this.#patterns, (name, db) => this.patternOf(name, db))
  }

  /** The pattern of a key, as the facts name it. Only once they have been asked for. */
  patternOf(name: Uint8Array, db: number): string {
    const { contracts, declared, trie } = this.#counted
    const contract = contracts.of(name)
    this.#tokens.read(name)
    const counts = contract === -1 ? trie.find(this.#tokens, name, db) : declared[contract]
    return (counts && this.#patterns.get(counts)) ?? OTHER
  }

  /** All that was taken in, for `restore`; a block that has not ended is left out of the sample. JSON can hold it. */
  save(): unknown {
    const { declared, trie, blocks, top, tags, slots, shards, options } = this.#counted
    const arrays = (part: { keys: Float64Array; bytes: Float64Array }) => ({ keys: [...part.keys], bytes: [...part.bytes] })
    const saved: SavedInventory = {
      version: VERSION,
      contracts: options.contracts.map(({ pattern }) => pattern),
      mode: options.mode,
      shardCount: options.shards.length,
      declared: declared.map((counts) => counts?.save() ?? null),
      trie: trie.save(),
      blocks: blocks?.save() ?? [],
      top: { bytes: top.bytes.save(), elements: top.elements.save(), idle: top.idle.save() },
      tags: tags.save(),
      slots: slots ? arrays(slots) : null,
      shards: arrays(shards),
    }
    return saved
  }

  /**
   * An inventory that goes on where a saved one stopped. Throws InputError when that was made with other contracts, shards or
   * another mode, by another version, or is damaged.
   */
  static restore(saved: unknown, options: InventoryOptions): Inventory {
    const inventory = new Inventory(options)
    if (!fits(saved, options)) {
      throw new InputError('the audit to be resumed was made with other contracts, shards or options', {
        hint: 'audit again without --resume',
      })
    }
    try {
      inventory.#restore(saved)
    } catch (cause) {
      throw new InputError('what the audit to be resumed had counted is damaged', { hint: 'audit again without --resume', cause })
    }
    return inventory
  }

  #restore(saved: SavedInventory): void {
    const counted = this.#counted
    const { limits } = counted
    if (counted.blocks) this.#settings.blocks = counted.blocks = Blocks.restore(saved.blocks)
    counted.declared = saved.declared.map((counts) => (counts ? PatternCounts.restore(this.#settings, counts) : undefined))
    counted.trie = Trie.restore(this.#settings, limits, saved.trie)
    counted.top = {
      bytes: TopKeys.restore('bytes', limits.big, saved.top.bytes),
      elements: TopKeys.restore('elements', limits.big, saved.top.elements),
      idle: TopKeys.restore('idleSeconds', limits.top, saved.top.idle),
    }
    counted.tags = HashTags.restore(limits.tags, saved.tags)
    const arrays = (part: SavedSums) => ({ keys: Float64Array.from(part.keys), bytes: Float64Array.from(part.bytes) })
    if (counted.slots && saved.slots) counted.slots = arrays(saved.slots)
    counted.shards = arrays(saved.shards)
  }
}

const VERSION = 1

function fits(saved: unknown, { mode, contracts, shards }: InventoryOptions): saved is SavedInventory {
  const wanted: Pick<SavedInventory, 'version' | 'mode' | 'contracts' | 'shardCount'> = {
    version: VERSION,
    mode,
    contracts: contracts.map(({ pattern }) => pattern),
    shardCount: shards.length,
  }
  if (typeof saved !== 'object' || saved === null) return false
  const found = new Map(Object.entries(saved))
  return Object.entries(wanted).every(([field, value]) => JSON.stringify(found.get(field)) === JSON.stringify(value))
}

interface SavedSums {
  keys: number[]
  bytes: number[]
}

interface SavedInventory {
  version: number
  contracts: string[]
  mode: 'full' | 'sample'
  shardCount: number
  declared: (SavedCounts | null)[]
  trie: SavedTrie
  blocks: ReturnType<Blocks['save']>
  top: { bytes: SavedKey[]; elements: SavedKey[]; idle: SavedKey[] }
  tags: ReturnType<HashTags['save']>
  slots: SavedSums | null
  shards: SavedSums
}
