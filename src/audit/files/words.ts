/** A word of a line of redis.conf, without its quotes. */
export interface Word {
  text: string
  /** Where it begins, counted from 1. */
  column: number
}

/** A line whose quotes don't close, or are followed by more than a space. */
export class UnbalancedQuotes extends Error {
  /** Where the quoted part begins. */
  readonly column: number

  constructor(column: number) {
    super('quotes that do not close, or are followed by something else than a space')
    this.column = column
  }
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

/**
 * Splits a line as the server does (sdssplitargs): words between white space; in double quotes `\n`, `\xff` and the like, in single quotes
 * `\'` alone. Throws UnbalancedQuotes.
 */
export function splitWords(line: string): Word[] {
  const words: Word[] = []
  for (let at = skipSpace(line, 0); at < line.length; at = skipSpace(line, at)) {
    const { text, end } = readWord(line, at)
    words.push({ text, column: at + 1 })
    at = end
  }
  return words
}

function readWord(line: string, from: number): { text: string; end: number } {
  const parts: string[] = []
  let at = from
  while (at < line.length && !isSpace(line[at]!)) {
    const quote = line[at]
    if (quote !== '"' && quote !== "'") {
      const end = nextSpecial(line, at)
      parts.push(line.slice(at, end))
      at = end
      continue
    }
    const quoted = quote === '"' ? readDouble(line, at) : readSingle(line, at)
    if (quoted.end < line.length && !isSpace(line[quoted.end]!)) throw new UnbalancedQuotes(at + 1)
    parts.push(quoted.text)
    at = quoted.end
  }
  return { text: parts.join(''), end: at }
}

function readDouble(line: string, from: number): { text: string; end: number } {
  const parts: string[] = []
  for (let at = from + 1; at < line.length; at++) {
    const char = line[at]!
    if (char === '"') return { text: parts.join(''), end: at + 1 }
    if (char !== '\\' || at + 1 >= line.length) {
      parts.push(char)
      continue
    }
    const hex = /^x([0-9a-f]{2})/i.exec(line.slice(at + 1, at + 4))?.[1]
    parts.push(hex === undefined ? (ESCAPES[line[at + 1]!] ?? line[at + 1]!) : String.fromCharCode(Number.parseInt(hex, 16)))
    at += hex === undefined ? 1 : 3
  }
  throw new UnbalancedQuotes(from + 1)
}

function readSingle(line: string, from: number): { text: string; end: number } {
  const parts: string[] = []
  for (let at = from + 1; at < line.length; at++) {
    const char = line[at]!
    if (char === "'") return { text: parts.join(''), end: at + 1 }
    const escaped = char === '\\' && line[at + 1] === "'"
    parts.push(escaped ? "'" : char)
    if (escaped) at++
  }
  throw new UnbalancedQuotes(from + 1)
}

function nextSpecial(line: string, from: number): number {
  let at = from
  while (at < line.length && !isSpace(line[at]!) && line[at] !== '"' && line[at] !== "'") at++
  return at
}

function skipSpace(line: string, from: number): number {
  let at = from
  while (at < line.length && isSpace(line[at]!)) at++
  return at
}

/** As isspace() of C has it. */
function isSpace(char: string): boolean {
  return char === ' ' || (char >= '\t' && char <= '\r')
}
