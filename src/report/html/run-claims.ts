import type { ExpectationResult, RunResult, ScenarioResult } from '../../schema/result.js'
import { trim } from '../../core/units.js'
import { explained, verdictOfClaim } from '../expectations.js'
import { html, type Markup, type Part } from './escape.js'
import type { Icon } from './icons.js'
import type { Tone } from './page.js'
import { badge, rest } from './parts.js'

type Verdict = ExpectationResult['verdict']

const TONES: Record<Verdict, Tone> = { holds: 'good', refuted: 'bad', inconclusive: 'doubtful' }
const ICON_OF: Record<Verdict, Icon> = { holds: 'good', refuted: 'bad', inconclusive: 'open' }

/** A verdict with its sign. */
export function verdictBadge(verdict: Verdict): Markup {
  return badge(verdict, TONES[verdict], ICON_OF[verdict])
}

/** The place of a scenario on the page. */
export function anchorOf(index: number): string {
  return `scenario-${index + 1}`
}

/** Expectations that are shown. */
const MOST_SHOWN = 200

/**
 * Every expectation with its interval, on one scale: how many times better than asked for the observed value is. To the right of the line is
 * what was claimed, whatever the direction of the comparison.
 */
export function claimsBody({ scenarios }: RunResult): Markup {
  const claims = scenarios.map((scenario, index) => ({ scenario, index })).filter(({ scenario }) => scenario.expectations.length > 0)
  const kept = firstOf(claims)
  const scale = scaleFor(kept.flatMap(({ scenario }) => scenario.expectations))
  const left =
    claims.reduce((sum, { scenario }) => sum + scenario.expectations.length, 0) -
    kept.reduce((sum, { scenario }) => sum + scenario.expectations.length, 0)
  return html`<div class="card">
    <ul class="forest">
      <li class="broad">
        <p class="sub">
          Mean over the rounds with its 95% interval, as a multiple of what was asked for: right of the line is as claimed, and an interval
          that crosses the line leaves it open.
        </p>
        ${axis(scale)}
      </li>
      ${kept.map(({ scenario, index }) => claim(scenario, index, scale))}
    </ul>
    ${rest(left, 'expectations')}
  </div>`
}

function firstOf(claims: readonly { scenario: ScenarioResult; index: number }[]): { scenario: ScenarioResult; index: number }[] {
  let told = 0
  return claims.filter(({ scenario }) => (told += scenario.expectations.length) <= MOST_SHOWN)
}

function claim(scenario: ScenarioResult, index: number, scale: Scale): Markup {
  const verdict = verdictOfClaim(scenario.expectations)
  return html`<li>
    <p class="of">${verdictBadge(verdict)}<a href="#${anchorOf(index)}">${scenario.id}</a> <span>${scenario.claim}</span></p>
    ${scenario.expectations.map(
      (expectation) =>
        html`<p class="sub">${scenario.expectations.length > 1 && html`<b>${expectation.verdict}</b>: `}${explained(expectation)}</p>
          ${interval(expectation, scale)} `,
    )}
  </li>`
}

/** Logarithms of what lies at both ends of the plot. */
interface Scale {
  low: number
  high: number
}

/** Intervals that are farther out end in an arrow. */
const FARTHEST = Math.log(32)
const NEAREST = Math.log(1.25)

function scaleFor(expectations: readonly ExpectationResult[]): Scale {
  const ends = expectations.flatMap((expectation) => {
    const margin = marginOf(expectation)
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

/** How many times better than asked for, as logarithms; undefined where there is no such number. */
function marginOf({ observed, low, high, asked, comparison }: ExpectationResult): { at: number; low: number; high: number } | undefined {
  if (observed === null || observed <= 0 || asked <= 0) return undefined
  const more = comparison === '>' || comparison === '>='
  const margin = (value: number) => (value <= 0 ? -Infinity : Math.log(value / asked)) * (more ? 1 : -1)
  const [first, second] = [margin(low ?? observed), margin(high ?? observed)]
  return { at: margin(observed), low: Math.min(first, second), high: Math.max(first, second) }
}

function interval(expectation: ExpectationResult, scale: Scale): Part {
  const margin = marginOf(expectation)
  const x = (value: number) => percent((Math.min(scale.high, Math.max(scale.low, value)) - scale.low) / (scale.high - scale.low))
  const line = html`<line x1="${x(0)}" x2="${x(0)}" y1="0" y2="26" stroke="var(--axis)" stroke-width="1.5" />`
  if (!margin) return html`<svg class="interval" aria-hidden="true">${line}</svg>`
  const ink = `var(--${TONES[expectation.verdict]})`
  const times = `${trim(Math.exp(margin.at), 3)} times what was asked for`
  const clipped = (end: number) => end < scale.low || end > scale.high
  return html`<svg class="interval" role="img" aria-label="${times}; ${expectation.verdict}">
    ${line}
    <line x1="${x(margin.low)}" x2="${x(margin.high)}" y1="13" y2="13" stroke="${ink}" stroke-width="2.5" stroke-linecap="round" />
    ${[margin.low, margin.high].map((end) => (clipped(end) ? html`<text x="${x(end)}" y="17.5" text-anchor="middle" fill="${ink}" font-size="13">${end < scale.low ? '◂' : '▸'}</text>` : html`<line x1="${x(end)}" x2="${x(end)}" y1="8" y2="18" stroke="${ink}" stroke-width="2" />`))}
    <circle cx="${x(margin.at)}" cy="13" r="5" fill="${ink}" />
  </svg>`
}

const STEPS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16]
const FINE_STEPS = [1 / 1.5, 1 / 1.2, 1, 1.2, 1.5]

function axis(scale: Scale): Markup {
  const inside = (steps: readonly number[]) => steps.filter((step) => Math.log(step) >= scale.low && Math.log(step) <= scale.high)
  const steps = inside(STEPS).length >= 3 ? inside(STEPS) : inside(FINE_STEPS)
  const at = (step: number) => percent((Math.log(step) - scale.low) / (scale.high - scale.low))
  return html`<svg class="scale" aria-hidden="true">
    ${steps.map((step) => html`<text x="${at(step)}" y="12" text-anchor="middle">${step === 1 ? 'asked for' : `×${trim(step, 2)}`}</text><line x1="${at(step)}" x2="${at(step)}" y1="18" y2="26" stroke="var(--axis)" />`)}
    <line x1="0" x2="100%" y1="26" y2="26" stroke="var(--line)" />
  </svg>`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`
}
