/**
 * Text that is safe to print: control characters, escape sequences, bidirectional overrides and
 * invalid UTF-8 appear as `\n`, `\x1b`, `\u202e`; everything else as it is. For key names, replies, values and
 * labels, which are hostile by default.
 */
export function safeText(value: string | Uint8Array): string {
  if (typeof value === 'string') return escapeUnsafe(value)
  try {
    return escapeUnsafe(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value))
  } catch {
    return Array.from(value, (byte) => (isPlainAscii(byte) ? String.fromCharCode(byte) : hex(byte))).join('')
  }
}

function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (char) => NAMED[char] ?? hex(char.codePointAt(0)!))
}

const isPlainAscii = (byte: number) => byte >= 0x20 && byte < 0x7f && byte !== 0x5c

/** Control, format (bidirectional overrides, zero-width) and lone surrogate characters, line separators, and the escape itself. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\]/gu
const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

function hex(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** Someone's text as a message quotes it: escaped, and cut when it is long. */
export function quote(text: string): string {
  return `"${safeText(text.length > 60 ? `${text.slice(0, 57)}...` : text)}"`
}

/** The candidate nearest to a mistyped name, or undefined when none is near. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor((name.length + 1) / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    // Where nothing is left of the name, nothing was mistyped.
    const slip = distance < Math.max(name.length, candidate.length)
    if (slip && distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** `; did you mean executor?`, or an empty string when nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const guess = nearest(name, candidates)
  return guess === undefined ? '' : `; did you mean ${guess}?`
}

/** Edit distance with adjacent transpositions (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, beforePrevious[j - 2]! + 1)
      row.push(cost)
    }
    beforePrevious = previous
    previous = row
  }
  return previous[b.length]!
}

/** `a listpack`, `an intset`. */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`
}
