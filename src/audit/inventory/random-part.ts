import { CLASSES, DIGIT, LOWER, UPPER, WEAK } from './byte-class.js'

/*
 * Tells random identifiers in base 62 and base64url (session ids, nanoid) from words, by how small letters, capitals and digits follow
 * each other. They may hold `-` and `_`, which else would end a token. Identifiers without capitals hold none of these, so they
 * need no telling: they are one token, of which there are many.
 */

/**
 * In tenths of a bit, how much likelier a pair of neighbours is in random base 62 than in names made of words (`getUserV2`): log2 of
 * (26/62)^2 = 0.18 for two letters, 0.07 for a letter and a digit, 0.03 for two digits, over estimates of how often words have it.
 */
const PAIRS: Record<string, number> = { ll: -23, lU: 24, Ul: 17, UU: 24, ld: 16, Ud: 25, dl: 26, dU: 36, dd: -10 }
const LETTER: Record<number, string> = { [LOWER]: 'l', [UPPER]: 'U', [DIGIT]: 'd' }
const SCORES = Int8Array.from({ length: 64 }, (_, pair) => PAIRS[`${LETTER[pair >> 3] ?? ''}${LETTER[pair & 7] ?? ''}`] ?? 0)

const SHORTEST = 10
/** Six bits: 64 times likelier to be random. */
const ENOUGH = 60

/** Whether the bytes from `start` to `end`, which are no STRONG delimiters, look like a random identifier. */
export function looksRandom(name: Uint8Array, start: number, end: number): boolean {
  if (end - start < SHORTEST) return false
  let score = 0
  let lowers = 0
  let uppers = 0
  let previous = 0
  for (let at = start; at < end; at++) {
    const kind = CLASSES[name[at]!]! & (LOWER | UPPER | DIGIT)
    if (kind === LOWER) lowers++
    else if (kind === UPPER) uppers++
    score += SCORES[(previous << 3) | kind]!
    previous = kind
  }
  return lowers >= 2 && uppers >= 2 && score >= ENOUGH
}

/** Where the segment ends that goes on at `start`: at a STRONG delimiter or at `limit`. */
export function segmentEnd(name: Uint8Array, start: number, limit: number): number {
  let at = start
  while (at < limit && CLASSES[name[at]!]! <= WEAK) at++
  return at
}
