import { ConnectionError } from '../core/errors.js'
import { safeText } from '../core/text.js'

/**
 * What a server answers. Simple strings are `string`, bulk and verbatim strings `Buffer`, integers and doubles `number`
 * (`bigint` beyond 2^53, and for big numbers), sets arrays, maps `Map`, nulls of either protocol `null`.
 */
export type Reply = null | boolean | number | bigint | string | Buffer | ReplyError | Reply[] | Map<Reply, Reply>

/** An error reply: `WRONGTYPE Operation against ...` has the code WRONGTYPE. Hostile text: escape it when shown. */
export class ReplyError {
  readonly code: string
  /** Everything after the code. */
  readonly message: string

  constructor(line: string) {
    const space = line.indexOf(' ')
    this.code = space < 0 ? line : line.slice(0, space)
    this.message = space < 0 ? '' : line.slice(space + 1)
  }
}

/** Bytes that are not RESP, or that ask for more than any server means. */
export class ProtocolError extends ConnectionError {
  constructor(what: string) {
    super(`the server's answer is not valid RESP: ${what}`, { hint: 'is it a Redis or Valkey that listens there?' })
  }
}

/** Who receives what a Decoder has decoded. */
export interface ReplyHandlers {
  onReply(reply: Reply): void
  /** A RESP3 push: pub/sub messages, invalidations. It answers no command. */
  onPush?(message: Reply[]): void
}

/** proto-max-bulk-len's default, which is also the longest string that Redis documents. */
const MAX_BULK_BYTES = 512 * 1024 ** 2
/** Simple strings, errors and numbers; the servers' own are far shorter, but a Lua script's error may quote its data. */
const MAX_LINE_BYTES = 1024 ** 2
/** More than any reply has; JavaScript's Map ends at 2^24 entries. */
const MAX_ELEMENTS = 2 ** 28
const MAX_PAIRS = 2 ** 24
const MAX_DEPTH = 128
const CR = 0x0d
const LF = 0x0a

type Kind = 'array' | 'map' | 'push' | 'attribute'

/** An aggregate whose elements are still arriving. */
interface Frame {
  kind: Kind
  missing: number
  items: Reply[]
}

/**
 * Decodes RESP2 and RESP3 in linear time, whatever the pieces it arrives in. A chunk is consumed within `push` and may be
 * overwritten afterwards. Nothing is allocated on the word of a length alone: memory follows what arrived.
 *
 * Attributes are skipped. Streamed strings and aggregates (`$?`, `*?`), which no server sends, are refused.
 * Source: https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md
 */
export class Decoder {
  readonly #handlers: ReplyHandlers
  readonly #stack: Frame[] = []
  /** The bulk string that is arriving; its CR LF counts as part of it. */
  #bulk: { type: number; bytes: number } | undefined
  /** What has arrived of a line or bulk string that is not complete. */
  #begun: Gathered | undefined
  #failed: ProtocolError | undefined

  constructor(handlers: ReplyHandlers) {
    this.#handlers = handlers
  }

  /** Takes the next bytes. Throws ProtocolError, and then again on every further call. */
  push(chunk: Uint8Array): void {
    if (this.#failed) throw this.#failed
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    try {
      for (let at = 0; at < buffer.length;) at = this.#bulk ? this.#takeBulk(buffer, at) : this.#takeLine(buffer, at)
    } catch (error) {
      if (error instanceof ProtocolError) this.#failed = error
      throw error
    }
  }

  #takeLine(buffer: Buffer, from: number): number {
    const end = buffer.indexOf(LF, from)
    const until = end < 0 ? buffer.length : end + 1
    if (!this.#begun && !KNOWN_TYPES.has(buffer[from]!)) throw unknownType(buffer.subarray(from, until))
    if (end >= 0 && !this.#begun) {
      this.#readLine(buffer, from, until)
      return until
    }
    const line = (this.#begun ??= new Gathered(MAX_LINE_BYTES))
    if (until - from > line.missing) throw new ProtocolError(`a line longer than ${MAX_LINE_BYTES} bytes`)
    line.add(buffer, from, until)
    if (end < 0) return until
    this.#begun = undefined
    this.#readLine(line.bytes, 0, line.length)
    return until
  }

  #readLine(buffer: Buffer, from: number, until: number): void {
    const type = buffer[from]!
    if (until - from < 3 || buffer[until - 2] !== CR) throw new ProtocolError('a line does not end in CR LF')
    const text = buffer.toString('utf8', from + 1, until - 2)
    switch (String.fromCharCode(type)) {
      case '+':
        return this.#deliver(text)
      case '-':
        return this.#deliver(new ReplyError(text))
      case ':':
        return this.#deliver(parseInteger(text))
      case '(':
        return this.#deliver(parseBigNumber(text))
      case ',':
        return this.#deliver(parseDouble(text))
      case '#':
        return this.#deliver(parseBoolean(text))
      case '_':
        return this.#deliver(parseNull(text))
      case '*':
      case '~':
        return this.#open('array', parseLength(text, MAX_ELEMENTS, type === STAR))
      case '%':
        return this.#open('map', parseLength(text, MAX_PAIRS, false))
      case '|':
        return this.#open('attribute', parseLength(text, MAX_PAIRS, false))
      case '>':
        return this.#open('push', parseLength(text, MAX_ELEMENTS, false))
      default:
        return this.#openBulk(type, parseLength(text, MAX_BULK_BYTES, type === DOLLAR))
    }
  }

  #openBulk(type: number, length: number | null): void {
    if (length === null) this.#deliver(null)
    else this.#bulk = { type, bytes: length + 2 }
  }

