import { trim } from '../../core/units.js'
import type { ComparedAudits, ComparedRuns, CompareResult, Difference } from '../../schema/compare.js'
import { counted } from '../words.js'
import { verdictOfAudits, verdictOfRuns } from '../compare/verdict.js'
import { commandOf } from '../compare/words.js'
import { growthCard, namedFindings } from './audit-growth.js'
import { comparedMetrics, countBadges, metricsTable } from './compared-metrics.js'
import { html, type Markup, type Part } from './escape.js'
import { pageText, type Section } from './page.js'
import { badge, type Column, dateText, facts, name, rest, table } from './parts.js'

/** A comparison as a page: the verdict first, then what changed, with intervals beside the limit, then what else differs. Depends on the document alone. */
export function renderCompareHtml(result: CompareResult): string {
  const { tone, text } = result.kind === 'runs' ? verdictOfRuns(result) : verdictOfAudits(result)
  return pageText({
    title: `${text} - ${commandOf(result)}`,
    tone,
    kicker: `${commandOf(result)} · ${result.kind === 'runs' && result.design === 'paired' ? 'two sides in turns' : `two ${result.kind}`} · ${dateText(result.head.startedAt)}`,
    verdict: text,
    lead: result.kind === 'runs' ? leadOfRuns(result) : leadOfAudits(result),
    sections: result.kind === 'runs' ? sectionsOfRuns(result) : sectionsOfAudits(result),
    footer: html`<p>
      Made by redline ${result.tool.version} from a comparison’s JSON, which has everything:
      <code>redline report comparison.json --format html=comparison.html</code> makes this page again, and the same one.
    </p>`,
  })
}

function leadOfRuns(result: ComparedRuns): Markup {
  const { base, head, differences } = result
  const unlike = differences.filter((difference) => difference.unlike && result.design === 'unpaired')
  return html`<ul class="tally">
      ${countBadges(result)}${unlike.length > 0 && html`<li>${badge('unlike things', 'doubtful', 'doubtful')}</li>`}
    </ul>
    ${facts([
      ['Base', sideText(base)],
      ['Head', sideText(head)],
      ['Limit', `${trim(result.limit * 100, 3)}%`],
      ['Rounds', result.design === 'paired' ? 'in pairs, in turns on one machine' : 'of two runs, at different times'],
    ])}`
}

function sideText({ name: file, startedAt, runs, sittings }: ComparedRuns['base']): Markup {
  return html`${name(file, 90)}<br />
    <span class="sub">${dateText(startedAt)}${runs > 1 && `, ${counted(runs, 'run')} in ${counted(sittings, 'sitting')}`}</span>`
}

function sectionsOfRuns(result: ComparedRuns): Section[] {
  const { design, limit, drift, metrics } = result
  return [
    { id: 'metrics', heading: 'What changed, metric by metric', short: 'Metrics', body: comparedMetrics(result) },
    ...differencesSection(result, design === 'paired'),
    {
      id: 'judged',
      heading: 'How it was judged',
      short: 'How it was judged',
      body: html`<div class="card">
        <p>
          The round is the unit, never the single request. Worse and better mean that the change is beyond ${trim(limit * 100, 3)}%, that
          its whole 95% interval is, and that this stays certain beside the other metrics (Holm’s correction for all
          ${counted(metrics.length, 'metric')}). The same means that the whole interval lies within the limit.
          ${
            design === 'paired'
              ? 'Both sides took turns on one machine, so that each pair of rounds met the same moment.'
              : `Where the machine’s own changes were not measured, ${trim(drift * 100, 3)}% were allowed for them.`
          }
        </p>
        ${metricsTable(result)}
      </div>`,
    },
  ]
}

const MOST_DIFFERENCES = 100

function differencesSection(sides: Pick<ComparedRuns, 'differences' | 'missing'>, isMeant = false): Section[] {
  const body = differencesCard(sides, isMeant)
  return body === '' ? [] : [{ id: 'differences', heading: 'What else differs', short: 'Differences', body }]
}

/** In what the sides differ beside their figures, which may be meant, and what one of them lacks; nothing where there is nothing. */
export function differencesCard({ differences, missing }: Pick<ComparedRuns, 'differences' | 'missing'>, isMeant = false): Markup | '' {
  if (differences.length + missing.length === 0) return ''
  const columns: Column<Difference>[] = [
    {
      title: 'What',
      kind: 'row',
      cell: ({ what, scenario }) =>
        html`${what}${
          scenario !== null &&
          html`<br />
            <span class="sub">of ${name(scenario, 60)}</span>`
        }`,
    },
    { title: 'Base', cell: ({ base }) => name(base, 90) },
    { title: 'Head', cell: ({ head }) => name(head, 90) },
    { title: '', cell: ({ unlike }) => unlike && !isMeant && badge('unlike', 'doubtful', 'doubtful') },
  ]
  return html`<div class="card">
    ${differences.length > 0 && table('What else differs', columns, differences, MOST_DIFFERENCES)}
    ${(['base', 'head'] as const).map((from) =>
      absent(
        missing.filter((one) => one.from === from),
        from,
      ),
    )}
  </div>`
}

function absent(missing: ComparedRuns['missing'], from: 'base' | 'head'): Part {
  return (
    missing.length > 0 &&
    html`<h3>Not in ${from}</h3>
      <ul class="found">
        ${missing.slice(0, MOST_DIFFERENCES).map(({ scenario, variant }) => html`<li>${name(`${scenario} ${variant}`, 90)}</li>`)}
      </ul>
      ${rest(missing.length - MOST_DIFFERENCES)}`
  )
}

function leadOfAudits({ base, head, complete, since }: ComparedAudits): Markup {
  return html`<ul class="tally">
      ${since.added.length > 0 && html`<li>${badge(`${counted(since.added.length, 'finding')} new`, 'bad', 'bad')}</li>`}
      ${since.fixed.length > 0 && html`<li>${badge(`${counted(since.fixed.length, 'finding')} fixed`, 'good', 'good')}</li>`}
      ${!complete && html`<li>${badge('not all was read by both audits', 'doubtful', 'open')}</li>`}
    </ul>
    ${facts([
      ['Base', auditText(base)],
      ['Head', auditText(head)],
    ])}`
}

function auditText({ name: file, startedAt }: ComparedAudits['base']): Markup {
  return html`${name(file, 90)}<br />
    <span class="sub">${dateText(startedAt)}</span>`
}

function sectionsOfAudits({ since, differences, complete }: ComparedAudits): Section[] {
  const nothing = since.added.length + since.fixed.length === 0
  return [
    {
      id: 'findings',
      heading: 'Findings that came and went',
      short: 'Findings',
      body: html`<div class="card">
        ${nothing && html`<p>No finding is new, and none is fixed.</p>`}${namedFindings('New', since.added)}${namedFindings('Fixed', since.fixed)}
        ${!complete && html`<p class="sub">An audit did not read all that it was to read: what is missing may be there.</p>`}
      </div>`,
    },
    { id: 'growth', heading: 'How the keyspace grew', short: 'Growth', body: growthCard({ ...since, added: [], fixed: [] }) },
    ...differencesSection({ differences, missing: [] }),
  ]
}
