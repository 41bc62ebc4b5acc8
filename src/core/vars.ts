/*
 * `{$name}` in a text: what a scenario calls by a name and gives in one place. It is replaced before anything else is read from the text, so
 * that it can stand within a placeholder (`{bytes {$size}}`). `{{` is a literal brace, here as in templates, and any other brace is itself.
 */

/** Where a text names a var. */
export interface VarReference {
  name: string
  /** From the brace that opens it to the one after it. */
  start: number
  end: number
}

const NAME = /^\{\$([a-z0-9][a-z0-9-]*)\}/

/** The vars that a text names, in their order. */
export function varsIn(text: string): VarReference[] {
  const found: VarReference[] = []
  for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at)) {
    const match = NAME.exec(text.slice(at))
    if (match !== null) found.push({ name: match[1]!, start: at, end: at + match[0].length })
    at += match !== null ? match[0].length : text[at + 1] === '{' ? 2 : 1
  }
  return found
}

/** A text with its vars replaced, and the way back into the text as it was written. */
export interface Substituted {
  text: string
  /** Where in the written text the character at `offset` comes from: of a value, where its var is named. */
  writtenAt: (offset: number) => number
}

/** The text with every var that `values` knows replaced by its value. */
export function substituteVars(written: string, values: Readonly<Record<string, unknown>>): Substituted {
  const known = varsIn(written).filter(({ name }) => Object.hasOwn(values, name))
  let text = ''
  let copied = 0
  const replaced: { from: number; to: number; reference: VarReference }[] = []
  for (const reference of known) {
    text += written.slice(copied, reference.start)
    const from = text.length
    text += String(values[reference.name])
    replaced.push({ from, to: text.length, reference })
    copied = reference.end
  }
  text += written.slice(copied)
  const writtenAt = (offset: number): number => {
    const last = replaced.findLast(({ from }) => from <= offset)
    if (last === undefined) return offset
    return offset < last.to ? last.reference.start : last.reference.end + offset - last.to
  }
  return { text, writtenAt }
}
