/*
 * How series are told apart: by colour, by dashes and by symbols, so that no two depend on colour alone. Colours are variables of the page's
 * style sheet, which has them for light and for dark, of hues that people with any kind of colour blindness tell apart (after Okabe and
 * Ito, Color Universal Design, 2008).
 */

/** Series that a chart can tell apart. */
export const SLOTS = 8

const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [9, 3, 2, 3], [12, 4], [4, 2, 1, 2], [1, 3], [8, 2]]
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'arrow', 'roundRect', 'emptyCircle'] as const

/** How the series in a slot is drawn; slots beyond the last begin again. */
export interface Look {
  color: string
  /** Lengths of dashes and gaps; empty for a solid line. */
  dash: readonly number[]
  symbol: string
}

/** The look of a slot, counted from 0. */
export function lookOf(slot: number): Look {
  const index = slot % SLOTS
  return { color: `var(--s${index + 1})`, dash: DASHES[index]!, symbol: SYMBOLS[index]! }
}
