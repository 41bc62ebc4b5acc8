import type { ComparedMetric, ComparedRuns } from '../../schema/compare.js'
import { formatMetric } from '../../schema/metrics.js'
import { trim } from '../../core/units.js'
import { counted, exact } from '../words.js'
import { adviceFor } from '../compare/advice.js'
import { doubtsOf, ofVerdict } from '../compare/verdict.js'
import { changeText, fromTo, limitText } from '../compare/words.js'
import { html, type Markup, type Part } from './escape.js'
import type { Icon } from './icons.js'
import { badge, type Column, folded, name, rest, sign, table } from './parts.js'
import { intervalPlot, ratioAxis, ratioScale, type Scale, TONES } from './ratios.js'

const ICON_OF: Record<ComparedMetric['verdict'], Icon> = { worse: 'bad', better: 'good', inconclusive: 'open', same: 'note' }
const STYLE = { unicode: true }
/** Metrics of one verdict or reason that are drawn. */
const MOST_DRAWN = 100
/** Rows of the table of all. */
const MOST_ROWS = 300

/** A verdict with its sign. */
export function verdictBadge(verdict: ComparedMetric['verdict']): Markup {
  return badge(verdict, TONES[verdict], ICON_OF[verdict])
}

/** How many metrics have which verdict. */
export function countBadges({ counts }: Pick<ComparedRuns, 'counts'>): Part {
  return (['worse', 'better', 'inconclusive', 'same'] as const).map(
    (verdict) =>
      counts[verdict] > 0 &&
      html`<li>${badge(`${exact(counts[verdict])} ${verdict === 'same' ? 'the same' : verdict}`, TONES[verdict], ICON_OF[verdict])}</li>`,
  )
}

/** Every metric with its interval beside the limit, in groups: worse, better, what could not be told and what would tell it, the same. */
export function comparedMetrics(result: ComparedRuns): Markup {
  const { metrics, limit } = result
  if (metrics.length === 0) return html`<div class="card"><p>${sign('open')} Both sides measured no metric of the same thing.</p></div>`
  const scale = ratioScale(metrics, limit)
  const [worse, better, same] = [ofVerdict(metrics, 'worse'), ofVerdict(metrics, 'better'), ofVerdict(metrics, 'same')]
  const doubts = doubtsOf(metrics)
  const open = doubts.reduce((sum, one) => sum + one.metrics.length, 0)
  return html`${group('worse', worse.length, forest(worse, scale))}${group('better', better.length, forest(better, scale))}
  ${group(
    'inconclusive',
    open,
    doubts.slice(0, MOST_REASONS).map((one) => doubt(one, result, scale)),
  )}
  ${rest(doubts.length - MOST_REASONS, 'reasons')}${group('same', same.length, same.length > FEW ? folded('Show them', forest(same, scale)) : forest(same, scale))}
  ${legend(result)}`
}

const MOST_REASONS = 30
/** So many that are the same stand open; more are folded. */
const FEW = 12

const HEADINGS: Record<ComparedMetric['verdict'], string> = {
  worse: 'Worse',
  better: 'Better',
  inconclusive: 'Could not be told',
  same: 'The same',
}

function group(verdict: ComparedMetric['verdict'], count: number, body: Part): Part {
  return (
    count > 0 &&
    html`<div class="card">
      <h3>${badge(HEADINGS[verdict], TONES[verdict], ICON_OF[verdict])} <span class="sub">${counted(count, 'metric')}</span></h3>
      ${body}
    </div>`
  )
}

function doubt({ why, metrics }: { why: string; metrics: readonly ComparedMetric[] }, result: ComparedRuns, scale: Scale): Markup {
  const advice = adviceFor(metrics, result)
  return html`<div class="doubt">
    <p>${why.charAt(0).toUpperCase() + why.slice(1)}.</p>
    ${advice.length > 0 && html`<p class="remedy"><b>What to do</b> ${advice.join(' ')}</p>`}${forest(metrics, scale)}
  </div>`
}

