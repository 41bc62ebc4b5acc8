import { InputError, messageOf } from './errors.js'
import { didYouMean, nearest, quote } from './text.js'
import { parseBytes } from './units.js'

/*
 * Command lines and dataset values with placeholders: `SET user:{key zipf} {bytes 64}`. Scenario files are checked and the
 * load generator is built from the same parse.
 *
 * `{name}` and `{name argument ...}` are placeholders, name being lower-case letters; any other brace is itself, so that JSON
 * and hash tags such as `{user42}` need no escape. `{{` is a literal `{`, and `}}` after it the literal `}` that closes it.
 */

/** How an index, a number or a size is drawn from its range. */
export type Distribution =
  | { kind: 'uniform' }
  /** Rank r is drawn in proportion to 1 / r^exponent. */
  | { kind: 'zipf'; exponent: number }
  /** Bell-shaped around the middle of the range. */
  | { kind: 'gaussian' }
  /** `requests` percent of the draws fall on `keys` percent of the range. */
  | { kind: 'hotspot'; keys: number; requests: number }
  /** In order, and from the start again at the end. */
  | { kind: 'sequential' }

/** A piece of an argument. Ranges include both ends. */
export type Part =
  | { kind: 'literal'; bytes: Uint8Array }
  /** `key` and `member`: drawn from the load's range; `i` and `j`: the dataset's own counters (always sequential). Zero-padded. */
  | { kind: 'index'; of: 'key' | 'member' | 'i' | 'j'; distribution: Distribution }
  /** A decimal number. */
  | { kind: 'int'; low: number; high: number; distribution: Distribution }
  /** A printable payload of low to high bytes. */
  | { kind: 'bytes'; low: number; high: number; distribution: Distribution }
  | { kind: 'oneof'; values: Uint8Array[] }
  | { kind: 'word' }
  | { kind: 'email' }
  | { kind: 'uuid' }
  /** A number that never repeats on its connection. */
  | { kind: 'seq' }

/** The parts of one argument in order, no two literals side by side; none at all for an empty argument. */
export type Argument = Part[]

/** Where a template stands: `{key}` and `{member}` belong to commands, `{i}` and `{j}` to datasets. */
export type TemplatePlace = 'command' | 'dataset'

/** A mistake in a command line or template; `offset` counts UTF-16 units from its start. */
export class TemplateError extends InputError {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/**
 * The arguments of a command line, quoted as redis-cli's are (`sdssplitargs`: escapes in double quotes, only `\'` in single
 * ones), with placeholders inside and outside quotes. Throws TemplateError.
 */
export function parseCommandLine(line: string, where: TemplatePlace): Argument[] {
  const args: Argument[] = []
  let at = skipSpace(line, 0)
  while (at < line.length) {
    const reader = new ArgumentReader(line, at, where)
    args.push(reader.readQuoted())
    at = skipSpace(line, reader.at)
  }
  const [name] = args
  if (name === undefined) throw new TemplateError('the command is empty', 0)
  if (name.length !== 1 || name[0]!.kind !== 'literal') {
    throw new TemplateError('a command starts with its name, as it is', skipSpace(line, 0))
  }
  return args
}

/** One argument, spaces, quotes and backslashes being themselves. Throws TemplateError. */
export function parseTemplate(text: string, where: TemplatePlace): Argument {
  return new ArgumentReader(text, 0, where).readPlain()
}

const isSpace = (char: string | undefined) => char !== undefined && /[\s\0]/.test(char)

function skipSpace(line: string, at: number): number {
  while (isSpace(line[at])) at++
  return at
}

const encoder = new TextEncoder()
const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

/** Reads one argument from `at` on, collecting literal bytes between placeholders. */
class ArgumentReader {
  at: number
  readonly #text: string
  readonly #where: TemplatePlace
  readonly #parts: Part[] = []
  #literal: number[] = []
  /** `{{` that no `}}` has closed yet. */
  #openBraces = 0

  constructor(text: string, at: number, where: TemplatePlace) {
    this.#text = text
    this.at = at
    this.#where = where
  }

