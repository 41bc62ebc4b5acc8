import { displayWidth } from './wrap.js'

/** How text is laid out; decided by whoever prints it. */
export interface Style {
  /** Columns. */
  width: number
  color: boolean
  /** Whether sparklines, bullets and the like can be shown; ASCII stands in for them otherwise. */
  unicode: boolean
}

/** Colour means severity and nothing else; `dim` is for what can be passed over. */
export type Tone = 'good' | 'bad' | 'doubtful' | 'dim' | 'strong'

const CODES: Record<Tone, [number, number]> = { good: [32, 39], bad: [31, 39], doubtful: [33, 39], dim: [2, 22], strong: [1, 22] }

/** Of the verdict on a claim. */
export const TONES = { holds: 'good', refuted: 'bad', inconclusive: 'doubtful' } as const satisfies Record<string, Tone>

/** The text in a tone, where the style has colours. */
export function paint(text: string, tone: Tone, style: Style): string {
  if (!style.color || text === '') return text
  const [on, off] = CODES[tone]
  return `\u001b[${on}m${text}\u001b[${off}m`
}

/** ` · ` where it can be shown. */
export function separator({ unicode }: Style): string {
  return unicode ? ' · ' : ' - '
}

/** Parts side by side, or below each other where they don't fit. */
export function joined(parts: readonly string[], style: Style): string[] {
  const line = parts.join(separator(style))
  return displayWidth(stripped(line)) <= style.width ? [line] : [...parts]
}

// oxlint-disable-next-line no-control-regex -- the escape sequences that `paint` writes
const stripped = (text: string) => text.replace(/\u001b\[\d+m/g, '')
