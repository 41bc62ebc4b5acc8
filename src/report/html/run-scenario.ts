import { formatCount, significant } from '../../core/units.js'
import { formatMetric, type MetricName } from '../../schema/metrics.js'
import type { Metric, RunResult, ScenarioResult, VariantResult } from '../../schema/result.js'
import { counted } from '../words.js'
import { explained, verdictOfClaim } from '../expectations.js'
import type { Draw } from '../plot/draw.js'
import { remarksOf } from '../remarks.js'
import { type Row, rowsOf } from '../variants.js'
import { html, type Markup, type Part, visible } from './escape.js'
import { badge, type Column, folded, lines, name, rest, swatch, table } from './parts.js'
import { anchorOf, verdictBadge } from './run-claims.js'
import { curves } from './run-curves.js'
import { cpuCell, limitedBy, PLAIN, roundsTable, spread } from './run-rounds.js'
import { targetText } from './run-environment.js'

/** One scenario: its numbers, its curves, what has to be known beside them, and what limited each round. Without a pen there are no curves. */
export function scenarioBody(scenario: ScenarioResult, result: RunResult, draw: Draw | undefined): Markup {
  const { id, claim, variants, expectations } = scenario
  const index = result.scenarios.indexOf(scenario)
  const curved = draw === undefined ? undefined : curves(scenario, draw)
  return html`<article class="card" id="${anchorOf(index)}" aria-labelledby="${anchorOf(index)}-h">
    <h3 id="${anchorOf(index)}-h">${id}${expectations.length > 0 && verdictBadge(verdictOfClaim(expectations))}</h3>
    ${claim !== '' && html`<p class="claim">${claim}</p>`}
    ${result.targets.length > 1 && html`<p class="sub">on ${targetText(result.targets[scenario.target]!)}</p>`}
    ${numbers(scenario, curved?.slots ?? new Map())} ${expectationList(scenario)} ${checkList(scenario)}${remarkList(scenario)}
    ${curved ? curved.markup : html`<p class="rest">Its curves are left out: the page would be too large. <code>redline run ${id}</code> gives a page with them.</p>`}
    <h4>What limited each round</h4>
    ${roundsTable(variants)} ${folded('Commands', commandsOf(scenario))}
  </article> `
}

/** The variants' numbers; a column that would be empty is left out. */
function numbers({ variants }: ScenarioResult, slots: ReadonlyMap<string, number>): Markup {
  const rows = variants
    .slice(0, MOST_VARIANTS)
    .flatMap((variant) => rowsOf(variant, PLAIN).map((row) => ({ ...row, slot: slots.get(variant.id) })))
  const most = rows.reduce((least, { summary }) => Math.max(least, summary['throughput']?.high ?? 0), 0)
  const ms = (metric: MetricName, title: string, minor = false): Column<Row> => ({
    title,
    kind: 'number',
    minor,
    cell: ({ summary, unusable }) => (unusable === undefined ? figure(summary[metric]?.median) : ''),
  })
  const columns: Column<Row & { slot: number | undefined }>[] = [
    { title: 'Variant', kind: 'row', cell: (row) => [row.slot !== undefined && swatch(row.slot), name(row.name, 80)] },
    {
      title: 'ops/s',
      kind: 'number',
      cell: ({ summary, unusable }) => (unusable === undefined && summary['throughput'] ? formatCount(summary['throughput'].median) : ''),
    },
    {
      title: 'spread',
      kind: 'number',
      minor: true,
      cell: ({ summary, unusable, rounds }) => (unusable === undefined ? spread(summary['throughput'], rounds) : ''),
    },
    { title: 'median and range', kind: 'plot', minor: true, cell: (row) => range(row, most) },
    ms('p50', 'p50 ms', true),
    ms('p90', 'p90 ms', true),
    ms('p99', 'p99 ms'),
    ms('p999', 'p99.9 ms', true),
    ms('max', 'max ms', true),
    { title: 'server CPU', kind: 'number', minor: true, cell: ({ rounds, unusable }) => (unusable === undefined ? cpuCell(rounds) : '') },
    {
      title: 'limited by',
      cell: ({ rounds, unusable }) =>
        unusable === undefined ? limitedBy(rounds) : [badge('invalid', 'bad', 'bad'), html` <span class="sub">${unusable}</span>`],
    },
  ]
  const timed = columns.filter(({ kind, cell }) => kind !== 'number' || rows.some((row, index) => !isEmpty(cell(row, index))))
  const timedOrDrawn = timed.filter(({ kind }) => kind !== 'plot' || most > 0)
  return html`${table('What each variant measured', timedOrDrawn, rows)}${rest(variants.length - MOST_VARIANTS, 'variants')}${measured(
    variants.slice(0, MOST_VARIANTS),
  )}`
}

const MOST_VARIANTS = 100

function isEmpty(part: Part): boolean {
  return part === '' || part === '-'
}

/** Metrics that the numbers above show, or that say the same in another way. */
const TOLD = new Set(['throughput', 'p50', 'p90', 'p99', 'p999', 'max', 'mean', 'service_p50', 'service_p99', 'server_cpu_us'])