function forest(metrics: readonly ComparedMetric[], scale: Scale): Part {
  if (metrics.length === 0) return ''
  const drawn = metrics.slice(0, MOST_DRAWN)
  return html`<ul class="ratios">
      ${
        drawn.some(({ by, estimate }) => by === 'ratio' && estimate !== null) &&
        html`<li class="head broad">
          <p class="sub"></p>
          <p class="sub num">base → head</p>
          <p class="sub num">change (95% interval)</p>
          <div>${ratioAxis(scale)}</div>
        </li>`
      }
      ${drawn.map((metric) => row(metric, scale))}
    </ul>
    ${rest(metrics.length - drawn.length, 'metrics')}`
}

function row(metric: ComparedMetric, scale: Scale): Markup {
  const { scenario, variant, load, base, head, unit } = metric
  return html`<li>
    <p class="what"><b>${metric.metric}</b> ${name([scenario, variant, ...(load === null ? [] : [load])].join(' '), 90)}</p>
    <p class="num">${fromTo(base.value, head.value, unit, STYLE)}</p>
    <p class="num">${changeText(metric) || '-'}</p>
    <div class="plotted">${intervalPlot(metric, scale)}</div>
  </li>`
}

function legend({ metrics, limit, design }: ComparedRuns): Markup {
  const machine = design === 'unpaired' && metrics.some(({ allowance }) => allowance !== null && allowance > 0)
  const differences = metrics.some(({ by }) => by === 'difference')
  return html`<p class="sub legendary">
    Intervals are those of head / base, at 95%. The band is what counts as no change: ${trim(limit * 100, 3)}% either
    way.${machine && ' The thick part is what the rounds say, the thin part what the speed of the machine may add.'}${differences && ' What may well be 0 is drawn as a difference, each on a scale of its own.'}
  </p>`
}

/** All metrics with all their numbers. */
export function metricsTable({ metrics }: Pick<ComparedRuns, 'metrics'>): Part {
  if (metrics.length === 0) return ''
  const value = ({ value, rounds }: ComparedMetric['base'], unit: string) =>
    value === null ? '-' : html`${formatMetric(value, unit)} <span class="sub">(${rounds})</span>`
  const size = (number: number | null, { by, unit }: ComparedMetric) =>
    number === null ? '-' : by === 'ratio' ? `${trim(number * 100, 2)}%` : formatMetric(number, unit)
  const columns: Column<ComparedMetric>[] = [
    {
      title: 'Of',
      kind: 'row',
      cell: ({ scenario, variant, load }) => name([scenario, variant, ...(load === null ? [] : [load])].join(' '), 70),
    },
    { title: 'Metric', cell: ({ metric }) => metric },
    { title: 'Verdict', cell: ({ verdict }) => verdictBadge(verdict) },
    { title: 'Base (rounds)', kind: 'number', cell: ({ base, unit }) => value(base, unit) },
    { title: 'Head (rounds)', kind: 'number', cell: ({ head, unit }) => value(head, unit) },
    { title: 'Change (95% interval)', kind: 'number', cell: (metric) => changeText(metric) || '-' },
    { title: 'Limit', kind: 'number', cell: (metric) => limitText(metric).replace(/^limit /, '') },
    {
      title: 'Machine may add',
      kind: 'number',
      cell: (metric) => (metric.allowance === null ? 'no bound' : size(metric.allowance, metric)),
    },
    { title: 'Smallest change seen', kind: 'number', cell: (metric) => size(metric.noise, metric) },
    { title: 'p, corrected', kind: 'number', cell: ({ p }) => (p === null ? '-' : p < 0.0001 ? '<0.0001' : trim(p, 2)) },
    { title: 'More rounds', kind: 'number', cell: ({ moreRounds }) => moreRounds ?? '-' },
  ]
  return folded(`Numbers of all ${counted(metrics.length, 'metric')}`, table('All metrics', columns, metrics, MOST_ROWS))
}
