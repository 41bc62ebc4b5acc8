import type { ScenarioResult, VariantResult } from '../../schema/result.js'
import { isUsable } from '../../stats/summary.js'
import type { Draw } from '../plot/draw.js'
import { SLOTS } from '../plot/palette.js'
import { html, type Markup } from './escape.js'
import { legend } from './parts.js'
import { percentileFigure } from './run-percentiles.js'
import { sweepFigures, sweepOf } from './run-sweep.js'
import { eventsList, overTimeFigures } from './run-over-time.js'

/** The curves of a scenario, and in which slot each variant is drawn. */
export interface Curves {
  markup: Markup
  slots: ReadonlyMap<string, number>
}

/** What can be drawn of a scenario: along its sweep where it has one, its latency by percentile, and both over time. */
export function curves(scenario: ScenarioResult, draw: Draw): Curves {
  const usable = scenario.variants.filter(({ rounds }) => rounds.some(isUsable))
  const drawn = chosen(usable)
  const slots = new Map(drawn.map(({ id }, slot) => [id, slot]))
  const sweep = sweepOf(scenario)
  const markup = html`${
    sweep &&
    html`${legend(sweep.rows.map(({ name }) => name))}
      <div class="charts">${sweepFigures(scenario, sweep, draw)}</div>`
  }
  ${
    drawn.length > 0 &&
    html`${legend(drawn.map(({ id }) => id))}
      ${usable.length > drawn.length && html`<p class="sub">${drawn.length} of ${usable.length} variants, from one end to the other; result.json has all.</p>`}
      <div class="charts">${percentileFigure(drawn, draw)}${overTimeFigures(drawn, draw)}</div>
      ${eventsList(drawn)}`
  }`
  return { markup, slots: sweep ? new Map() : slots }
}

/** As many variants as can be told apart, evenly from the first to the last. */
function chosen(variants: readonly VariantResult[]): VariantResult[] {
  if (variants.length <= SLOTS) return [...variants]
  const step = (variants.length - 1) / (SLOTS - 1)
  return Array.from({ length: SLOTS }, (_, slot) => variants[Math.round(slot * step)]!)
}
