/** A part of a longer text, and how many things of interest it tells of. */
export interface Part {
  text: string
  /** Findings, variants or the like. */
  things: number
}

/**
 * The parts with an empty line between them, as many as fit into so many bytes of UTF-8. What does not fit ends the text with a line that
 * `rest` makes of the number of things left out; it is asked for when any is left out, and has to fit as well.
 */
export function withinBytes(parts: readonly Part[], most: number, rest: (things: number) => string): string {
  const sizes = parts.map(({ text }) => bytesOf(text) + GAP.length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total <= most) return joined(parts)
  const everything = parts.reduce((sum, { things }) => sum + things, 0)
  const room = most - bytesOf(rest(everything)) - GAP.length
  let used = 0
  const kept = parts.slice(
    0,
    sizes.findIndex((size) => (used += size) > room),
  )
  const told = kept.reduce((sum, { things }) => sum + things, 0)
  return joined([...kept, { text: rest(everything - told), things: 0 }])
}

const GAP = '\n\n'

function joined(parts: readonly Part[]): string {
  return `${parts.map(({ text }) => text).join(GAP)}\n`
}

const encoder = new TextEncoder()

/** Bytes that a text takes in UTF-8. */
export function bytesOf(text: string): number {
  return encoder.encode(text).length
}
