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
