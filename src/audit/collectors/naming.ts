import { safeText } from '../../core/text.js'
import { END } from '../inventory/byte-class.js'
import type { Redactor } from '../inventory/redact.js'
import { isLiteral, MASKS, Tokens } from '../inventory/tokens.js'

/** How names that somebody gave appear in facts: safe to print, and hashed where the user asked for it. */
export interface Naming {
  /** The name of a key, whose pattern may be known. */
  key(name: Uint8Array, pattern?: string): string
  /** A key's name with what varies in it masked: `user:<int>`. */
  pattern(name: Uint8Array): string
  /** What tells one script from another: the beginning of its text. */
  script(text: Uint8Array): string
}

/** Names as they are, escaped. */
export const PLAIN_NAMES: Naming = { key: (name) => safeText(name), pattern: (name) => masked(name, safeText), script: beginning }

/** Names, words of patterns and scripts by their hashes: in a command alone nothing says which words are everybody's. */
export function hashedNames(redactor: Redactor): Naming {
  const hash = (bytes: Uint8Array) => `#${redactor.hash(bytes)}`
  return { key: (name, pattern = '') => `${pattern}${hash(name)}`, pattern: (name) => masked(name, hash), script: hash }
}

/**
 * A name with the parts masked that look like numbers, ids, dates and addresses, as the inventory masks them: `user:42` becomes
 * `user:<int>`. It sees one name alone, so that nothing becomes `<*>` because it differs from key to key.
 */
function masked(name: Uint8Array, literal: (bytes: Uint8Array) => string): string {
  const tokens = new Tokens()
  tokens.read(name)
  return Array.from({ length: tokens.count }, (_, i) => {
    const kind = tokens.kinds[i]!
    const bytes = name.subarray(tokens.starts[i], tokens.ends[i])
    const delimiter = tokens.delimiters[i]!
    const word = isLiteral(kind) && bytes.length > 0 ? literal(bytes) : ''
    return `${word}${MASKS[kind]}${delimiter === END ? '' : String.fromCharCode(delimiter)}`
  }).join('')
}

/** As much of a script as is shown. */
const SCRIPT_LENGTH = 40

function beginning(text: Uint8Array): string {
  const line = safeText(Buffer.from(text).toString().replaceAll(/\s+/g, ' ').trim())
  return `"${line.length > SCRIPT_LENGTH ? `${line.slice(0, SCRIPT_LENGTH - 3).trimEnd()}...` : line}"`
}
