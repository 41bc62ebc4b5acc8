import { type Batch, HERE, VANISHED } from './batch.js'
import type { Words } from './words.js'

/** The types that every server has, and the encodings that each can have, Redis 6.0 to 8.x and Valkey. */
const ENCODINGS: Record<string, readonly string[]> = {
  string: ['int', 'embstr', 'raw'],
  hash: ['ziplist', 'listpack', 'listpackex', 'hashtable'],
  list: ['quicklist', 'listpack'],
  set: ['intset', 'listpack', 'hashtable'],
  zset: ['ziplist', 'listpack', 'skiplist'],
  stream: ['stream'],
}
const ENCODED = Object.entries(ENCODINGS).flatMap(([type, encodings]) => encodings.map((encoding) => ({ type, encoding })))
export const TYPE_COMMAND = 'TYPE'
/** What OBJECT ENCODING says of every value of a module, whatever its type. */
const OF_MODULES = 'raw'

/**
 * Types of keys, from their encodings where these tell: most do, and TYPE would cost the server a quarter of its time for a key. What
 * remains (listpack, hashtable, what nobody here has heard of) is asked with TYPE, after the other facts.
 */
export class Types {
  /** Why TYPE is refused; undefined as long as it is not. */
  refused: string | undefined
  readonly #words: Words
  readonly #none: number
  /** By encoding: the only type that has it, or 0. */
  readonly #told = new Uint8Array(256)

  constructor(words: Words) {
    this.#words = words
    this.#none = words.idOfText('none')
  }

  /** Says of the server that is read from now on whether it has types of modules: their encoding is that of long strings. */
  begin(modules: boolean): void {
    this.#told.fill(0)
    for (const { type, encoding } of ENCODED) {
      const isOnly = ENCODED.every((other) => other.encoding !== encoding || other.type === type)
      if (isOnly && !(modules && encoding === OF_MODULES)) this.#told[this.#words.idOfText(encoding)] = this.#words.idOfText(type)
    }
  }

  /** Fills in the types that are told, puts the keys that are to be asked into `batch.untyped`, and returns whether there are any. */
  choose(batch: Batch): boolean {
    const { count, types, encodings, status, untyped } = batch
    const mayAsk = this.refused === undefined
    for (let key = 0; key < count; key++) {
      types[key] = this.#told[encodings[key]!]!
      if (types[key] === 0 && mayAsk && status[key] === HERE) untyped.push(key)
    }
    return untyped.length > 0
  }

  /** Takes the answer to TYPE. A key that has become one of another type since has an encoding that nobody told. */
  take(batch: Batch, key: number, type: number): void {
    if (type === this.#none) batch.status[key] = VANISHED
    batch.types[key] = type
    if (!this.#canBe(type, batch.encodings[key]!)) batch.encodings[key] = 0
  }

  #canBe(type: number, encoding: number): boolean {
    const name = this.#words.textOf(encoding)
    const own = ENCODINGS[this.#words.textOf(type)]
    if (own === undefined) return name === OF_MODULES || !ENCODED.some((known) => known.encoding === name)
    return own.includes(name) || !ENCODED.some((known) => known.encoding === name)
  }
}
