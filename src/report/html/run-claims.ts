import type { ExpectationResult, RunResult, ScenarioResult } from '../../schema/result.js'
import { explained, verdictOfClaim } from '../expectations.js'
import { html, type Markup } from './escape.js'
import type { Icon } from './icons.js'
import { type Held, marginAxis, marginPlot, type MarginScale, marginScale } from './margins.js'
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
  const scale = marginScale(kept.flatMap(({ scenario }) => scenario.expectations.map(heldOf)))
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
        ${marginAxis(scale)}
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

function claim(scenario: ScenarioResult, index: number, scale: MarginScale): Markup {
  const verdict = verdictOfClaim(scenario.expectations)
  return html`<li>
    <p class="of">${verdictBadge(verdict)}<a href="#${anchorOf(index)}">${scenario.id}</a> <span>${scenario.claim}</span></p>
    ${scenario.expectations.map(
      (expectation) =>
        html`<p class="sub">${scenario.expectations.length > 1 && html`<b>${expectation.verdict}</b>: `}${explained(expectation)}</p>
          ${marginPlot(heldOf(expectation), scale)} `,
    )}
  </li>`
}

function heldOf({ observed, low, high, asked, comparison, verdict }: ExpectationResult): Held {
  return { observed, low, high, asked, comparison, tone: TONES[verdict], answer: verdict }
}
