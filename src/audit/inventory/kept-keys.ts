import type { KeyRecord } from '../key-record.js'

/** Bytes of a name that are kept: more than are looked at to find its pattern. */
const MAX_NAME = 512

/** The name of a key, without its end when it is very long. */
export interface KeptName {
  bytes: Uint8Array
  /** Of the whole name. */
  length: number
  hash: number
}

export interface KeptKey extends Omit<KeyRecord, 'name'> {
  name: KeptName
}

/** A key that is being counted: it is copied once at most, and only when somebody keeps it. */
export class CurrentKey {
  record: KeyRecord
  hash = 0
  #name: KeptName | undefined

  constructor(record: KeyRecord) {
    this.record = record
  }

  set(record: KeyRecord, hash: number): void {
    this.record = record
    this.hash = hash
    this.#name = undefined
  }

  get name(): KeptName {
    const { name } = this.record
    return (this.#name ??= { bytes: new Uint8Array(name.subarray(0, MAX_NAME)), length: name.length, hash: this.hash })
  }

  get key(): KeptKey {
    return { ...this.record, name: this.name }
  }
}

/** By hash, which is as good as at random and the same in every audit; by the bytes where hashes are equal. */
function compareNames(a: KeptName, b: KeptName): number {
  return a.hash - b.hash || Buffer.compare(a.bytes, b.bytes) || a.length - b.length
}

/** A few names out of many: those with the smallest hashes, so that every audit keeps the same. */
export class Examples {
  readonly #most: number
  #names: KeptName[] = []

  constructor(most: number) {
    this.#most = most
  }

  /** In the order of their hashes. */
  get names(): readonly KeptName[] {
    return this.#names
  }

  add(key: CurrentKey): void {
    if (this.#names.length < this.#most || key.hash <= this.#names.at(-1)!.hash) this.#keep(key.name)
  }

  merge(other: Examples): void {
    for (const name of other.#names) this.#keep(name)
  }

  #keep(name: KeptName): void {
    if (this.#names.some((kept) => compareNames(kept, name) === 0)) return
    this.#names = [...this.#names, name].toSorted(compareNames).slice(0, this.#most)
  }

  save(): SavedName[] {
    return this.#names.map(saveName)
  }

  static restore(most: number, saved: SavedName[]): Examples {
    const restored = new Examples(most)
    restored.#names = saved.map(restoreName)
    return restored
  }
}

type Ranked = 'bytes' | 'elements' | 'idleSeconds'

/** The keys with the most of something: a heap whose root is the one to go next. */
export class TopKeys {
  readonly #field: Ranked
  readonly #most: number
  #heap: KeptKey[] = []
  /** Of the root, once the heap is full: what has less stays out. */
  #least = -Infinity
  #leastHash = Infinity

  constructor(field: Ranked, most: number) {
    this.#field = field
    this.#most = most
  }

  /** `value` is the key's of the field. */
  add(key: CurrentKey, value: number): void {
    if (value < this.#least || (value === this.#least && key.hash > this.#leastHash)) return
    this.#keep(key.key)
  }

  merge(other: TopKeys): void {
    for (const key of other.#heap) this.#keep(key)
  }

  /** Most first; where two have as much, by the hashes of their names. */
  sorted(): KeptKey[] {
    return this.#heap.toSorted((a, b) => this.#compare(b, a))
  }

  /** Negative when `a` goes before `b`. */
  #compare(a: KeptKey, b: KeptKey): number {
    return a[this.#field]! - b[this.#field]! || -(compareNames(a.name, b.name) || a.db - b.db || a.shard - b.shard)
  }

  #keep(key: KeptKey): void {
    const heap = this.#heap
    // A scan may meet a key twice; it does so with the same value, or a later one.
    if (heap.some((kept) => compareNames(kept.name, key.name) === 0 && kept.db === key.db && kept.shard === key.shard)) return
    if (heap.length < this.#most) this.#rise(heap.push(key) - 1)
    else if (heap.length > 0 && this.#compare(key, heap[0]!) > 0) {
      heap[0] = key
      this.#sink()
    }
    if (heap.length < this.#most) return
    this.#least = heap[0]?.[this.#field] ?? Infinity
    this.#leastHash = heap[0]?.name.hash ?? Infinity
  }

  #rise(from: number): void {
    const heap = this.#heap
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1
      if (this.#compare(heap[at]!, heap[parent]!) >= 0) return
      ;[heap[at], heap[parent]] = [heap[parent]!, heap[at]!]
      at = parent
    }
  }

  #sink(): void {
    const heap = this.#heap
    for (let at = 0; ;) {
      let child = 2 * at + 1
      if (child + 1 < heap.length && this.#compare(heap[child + 1]!, heap[child]!) < 0) child++
      if (child >= heap.length || this.#compare(heap[at]!, heap[child]!) <= 0) return
      ;[heap[at], heap[child]] = [heap[child]!, heap[at]!]
      at = child
    }
  }

  save(): SavedKey[] {
    return this.sorted().map(saveKey)
  }

  static restore(field: Ranked, most: number, saved: SavedKey[]): TopKeys {
    const restored = new TopKeys(field, most)
    for (const key of saved) restored.#keep(restoreKey(key))
    return restored
  }
}

/** A name as JSON holds it: its bytes as Latin-1, its length, its hash. */
export type SavedName = [string, number, number]
export type SavedKey = Omit<KeptKey, 'name' | 'idleSeconds' | 'frequency' | 'elements'> & {
  name: SavedName
  idleSeconds?: number | undefined
  frequency?: number | undefined
  elements?: number | undefined
}

function saveName({ bytes, length, hash }: KeptName): SavedName {
  return [Buffer.from(bytes).toString('latin1'), length, hash]
}

function restoreName([bytes, length, hash]: SavedName): KeptName {
  return { bytes: new Uint8Array(Buffer.from(bytes, 'latin1')), length, hash }
}

function saveKey(key: KeptKey): SavedKey {
  return { ...key, name: saveName(key.name) }
}

function restoreKey(key: SavedKey): KeptKey {
  const { idleSeconds, frequency, elements } = key
  return { ...key, name: restoreName(key.name), idleSeconds, frequency, elements }
}
