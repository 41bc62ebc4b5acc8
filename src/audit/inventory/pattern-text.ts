import { safeText } from '../../core/text.js'
import { END } from './byte-class.js'
import type { PatternToken } from './patterns.js'
import type { Redactor } from './redact.js'
import { isLiteral, MASKS } from './tokens.js'

/** What fitted no pattern within the bounds of the inventory. */
export const OTHER = '<other>'

/** Literals that fewer keys share are hidden where names are. */
const SHARED = 10

/** A pattern as people read it: `user:{<int>}:profile`. What looks like a variable and is none is escaped. */
export function patternText(tokens: readonly PatternToken[], redactor?: Redactor): string {
  return tokens
    .map(({ kind, token, delimiter, keys }) => {
      const hidden = redactor !== undefined && token.length > 0 && keys < SHARED
      const literal = hidden ? `#${redactor.hash(token)}` : safeText(token).replaceAll('<', String.raw`\x3c`)
      return `${isLiteral(kind) ? literal : ''}${MASKS[kind]}${delimiter === END ? '' : String.fromCharCode(delimiter)}`
    })
    .join('')
}

/** The words of a pattern that are the same in all of its names. */
export function literalsOf(tokens: readonly PatternToken[]): string[] {
  return tokens.filter(({ kind }) => isLiteral(kind)).map(({ token }) => safeText(token))
}
