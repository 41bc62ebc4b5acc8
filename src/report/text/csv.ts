/** A cell: a number, text, or nothing. */
export type Cell = number | string | boolean | null | undefined

/**
 * A table as RFC 4180 has it: cells between commas, quoted where they need it, lines ending in CRLF. Numbers stand as they are. Text that a
 * spreadsheet would take for a formula has an apostrophe before it, which spreadsheets take away again (OWASP, CSV injection).
 */
export function csvTable(titles: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [titles.map(csvCell).join(',')]
  for (const row of rows) lines.push(row.map(csvCell).join(','))
  return `${lines.join('\r\n')}\r\n`
}

/** One cell of it. A number that is none (NaN) is empty. */
export function csvCell(value: Cell): string {
  if (value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return ''
  if (typeof value !== 'string') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Also after spaces and in full width, as some spreadsheets have it; and an apostrophe, so that one of ours can be told from another's. */
const FORMULA = /^[\s\0]*['=+\-@\uff1d\uff0b\uff0d\uff20]/u
