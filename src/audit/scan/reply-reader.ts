import { safeText } from '../../core/text.js'
import { ProtocolError } from '../../wire/decoder.js'
import { type Batch, VANISHED } from './batch.js'
import { ENCODING, type Fact } from './key-facts.js'
import type { Words } from './words.js'

/** Who is told of what a ReplyReader has read. */
export interface ReaderEvents {
  /** All SCANs of a batch are answered; its keys are listed. */
  onListed(batch: Batch): void
  /** All facts of a batch are in. */
  onFacts(batch: Batch): void
  /** All types of a batch that were asked are in. */
  onTypes(batch: Batch): void
  /** All lengths of a batch are in. */
  onLengths(batch: Batch): void
  /** Takes the type of a key, the id of a word. */
  onType(batch: Batch, key: number, type: number): void
  /** Error replies. Hostile text, without the dash. */
  onScanError(error: string): void
  onFactError(batch: Batch, key: number, fact: Fact, error: string): void
  onTypeError(batch: Batch, key: number, error: string): void
  onLengthError(batch: Batch, key: number, error: string): void
}

/** Names that are longer are not kept, and their keys not asked about: five commands with a name of 512 MB would hurt any server. */
export const MAX_NAME_BYTES = 1024 ** 2
/** Far more than a SCAN answers, even if it lists 500 of the longest names that are kept. */
const MAX_LISTED_BYTES = 2 ** 30
const MAX_LISTED_KEYS = 2 ** 24
/** The longest line: errors may quote arguments. */
const MAX_LINE_BYTES = 16 * 1024

const COPY_BYTES = 16 * 1024

const SCAN = 0
const FACTS = 1
const TYPES = 2
const LENGTHS = 3
type Stage = typeof SCAN | typeof FACTS | typeof TYPES | typeof LENGTHS

/** Kinds of a scalar reply. */
const NUMBER = 0
const WORD = 1
const NIL = 2
const ERROR = 3

/** How far a SCAN reply has been read. */
const MORE = 0
const DONE = 1
const SKIP = 2

const CR = 13
const LF = 10
const PLUS = 43
const MINUS = 45
const COLON = 58
const DOLLAR = 36
const STAR = 42
const ZERO = 48

/**
 * Reads the replies that a scan waits for, and no others: SCAN replies, facts of keys, types, lengths, in the order in which they were
 * announced by `expect`. RESP2, split anywhere. It builds nothing but error texts: names are copied once, as they were sent, facts
 * become numbers in columns. Throws ProtocolError on anything else, and then can't go on.
 */
export class ReplyReader {
  readonly #events: ReaderEvents
  readonly #words: Words
  readonly #queue: { stage: Stage; batch: Batch }[] = []
  /** The beginning of a reply whose end has not come yet. */
  #carry: Buffer = Buffer.alloc(256)
  #carried = 0
  #joined: Buffer = Buffer.alloc(0)

  /** Of the stage at the head of the queue: the key and fact whose reply is next, or the SCAN of the batch. */
  #key = 0
  #fact = 0
  #scan = 0

  /** Of the SCAN reply: what is next in it, how much of `raw` is filled and how much of that is read. */
  #step = 0
  #filled = 0
  #parsed = 0
  #missing = 0
  #skip = 0

  #kind = NUMBER
  #value = 0
  #text = ''

  constructor(words: Words, events: ReaderEvents) {
    this.#words = words
    this.#events = events
  }

  /** Whether any announced reply has not come yet. */
  get waits(): boolean {
    return this.#queue.length > 0
  }

  /** Announces the replies of all SCANs of a batch. */
  expectScans(batch: Batch): void {
    this.#queue.push({ stage: SCAN, batch })
  }

  /** Announces the replies to `batch.asked` of each key, at least one. */
  expectFacts(batch: Batch): void {
    this.#queue.push({ stage: FACTS, batch })
  }

  /** Announces the types of the keys `batch.untyped`, at least one. */
  expectTypes(batch: Batch): void {
    this.#queue.push({ stage: TYPES, batch })
  }

  /** Announces the lengths of the keys `batch.measured`, at least one. */
  expectLengths(batch: Batch): void {
    this.#queue.push({ stage: LENGTHS, batch })
  }

