/** Columns that a text takes: wide East Asian characters and emoji take two. The text holds no escape sequences. */
export function displayWidth(text: string): number {
  let width = 0
  for (const char of text) width += WIDE.test(char) ? 2 : MARK.test(char) ? 0 : 1
  return width
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const MARK = /\p{M}/u

/** The text in lines of at most `width` columns, broken at spaces; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (line !== '' && displayWidth(joined) > width) {
      lines.push(line)
      line = word
    } else {
      line = joined
    }
  }
  return [...lines, line]
}

/** The text, with its end replaced by an ellipsis when it takes more than `width` columns. */
export function cut(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  for (const char of text) {
    if (displayWidth(kept + char + ellipsis) > width) break
    kept += char
  }
  return kept + ellipsis
}

/** The text, with its middle replaced by an ellipsis when it takes more than `width` columns: names of keys differ at both ends. */
export function cutMiddle(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text
  const room = Math.max(0, width - displayWidth(ellipsis))
  const tail = firstColumns(Array.from(text).toReversed(), Math.floor(room / 2)).toReversed()
  const head = firstColumns(text, room - displayWidth(tail.join('')))
  return head.join('') + ellipsis + tail.join('')
}

/** As many of the characters as fit into so many columns. */
function firstColumns(chars: Iterable<string>, columns: number): string[] {
  const kept: string[] = []
  let width = 0
  for (const char of chars) {
    width += displayWidth(char)
    if (width > columns) break
    kept.push(char)
  }
  return kept
}

/** The text with spaces up to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** The text with spaces before it up to `width` columns. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text
}
