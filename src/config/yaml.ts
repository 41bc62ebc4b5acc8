import { Composer, isAlias, isMap, isNode, isScalar, isSeq, Lexer, LineCounter, Parser, Scalar } from 'yaml'
import type { Document, Node, Pair } from 'yaml'
import { quote } from '../core/text.js'
import type { Mistake, Position } from '../core/mistakes.js'
import { fieldText } from './paths.js'
import { MAX_YAML_BYTES } from './yaml-size.js'

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
    return { line, column: col }
  }
  try {
    return readDocuments(compose(text, lines), text, positionOf)
  } catch (error) {
    if (error instanceof TooDeep) return failed({ position: positionOf(error.offset), field: '', message: 'nested too deeply' })
    throw error
  }
}

type PositionOf = (offset: number) => Position

function readDocuments([document, second]: Document.Parsed[], text: string, positionOf: PositionOf): YamlSource {
  if (document === undefined) return failed({ field: '', message: 'empty' })
  const at = (offset: number, message: string): Mistake => ({ position: positionOf(offset), field: '', message })
  const mistakes = [...document.errors, ...document.warnings].map((error) => at(error.pos[0], firstLine(error.message)))
  if (second !== undefined) mistakes.push(at(second.range[0], 'a second document; a file holds one'))
  if (mistakes.length === 0) mistakes.push(...findNodeMistakes(document, positionOf))
  try {
    const value: unknown = mistakes.some(({ field }) => field === '') ? undefined : document.toJS({ maxAliasCount: MAX_ALIASES })
    return { value, mistakes, locate: (path, at, offset) => positionOf(offsetOf(document, text, path, at, offset)) }
  } catch (error) {
    // What toJS throws for aliases that lead nowhere, or repeat too much.
    if (!(error instanceof ReferenceError)) throw error
    return failed(...(mistakes.length > 0 ? mistakes : [at(0, 'aliases repeat too much')]))
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
  lines.addNewLine(0)
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

/** Keys written twice, keys that are no text, aliases to nothing or too many of them. */
function findNodeMistakes(document: Document.Parsed, positionOf: PositionOf): Mistake[] {
  const mistakes: Mistake[] = []
  const report = (node: unknown, path: PropertyKey[], message: string) =>
    void mistakes.push({ position: positionOf(startOf(node)), field: fieldText(path), message })
  let aliases = 0
  const visit = (node: unknown, path: PropertyKey[]): void => {
    if (isSeq(node)) node.items.forEach((item, index) => visit(item, [...path, index]))
    if (isMap(node)) visitPairs(node.items, path)
    if (!isAlias(node) || ++aliases > MAX_ALIASES) return
    if (aliases === MAX_ALIASES) report(node, path, `more than ${MAX_ALIASES} aliases`)
    const target = node.resolve(document)
    if (target === undefined) report(node, path, `no anchor ${quote(node.source)} above`)
    else if (isWithin(node, target)) report(node, path, `${quote(node.source)} holds itself`)
  }
  const visitPairs = (pairs: readonly Pair[], path: PropertyKey[]): void => {
    const seen = new Set<string>()
    for (const pair of pairs) {
      const name = keyOf(pair)
      if (!isScalar(pair.key)) report(pair.key, path, 'a key must be plain text')
      else if (seen.has(name)) report(pair.key, [...path, name], 'written twice')
      seen.add(name)
      visit(pair.value, [...path, name])
    }
  }
  visit(document.contents, [])
  return mistakes
}

function isWithin(inner: Node, outer: Node): boolean {
  return startOf(inner) >= startOf(outer) && startOf(inner) < (outer.range?.[1] ?? 0)
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0
}

function offsetOf(document: Document.Parsed, text: string, path: readonly PropertyKey[], at: 'key' | 'value', offset?: number): number {
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
  return startOf(node) + (offset === undefined ? 0 : offsetWithin(node, text, offset))
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
