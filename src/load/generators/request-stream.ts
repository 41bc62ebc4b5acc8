import type { Argument } from '../../core/template.js'
import { bindPart, type DrawContext, drawPiece, type Fixed, type Piece } from './pieces.js'

/** A command of a load: its arguments as parsed, and its share when commands are drawn at random. */
export interface CommandTemplate {
  args: Argument[]
  weight: number | undefined
}

/** Bytes that are encoded once, with the places that change. */
interface Run {
  bytes: Buffer
  patches: { at: number; patch: Fixed['patch'] }[]
}

/** A command bound to its random stream and encoded as far as it never changes: runs, and arguments of changing width. */
interface Command {
  args: Piece[][]
  encoded: (Run | Piece[])[]
  /** It is one run: no argument changes its width. */
  whole: Run | undefined
}

const LAYOUTS_KEPT = 256

/**
 * The endless, seeded stream of requests of one connection, encoded in RESP. The same context always gives the same
 * bytes, however they are cut into batches.
 *
 * When no argument changes its width, a batch is encoded once and only its changing bytes are patched afterwards
 * (0.03 us a request; putting one together anew costs 0.2). The bytes of a batch are therefore valid only until
 * the next one is asked for.
 */
export class RequestStream {
  readonly #commands: Command[]
  readonly #drawn: (() => number) | undefined
  /** Every batch can be patched in place: no widths change and the commands take turns. */
  readonly #patchable: boolean
  /** Position in the turn of the next request. */
  #turn = 0
  readonly #layouts = new Map<number, Run>()
  readonly #widths: number[] = []
  #scratch = Buffer.allocUnsafe(4096)
  #used = 0

  constructor(commands: readonly CommandTemplate[], context: DrawContext) {
    this.#commands = commands.map(({ args }) => encodeOnce(args.map((arg) => arg.map((part) => bindPart(part, context)))))
    this.#drawn = weightedPick(commands, context)
    this.#patchable = this.#drawn === undefined && this.#commands.every(({ whole }) => whole !== undefined)
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
    return this.#commands[this.#next()]!.args.map((pieces) => Buffer.concat(pieces.map(drawPiece)))
  }

  #next(): number {
    if (this.#drawn) return this.#drawn()
    const turn = this.#turn
    this.#turn = turn + 1 === this.#commands.length ? 0 : turn + 1
    return turn
  }

  #patched(count: number): Uint8Array {
    const id = count * this.#commands.length + this.#turn
    const layout = this.#layouts.get(id) ?? this.#addLayout(id, count)
    this.#turn = (this.#turn + count) % this.#commands.length
    patchAt(layout, layout.bytes, 0)
    return layout.bytes
  }

  #addLayout(id: number, count: number): Run {
    const layout = joined(Array.from({ length: count }, (_, n) => this.#commands[(this.#turn + n) % this.#commands.length]!.whole!))
    // Batch sizes are few; the bound only guards against a caller that asks for ever new ones.
    if (this.#layouts.size >= LAYOUTS_KEPT) this.#layouts.clear()
    this.#layouts.set(id, layout)
    return layout
  }

  #composed(count: number): Uint8Array {
    this.#used = 0
    for (let n = 0; n < count; n++) {
      for (const part of this.#commands[this.#next()]!.encoded) {
        if (Array.isArray(part)) this.#addArgument(part)
        else this.#addRun(part)
      }
    }
    return this.#scratch.subarray(0, this.#used)
  }

  #addRun(run: Run): void {
    this.#makeRoom(run.bytes.length)
    this.#scratch.set(run.bytes, this.#used)
    patchAt(run, this.#scratch, this.#used)
    this.#used += run.bytes.length
  }

  #addArgument(pieces: readonly Piece[]): void {
    const widths = this.#widths
    let length = 0
    for (let i = 0; i < pieces.length; i++) {
      widths[i] = drawWidth(pieces[i]!)
      length += widths[i]!
    }
    const head = header('$', length)
    this.#makeRoom(head.length + length + CRLF.length)
    this.#put(head)
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!
      if (piece.kind === 'literal') {
        this.#scratch.set(piece.bytes, this.#used)
      } else if (piece.kind === 'fixed') {
        this.#scratch.set(piece.initial, this.#used)
        piece.patch(this.#scratch, this.#used)
      } else {
        piece.write(this.#scratch, this.#used)
      }
      this.#used += widths[i]!
    }
    this.#put(CRLF)
  }

  /** Short bytes, for which a loop beats a call. */
  #put(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.#scratch[this.#used++] = bytes[i]!
  }

  #makeRoom(length: number): void {
    if (this.#used + length <= this.#scratch.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#scratch.length * 2, this.#used + length))
    this.#scratch.copy(larger, 0, 0, this.#used)
    this.#scratch = larger
  }
}

/** Width of the next value; a variable piece draws it by that. */
function drawWidth(piece: Piece): number {
  if (piece.kind === 'variable') return piece.draw()
  return piece.kind === 'literal' ? piece.bytes.length : piece.initial.length
}

function patchAt({ patches }: Run, target: Uint8Array, start: number): void {
  for (let i = 0; i < patches.length; i++) {
    const next = patches[i]!
    next.patch(target, start + next.at)
  }
}

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

function encodeOnce(args: Piece[][]): Command {
  const encoded: Command['encoded'] = []
  let pending: Run[] = [plainRun(header('*', args.length))]
  const flush = () => {
    if (pending.length > 0) encoded.push(joined(pending))
    pending = []
  }
  for (const pieces of args) {
    if (pieces.some(({ kind }) => kind === 'variable')) {
      flush()
      encoded.push(pieces)
    } else {
      pending.push(...argumentRuns(pieces))
    }
  }
  flush()
  const [first] = encoded
  return { args, encoded, whole: encoded.length === 1 && first && !Array.isArray(first) ? first : undefined }
}

/** An argument whose width never changes. */
function argumentRuns(pieces: readonly Piece[]): Run[] {
  const runs = pieces.flatMap((piece): Run[] => {
    if (piece.kind === 'literal') return [plainRun(piece.bytes)]
    return piece.kind === 'fixed' ? [{ bytes: Buffer.from(piece.initial), patches: [{ at: 0, patch: piece.patch }] }] : []
  })
  const length = runs.reduce((sum, { bytes }) => sum + bytes.length, 0)
  return [plainRun(header('$', length)), ...runs, plainRun(CRLF)]
}

function plainRun(bytes: Uint8Array): Run {
  return { bytes: Buffer.from(bytes), patches: [] }
}

/** Runs one after the other, as one. */
function joined(runs: readonly Run[]): Run {
  const patches: Run['patches'] = []
  let start = 0
  for (const run of runs) {
    for (const { at, patch } of run.patches) patches.push({ at: start + at, patch })
    start += run.bytes.length
  }
  return { bytes: Buffer.concat(runs.map(({ bytes }) => bytes)), patches }
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
