import { groupBy } from '../../core/group.js'
import type { AuditResult } from '../../schema/audit.js'
import { counted } from '../words.js'
import { html, type Markup, type Part } from './escape.js'
import { folded, rest, table } from './parts.js'

const MOST_SHOWN = 60

/** What could not be looked at, with the reasons, before what passed: the one is no kind of the other. */
export function assessedBody({ rules, coverage }: AuditResult): Markup {
  const { passed, notAssessed, notApplicable, off } = rules
  return html`<div class="card">
    ${notAssessed.length === 0 ? html`<p>Every rule that applies was assessed.</p>` : reasons('Rules that were not assessed', notAssessed)}
    ${coverage.notes.slice(0, MOST_SHOWN).map((note) => html`<p class="sub">Note: ${note}</p>`)}
    ${passed.length > 0 && folded(`${counted(passed.length, 'rule')} passed`, list(passed))}
    ${
      notApplicable.length > 0 &&
      folded(`${counted(notApplicable.length, 'rule')} not applicable`, reasons('Rules that are not applicable', notApplicable))
    }
    ${off.length > 0 && folded(`${counted(off.length, 'rule')} off`, list(off))}
  </div>`
}

function list(rules: readonly string[]): Part {
  return html`<p>${rules.slice(0, MOST_LISTED).join(', ')}</p>
    ${rest(rules.length - MOST_LISTED)}`
}

const MOST_LISTED = 300

function reasons(caption: string, rules: readonly { rule: string; why: string }[]): Markup {
  const byReason = [...groupBy(rules, ({ why }) => why)]
  return table(
    caption,
    [
      { title: caption, kind: 'row', cell: ([, same]) => [...new Set(same.map(({ rule }) => rule))].join(', ') },
      { title: 'Why', cell: ([why]) => why },
    ],
    byReason,
    MOST_SHOWN,
  )
}
