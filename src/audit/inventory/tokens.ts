import { CLASSES, DIGIT, END, LOWER, NOT_HEX, STRONG, UPPER, WEAK } from './byte-class.js'
import { dateEnd, emailEnd, ipv4End, ipv6End, isCompactDate, uuidEnd } from './compounds.js'
import { looksRandom, segmentEnd } from './random-part.js'

/** What a token is. Only LITERAL and NUMBERED tokens keep bytes of the name. */
export const LITERAL = 0
/** Letters and then three digits or more: `item1042`. Its bytes are the letters. */
export const NUMBERED = 1
export const INT = 2
export const HEX = 3
export const UUID = 4
export const DATE = 5
/** A day in eight digits, which may be a number as well: what its neighbours are decides. */
export const COMPACT_DATE = 6
export const EMAIL = 7
export const IP = 8
/** Something that differs from key to key. */
export const ANY = 9
/** All that follows, looked at no further. */
export const REST = 10

/** How a pattern shows the tokens that are masked. */
export const MASKS = ['', '<int>', '<int>', '<hex>', '<uuid>', '<date>', '<date>', '<email>', '<ip>', '<*>', '<...>']

export const isLiteral = (kind: number) => kind <= NUMBERED

/** Bytes of a name, and tokens of it, that are looked at; what follows is REST. */
export const MAX_BYTES = 256
export const MAX_TOKENS = 16

const AT = 0x40
const DOT = 0x2e
const DASH = 0x2d
const SLASH = 0x2f
const COLON = 0x3a
const BRACE = 0x7b

/** Bytes at the end of a longer name that its hash takes in, beside those at its beginning. */
const TAIL = 64

const SEED = 0x811c9dc5 | 0
/** FNV-1a's (http://www.isthe.com/chongo/tech/comp/fnv/). */
const PRIME = 0x01000193

/**
 * A name in tokens, each with the delimiter behind it. Reused from name to name: this is the hot path of the inventory, so it
 * keeps to integers in arrays of its own and makes no object.
 */
export class Tokens {
  count = 0
  readonly kinds = new Uint8Array(MAX_TOKENS + 1)
  /** Where the bytes of literals begin and end. */
  readonly starts = new Int32Array(MAX_TOKENS + 1)
  readonly ends = new Int32Array(MAX_TOKENS + 1)
  /** END, or the byte. */
  readonly delimiters = new Uint8Array(MAX_TOKENS + 1)
  /** Of a literal's bytes; of other tokens it says nothing. */
  readonly hashes = new Int32Array(MAX_TOKENS + 1)
  /** Bytes from the token's start to the end of its segment. */
  readonly lengths = new Int32Array(MAX_TOKENS + 1)
  /** Of the whole name: 32 well-mixed bits, the same in every audit. */
  hash = 0
  /** Classes of all bytes that were looked at, joined. */
  classes = 0
  /** Whether there may be a hash tag: there is a brace, or more of the name than was looked at. */
  mayHaveTag = false

  /** The token being read: its hash, and where the name goes on behind it. */
  #hash = 0
  #next = 0

  read(name: Uint8Array): void {
    const limit = Math.min(name.length, MAX_BYTES)
    /** Where the current segment ends; -1 as long as no token of it needed to know. */
    let segment = -1
    let nameHash = name.length
    let at = 0
    this.classes = 0
    this.mayHaveTag = false
    for (let i = 0; ; i++) {
      const start = at
      const found = this.#readBytes(name, start, limit)
      at = this.#next
      const weak = at < limit && CLASSES[name[at]!] === WEAK
      if (weak && segment === -1) segment = segmentEnd(name, at, limit)
      this.starts[i] = start
      this.ends[i] = at
      this.hashes[i] = this.#hash
      let kind = found === 0 ? LITERAL : kindOf(name, start, at, found)
      const compound = at < limit ? this.#compoundOf(name, start, at, limit, kind) : LITERAL
      if (compound !== LITERAL) {
        kind = compound
        at = this.#next
        segment = at < limit && CLASSES[name[at]!] === WEAK ? segmentEnd(name, at, limit) : -1
      } else if ((weak || (found & LETTERS) === LETTERS) && looksRandom(name, start, weak ? segment : at)) {
        kind = ANY
        if (weak) this.#pass(name, start, segment)
        at = this.#next
      } else if (kind === LITERAL && (found & DIGIT) !== 0) {
        kind = this.#numbered(name, i)
      }
      const delimiter = at < limit ? name[at]! : END
      nameHash = Math.imul(nameHash ^ this.#hash, PRIME) ^ delimiter
      this.kinds[i] = kind
      this.delimiters[i] = delimiter
      this.lengths[i] = (segment === -1 ? at : segment) - start
      if (delimiter === AT && this.#isEmail(name, i, at, limit)) {
        i = this.count - 1
        at = this.#next
        nameHash = Math.imul(nameHash ^ this.#hash, PRIME)
        segment = -1
      } else this.count = i + 1
      if (this.delimiters[i] === END || i === MAX_TOKENS) break
      if (this.delimiters[i] === BRACE) this.mayHaveTag = true
      if (CLASSES[this.delimiters[i]!] === STRONG) segment = -1
      at++
    }
    if (this.delimiters[this.count - 1] !== END || limit < name.length) nameHash = this.#cut(name, nameHash)
    this.hash = mix(nameHash)
  }

  /** Reads bytes up to the next delimiter; returns their classes. */
  #readBytes(name: Uint8Array, start: number, limit: number): number {
    let at = start
    let found = 0
    let hash = SEED
    for (let byteClass; at < limit && (byteClass = CLASSES[name[at]!]!) < WEAK; at++) {
      found |= byteClass
      hash = Math.imul(hash ^ name[at]!, PRIME)
    }
    this.classes |= found
    this.#hash = hash
    this.#next = at
    return found
  }

  /** Reads bytes up to `end`, delimiters among them. */
  #pass(name: Uint8Array, start: number, end: number): void {
    let hash = SEED
    for (let at = start; at < end; at++) {
      this.classes |= CLASSES[name[at]!]! & BYTE_CLASSES
      hash = Math.imul(hash ^ name[at]!, PRIME)
    }
    this.#hash = hash
    this.#next = end
  }

