import { CONTROL, NOT_ASCII, SPACE } from './byte-class.js'

/** Control and format characters, and white space beyond ASCII. */
const TROUBLESOME = /[\p{Cc}\p{Cf}\p{Z}]/u
/** Bytes of a name that are decoded. */
const MOST = 512

/**
 * Whether a name makes trouble in shells, logs and scripts: control characters, spaces, invalid UTF-8. `classes` are those of its bytes.
 */
export function isBadName(name: Uint8Array, classes: number): boolean {
  if ((classes & (SPACE | CONTROL)) !== 0) return true
  if ((classes & NOT_ASCII) === 0) return false
  try {
    // The end of a longer name may cut a character in two: `stream` lets it.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(name.subarray(0, MOST), { stream: name.length > MOST })
    return TROUBLESOME.test(text)
  } catch {
    return true
  }
}
