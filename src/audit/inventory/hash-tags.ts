import { hashTag } from './slots.js'
import { hashOf } from './tokens.js'

interface Tag {
  bytes: Uint8Array
  keys: number
  size: number
}

/** A tag as JSON holds it: its bytes as Latin-1, its keys, their bytes. */
export type SavedTag = [string, number, number]

/** Bytes of a tag that are told apart. */
const MAX_TAG = 256

/**
 * Counts keys and bytes by hash tag: exactly while there are no more than `most` tags. From then on the lightest half is forgotten
 * each time that there are more, as in lossy counting (Manku and Motwani 2002): a tag that holds much of the keyspace stays, and may
 * have lost what it held before it was first forgotten.
 */
export class HashTags {
  readonly #most: number
  #tags = new Map<number, Tag>()
  #keys = 0
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#tags.size
  }

  add(name: Uint8Array, bytes: number): void {
    const content = hashTag(name)
    if (content === undefined) return
    const [start, end] = [content[0], Math.min(content[1], content[0] + MAX_TAG)]
    this.#keys++
    this.#bytes += bytes
    for (let hash = hashOf(name, start, end); ; hash = (hash + 1) | 0) {
      const tag = this.#tags.get(hash)
      if (tag === undefined) {
        this.#tags.set(hash, { bytes: new Uint8Array(name.subarray(start, end)), keys: 1, size: bytes })
        if (this.#tags.size > this.#most) this.#forgetLightest()
        return
      }
      if (isAt(tag.bytes, name, start, end)) {
        tag.keys++
        tag.size += bytes
        return
      }
    }
  }

  #forgetLightest(): void {
    const heaviest = this.#sorted().slice(0, this.#most >> 1)
    this.#tags = new Map()
    for (const tag of heaviest) this.#put(tag)
  }

  #put(tag: Tag): void {
    let hash = hashOf(tag.bytes, 0, tag.bytes.length)
    while (this.#tags.has(hash)) hash = (hash + 1) | 0
    this.#tags.set(hash, tag)
  }

  /** Heaviest first, by the larger of a tag's shares of all keys and of all bytes. */
  #sorted(): Tag[] {
    const weight = ({ keys, size }: Tag) => Math.max(keys / this.#keys, size / Math.max(1, this.#bytes))
    return [...this.#tags.values()].toSorted((a, b) => weight(b) - weight(a) || Buffer.compare(a.bytes, b.bytes))
  }

  /** The heaviest, heaviest first. */
  top(count: number): { tag: Uint8Array; keys: number; bytes: number }[] {
    return this.#sorted()
      .slice(0, count)
      .map(({ bytes: tag, keys, size }) => ({ tag, keys, bytes: size }))
  }

  save(): { keys: number; bytes: number; tags: SavedTag[] } {
    const tags = this.#sorted().map(({ bytes, keys, size }): SavedTag => [Buffer.from(bytes).toString('latin1'), keys, size])
    return { keys: this.#keys, bytes: this.#bytes, tags }
  }

  static restore(most: number, saved: ReturnType<HashTags['save']>): HashTags {
    const restored = new HashTags(most)
    restored.#keys = saved.keys
    restored.#bytes = saved.bytes
    for (const [bytes, keys, size] of saved.tags) restored.#put({ bytes: new Uint8Array(Buffer.from(bytes, 'latin1')), keys, size })
    return restored
  }
}

function isAt(bytes: Uint8Array, name: Uint8Array, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== name[start + at]) return false
  return true
}
