import { CONTROL, NOT_ASCII, SPACE } from './byte-class.js'

/** Control and format characters, white space beyond ASCII, and what stands for bytes that are no UTF-8. */
const TROUBLESOME = /[\p{Cc}\p{Cf}\p{Z}\ufffd]/u
/** Bytes of a name that are decoded. */
const MOST = 512

/** Whether a name makes trouble in shells, logs and scripts: control characters, spaces, invalid UTF-8. `classes` are those of its bytes. */
export function isBadName(name: Uint8Array, classes: number): boolean {
  if ((classes & (SPACE | CONTROL)) !== 0) return true
  if ((classes & NOT_ASCII) === 0) return false
  // Not by a TextDecoder that throws: that takes longer than all else that is done with a key.
  const text = Buffer.from(name.buffer, name.byteOffset, Math.min(name.length, MOST)).toString()
  // The end of a longer name may be half a character.
  return TROUBLESOME.test(name.length > MOST ? text.slice(0, -1) : text)
}