/** What a variant measured beside times and rates, with its range over the rounds; nothing where that is the same everywhere. */
function measured(variants: readonly VariantResult[]): Part {
  const names = [...new Set(variants.flatMap(({ summary }) => Object.keys(summary)))]
    .filter((metric) => !TOLD.has(metric))
    .filter((metric) => !QUIET.has(metric) || variants.some(({ summary }) => (summary[metric]?.high ?? 0) > 0))
    .slice(0, MOST_METRICS)
  if (names.length === 0) return ''
  const columns: Column<VariantResult>[] = [
    { title: 'Variant', kind: 'row', cell: ({ id }) => name(id, 80) },
    ...names.map((metric) => ({
      title: visible(metric.replaceAll('_', ' '), 40),
      kind: 'number' as const,
      cell: ({ summary }: VariantResult) => rangeOf(summary[metric]),
    })),
  ]
  return folded('Further measures: median, low to high', table('Further measures', columns, variants))
}

/** No news when it is 0 throughout. */
const QUIET = new Set(['errors', 'evicted', 'memory_delta'])
const MOST_METRICS = 12

function rangeOf(metric: Metric | undefined): string {
  if (!metric) return ''
  const { median, low, high, unit } = metric
  return low === high
    ? formatMetric(median, unit)
    : `${formatMetric(median, unit)} (${formatMetric(low, unit)} to ${formatMetric(high, unit)})`
}

function figure(us: number | undefined): string {
  return us === undefined ? '-' : significant(us / 1000, 3)
}

/** The median as a bar, and the range over the rounds as a line across its end. */
function range({ summary, unusable }: Row, most: number): Part {
  const throughput = summary['throughput']
  if (unusable !== undefined || !throughput || most <= 0) return ''
  const at = (value: number) => `${((value / most) * 100).toFixed(2)}%`
  return html`<svg class="range" aria-hidden="true">
    <rect width="${at(throughput.median)}" height="10" rx="2" fill="var(--t7)" />
    <line x1="${at(throughput.low)}" x2="${at(throughput.high)}" y1="5" y2="5" stroke="var(--ink)" stroke-width="2" />
  </svg>`
}

function expectationList({ expectations }: ScenarioResult): Part {
  if (expectations.length === 0) return ''
  return html`<h4>What was expected</h4>
    <ul class="lines">
      ${expectations.slice(0, MOST_LISTED).map((expectation) => html`<li>${verdictBadge(expectation.verdict)} <span>${explained(expectation)}</span></li>`)}
    </ul>
    ${rest(expectations.length - MOST_LISTED)}`
}

const MOST_LISTED = 40

/** What was checked for correctness: all that failed, and how many did not. */
function checkList({ variants }: ScenarioResult): Part {
  const checks = variants.flatMap(({ id, rounds }) =>
    rounds.flatMap(({ checks }, index) => checks.map((check) => ({ id, round: index + 1, ...check }))),
  )
  if (checks.length === 0) return ''
  const failed = checks.filter(({ ok }) => !ok)
  const passed = checks.length - failed.length
  return html`<h4>What was checked</h4>
    <ul class="lines">
      ${passed > 0 && html`<li>${badge('passed', 'good', 'good')} <span>${counted(passed, 'check')}: ${[...new Set(checks.filter(({ ok }) => ok).map((check) => check.name))].slice(0, MOST_LISTED).join(', ')}</span></li>`}
      ${failed.slice(0, MOST_LISTED).map(
        (check) =>
          html`<li>
            ${badge('failed', 'bad', 'bad')}
            <span>${name(check.id, 80)}, round ${check.round}: ${check.name}: expected ${check.expected}, observed ${check.observed}</span>
          </li>`,
      )}
    </ul>
    ${rest(failed.length - MOST_LISTED)}`
}

/** What workloads say of their rounds, each text once. */
function workloadRemarks(variants: readonly VariantResult[]): { label: string; tone: 'dim'; text: string }[] {
  const texts = variants.flatMap(({ id, rounds }) => rounds.flatMap(({ remarks }) => remarks.map((remark) => `${id}: ${remark}`)))
  return [...new Set(texts)].map((text) => ({ label: 'note', tone: 'dim', text }))
}

function remarkList({ variants }: ScenarioResult): Part {
  const remarks = [...remarksOf(variants), ...workloadRemarks(variants)]
  if (remarks.length === 0) return ''
  return html`<h4>To be known beside the numbers</h4>
    <ul class="lines">
      ${remarks.slice(0, MOST_LISTED).map(({ label, tone, text }) => html`<li>${badge(label, tone === 'bad' || tone === 'doubtful' || tone === 'good' ? tone : 'plain', tone === 'bad' ? 'bad' : tone === 'doubtful' ? 'doubtful' : 'note')} <span>${text}</span></li>`)}
    </ul>
    ${rest(remarks.length - MOST_LISTED)}`
}

function commandsOf({ variants, hash, roundsAsked }: ScenarioResult): Markup {
  const kept = variants.slice(0, MOST_LISTED)
  return html`${kept.map(
      ({ id, commands, workload }) =>
        html`<p class="sub">${name(id, 80)}${workload !== null && html` workload ${workload}`}</p>
          ${lines(commands.slice(0, MOST_LISTED))}`,
    )}
    ${rest(variants.length - kept.length, 'variants')}
    <p class="sub">${counted(roundsAsked, 'round')} of each, in turn · hash of the scenario <code>${hash.slice(0, 16)}</code></p>`
}