  /** What a token that a delimiter ends at `end` is the beginning of, if that has delimiters of its own; LITERAL if not. */
  #compoundOf(name: Uint8Array, start: number, end: number, limit: number, kind: number): number {
    const delimiter = name[end]
    const length = end - start
    if (delimiter === COLON && (length === 0 || length === 4)) return this.#took(IP, name, start, ipv6End(name, start, limit))
    if (kind === LITERAL) return LITERAL
    if (length === 8 && delimiter === DASH) return this.#took(UUID, name, start, uuidEnd(name, start, limit))
    if (kind !== INT) return LITERAL
    if (length === 4 && (delimiter === DASH || delimiter === DOT || delimiter === SLASH)) {
      return this.#took(DATE, name, start, dateEnd(name, start, limit))
    }
    return delimiter === DOT && length <= 3 ? this.#took(IP, name, start, ipv4End(name, start, limit)) : LITERAL
  }

  #took(kind: number, name: Uint8Array, start: number, end: number): number {
    if (end === -1) return LITERAL
    this.#pass(name, start, end)
    return kind
  }

  /** Whether the @ behind token `i` is that of an address, which then takes the place of the tokens of which it begins. */
  #isEmail(name: Uint8Array, i: number, at: number, limit: number): boolean {
    let first = i
    while (first > 0 && isMailboxDelimiter(this.delimiters[first - 1]!)) first--
    const start = this.starts[first]!
    const end = emailEnd(name, start, at, limit)
    if (end === -1) return false
    this.#pass(name, at, end)
    this.kinds[first] = EMAIL
    this.delimiters[first] = end < limit ? name[end]! : END
    this.lengths[first] = end - start
    this.count = first + 1
    return true
  }

  /** Makes token `i` NUMBERED if it is letters and then three digits or more. */
  #numbered(name: Uint8Array, i: number): number {
    const start = this.starts[i]!
    const letters = lettersEnd(name, start, this.ends[i]!)
    if (letters === -1) return LITERAL
    this.ends[i] = letters
    this.hashes[i] = hashOf(name, start, letters)
    return NUMBERED
  }

  /** Makes the last token stand for all that is not looked at; returns the name's hash with its end taken in. */
  #cut(name: Uint8Array, nameHash: number): number {
    const last = this.count - 1
    this.kinds[last] = REST
    this.delimiters[last] = END
    this.lengths[last] = 0
    this.mayHaveTag = true
    const tail = Math.max(this.starts[last]!, name.length - TAIL)
    for (let at = tail; at < name.length; at++) this.classes |= CLASSES[name[at]!]! & BYTE_CLASSES
    return Math.imul(nameHash ^ hashOf(name, tail, name.length), PRIME)
  }
}

const isMailboxDelimiter = (byte: number) => byte === DOT || CLASSES[byte] === WEAK

const LETTERS = LOWER | UPPER
const BYTE_CLASSES = WEAK - 1

function kindOf(name: Uint8Array, start: number, end: number, found: number): number {
  const length = end - start
  if (found === DIGIT) return length === 8 && isCompactDate(name, start) ? COMPACT_DATE : INT
  return length >= 8 && (found & NOT_HEX) === 0 && (found & LETTERS) !== LETTERS ? HEX : LITERAL
}

/** Where the letters end of a token that is letters and then three digits or more; -1 for others. */
function lettersEnd(name: Uint8Array, start: number, end: number): number {
  let digits = end
  while (digits > start && CLASSES[name[digits - 1]!] === DIGIT) digits--
  if (end - digits < 3 || digits === start) return -1
  for (let at = start; at < digits; at++) if ((CLASSES[name[at]!]! & LETTERS) === 0) return -1
  return digits
}

/** Of the bytes from `start` to `end`: what `hashes` holds. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, PRIME)
  return hash
}

/** MurmurHash3's finaliser: each bit in changes half of those out. */
export function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
