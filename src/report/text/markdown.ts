/**
 * Text in GitHub's Markdown that reads as it is: nothing in it is markup, HTML, a link, a mention of somebody or an issue. It is one line:
 * line breaks become spaces.
 */
export function markdownText(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(MARKUP, reference)
    .replaceAll(/:(?=\/\/)|^ ?[-+=]|(?<=^ ?\d{1,9})[.)](?= |$)/g, reference)
    .replaceAll(/(?<!&)[@#]|\bwww(?=\.)|\bgh(?=-\d)/gi, (found) => `${found}${NO_WIDTH}`)
}

/** All that can begin or close markup, as a reference, which Markdown takes for text. */
const MARKUP = /[\\`*_[\]<>|~&$]/g

const reference = (found: string) => found.replace(/\S/, (char) => `&#${char.codePointAt(0)};`)

/** What GitHub looks for in the finished text (mentions, issues) or at its beginning (www) is broken by a character of no width. */
const NO_WIDTH = '&#8203;'

/**
 * A name in a code span: GitHub looks for no mentions, issues and links in code. In a table a pipe has to be escaped all the same.
 */
export function markdownCode(text: string, place: 'text' | 'table' = 'text'): string {
  const line = text.replaceAll(/[\r\n]+/g, ' ')
  if (line.trim() === '') return '` `'
  const fence = '`'.repeat(longestRun(line) + 1)
  const padded = /^`|`$|^ .* $/.test(line) ? ` ${line} ` : line
  return `${fence}${place === 'table' ? padded.replaceAll('|', '\\|') : padded}${fence}`
}

/** Lines to copy, in a fence that nothing in them can close. */
export function markdownFence(lines: readonly string[], language = ''): string {
  const text = lines.map((line) => line.replaceAll(/[\r\n]+/g, ' '))
  const fence = '`'.repeat(Math.max(3, longestRun(text.join('\n')) + 1))
  return [`${fence}${language}`, ...text, fence].join('\n')
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
}

/** A column of a table; its cells are Markdown already. */
export interface MarkdownColumn {
  title: string
  align: 'left' | 'right'
  cells: readonly string[]
}

/** A table; its first row is the heading. */
export function markdownTable(columns: readonly MarkdownColumn[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rows = columns[0]?.cells.map((_, index) => row(columns.map(({ cells }) => cells[index] ?? ''))) ?? []
  const rule = columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))
  return [row(columns.map(({ title }) => title)), row(rule), ...rows].join('\n')
}

/** What a Markdown report may take: GitHub drops a step's summary whole that is larger than 1 MiB, and other tools may add to it. */
export const MOST_BYTES = 1_000_000
