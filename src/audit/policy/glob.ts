/**
 * Whether a text matches a glob, by the rules of SCAN MATCH: `*`, `?`, `[a-c]`, `[^a-c]`, and `\` before a character that stands for
 * itself. A glob always matches its own text, so that a pattern copied from a report names itself. Takes time in proportion to glob
 * times text at most, whatever they are.
 */
export function globMatcher(glob: string): (text: string) => boolean {
  const tokens = tokensOf(glob)
  return (text) => text === glob || matches(tokens, Array.from(text))
}

const ANY = Symbol('any text')
type Token = typeof ANY | ((char: string) => boolean)

function tokensOf(glob: string): Token[] {
  const tokens: Token[] = []
  for (const [part] of glob.matchAll(/\*+|\[\^?(?:\\.|[^\]\\])*\]|\\.|./gsu)) {
    if (part.startsWith('*')) tokens.push(ANY)
    else if (part === '?') tokens.push(() => true)
    else if (part.startsWith('[') && part.length > 1) tokens.push(oneOf(part.slice(1, -1)))
    else tokens.push((char) => char === unescaped(part))
  }
  return tokens
}

/** A test for the inside of brackets: single characters and ranges, all but these after `^`. */
function oneOf(inside: string): (char: string) => boolean {
  const negated = inside.startsWith('^')
  const ranges = Array.from(inside.slice(negated ? 1 : 0).matchAll(/(\\.|.)(?:-(\\.|.))?/gsu), ([, from = '', to = from]) =>
    [unescaped(from), unescaped(to)].toSorted(),
  )
  return (char) => ranges.some(([low = '', high = '']) => low <= char && char <= high) !== negated
}

function unescaped(part: string): string {
  return part.length > 1 && part.startsWith('\\') ? part.slice(1) : part
}

/** Goes back to the last `*` only: an earlier one could take no more than what the later one can. */
function matches(tokens: readonly Token[], text: readonly string[]): boolean {
  let token = 0
  let at = 0
  let star = -1
  let starAt = 0
  while (at < text.length) {
    const expected = tokens[token]
    if (expected === ANY) {
      star = token++
      starAt = at
    } else if (expected?.(text[at]!)) {
      token++
      at++
    } else if (star >= 0) {
      token = star + 1
      at = ++starAt
    } else {
      return false
    }
  }
  return tokens.slice(token).every((rest) => rest === ANY)
}