  /** Takes the bytes `buffer[0..length)`, which may be overwritten afterwards. */
  read(buffer: Uint8Array, length: number): void {
    let bytes = buffer
    let end = length
    if (this.#carried > 0) {
      bytes = this.#join(buffer, length)
      end = this.#carried + length
      this.#carried = 0
    }
    for (let at = 0; at < end;) {
      const current = this.#queue[0]
      if (!current) throw new ProtocolError('a reply to nothing that was asked')
      const next = this.#readStage(current.stage, current.batch, bytes, at, end)
      if (this.#isOver(current.stage, current.batch)) this.#finish(current.stage, current.batch)
      else return this.#keep(bytes, next, end)
      at = next
    }
  }

  #readStage(stage: Stage, batch: Batch, bytes: Uint8Array, at: number, end: number): number {
    switch (stage) {
      case SCAN:
        return this.#readScans(batch, bytes, at, end)
      case FACTS:
        return this.#readFacts(batch, bytes, at, end)
      case TYPES:
        return this.#readTypes(batch, bytes, at, end)
      case LENGTHS:
        return this.#readLengths(batch, bytes, at, end)
    }
  }

  #isOver(stage: Stage, batch: Batch): boolean {
    switch (stage) {
      case SCAN:
        return this.#scan === batch.scans.length
      case FACTS:
        return this.#key === batch.count
      case TYPES:
        return this.#key === batch.untyped.length
      case LENGTHS:
        return this.#key === batch.measured.length
    }
  }

  #finish(stage: Stage, batch: Batch): void {
    this.#queue.shift()
    this.#key = 0
    this.#fact = 0
    this.#scan = 0
    switch (stage) {
      case SCAN:
        this.#filled = 0
        this.#parsed = 0
        return this.#events.onListed(batch)
      case FACTS:
        return this.#events.onFacts(batch)
      case TYPES:
        return this.#events.onTypes(batch)
      case LENGTHS:
        return this.#events.onLengths(batch)
    }
  }

  /** Keeps the beginning of a reply until the rest of it comes. */
  #keep(bytes: Uint8Array, from: number, end: number): void {
    const length = end - from
    if (length > MAX_LINE_BYTES) throw new ProtocolError(`a line longer than ${MAX_LINE_BYTES} bytes`)
    if (length > this.#carry.length) this.#carry = Buffer.alloc(length * 2)
    this.#carry.set(bytes.subarray(from, end))
    this.#carried = length
  }

  #join(buffer: Uint8Array, length: number): Buffer {
    const whole = this.#carried + length
    if (this.#joined.length < whole) this.#joined = Buffer.alloc(whole)
    this.#carry.copy(this.#joined, 0, 0, this.#carried)
    this.#joined.set(buffer.subarray(0, length), this.#carried)
    return this.#joined
  }

  // Facts, types and lengths.

  #readFacts(batch: Batch, bytes: Uint8Array, at: number, end: number): number {
    const { asked, count } = batch
    const width = asked.length
    while (this.#key < count) {
      const next = this.#scalar(bytes, at, end)
      if (next < 0) return at
      at = next
      const fact = asked[this.#fact]!
      if (this.#kind === NUMBER || this.#kind === WORD) this.#takeFact(batch, fact)
      else if (this.#kind === NIL) batch.status[this.#key] = VANISHED
      else this.#events.onFactError(batch, this.#key, fact, this.#text)
      if (++this.#fact === width) {
        this.#fact = 0
        this.#key++
      }
    }
    return at
  }

  #takeFact(batch: Batch, fact: Fact): void {
    const isWord = this.#kind === WORD
    if (isWord !== (fact === ENCODING)) throw new ProtocolError('text in the place of a number, or a number in that of text')
    batch.take(this.#key, fact, this.#value)
  }

  #readTypes(batch: Batch, bytes: Uint8Array, at: number, end: number): number {
    while (this.#key < batch.untyped.length) {
      const next = this.#scalar(bytes, at, end)
      if (next < 0) return at
      at = next
      const key = batch.untyped[this.#key++]!
      if (this.#kind === WORD) this.#events.onType(batch, key, this.#value)
      else if (this.#kind === ERROR) this.#events.onTypeError(batch, key, this.#text)
      else throw new ProtocolError('a number or nothing in the place of a type')
    }
    return at
  }

  #readLengths(batch: Batch, bytes: Uint8Array, at: number, end: number): number {
    while (this.#key < batch.measured.length) {
      const next = this.#scalar(bytes, at, end)
      if (next < 0) return at
      at = next
      const key = batch.measured[this.#key++]!
      if (this.#kind === NUMBER) batch.elements[key] = this.#value
      else if (this.#kind === ERROR) this.#events.onLengthError(batch, key, this.#text)
      else throw new ProtocolError('text in the place of a number')
    }
    return at
  }

  /** Reads a number, a short text, a nil or an error at `at`; returns where it ends, or -1 when not all of it is here. */
  #scalar(bytes: Uint8Array, at: number, end: number): number {
    if (at >= end) return -1
    const type = bytes[at]!
    let i = at + 1
    if (type === COLON || type === DOLLAR) {
      let value = 0
      let negative = false
      if (i < end && bytes[i] === MINUS) {
        negative = true
        i++
      }
      const digits = i
      for (; i < end; i++) {
        const digit = bytes[i]! - ZERO
        if (digit < 0 || digit > 9) break
        value = value * 10 + digit
      }
      if (i - digits > 19) throw new ProtocolError('a number with too many digits')
      if (i + 1 >= end) return incomplete(bytes, i, end)
      if (i === digits || bytes[i] !== CR || bytes[i + 1] !== LF) throw new ProtocolError('what should be a number is none')
      i += 2
      if (type === COLON) {
        this.#kind = NUMBER
        this.#value = negative ? -value : value
        return i
      }
      return negative ? this.#nil(value, i) : this.#word(bytes, i, value, end)
    }
    if (type !== PLUS && type !== MINUS) throw unexpected(bytes, at, end)
    while (i < end && bytes[i] !== LF) i++
    if (i >= end) return -1
    if (bytes[i - 1] !== CR || i - 1 <= at) throw new ProtocolError('a line does not end in CR LF')
    if (type === PLUS) {
      this.#kind = WORD
      this.#value = this.#words.idOf(bytes, at + 1, i - 1)
    } else {
      this.#kind = ERROR
      this.#text = textOf(bytes, at + 1, i - 1)
    }
    return i + 1
  }

  #nil(length: number, next: number): number {
    if (length !== 1) throw new ProtocolError('a negative length')
    this.#kind = NIL
    return next
  }

  #word(bytes: Uint8Array, at: number, length: number, end: number): number {
    if (length > MAX_LINE_BYTES - 32) throw new ProtocolError(`a text of ${length} bytes where a word was expected`)
    if (at + length + 2 > end) return -1
    if (bytes[at + length] !== CR || bytes[at + length + 1] !== LF) throw new ProtocolError('a bulk string is not followed by CR LF')
    this.#kind = WORD
    this.#value = this.#words.idOf(bytes, at, at + length)
    return at + length + 2
  }

  // SCAN replies. They are copied into the batch as they come, and read there: names then lie where they stay.

  #readScans(batch: Batch, bytes: Uint8Array, at: number, end: number): number {
    while (this.#scan < batch.scans.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, end - at)
        this.#skip -= skipped
        at += skipped
        if (this.#skip > 0) return at
      }
      // What is copied beyond the end of the reply is copied for nothing.
      const until = Math.min(end, at + COPY_BYTES)
      this.#fill(batch, bytes, at, until)
      const state = this.#parseScan(batch)
      if (state === MORE) {
        at = until
        if (at === end) return at
        continue
      }
      // What is left belongs to the next reply, or to a name that is skipped.
      at = until - (this.#filled - this.#parsed)
      this.#filled = this.#parsed
      if (state === DONE) {
        this.#step = 0
        this.#scan++
      }
    }
    return at
  }

  #fill(batch: Batch, bytes: Uint8Array, at: number, end: number): void {
    const needed = this.#filled + end - at
    if (needed > batch.raw.length) {
      if (needed > MAX_LISTED_BYTES) throw new ProtocolError('SCAN lists more than any server holds under so few names')
      const roomier = Buffer.allocUnsafe(Math.max(needed, batch.raw.length * 2))
      batch.raw.copy(roomier, 0, 0, this.#filled)
      batch.raw = roomier
    }
    if (end > at) batch.raw.set(bytes.subarray(at, end), this.#filled)
    this.#filled = needed
  }

  /** `*2`, the cursor as bulk string, `*n`, n names as bulk strings. */
  #parseScan(batch: Batch): number {
    const { raw } = batch
    if (this.#step === 0) {
      if (this.#parsed === this.#filled) return MORE
      if (raw[this.#parsed] === MINUS) return this.#scanError(raw)
      if (!this.#header(raw, STAR)) return MORE
      if (this.#value !== 2) throw new ProtocolError('SCAN answered with something else than a cursor and keys')
      this.#step = 1
    }
    if (this.#step === 1) {
      const begin = this.#parsed
      if (!this.#header(raw, DOLLAR)) return MORE
      if (this.#value > 20) throw new ProtocolError('a cursor that is no 64-bit number')
      if (!this.#bulkIsHere(raw, this.#value)) {
        this.#parsed = begin
        return MORE
      }
      const cursor = raw.toString('latin1', this.#parsed, this.#parsed + this.#value)
      if (!/^\d+$/.test(cursor)) throw new ProtocolError(`"${safeText(cursor)}" is no cursor`)
      batch.cursors.push(cursor)
      this.#parsed += this.#value + 2
      this.#step = 2
    }
    if (this.#step === 2) {
      if (!this.#header(raw, STAR)) return MORE
      if (this.#value > MAX_LISTED_KEYS) throw new ProtocolError(`SCAN lists ${this.#value} keys at once`)
      this.#missing = this.#value
      this.#step = 3
    }
    return this.#parseNames(batch)
  }

  #parseNames(batch: Batch): number {
    const { raw } = batch
    const filled = this.#filled
    let at = this.#parsed
    while (this.#missing > 0) {
      // The hot path: one header of a name, read here rather than by #header.
      if (at === filled) break
      if (raw[at] !== DOLLAR) throw unexpected(raw, at, filled)
      let i = at + 1
      let length = 0
      for (; i < filled; i++) {
        const digit = raw[i]! - ZERO
        if (digit < 0 || digit > 9) break
        length = length * 10 + digit
      }
      if (i - at > 12) throw new ProtocolError('a number with too many digits')
      if (i + 1 >= filled) {
        incomplete(raw, i, filled)
        break
      }
      if (i === at + 1 || raw[i] !== CR || raw[i + 1] !== LF) throw new ProtocolError('what should be a number is none')
      i += 2
      if (length > MAX_NAME_BYTES) {
        batch.tooLong++
        batch.nameBytes += length
        this.#missing--
        this.#skip = length + 2
        this.#parsed = i
        return SKIP
      }
      if (i + length + 2 > filled) break
      if (raw[i + length] !== CR || raw[i + length + 1] !== LF) throw new ProtocolError('a bulk string is not followed by CR LF')
      batch.list(i, i + length)
      this.#missing--
      at = i + length + 2
    }
    this.#parsed = at
    if (this.#missing > 0) return MORE
    batch.ends.push(batch.count)
    return DONE
  }

  /** Reads `$12` or `*12` at the place that is next, into #value; false when not all of it is here. */
  #header(raw: Buffer, type: number): boolean {
    const at = this.#parsed
    if (at === this.#filled) return false
    if (raw[at] !== type) throw unexpected(raw, at, this.#filled)
    const next = this.#number(raw, at + 1)
    if (next < 0) return false
    this.#parsed = next
    return true
  }

  #number(raw: Buffer, at: number): number {
    let value = 0
    let i = at
    for (; i < this.#filled; i++) {
      const digit = raw[i]! - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    if (i - at > 10) throw new ProtocolError('a number with too many digits')
    if (i + 1 >= this.#filled) return incomplete(raw, i, this.#filled)
    if (i === at || raw[i] !== CR || raw[i + 1] !== LF) throw new ProtocolError('what should be a number is none')
    this.#value = value
    return i + 2
  }

  #bulkIsHere(raw: Buffer, length: number): boolean {
    const until = this.#parsed + length
    if (until + 2 > this.#filled) return false
    if (raw[until] !== CR || raw[until + 1] !== LF) throw new ProtocolError('a bulk string is not followed by CR LF')
    return true
  }

  #scanError(raw: Buffer): number {
    const end = raw.indexOf(LF, this.#parsed)
    if (end < 0 || end >= this.#filled) {
      if (this.#filled - this.#parsed > MAX_LINE_BYTES) throw new ProtocolError(`a line longer than ${MAX_LINE_BYTES} bytes`)
      return MORE
    }
    this.#events.onScanError(textOf(raw, this.#parsed + 1, end - (raw[end - 1] === CR ? 1 : 0)))
    throw new ProtocolError('SCAN was refused')
  }
}

/** -1, which says that the rest of a number has to come; throws when what is here is no number. */
function incomplete(bytes: Uint8Array, at: number, end: number): -1 {
  if (at < end && bytes[at] !== CR) throw new ProtocolError('what should be a number is none')
  return -1
}

function unexpected(bytes: Uint8Array, at: number, end: number): ProtocolError {
  return new ProtocolError(`it begins with "${safeText(bytes.subarray(at, Math.min(end, at + 60)))}"`)
}

function textOf(bytes: Uint8Array, from: number, until: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, until - from).toString()
}
