import { Composer, isAlias, isMap, isNode, isScalar, isSeq, Lexer, LineCounter, Parser, Scalar } from 'yaml'
import type { Document, Pair } from 'yaml'
import { messageOf } from '../core/errors.js'
import type { Mistake, Position } from './mistakes.js'
import { fieldText } from './paths.js'

/** The longest file that is read; a scenario is a few kilobytes. */
export const MAX_YAML_BYTES = 64 * 1024
/** Collections within collections. Deeper ones are refused before the composer, which recurses, sees them. */
const MAX_PARSER_DEPTH = 64
/** How often aliases may repeat what an anchor holds (the YAML form of a zip bomb). */
const MAX_ALIASES = 100

/** A YAML document as plain values, together with where each of them stands. */
export interface YamlSource {
  /** Undefined when the text is no YAML. */
  value: unknown
  /** Syntax errors, keys written twice, aliases to nothing. */
  mistakes: Mistake[]
  /**
   * Where the value at `path` stands, or its key; `offset` goes into a scalar's text. What isn't there is located at the
   * nearest thing around it.
   */
  locate(path: readonly PropertyKey[], at: 'key' | 'value', offset?: number): Position
}

/** Reads one YAML 1.2 document. Never throws: whatever is wrong is in `mistakes`. */
export function readYaml(text: string): YamlSource {
  const unreadable = unreadableBecause(text)
  if (unreadable !== undefined) return failed({ field: '', message: unreadable })
  const lines = new LineCounter()
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  try {
    const [document, second] = compose(text, lines)
    const syntax = [...document!.errors, ...document!.warnings]
    if (second !== undefined) syntax.push(...second.errors)
    const mistakes = syntax.map((error): Mistake => ({ position: positionOf(error.pos[0]), field: '', message: firstLine(error.message) }))
    if (second !== undefined) {
      mistakes.push({ position: positionOf(second.range[0]), field: '', message: 'a second document; write one scenario to a file' })
    }
    if (mistakes.length > 0) return { ...failed(), mistakes }
    mistakes.push(...findNodeMistakes(document!, positionOf))
    const value: unknown = document!.toJS({ maxAliasCount: MAX_ALIASES })
    return { value, mistakes, locate: (path, at, offset) => positionOf(offsetOf(document!, text, path, at, offset ?? 0)) }
  } catch (error) {
    if (error instanceof TooDeep) return failed({ position: positionOf(error.offset), field: '', message: 'nested too deeply' })
    // toJS throws a ReferenceError for aliases that expand to too much.
    return failed({
      position: START,
      field: '',
      message: messageOf(error).startsWith('Excessive alias') ? 'aliases repeat too much' : 'unresolved alias',
    })
  }
}

const START: Position = { line: 1, column: 1 }

function failed(...mistakes: Mistake[]): YamlSource {
  return { value: undefined, mistakes, locate: () => START }
}

function unreadableBecause(text: string): string | undefined {
  if (Buffer.byteLength(text) > MAX_YAML_BYTES) return `larger than ${MAX_YAML_BYTES / 1024} KB`
  // oxlint-disable-next-line no-control-regex -- the control characters that YAML forbids are what is looked for
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]/.test(text)) return 'not a text file'
  return text.trim() === '' ? 'empty' : undefined
}

class TooDeep extends Error {
  readonly offset: number

  constructor(offset: number) {
    super()
    this.offset = offset
  }
}

function compose(text: string, lines: LineCounter): Document.Parsed[] {
  function* tokens() {
    const parser = new Parser(lines.addNewLine)
    for (const lexeme of new Lexer().lex(text)) {
      yield* parser.next(lexeme)
      if (parser.stack.length > MAX_PARSER_DEPTH) throw new TooDeep(parser.offset)
    }
    yield* parser.end()
  }
  // Keys written twice are found below, in linear time and with the field's name.
  return [...new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: 'error' }).compose(tokens(), true, text.length)]
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!
}

/** Keys written twice, and keys that are no text. */
function findNodeMistakes(document: Document.Parsed, positionOf: (offset: number) => Position): Mistake[] {
  const mistakes: Mistake[] = []
  const visit = (node: unknown, path: PropertyKey[]): void => {
    if (isSeq(node)) node.items.forEach((item, index) => visit(item, [...path, index]))
    if (!isMap(node)) return
    const seen = new Set<string>()
    for (const pair of node.items) {
      const name = keyOf(pair)
      const place = [...path, name]
      const report = (message: string) => mistakes.push({ position: positionOf(startOf(pair.key)), field: fieldText(place), message })
      if (!isScalar(pair.key)) report('a key must be plain text')
      else if (seen.has(name)) report('written twice')
      seen.add(name)
      visit(pair.value, place)
    }
  }
  visit(document.contents, [])
  return mistakes
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0
}

function offsetOf(document: Document.Parsed, text: string, path: readonly PropertyKey[], at: 'key' | 'value', offset: number): number {
  let node: unknown = document.contents
  let key: unknown
  for (const part of path) {
    const collection: unknown = isAlias(node) ? node.resolve(document) : node
    let child: unknown
    if (isMap(collection)) {
      const pair = collection.items.findLast((item) => keyOf(item) === String(part))
      if (pair === undefined) return startOf(node)
      ;[key, child] = [pair.key, pair.value]
    } else if (isSeq(collection)) {
      child = collection.items[Number(part)]
      key = child
    }
    if (child === undefined || child === null || isEmptyScalar(child)) return startOf(key ?? node)
    node = child
  }
  if (at === 'key' && key !== undefined) return startOf(key)
  return startOf(node) + offsetWithin(node, text, offset)
}

/** The nothing after `load:`. */
function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && node.source === '' && node.type === Scalar.PLAIN
}

/** How far `offset` into a scalar's value is from the scalar's start in the file, where that can be told: 0 for a folded or escaped one. */
function offsetWithin(node: unknown, text: string, offset: number): number {
  if (!isScalar(node) || !node.range) return 0
  const quoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE
  const source = text.slice(node.range[0], node.range[1])
  return (quoted ? source.slice(1, -1) : source) === node.value ? offset + (quoted ? 1 : 0) : 0
}
