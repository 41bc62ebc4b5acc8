/** Names that every object has; a text that begins with one of them is one in a table of ECharts'. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype)

/**
 * A text as ECharts may have it. It remembers the widths of texts, and of their beginnings, in a plain object: `__proto__` there is
 * `Object.prototype`, which it would write to. Such texts get a space before them that is none of theirs.
 */
export function label(text: string): string {
  return INHERITED.some((name) => text.startsWith(name)) ? `\u00a0${text}` : text
}
