import { groupBy } from '../../core/group.js'
import type { AuditResult } from '../../schema/audit.js'
import { counted } from '../words.js'
import { html, type Part } from './escape.js'
import { name, rest } from './parts.js'

const MOST_SHOWN = 30

/** What the policy set aside, and what is to be put right in its files. */
export function policyBody({ suppressed, known, gate }: AuditResult): Part {
  if (suppressed.length === 0 && gate.baseline === null && gate.remarks.length === 0) return ''
  return html`<div class="card">
    ${suppressions(suppressed)}${baseline(known.length, gate.baseline)} ${gate.remarks.length > 0 && html`<h3>To be put right</h3>`}
    ${gate.remarks.slice(0, MOST_SHOWN).map((remark) => html`<p>${remark}</p>`)}${rest(gate.remarks.length - MOST_SHOWN)}
  </div>`
}

/** By reason, which is what somebody has to answer for. */
function suppressions(suppressed: AuditResult['suppressed']): Part {
  if (suppressed.length === 0) return ''
  const byReason = [...groupBy(suppressed, ({ reason, until }) => `${reason}${until === null ? '' : ` (until ${until})`}`)]
  return html`<h3>Suppressed</h3>
    <ul class="found">
      ${byReason.slice(0, MOST_SHOWN).map(([reason, same]) => {
        const rules = [...new Set(same.map(({ finding }) => finding.rule))].join(', ')
        return html`<li>
          ${counted(same.length, 'finding')} of ${rules}<br />
          <span class="sub">${reason}</span>
        </li>`
      })}
    </ul>
    ${rest(byReason.length - MOST_SHOWN, 'reasons')}`
}

function baseline(known: number, baseline: AuditResult['gate']['baseline']): Part {
  if (baseline === null) return ''
  const { file, stale, written } = baseline
  const fate = written === null ? 'no longer so' : 'taken out'
  return html`<h3>Baseline</h3>
    <p>${name(file)}: ${counted(known, 'known finding')}${written === 'updated' && ', written anew'}</p>
    ${
      stale.length > 0 &&
      html`<ul class="found">
        ${stale.slice(0, MOST_SHOWN).map(({ rule, about }) => html`<li>${fate}: ${rule} ${name(about)}</li>`)}
      </ul>`
    }${rest(stale.length - MOST_SHOWN)}`
}
