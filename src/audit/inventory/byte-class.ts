/*
 * What a byte of a key's name is, as bits, so that the bits of several bytes can be joined. A byte of WEAK or more ends a token:
 * WEAK within a segment of the name (`task-meta`), STRONG between segments (`user:17`).
 */

export const LOWER = 1
export const UPPER = 2
export const DIGIT = 4
/** A letter that is no hexadecimal digit, or no letter at all. */
export const NOT_HEX = 8
export const OTHER = 16
export const SPACE = 32
export const CONTROL = 64
export const NOT_ASCII = 128
export const WEAK = 256
export const STRONG = 512

/** The end of a name, where a delimiter might stand. */
export const END = 0

export const CLASSES: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) => classOf(byte))

function classOf(byte: number): number {
  const char = String.fromCharCode(byte)
  if (byte >= 0x80) return NOT_ASCII | NOT_HEX
  if (byte < 0x20 || byte === 0x7f) return CONTROL | NOT_HEX
  if (char === ' ') return SPACE | NOT_HEX
  if (/[a-f]/.test(char)) return LOWER
  if (/[g-z]/.test(char)) return LOWER | NOT_HEX
  if (/[A-F]/.test(char)) return UPPER
  if (/[G-Z]/.test(char)) return UPPER | NOT_HEX
  if (/\d/.test(char)) return DIGIT
  if (/[-_]/.test(char)) return WEAK
  // Those of names, braces of hash tags, and those of URLs.
  if (/[:./|{}?&=,;#@]/.test(char)) return STRONG
  return OTHER | NOT_HEX
}
