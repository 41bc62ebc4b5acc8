import { trim } from '../../core/units.js'
import type { ComparedMetric } from '../../schema/compare.js'
import { changeText } from '../compare/words.js'
import { html, type Markup, type Part } from './escape.js'
import type { Tone } from './page.js'

/** How each verdict looks. */
export const TONES: Record<ComparedMetric['verdict'], Tone> = { worse: 'bad', better: 'good', inconclusive: 'doubtful', same: 'plain' }

/** What lies at both ends of the plot, and the limits of the band that counts as no change; ratios are on logarithms. */
export interface Scale {
  low: number
  high: number
  limit: number
}

/** Intervals that are farther out end in an arrow. */
const FARTHEST = Math.log(16)
const NEAREST = Math.log(1.25)

/** One scale for the ratios of all metrics, so that the eye can compare them. */
export function ratioScale(metrics: readonly ComparedMetric[], limit: number): Scale {
  const ends = metrics
    .filter(({ by }) => by === 'ratio')
    .flatMap(({ low, high, estimate }) => [low, high, estimate].filter((end) => end !== null && end > 0))
    .map((end) => Math.log(end!))
  const bound = Math.log1p(limit)
  const nearest = Math.max(NEAREST, bound * 1.5)
  const [low, high] = [ends.reduce((a, b) => Math.min(a, b), -nearest), ends.reduce((a, b) => Math.max(a, b), nearest)]
  return { low: Math.max(-FARTHEST, low) * 1.05, high: Math.min(FARTHEST, high) * 1.05, limit: bound }
}

/** What has no ratio has a scale of its own: how far from no change it is, beside what is allowed. */
function differenceScale({ low, high, estimate, limit }: ComparedMetric): Scale {
  const most = [low, high, estimate, limit * 2].reduce<number>((a, b) => Math.max(a, Math.abs(b ?? 0)), 0)
  const reach = (most === 0 ? 1 : most) * 1.1
  return { low: -reach, high: reach, limit }
}

/**
 * A metric's interval beside the band of what counts as no change. The thick part is what the rounds say; the thin part what the speed of the machine may add on both
 * sides. Where nothing is known there is the band alone.
 */
export function intervalPlot(metric: ComparedMetric, ratios: Scale): Markup {
  const byRatio = metric.by === 'ratio'
  const scale = byRatio ? ratios : differenceScale(metric)
  const place = (value: number) => (byRatio ? (value > 0 ? Math.log(value) : -Infinity) : value)
  const ink = metric.verdict === 'same' ? 'var(--dim)' : `var(--${TONES[metric.verdict]})`
  return html`<svg class="interval" ${label(metric)}>${band(scale)}${metric.estimate !== null && mark(metric, place, scale, ink)}</svg>`
}

function label(metric: ComparedMetric): Markup {
  const { estimate, low, verdict } = metric
  if (estimate === null) return html`role="img" aria-label="no interval; ${verdict}"`
  return html`role="img" aria-label="${changeText(metric)}${low === null ? ', of no known bounds' : ''}; ${verdict}"`
}

function band(scale: Scale): Markup {
  const { limit } = scale
  const [left, right] = [x(-limit, scale), x(limit, scale)]
  return html`<rect x="${percent(left)}" width="${percent(right - left)}" y="0" height="100%" fill="var(--band)" />
    <line x1="${percent(x(0, scale))}" x2="${percent(x(0, scale))}" y1="0" y2="100%" stroke="var(--axis)" />`
}

function mark({ estimate, low, high, allowance, by }: ComparedMetric, place: (value: number) => number, scale: Scale, ink: string): Part {
  const at = place(estimate!)
  const unbounded = low === null || high === null
  const [from, to] = unbounded ? [scale.low, scale.high] : [place(low), place(high)]
  const machine = unbounded || allowance === null ? 0 : by === 'ratio' ? Math.log1p(allowance) : allowance
  const line = (a: number, b: number, width: number, dash = '') => {
    const dashes = dash === '' ? '' : html` stroke-dasharray="${dash}"`
    return html`<line
      x1="${percent(x(a, scale))}"
      x2="${percent(x(b, scale))}"
      y1="50%"
      y2="50%"
      stroke="${ink}"
      stroke-width="${width}"
      ${dashes}
    />`
  }
  const own = from + machine <= to - machine
  return [
    line(from, to, 1.5, unbounded ? '3,3' : ''),
    own && !unbounded && line(from + machine, to - machine, 5),
    ...[from, to].map((end) => endMark(end, scale, ink, unbounded)),
    html`<circle cx="${percent(x(at, scale))}" cy="50%" r="5" fill="${ink}" stroke="var(--surface)" stroke-width="1.5" />`,
  ]
}

/** An arrow where the interval goes on beyond the plot. */
function endMark(end: number, scale: Scale, ink: string, unbounded: boolean): Part {
  const [left, right] = [end < scale.low || (unbounded && end === scale.low), end > scale.high || (unbounded && end === scale.high)]
  if (!left && !right) return ''
  return html`<text x="${percent(x(end, scale))}" y="50%" dy="4.5" text-anchor="${left ? 'start' : 'end'}" fill="${ink}" font-size="13"
    >${left ? '◂' : '▸'}</text
  >`
}

/** From 0 to 1 across the plot. */
function x(value: number, { low, high }: Scale): number {
  return (Math.min(high, Math.max(low, value)) - low) / (high - low)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`
}

/** Steps of ratios, from fine to coarse: of those that have three on the plot, the coarsest. */
const STEPS: readonly (readonly number[])[] = [
  [0.8, 0.9, 1, 1.1, 1.25],
  [0.5, 0.7, 1, 1.4, 2],
  [0.25, 0.5, 1, 2, 4],
  [1 / 16, 1 / 4, 1, 4, 16],
]

/** The axis of the ratios, above them. */
export function ratioAxis(scale: Scale): Markup {
  const inside = (steps: readonly number[]) => steps.filter((step) => Math.log(step) >= scale.low && Math.log(step) <= scale.high)
  const steps = STEPS.map(inside).findLast(({ length }) => length >= 3) ?? inside(STEPS[0]!)
  const at = (step: number) => percent(x(Math.log(step), scale))
  return html`<svg class="scale" aria-hidden="true">
    ${steps.map((step) => html`<text x="${at(step)}" y="12" text-anchor="middle">${step === 1 ? 'same' : `${trim(step, 3)}x`}</text><line x1="${at(step)}" x2="${at(step)}" y1="18" y2="26" stroke="var(--axis)" />`)}
    <line x1="0" x2="100%" y1="26" y2="26" stroke="var(--line)" />
  </svg>`
}
