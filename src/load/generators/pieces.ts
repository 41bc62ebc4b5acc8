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
export interface Fixed {
  kind: 'fixed'
  /** What stands there before the first patch. */
  initial: Uint8Array
  /** Draws the next value and writes it at `at`. */
  patch: (target: Uint8Array, at: number) => void
}

/** Of changing width: the request has to be put together anew. In two steps, because RESP wants the length first. */
interface Variable {
  kind: 'variable'
  /** Draws the next value and says how many bytes it takes. */
  draw(): number
  /** Writes the value that was drawn last at `at`; there is room for it. */
  write(target: Uint8Array, at: number): void
}

/** A placeholder or literal, bound to its random stream. */
export type Piece = Literal | Fixed | Variable

const ZERO = 48
const MINUS = 45
const SEQ_COUNTER_DIGITS = 10
/** Changed in every payload, so that no two values in a row are equal; the rest of a payload stays, which costs nothing. */
const FRESH_BYTES = 8
const PRINTABLE = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

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
      return decimal(() => part.low + draw())
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
      return asciiText(() => `${word()}.${word()}${rng.below(1000)}@example.com`)
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

/** The next value of a piece, in bytes of its own. */
export function drawPiece(piece: Piece): Uint8Array {
  if (piece.kind === 'literal') return piece.bytes
  if (piece.kind === 'variable') {
    const bytes = Buffer.allocUnsafe(piece.draw())
    piece.write(bytes, 0)
    return bytes
  }
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
  for (let i = 0; i < length; i++) bytes[i] = PRINTABLE[rng.uint32() & 63]!
  return bytes
}

function freshen(target: Uint8Array, at: number, length: number, rng: Rng): void {
  let bits = rng.uint32()
  for (let i = at; i < at + length; i++) {
    target[i] = PRINTABLE[bits & 63]!
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
  let size = 0
  return {
    kind: 'variable',
    draw: () => (size = part.low + length()),
    write(target, at) {
      target.set(payload.subarray(0, size), at)
      freshen(target, at, Math.min(FRESH_BYTES, size), rng)
    },
  }
}

/** A whole number without padding. */
function decimal(draw: () => number): Variable {
  let value = 0
  let digits = 0
  return {
    kind: 'variable',
    draw() {
      value = draw()
      digits = value < 0 ? 1 : 0
      for (let rest = Math.abs(value); rest >= 1; rest = Math.floor(rest / 10)) digits++
      return (digits = Math.max(1, digits))
    },
    write(target, at) {
      let rest = Math.abs(value)
      for (let digit = at + digits - 1; digit >= at; digit--) {
        const tenth = Math.floor(rest / 10)
        target[digit] = ZERO + rest - tenth * 10
        rest = tenth
      }
      if (value < 0) target[at] = MINUS
    },
  }
}

function asciiText(draw: () => string): Variable {
  let text = ''
  return {
    kind: 'variable',
    draw: () => (text = draw()).length,
    write: (target, at) => writeAscii(target, at, text),
  }
}

function oneOf(values: readonly Uint8Array[], rng: Rng): Piece {
  const width = values[0]!.length
  if (values.every((value) => value.length === width)) {
    return { kind: 'fixed', initial: values[0]!, patch: (target, at) => target.set(values[rng.below(values.length)]!, at) }
  }
  let value = values[0]!
  return {
    kind: 'variable',
    draw: () => (value = values[rng.below(values.length)]!).length,
    write: (target, at) => target.set(value, at),
  }
}

function writeAscii(target: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) target[at + i] = text.charCodeAt(i)
}

/** Random UUIDs, version 4 (RFC 9562). */
function uuid(rng: Rng): Fixed {
  const hex = (value: number) => value.toString(16).padStart(8, '0')
  const draw = () => {
    const digits = hex(rng.uint32()) + hex(rng.uint32()) + hex(rng.uint32()) + hex(rng.uint32())
    const variant = '89ab'[Number.parseInt(digits[16]!, 16) & 3]!
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`
  }
  return { kind: 'fixed', initial: Buffer.alloc(36, ZERO), patch: (target, at) => writeAscii(target, at, draw()) }
}
