import type { Rng } from '../../core/rng.js'
import type { Part } from '../../core/template.js'
import { sampler } from './samplers.js'
import { WORDS } from './words.js'

/** What placeholders draw from. */
export interface DrawContext {
  rng: Rng
  /** How many keys `{key}` (and `{i}`) runs over. */
  keys: number
  /** How many elements `{member}` (and `{j}`) runs over. */
  members: number
  /** Number of the connection among all connections of its load, and how many there are. */
  lane: number
  lanes: number
  /** Number of the round, so that `{seq}` never repeats between rounds. */
  epoch: number
  /** Where a dataset stands: what `{i}` and `{j}` say. */
  counters?: { i: number; j: number }
}

/** Bytes that never change. */
interface Literal {
  kind: 'literal'
  bytes: Uint8Array
}

/** Always as wide, so that it can be patched in place: one request costs as many byte stores as it has changing digits. */
interface Fixed {
  kind: 'fixed'
  /** What stands there before the first patch. */
  initial: Uint8Array
  /** Draws the next value and writes it at `at`. */
  patch(target: Uint8Array, at: number): void
}

/** Of changing width: the request has to be put together anew. */
interface Variable {
  kind: 'variable'
  /** Draws the next value; the bytes are valid until the next draw. */
  draw(): Uint8Array
}

/** A placeholder or literal, bound to its random stream. */
export type Piece = Literal | Fixed | Variable

const ZERO = 48
const SEQ_COUNTER_DIGITS = 10
/** Changed in every payload, so that no two values in a row are equal; the rest of a payload stays, which costs nothing. */
const FRESH_BYTES = 8
const PRINTABLE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Binds a part of a template to a random stream. */
export function bindPart(part: Part, context: DrawContext): Piece {
  const { rng } = context
  switch (part.kind) {
    case 'literal':
      return { kind: 'literal', bytes: part.bytes }
    case 'index': {
      const range = part.of === 'key' || part.of === 'i' ? context.keys : context.members
      return paddedNumber(indexWidth(range), indexDraw(part, range, context))
    }
    case 'int': {
      const draw = sampler(part.distribution, part.high - part.low + 1, rng)
      return { kind: 'variable', draw: () => Buffer.from(String(part.low + draw()), 'latin1') }
    }
    case 'bytes':
      return part.low === part.high ? fixedPayload(part.low, rng) : variablePayload(part, rng)
    case 'oneof':
      return oneOf(part.values, rng)
    case 'word':
      return oneOf(
        WORDS.map((word) => Buffer.from(word)),
        rng,
      )
    case 'email': {
      const word = () => WORDS[rng.below(WORDS.length)]!
      return { kind: 'variable', draw: () => Buffer.from(`${word()}.${word()}${rng.below(1000)}@example.com`) }
    }
    case 'uuid':
      return uuid(rng)
    case 'seq': {
      // Round and connection in front, so that the number is unique among all of them.
      const prefix = `${pad(context.epoch, 4)}${pad(context.lane, 4)}`
      let next = 0
      const counter = paddedNumber(SEQ_COUNTER_DIGITS, () => next++)
      return {
        kind: 'fixed',
        initial: Buffer.from(prefix + pad(0, SEQ_COUNTER_DIGITS)),
        patch: (target, at) => counter.patch(target, at + prefix.length),
      }
    }
  }
}

/** The next value of a piece; a fixed one in bytes of its own. */
export function drawPiece(piece: Piece): Uint8Array {
  if (piece.kind === 'literal') return piece.bytes
  if (piece.kind === 'variable') return piece.draw()
  const bytes = Buffer.from(piece.initial)
  piece.patch(bytes, 0)
  return bytes
}

function indexDraw(part: Extract<Part, { kind: 'index' }>, range: number, context: DrawContext): () => number {
  const { counters } = context
  if (part.of === 'i') return () => counters?.i ?? 0
  if (part.of === 'j') return () => counters?.j ?? 0
  return sampler(part.distribution, range, context.rng, Math.floor((range * context.lane) / context.lanes))
}

/** Digits of an index into a range: those of its last number. */
export function indexWidth(range: number): number {
  return String(range - 1).length
}

/** Digits of a number, with zeros in front. */
const pad = (value: number, width: number) => String(value).padStart(width, '0')

function paddedNumber(width: number, draw: () => number): Fixed {
  return {
    kind: 'fixed',
    initial: Buffer.from(pad(0, width)),
    patch(target, at) {
      let value = draw()
      for (let digit = at + width - 1; digit >= at; digit--) {
        const tenth = (value / 10) >>> 0
        target[digit] = ZERO + value - tenth * 10
        value = tenth
      }
    },
  }
}

function printable(length: number, rng: Rng): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let i = 0; i < length; i++) bytes[i] = PRINTABLE.charCodeAt(rng.uint32() & 63)
  return bytes
}

function freshen(target: Uint8Array, at: number, length: number, rng: Rng): void {
  let bits = rng.uint32()
  for (let i = at; i < at + length; i++) {
    target[i] = PRINTABLE.charCodeAt(bits & 63)
    bits = (bits >>> 4) | (bits << 28)
  }
}

function fixedPayload(length: number, rng: Rng): Fixed {
  const fresh = Math.min(FRESH_BYTES, length)
  return { kind: 'fixed', initial: printable(length, rng), patch: (target, at) => freshen(target, at, fresh, rng) }
}

function variablePayload(part: Extract<Part, { kind: 'bytes' }>, rng: Rng): Variable {
  const payload = printable(part.high, rng)
  const length = sampler(part.distribution, part.high - part.low + 1, rng)
  return {
    kind: 'variable',
    draw() {
      const size = part.low + length()
      freshen(payload, 0, Math.min(FRESH_BYTES, size), rng)
      return payload.subarray(0, size)
    },
  }
}

function oneOf(values: readonly Uint8Array[], rng: Rng): Piece {
  const width = values[0]!.length
  if (values.every((value) => value.length === width)) {
    return { kind: 'fixed', initial: values[0]!, patch: (target, at) => target.set(values[rng.below(values.length)]!, at) }
  }
  return { kind: 'variable', draw: () => values[rng.below(values.length)]! }
}

/** Random UUIDs, version 4 (RFC 9562). */
function uuid(rng: Rng): Fixed {
  const hex = (value: number) => value.toString(16).padStart(8, '0')
  const draw = () => {
    const digits = hex(rng.uint32()) + hex(rng.uint32()) + hex(rng.uint32()) + hex(rng.uint32())
    const variant = '89ab'[Number.parseInt(digits[16]!, 16) & 3]!
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`
  }
  const write = (target: Uint8Array, at: number, text: string) => {
    for (let i = 0; i < text.length; i++) target[at + i] = text.charCodeAt(i)
  }
  return { kind: 'fixed', initial: Buffer.alloc(36, ZERO), patch: (target, at) => write(target, at, draw()) }
}
