import type { Batch } from './batch.js'
import { HERE } from './batch.js'
import { ENCODING, MEMORY } from './key-facts.js'
import type { Words } from './words.js'

/** What asks how many elements a key has, by its type. A string's bytes say as much as its length would. */
const LENGTH_COMMANDS: Record<string, string> = { hash: 'HLEN', list: 'LLEN', set: 'SCARD', zset: 'ZCARD', stream: 'XLEN' }
/** Encodings that servers keep to few elements. A list is a quicklist from its first element on, before 7.2. */
const SMALL_ENCODINGS: ReadonlySet<string> = new Set(['listpack', 'ziplist', 'intset', 'quicklist', 'zipmap', 'linkedlist'])
/** From this size on, the length is asked whatever the encoding. */
const LARGE_BYTES = 4096

const NEVER = 1
const WHEN_LARGE = 2
const ALWAYS = 3

/**
 * Which collections are asked for their length: those whose encoding is not a small one, and all that are large. What remains is
 * known to be small. Commands that a server refuses are left out from then on.
 */
export class Lengths {
  /** Commands that were refused, and why. */
  readonly refused = new Map<string, string>()
  readonly #words: Words
  /** By type and encoding; 0 where it is not decided yet. */
  readonly #rules = new Uint8Array(256 * 256)

  constructor(words: Words) {
    this.#words = words
  }

  /** Puts the keys whose length is to be asked into `batch.measured`; returns whether there are any. */
  choose(batch: Batch): boolean {
    const { count, types, encodings, bytes, status, measured } = batch
    const sized = batch.asked.includes(MEMORY)
    for (let key = 0; key < count; key++) {
      const pair = (types[key]! << 8) | encodings[key]!
      const rule = this.#rules[pair]! || this.#decide(pair, batch.asked.includes(ENCODING))
      if (rule === NEVER || status[key] !== HERE) continue
      if (rule === ALWAYS || !sized || bytes[key]! >= LARGE_BYTES) measured.push(key)
    }
    return measured.length > 0
  }

  /** The command for a key that was chosen. */
  commandFor(batch: Batch, key: number): string {
    return LENGTH_COMMANDS[this.#words.textOf(batch.types[key]!)]!
  }

  /** Whether a key was left out because its command is refused. */
  isRefused(batch: Batch, key: number): boolean {
    const command = LENGTH_COMMANDS[this.#words.textOf(batch.types[key]!)]
    return command !== undefined && this.refused.has(command)
  }

  refuse(command: string, why: string): void {
    this.refused.set(command, why)
    this.#rules.fill(0)
  }

  #decide(pair: number, encodingsAsked: boolean): number {
    const command = LENGTH_COMMANDS[this.#words.textOf(pair >> 8)]
    const small = !encodingsAsked || SMALL_ENCODINGS.has(this.#words.textOf(pair & 255))
    const rule = command === undefined || this.refused.has(command) ? NEVER : small ? WHEN_LARGE : ALWAYS
    this.#rules[pair] = rule
    return rule
  }
}
