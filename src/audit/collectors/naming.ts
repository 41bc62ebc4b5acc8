import { safeText } from '../../core/text.js'

/** How names that somebody gave appear in facts: safe to print, and hashed where the user asked for it. */
export interface Naming {
  /** The name of a key. */
  key(name: Uint8Array): string
  /** A key's name with what varies in it masked: `user:<int>`. */
  pattern(name: Uint8Array): string
  /** What tells one script from another: the beginning of its text. */
  script(text: Uint8Array): string
}

/** Names as they are, escaped. */
export const PLAIN_NAMES: Naming = { key: safeText, pattern: maskedName, script: scriptBeginning }

function scriptBeginning(text: Uint8Array): string {
  const line = safeText(Buffer.from(text).toString().replaceAll(/\s+/g, ' ').trim())
  return `"${line.length > 40 ? `${line.slice(0, 37).trimEnd()}...` : line}"`
}

/** The longest pattern that is made of a name; the rest of it is left out. */
const LONGEST_PATTERN = 120

/**
 * A name with the parts masked that look like numbers, ids, dates, addresses: `user:42` becomes `user:<int>`. It sees one name
 * alone; where patterns of a whole keyspace are at hand, those say more.
 */
export function maskedName(name: Uint8Array): string {
  const text = safeText(name.subarray(0, LONGEST_PATTERN * 4))
  const masked = MASKS.reduce((masked, [form, mask]) => masked.replace(form, mask), text)
  return masked.length > LONGEST_PATTERN ? `${masked.slice(0, LONGEST_PATTERN - 3)}...` : masked
}

/** In this order: what a later form would take for its own stands before it. A part ends where a letter or digit does. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [part('[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'), '<uuid>'],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, '<email>'],
  [part('\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}'), '<ip>'],
  [part('(?:19|20)\\d\\d[-/.](?:0[1-9]|1[0-2])(?:[-/.](?:0[1-9]|[12]\\d|3[01]))?'), '<date>'],
  [part('\\d+'), '<int>'],
  [part('(?=[0-9a-f]*\\d)[0-9a-f]{8,}'), '<hex>'],
]

function part(form: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}<])${form}(?![\\p{L}\\p{N}>])`, 'giu')
}
