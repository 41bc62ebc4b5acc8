import { formatDuration } from '../../core/units.js'
import type { Inapplicable, RunResult } from '../../schema/result.js'
import { pen } from '../plot/draw.js'
import { bytesOf, html, type Markup } from './escape.js'
import { pageText } from './page.js'
import { badge, dateText } from './parts.js'
import { environmentSection } from './run-environment.js'
import { claimsBody } from './run-claims.js'
import { scenarioBody } from './run-scenario.js'
import { verdictOfRun } from './run-verdict.js'

/**
 * A run as a page: its verdict first, then every expectation with its interval, then each scenario with its numbers, curves and what
 * limited its rounds, and in the end where it was measured. Depends on the saved result alone. Throws InputError for a histogram that can't be
 * decoded.
 */
export function renderRunHtml(result: RunResult): string {
  const { tone, verdict, lead } = verdictOfRun(result)
  const claimed = result.scenarios.some(({ expectations }) => expectations.length > 0)
  return pageText({
    title: `${verdict} - redline run`,
    tone,
    kicker: `redline run · ${result.profile} · ${dateText(result.startedAt)} · took ${formatDuration(Math.round(result.seconds * 10) * 100)}`,
    verdict,
    lead,
    sections: [
      ...(claimed ? [{ id: 'claims', heading: 'What was claimed, and what was measured', short: 'Claims', body: claimsBody(result) }] : []),
      { id: 'scenarios', heading: result.scenarios.length === 1 ? 'Scenario' : 'Scenarios', body: scenarios(result) },
      environmentSection(result),
    ],
    footer: html`<p>
      Made by redline ${result.tool.version} from the run’s result.json, which has everything:
      <code>redline report result.json --format html=report.html</code> makes this page again, and the same one.
    </p>`,
  })
}

/** From here on scenarios are shown without curves, and then not at all: a page of 3 MB is too large to open and to send. */
const CURVES_UP_TO = 1_500_000
const LARGEST = 2_200_000

function scenarios(result: RunResult): Markup {
  const draw = pen()
  const parts: Markup[] = []
  let bytes = 0
  for (const scenario of result.scenarios) {
    if (bytes > LARGEST) break
    const part = scenarioBody(scenario, result, bytes > CURVES_UP_TO ? undefined : draw)
    bytes += bytesOf(part)
    parts.push(part)
  }
  const left = result.scenarios.length - parts.length
  return html`${parts}${(result.inapplicable ?? []).map(inapplicable)}${left > 0 && html`<p class="rest">and ${left} more scenarios in result.json: this page has room for no more</p>`}`
}

/** A scenario that an engine can't run, and why. */
function inapplicable({ scenario, engine, reason }: Inapplicable): Markup {
  return html`<article class="card">
    <h3>${scenario}${badge('not applicable', 'plain', 'note')}</h3>
    <p class="sub">on ${engine}: ${reason}</p>
  </article>`
}