  readPlain(): Argument {
    while (this.at < this.#text.length) this.#readText()
    return this.#finish()
  }

  readQuoted(): Argument {
    while (this.at < this.#text.length && !isSpace(this.#text[this.at])) {
      const char = this.#text[this.at]
      if (char === '"' || char === "'") this.#readQuotes(char)
      else this.#readText()
    }
    return this.#finish()
  }

  #readQuotes(quote: string): void {
    const start = this.at++
    while (this.#text[this.at] !== quote) {
      if (this.at >= this.#text.length) throw new TemplateError(`the quote ${quote} is not closed`, start)
      if (this.#text[this.at] === '\\' && this.at + 1 < this.#text.length) this.#readEscape(quote)
      else this.#readText()
    }
    this.at++
    if (this.at < this.#text.length && !isSpace(this.#text[this.at])) {
      throw new TemplateError('a closing quote needs a space after it; put JSON in single quotes', this.at - 1)
    }
  }

  #readEscape(quote: string): void {
    const char = this.#text[this.at + 1]!
    if (quote === "'") {
      this.#append(char === "'" ? "'" : '\\')
      this.at += char === "'" ? 2 : 1
      return
    }
    const hex = /^x([0-9a-f]{2})/i.exec(this.#text.slice(this.at + 1, this.at + 4))
    if (hex) {
      this.#literal.push(Number.parseInt(hex[1]!, 16))
      this.at += 4
      return
    }
    this.at++
    const codePoint = String.fromCodePoint(this.#text.codePointAt(this.at)!)
    this.#append(ESCAPES[codePoint] ?? codePoint)
    this.at += codePoint.length
  }

  /** One character, or one placeholder. */
  #readText(): void {
    if (this.#text.startsWith('{{', this.at)) {
      this.#append('{')
      this.#openBraces++
      this.at += 2
    } else if (this.#openBraces > 0 && this.#text.startsWith('}}', this.at)) {
      this.#append('}')
      this.#openBraces--
      this.at += 2
    } else if (PLACEHOLDER_START.test(this.#text.slice(this.at, this.at + LONGEST_NAME + 2))) {
      this.#readPlaceholder()
    } else {
      const codePoint = String.fromCodePoint(this.#text.codePointAt(this.at)!)
      this.#append(codePoint)
      this.at += codePoint.length
    }
  }

  #readPlaceholder(): void {
    const end = this.#text.indexOf('}', this.at)
    if (end < 0) throw new TemplateError('a placeholder is not closed; write {{ for the brace itself', this.at)
    const part = parsePlaceholder(this.#text.slice(this.at + 1, end), this.at, this.#where)
    this.#flush()
    this.#parts.push(part)
    this.at = end + 1
  }

  #append(text: string): void {
    this.#literal.push(...encoder.encode(text))
  }

  #flush(): void {
    if (this.#literal.length > 0) this.#parts.push({ kind: 'literal', bytes: Uint8Array.from(this.#literal) })
    this.#literal = []
  }

  #finish(): Argument {
    this.#flush()
    return this.#parts
  }
}

/** Longer words in braces are text. */
const LONGEST_NAME = 32
const PLACEHOLDER_START = /^\{[a-z]+[ }]/
/** Redis refuses longer values (proto-max-bulk-len). */
const MAX_BYTES = 512 * 1024 ** 2
/** What one 32-bit draw can tell apart. */
const MAX_VALUES = 2 ** 32

/** Makes the error of a mistake in the placeholder being read. */
type Fail = (message: string) => TemplateError

/** The part that `key zipf 0.8`, the inside of the braces at `offset`, stands for. */
function parsePlaceholder(inside: string, offset: number, where: TemplatePlace): Part {
  const fail: Fail = (message) => new TemplateError(message, offset)
  const [name = '', ...args] = inside.split(' ').filter((word) => word !== '')
  const parse = PLACEHOLDERS.get(name)
  if (parse === undefined) throw fail(unknownPlaceholder(name))
  return parse(args, fail, where)
}

function unknownPlaceholder(name: string): string {
  const guess = nearest(name, [...PLACEHOLDERS.keys(), ...DISTRIBUTIONS.keys()])
  if (guess === undefined) return `unknown placeholder {${name}}; write {{${name}}} for the text itself`
  return `unknown placeholder {${name}}; did you mean {${DISTRIBUTIONS.has(guess) ? `key ${guess}` : guess}}?`
}

const PLACEHOLDERS = new Map<string, (args: string[], fail: Fail, where: TemplatePlace) => Part>([
  ['key', (args, fail, where) => parseDrawnIndex('key', '{i}', args, fail, where)],
  ['member', (args, fail, where) => parseDrawnIndex('member', '{j}', args, fail, where)],
  ['i', (args, fail, where) => parseCounter('i', '{key}', args, fail, where)],
  ['j', (args, fail, where) => parseCounter('j', '{member}', args, fail, where)],
  ['int', parseIntPart],
  ['bytes', parseBytesPart],
  ['oneof', parseOneOf],
  ['word', (args, fail) => parseBare('word', args, fail)],
  ['email', (args, fail) => parseBare('email', args, fail)],
  ['uuid', (args, fail) => parseBare('uuid', args, fail)],
  ['seq', (args, fail) => parseBare('seq', args, fail)],
])

function parseDrawnIndex(of: 'key' | 'member', counter: string, args: string[], fail: Fail, where: TemplatePlace): Part {
  if (where === 'dataset') throw fail(`{${of}} belongs to commands; a dataset counts with ${counter}`)
  return { kind: 'index', of, distribution: parseDistribution(args, fail) }
}

function parseCounter(of: 'i' | 'j', drawn: string, args: string[], fail: Fail, where: TemplatePlace): Part {
  if (where === 'command') throw fail(`{${of}} belongs to datasets; a command draws with ${drawn}`)
  refuseArguments(of, args, fail)
  return { kind: 'index', of, distribution: { kind: 'sequential' } }
}

function parseIntPart([range = '', ...rest]: string[], fail: Fail): Part {
  const match = /^(-?\d+)\.\.(-?\d+)$/.exec(range)
  if (!match) throw fail('{int} needs a range: {int 1..100}')
  const [low, high] = [Number(match[1]), Number(match[2])]
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high)) throw fail(`the range ${range} goes beyond 2^53`)
  if (low > high) throw fail(`the range ${range} ends before it starts`)
  if (high - low >= MAX_VALUES) throw fail(`the range ${range} holds more than 2^32 values`)
  return { kind: 'int', low, high, distribution: parseDistribution(rest, fail) }
}

function parseBytesPart([size = '', ...rest]: string[], fail: Fail): Part {
  const [low = '', high = low, ...more] = size.split('..')
  if (low === '' || high === '' || more.length > 0) throw fail('{bytes} needs a size: {bytes 64} or {bytes 16..4KB}')
  const range = { low: parseSize(low, fail), high: parseSize(high, fail) }
  if (range.low > range.high) throw fail(`the range ${size} ends before it starts`)
  if (range.high > MAX_BYTES) throw fail('a value holds at most 512MB')
  if (!size.includes('..')) refuseArguments(`bytes ${size}`, rest, fail)
  return { kind: 'bytes', ...range, distribution: parseDistribution(rest, fail) }
}

function parseSize(text: string, fail: Fail): number {
  try {
    return parseBytes(text)
  } catch (error) {
    throw fail(messageOf(error))
  }
}

function parseOneOf(values: string[], fail: Fail): Part {
  if (values.length === 0) throw fail('{oneof} needs values: {oneof free pro}')
  return { kind: 'oneof', values: values.map((value) => encoder.encode(value)) }
}

function parseBare(kind: 'word' | 'email' | 'uuid' | 'seq', args: string[], fail: Fail): Part {
  refuseArguments(kind, args, fail)
  return { kind }
}

function refuseArguments(name: string, args: string[], fail: Fail): void {
  if (args.length > 0) throw fail(`{${name}} takes nothing more`)
}

function parseDistribution([name = 'uniform', ...args]: string[], fail: Fail): Distribution {
  const parse = DISTRIBUTIONS.get(name)
  if (parse === undefined) throw fail(`unknown distribution ${quote(name)}${didYouMean(name, DISTRIBUTIONS.keys())}`)
  return parse(args, fail)
}

const DISTRIBUTIONS = new Map<string, (args: string[], fail: Fail) => Distribution>([
  ['uniform', (args, fail) => parseSimple('uniform', args, fail)],
  ['zipf', parseZipf],
  ['gaussian', (args, fail) => parseSimple('gaussian', args, fail)],
  ['hotspot', parseHotspot],
  ['sequential', (args, fail) => parseSimple('sequential', args, fail)],
])

function parseSimple(kind: 'uniform' | 'gaussian' | 'sequential', args: string[], fail: Fail): Distribution {
  if (args.length > 0) throw fail(`${kind} takes nothing more`)
  return { kind }
}

function parseZipf([text = '0.99', ...more]: string[], fail: Fail): Distribution {
  const exponent = parseNumber(text)
  if (more.length > 0 || !(exponent > 0 && exponent <= 10)) throw fail('zipf takes an exponent above 0, up to 10: zipf 0.99')
  return { kind: 'zipf', exponent }
}

function parseHotspot(args: string[], fail: Fail): Distribution {
  const [keys = Number.NaN, requests = Number.NaN, ...more] = (args.length === 0 ? ['20', '80'] : args).map((text) =>
    parseNumber(text.replace(/%$/, '')),
  )
  if (more.length > 0 || !(keys > 0 && keys <= 100) || !(requests >= 0 && requests <= 100)) {
    throw fail('hotspot takes two percentages, of the keys and of the requests they get: hotspot 20 80')
  }
  return { kind: 'hotspot', keys, requests }
}

function parseNumber(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}