  #takeBulk(buffer: Buffer, from: number): number {
    const { type, bytes } = this.#bulk!
    if (!this.#begun && buffer.length - from >= bytes) {
      this.#readBulk(type, Buffer.from(buffer.subarray(from, from + bytes)))
      return from + bytes
    }
    const begun = (this.#begun ??= new Gathered(bytes))
    const until = Math.min(buffer.length, from + begun.missing)
    begun.add(buffer, from, until)
    if (begun.missing === 0) this.#readBulk(type, begun.bytes)
    return until
  }

  #readBulk(type: number, bytes: Buffer): void {
    this.#bulk = undefined
    this.#begun = undefined
    const length = bytes.length - 2
    if (bytes[length] !== CR || bytes[length + 1] !== LF) throw new ProtocolError('a bulk string is not followed by CR LF')
    this.#deliver(bulkReply(type, bytes.subarray(0, length)))
  }

  #open(kind: Kind, length: number | null): void {
    if (length === null) return this.#deliver(null)
    if (kind === 'push' && this.#stack.length > 0) throw new ProtocolError('a push inside of a reply')
    if (this.#stack.length >= MAX_DEPTH) throw new ProtocolError(`replies nested more than ${MAX_DEPTH} deep`)
    this.#stack.push({ kind, missing: kind === 'map' || kind === 'attribute' ? length * 2 : length, items: [] })
    this.#closeFull()
  }

  #deliver(reply: Reply): void {
    const frame = this.#stack.at(-1)
    if (!frame) return this.#handlers.onReply(reply)
    frame.items.push(reply)
    frame.missing--
    if (frame.missing === 0) this.#closeFull()
  }

  /** Closes the innermost aggregate when it is full; delivering it may fill, and so close, the one around it. */
  #closeFull(): void {
    const frame = this.#stack.at(-1)
    if (!frame || frame.missing > 0) return
    this.#stack.pop()
    if (frame.kind === 'attribute') return
    if (frame.kind === 'push') this.#handlers.onPush?.(frame.items)
    else this.#deliver(frame.kind === 'map' ? pairsOf(frame.items) : frame.items)
  }
}

/** Bytes that arrive in pieces, in room that doubles as they do, up to the `whole` length that was announced. */
class Gathered {
  length = 0
  readonly #whole: number
  #room: Buffer = EMPTY

  constructor(whole: number) {
    this.#whole = whole
  }

  get missing(): number {
    return this.#whole - this.length
  }

  get bytes(): Buffer {
    return this.#room.subarray(0, this.length)
  }

  add(source: Buffer, from: number, until: number): void {
    const needed = this.length + until - from
    if (needed > this.#room.length) {
      const roomier = Buffer.allocUnsafe(Math.min(this.#whole, Math.max(needed, this.#room.length * 2)))
      this.#room.copy(roomier, 0, 0, this.length)
      this.#room = roomier
    }
    source.copy(this.#room, this.length, from, until)
    this.length = needed
  }
}

const EMPTY = Buffer.alloc(0)
const KNOWN_TYPES: ReadonlySet<number> = new Set(Buffer.from('+-:(,#_*~%|>$=!'))
const STAR = 0x2a
const DOLLAR = 0x24
const EQUALS = 0x3d
const BANG = 0x21

function unknownType(bytes: Buffer): ProtocolError {
  return new ProtocolError(`it begins with "${safeText(bytes.subarray(0, 60))}"`)
}

function bulkReply(type: number, bytes: Buffer): Reply {
  if (type === BANG) return new ReplyError(bytes.toString())
  if (type !== EQUALS) return bytes
  if (bytes.length < 4 || bytes[3] !== 0x3a) throw new ProtocolError('a verbatim string without its format')
  return bytes.subarray(4)
}

/** A count or length up to `max`; null for the -1 by which RESP2 says null. */
function parseLength(text: string, max: number, nullable: boolean): number | null {
  if (nullable && text === '-1') return null
  if (text === '?') throw new ProtocolError('a streamed reply, which no Redis or Valkey sends')
  if (!/^\d{1,19}$/.test(text)) throw new ProtocolError(`"${safeText(text.slice(0, 30))}" is not a length`)
  const length = Number(text)
  if (length > max) throw new ProtocolError(`a length of ${text}, above ${max}`)
  return length
}

function parseInteger(text: string): number | bigint {
  if (!/^[+-]?\d{1,19}$/.test(text)) throw new ProtocolError(`"${safeText(text.slice(0, 30))}" is not an integer`)
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}

function parseBigNumber(text: string): bigint {
  if (!/^[+-]?\d{1,10000}$/.test(text)) throw new ProtocolError(`"${safeText(text.slice(0, 30))}" is not a big number`)
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text.replace('+', ''))
}

const DOUBLES = new Map([
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['nan', NaN],
  ['-nan', NaN],
])

function parseDouble(text: string): number {
  const special = DOUBLES.get(text.toLowerCase())
  if (special !== undefined) return special
  if (text.length > 400 || !/^[+-]?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text))
    throw new ProtocolError(`"${safeText(text.slice(0, 30))}" is not a double`)
  return Number(text)
}

function parseBoolean(text: string): boolean {
  if (text !== 't' && text !== 'f') throw new ProtocolError(`"${safeText(text.slice(0, 30))}" is not a boolean`)
  return text === 't'
}

function parseNull(text: string): null {
  if (text !== '') throw new ProtocolError('a null with a value')
  return null
}

function pairsOf(items: Reply[]): Map<Reply, Reply> {
  const map = new Map<Reply, Reply>()
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!)
  return map
}
