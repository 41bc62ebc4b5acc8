import type { Argument } from '../../core/template.js'
import { bindPart, type DrawContext, drawPiece, type Piece } from './pieces.js'

/** A command of a load: its arguments as parsed, and its share when commands are drawn at random. */
export interface CommandTemplate {
  args: Argument[]
  weight: number | undefined
}

/** A run of requests encoded once, with the places that change. */
interface Layout {
  bytes: Buffer
  patches: { at: number; patch: (target: Uint8Array, at: number) => void }[]
}

const LAYOUTS_KEPT = 256

/**
 * The endless, seeded stream of requests of one connection, encoded in RESP. The same context always gives the same
 * bytes, however they are cut into batches.
 *
 * When every changing part of every command has a constant width, a batch is encoded once and only its changing bytes are
 * patched afterwards (0.03 us a request where putting it together anew costs 0.3). The bytes of a batch are therefore valid only until
 * the next one is asked for.
 */
export class RequestStream {
  readonly #commands: Piece[][][]
  readonly #next: () => number
  /** Position in the turn of the next request; 0 for ever when commands are drawn by weight. */
  #turn = 0
  readonly #patchable: boolean
  readonly #layouts = new Map<number, Layout>()
  #scratch = Buffer.allocUnsafe(4096)
  #used = 0

  constructor(commands: readonly CommandTemplate[], context: DrawContext) {
    this.#commands = commands.map(({ args }) => args.map((arg) => arg.map((part) => bindPart(part, context))))
    const drawn = weightedPick(commands, context)
    this.#patchable =
      drawn === undefined && this.#commands.every((args) => args.every((pieces) => pieces.every((piece) => piece.kind !== 'variable')))
    this.#next = drawn ?? (() => this.#takeTurn())
  }

  /** The next `count` requests as bytes, valid until the next call. */
  encode(count: number): Uint8Array {
    return this.#patchable ? this.#patched(count) : this.#composed(count)
  }

  /** Leaves the bytes of earlier batches as they are: whoever holds them still needs them. */
  detach(): void {
    this.#layouts.clear()
    this.#scratch = Buffer.allocUnsafe(this.#scratch.length)
  }

  /** The next request as arguments, for a driver that encodes by itself. */
  args(): Buffer[] {
    return this.#commands[this.#next()]!.map((pieces) => Buffer.concat(pieces.map(drawPiece)))
  }

  #takeTurn(): number {
    const turn = this.#turn
    this.#turn = turn + 1 === this.#commands.length ? 0 : turn + 1
    return turn
  }

  #patched(count: number): Uint8Array {
    const id = count * this.#commands.length + this.#turn
    const layout = this.#layouts.get(id) ?? this.#addLayout(id, count)
    this.#turn = (this.#turn + count) % this.#commands.length
    const { bytes, patches } = layout
    for (let i = 0; i < patches.length; i++) {
      const { at, patch } = patches[i]!
      patch(bytes, at)
    }
    return bytes
  }

  #addLayout(id: number, count: number): Layout {
    const chunks: Uint8Array[] = []
    const patches: Layout['patches'] = []
    let at = 0
    const add = (bytes: Uint8Array) => {
      chunks.push(bytes)
      at += bytes.length
    }
    for (let n = 0; n < count; n++) {
      const command = this.#commands[(this.#turn + n) % this.#commands.length]!
      add(header('*', command.length))
      for (const pieces of command) {
        const initial = pieces.map((piece) => (piece.kind === 'literal' ? piece.bytes : piece.kind === 'fixed' ? piece.initial : EMPTY))
        add(
          header(
            '$',
            initial.reduce((sum, bytes) => sum + bytes.length, 0),
          ),
        )
        pieces.forEach((piece, index) => {
          if (piece.kind === 'fixed') patches.push({ at, patch: piece.patch })
          add(initial[index]!)
        })
        add(CRLF)
      }
    }
    const layout = { bytes: Buffer.concat(chunks), patches }
    // Batch sizes are few; the bound only guards against a caller that asks for ever new ones.
    if (this.#layouts.size >= LAYOUTS_KEPT) this.#layouts.clear()
    this.#layouts.set(id, layout)
    return layout
  }

  #composed(count: number): Uint8Array {
    this.#used = 0
    for (let n = 0; n < count; n++) {
      const command = this.#commands[this.#next()]!
      this.#append(header('*', command.length))
      for (const pieces of command) {
        // A variable piece's bytes last only until its next draw, and a batch may draw it many times, hence no deferring.
        const drawn = pieces.map(drawPiece)
        let length = 0
        for (const bytes of drawn) length += bytes.length
        this.#append(header('$', length))
        for (const bytes of drawn) this.#append(bytes)
        this.#append(CRLF)
      }
    }
    return this.#scratch.subarray(0, this.#used)
  }

  #append(bytes: Uint8Array): void {
    if (this.#used + bytes.length > this.#scratch.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#scratch.length * 2, this.#used + bytes.length))
      this.#scratch.copy(larger, 0, 0, this.#used)
      this.#scratch = larger
    }
    this.#scratch.set(bytes, this.#used)
    this.#used += bytes.length
  }
}

const EMPTY = Buffer.alloc(0)
const CRLF = Buffer.from('\r\n')
const HEADERS_KEPT = 4096
const headers: Record<'$' | '*', Buffer[]> = { $: [], '*': [] }

/** `$64\r\n` or `*3\r\n`; kept, since the same few lengths come again and again. */
function header(type: '$' | '*', length: number): Buffer {
  const known = headers[type][length]
  if (known) return known
  const bytes = Buffer.from(`${type}${length}\r\n`)
  if (length < HEADERS_KEPT) headers[type][length] = bytes
  return bytes
}

/** Draws commands in proportion to their weights, or undefined when none has one and they take turns. */
function weightedPick(commands: readonly CommandTemplate[], context: DrawContext): (() => number) | undefined {
  if (commands.every(({ weight }) => weight === undefined)) return undefined
  const cumulative: number[] = []
  let total = 0
  for (const { weight } of commands) cumulative.push((total += weight ?? 1))
  const rng = context.rng.fork('mix')
  return () => {
    const drawn = rng.float() * total
    const index = cumulative.findIndex((bound) => drawn < bound)
    return index < 0 ? commands.length - 1 : index
  }
}
