import { safeText } from '../../core/text.js'
import { exact } from '../words.js'

/** Markup that is safe: made by `html`, or by `trusted` from what we wrote ourselves. */
export class Markup {
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
  }

  /** Only for this file. */
  static of(text: string): Markup {
    return new Markup(text)
  }

  toString(): string {
    return this.#text
  }
}

/** What can stand in a template: text and numbers are escaped, markup is not, lists are put one after the other, and the rest is nothing. */
export type Part = Markup | string | number | null | undefined | false | readonly Part[]

/**
 * Markup with values in it. Whatever is not markup already is text: with its markup escaped, and with what could turn or hide the text
 * beside it (control characters, bidirectional overrides) written as escapes. It may stand between tags and in quoted attributes.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const fixed = unindented(strings)
  return Markup.of(fixed.reduce((text, string, index) => text + (index === 0 ? '' : markupOf(parts[index - 1])) + string, ''))
}

const UNINDENTED = new WeakMap<TemplateStringsArray, readonly string[]>()

/** How deep a template stands in our code is nothing to send; its line breaks stay, as they part words. */
function unindented(strings: TemplateStringsArray): readonly string[] {
  const known = UNINDENTED.get(strings)
  if (known) return known
  const short = strings.map((string) => string.replaceAll(/\s*\n\s*/g, '\n'))
  UNINDENTED.set(strings, short)
  return short
}

/** Markup that we wrote: style sheets, drawings. Never of anything that a document says. */
export function trusted(text: string): Markup {
  return Markup.of(text)
}

/** Bytes that markup takes in UTF-8. */
export function bytesOf(markup: Markup): number {
  return new TextEncoder().encode(markup.toString()).length
}

function markupOf(part: Part): string {
  if (part instanceof Markup) return part.toString()
  if (typeof part === 'string') return escaped(part)
  if (typeof part === 'number') return escaped(String(part))
  if (part === null || part === undefined || part === false) return ''
  return part.map(markupOf).join('')
}

function escaped(text: string): string {
  return visible(text, LONGEST_TEXT).replaceAll(/[&<>"'`]/g, (char) => ENTITIES[char]!)
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' }

/** Longer texts are cut in their middle: nobody reads them, and ten thousand of them are no page. */
const LONGEST_TEXT = 1500

/**
 * A text as it can be shown: safe as `safeText` makes it, and cut in its middle, with its length told, beyond so many characters. Documents
 * of audits are safe already; what is escaped in them stays as it is.
 */
export function visible(text: string, longest: number): string {
  return safeText(shortened(text, longest)).replaceAll('\\\\', '\\')
}

function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text
  const half = Math.floor(longest / 2)
  return `${text.slice(0, half)} … ${text.slice(-half)} (${exact(text.length)} characters)`
}
