import { trim } from '../../core/units.js'
import type { Change, CheckedThreshold, GateDocument, GateVerdict } from '../../schema/gate.js'
import { counted } from '../words.js'
import { fromTo, withInterval } from '../compare/words.js'
import { verdictOfRuns } from '../compare/verdict.js'
import { baselineText } from '../gate/terminal.js'
import { byVerdict, failuresFirst, verdictOfGate } from '../gate/verdict.js'
import { differencesCard } from './compare.js'
import { comparedMetrics, countBadges, metricsTable } from './compared-metrics.js'
import { html, type Markup } from './escape.js'
import type { Icon } from './icons.js'
import { type Held, hasMargin, marginPlot, marginScale } from './margins.js'
import { pageText, type Section, type Tone } from './page.js'
import { badge, type Column, dateText, facts, name, rest, sign, table } from './parts.js'

const TONES: Record<GateVerdict, Tone> = { pass: 'good', fail: 'bad', inconclusive: 'doubtful' }
const ICON_OF: Record<GateVerdict, Icon> = { pass: 'good', fail: 'bad', inconclusive: 'open' }
const WORDS: Record<GateVerdict, string> = { pass: 'kept', fail: 'broken', inconclusive: 'left open' }

const MOST_ROWS = 200

/** A gate's answer as a page: the verdict and its reasons first, then thresholds, the history and the baselines. Depends on the document alone. */
export function renderGateHtml(gate: GateDocument): string {
  const { tone, text } = verdictOfGate(gate)
  const { verdict, exitCode, results, thresholds, baselines, changes, tool } = gate
  const newest = results
    .map(({ startedAt }) => startedAt)
    .toSorted()
    .at(-1)
  const count = (one: GateVerdict) => thresholds.filter((threshold) => threshold.verdict === one).length
  return pageText({
    title: `${text} - redline gate`,
    tone,
    kicker: `redline gate${newest === undefined ? '' : ` · ${dateText(newest)}`}`,
    verdict: text,
    lead: html`<ul class="tally">
        <li>${badge(`${verdict}, exit code ${exitCode}`, TONES[verdict], ICON_OF[verdict])}</li>
        ${(['fail', 'inconclusive', 'pass'] as const).map(
          (one) => count(one) > 0 && html`<li>${badge(`${counted(count(one), 'threshold')} ${WORDS[one]}`, TONES[one], ICON_OF[one])}</li>`,
        )}${baselines.map(({ comparison }) => countBadges(comparison))}
      </ul>
      ${facts(results.map(({ name: file, kind, startedAt }) => [kind === 'run' ? 'Run' : 'Audit', html`${name(file, 90)}<br /><span class="sub">${dateText(startedAt)}</span>`] as const))}`,
    sections: [
      ...reasonsSection(gate),
      ...(thresholds.length === 0 ? [] : [{ id: 'thresholds', heading: 'Thresholds', body: thresholdsBody(thresholds) }]),
      ...(changes.length === 0
        ? []
        : [{ id: 'history', heading: 'Changes for the worse in the history', short: 'History', body: changesBody(changes) }]),
      ...baselines.map((one, index) => baselineSection(one, index, baselines.length)),
    ],
    footer: html`<p>
      Made by redline ${tool.version} from the gate’s JSON, which has everything:
      <code>redline report gate.json --format html=gate.html</code> makes this page again, and the same one.
    </p>`,
  })
}

/** There is something to say where no other part says it. */
function reasonsSection({ reasons, thresholds, baselines, changes }: GateDocument): Section[] {
  const isBare = thresholds.length + baselines.length + changes.length === 0
  if (reasons.length === 0 && !isBare) return []
  const lines = failuresFirst(reasons).slice(0, MOST_ROWS)
  return [
    {
      id: 'reasons',
      heading: reasons.length === 0 ? 'What was judged' : 'What decided beside the figures',
      short: 'Reasons',
      body: html`<div class="card">
        ${reasons.length === 0 && html`<p>${sign('good')} The audits passed by their own settings; nothing else was asked.</p>`}
        <ul class="lines">
          ${lines.map(({ verdict, message }) => html`<li>${badge(verdict, TONES[verdict], ICON_OF[verdict])} <span>${message}</span></li>`)}
        </ul>
        ${rest(reasons.length - lines.length, 'reasons')}
      </div>`,
    },
  ]
}

function thresholdsBody(thresholds: readonly CheckedThreshold[]): Markup {
  const drawn = thresholds.map(heldOf).filter(hasMargin)
  const scale = marginScale(drawn)
  const columns: Column<CheckedThreshold>[] = [
    { title: 'Asked for', kind: 'row', cell: ({ expression }) => name(expression, 120) },
    { title: '', cell: ({ verdict }) => badge(WORDS[verdict], TONES[verdict], ICON_OF[verdict]) },
    { title: 'Measured (95% interval)', kind: 'number', cell: ({ value, low, high, unit }) => withInterval(value, low, high, unit) },
    ...(drawn.length === 0
      ? []
      : [
          {
            title: 'Beside the bound',
            kind: 'plot' as const,
            minor: true,
            cell: (one: CheckedThreshold) => (hasMargin(heldOf(one)) ? marginPlot(heldOf(one), scale) : ''),
          },
        ]),
    { title: 'Of', cell: ({ about, result }) => name(about === '' ? result : about, 90) },
    { title: 'Why', cell: ({ why }) => why },
  ]
  return html`<div class="card">
    ${table('Thresholds', columns, byVerdict(thresholds), MOST_ROWS)}
    ${drawn.length > 0 && html`<p class="sub">Beside the bound: the line is what was asked for, and to the right of it is better, as a multiple.</p>`}
  </div>`
}

function heldOf({ value, low, high, asked, comparison, verdict }: CheckedThreshold): Held {
  return { observed: value, low, high, asked, comparison, tone: TONES[verdict], answer: WORDS[verdict] }
}

function changesBody(changes: readonly Change[]): Markup {
  const columns: Column<Change>[] = [
    {
      title: 'Of',
      kind: 'row',
      cell: ({ scenario, variant, load }) => name([scenario, variant, ...(load === null ? [] : [load])].join(' '), 90),
    },
    { title: 'Metric', cell: ({ metric }) => metric },
    { title: 'Before → after', kind: 'number', cell: ({ before, after, unit }) => fromTo(before, after, unit, { unicode: true }) },
    { title: 'Change', kind: 'number', cell: ({ before, after }) => `${trim(after / before, 3)}x` },
    { title: 'Since', cell: ({ startedAt, label }) => html`${dateText(startedAt)}${label !== null && html` ${name(label, 40)}`}` },
    { title: 'Runs since', kind: 'number', cell: ({ runsSince }) => runsSince },
    { title: 'p', kind: 'number', cell: ({ p }) => trim(p, 2) },
  ]
  return html`<div class="card">
    ${table('Changes for the worse in the history', columns, changes, MOST_ROWS)}
    <p class="sub">Found by E-divisive with means. Updating the baseline accepts a change.</p>
  </div>`
}

function baselineSection({ file, comparison }: GateDocument['baselines'][number], index: number, of: number): Section {
  const number = of === 1 ? '' : ` ${index + 1}`
  return {
    id: `baseline-${index + 1}`,
    heading: `Against the baseline${number}: ${lowered(verdictOfRuns(comparison).text)}`,
    short: `Baseline${number}`,
    body: html`<p class="sub">${name(file, 90)}, ${baselineText(comparison.base)}, the newest of ${dateText(comparison.base.startedAt)}</p>
      ${comparedMetrics(comparison)} ${differencesCard(comparison)} ${metricsTable(comparison)}`,
  }
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
