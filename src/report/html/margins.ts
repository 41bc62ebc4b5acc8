import { trim } from '../../core/units.js'
import { html, type Markup, type Part } from './escape.js'
import type { Tone } from './page.js'

/** A figure that was held against a bound. */
export interface Held {
  observed: number | null
  /** Of its 95% interval; null where it has none. */
  low: number | null
  high: number | null
  asked: number
  comparison: '>' | '>=' | '<' | '<=' | '=='
  tone: Tone
  /** What became of it, in a word: `holds`. */
  answer: string
}

/** Logarithms of what lies at both ends of the plot. */
export interface MarginScale {
  low: number
  high: number
}

/** Intervals that are farther out end in an arrow. */
const FARTHEST = Math.log(32)
const NEAREST = Math.log(1.25)

/** One scale for all that is held against bounds, so that the eye can compare them. */
export function marginScale(all: readonly Held[]): MarginScale {
  const ends = all.flatMap((held) => {
    const margin = marginOf(held)
    return margin ? [margin.low, margin.high].filter((end) => Number.isFinite(end)) : []
  })
  return {
    low:
      Math.max(
        -FARTHEST,
        ends.reduce((a, b) => Math.min(a, b), -NEAREST),
      ) * 1.06,
    high:
      Math.min(
        FARTHEST,
        ends.reduce((a, b) => Math.max(a, b), NEAREST),
      ) * 1.06,
  }
}

/** Whether it can be plotted: how many times better it is than asked for is no number where nothing, or exactly something, was asked for. */
export function hasMargin(held: Held): boolean {
  return marginOf(held) !== undefined
}

/** How many times better than asked for, as logarithms; undefined where there is no such number. */
function marginOf({ observed, low, high, asked, comparison }: Held): { at: number; low: number; high: number } | undefined {
  if (observed === null || observed <= 0 || asked <= 0 || comparison === '==') return undefined
  const more = comparison === '>' || comparison === '>='
  const margin = (value: number) => (value <= 0 ? -Infinity : Math.log(value / asked)) * (more ? 1 : -1)
  const [first, second] = [margin(low ?? observed), margin(high ?? observed)]
  return { at: margin(observed), low: Math.min(first, second), high: Math.max(first, second) }
}

/** A figure with its interval, as a multiple of what was asked for: right of the line is as asked, whatever the direction of the comparison. */
export function marginPlot(held: Held, scale: MarginScale): Part {
  const margin = marginOf(held)
  const x = (value: number) => percent((Math.min(scale.high, Math.max(scale.low, value)) - scale.low) / (scale.high - scale.low))
  const line = html`<line x1="${x(0)}" x2="${x(0)}" y1="0" y2="26" stroke="var(--axis)" stroke-width="1.5" />`
  if (!margin) return html`<svg class="interval" aria-hidden="true">${line}</svg>`
  const ink = `var(--${held.tone})`
  const times = `${trim(Math.exp(margin.at), 3)} times what was asked for`
  const clipped = (end: number) => end < scale.low || end > scale.high
  return html`<svg class="interval" role="img" aria-label="${times}; ${held.answer}">
    ${line}
    <line x1="${x(margin.low)}" x2="${x(margin.high)}" y1="13" y2="13" stroke="${ink}" stroke-width="2.5" stroke-linecap="round" />
    ${[margin.low, margin.high].map((end) => (clipped(end) ? html`<text x="${x(end)}" y="17.5" text-anchor="middle" fill="${ink}" font-size="13">${end < scale.low ? '◂' : '▸'}</text>` : html`<line x1="${x(end)}" x2="${x(end)}" y1="8" y2="18" stroke="${ink}" stroke-width="2" />`))}
    <circle cx="${x(margin.at)}" cy="13" r="5" fill="${ink}" />
  </svg>`
}

const STEPS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16]
const COARSE_STEPS = [1 / 16, 1 / 4, 1, 4, 16]
const FINE_STEPS = [1 / 1.5, 1 / 1.2, 1, 1.2, 1.5]

/** The axis of such plots, above them. */
export function marginAxis(scale: MarginScale): Markup {
  const inside = (steps: readonly number[]) => steps.filter((step) => Math.log(step) >= scale.low && Math.log(step) <= scale.high)
  const doublings = inside(STEPS)
  // More labels than that run into each other.
  const steps = doublings.length > 6 ? inside(COARSE_STEPS) : doublings.length >= 3 ? doublings : inside(FINE_STEPS)
  const at = (step: number) => percent((Math.log(step) - scale.low) / (scale.high - scale.low))
  return html`<svg class="scale" aria-hidden="true">
    ${steps.map((step) => html`<text x="${at(step)}" y="12" text-anchor="middle">${step === 1 ? 'asked for' : `×${trim(step, 2)}`}</text><line x1="${at(step)}" x2="${at(step)}" y1="18" y2="26" stroke="var(--axis)" />`)}
    <line x1="0" x2="100%" y1="26" y2="26" stroke="var(--line)" />
  </svg>`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`
}
