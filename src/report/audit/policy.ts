import { groupBy } from '../../core/group.js'
import type { AuditResult } from '../../schema/audit.js'
import { paint, type Style } from '../style.js'
import { beside, counted, exact, shown } from '../words.js'

const LABEL = 12
const MOST_SHOWN = 5

/** What the policy set aside, and what is to be put right in its files. */
export function policyLines({ suppressed, known, gate }: AuditResult, style: Style): string[] {
  return [
    ...suppressedLines(suppressed, style),
    ...baselineLines(known.length, gate.baseline, style),
    ...gate.remarks.flatMap((remark) => beside('policy', LABEL, shown(remark, style), style, 'doubtful')),
  ]
}

/** By reason, which is what somebody has to answer for. */
function suppressedLines(suppressed: AuditResult['suppressed'], style: Style): string[] {
  const byReason = [...groupBy(suppressed, ({ reason, until }) => `${reason}${until === null ? '' : ` (until ${until})`}`)]
  const lines = byReason.slice(0, MOST_SHOWN).flatMap(([reason, same], index) => {
    const rules = [...new Set(same.map(({ finding }) => finding.rule))].join(', ')
    const text = `${counted(same.length, 'finding')} of ${shown(rules, style)}: ${shown(reason, style)}`
    return beside(index === 0 ? 'suppressed' : '', LABEL, text, style)
  })
  const rest = byReason.length - MOST_SHOWN
  return rest > 0 ? [...lines, `${' '.repeat(LABEL)}and for ${counted(rest, 'other reason')}`] : lines
}

function baselineLines(known: number, baseline: AuditResult['gate']['baseline'], style: Style): string[] {
  if (baseline === null) return []
  const { file, stale, written } = baseline
  const done = written === 'updated' ? ', written anew' : ''
  const fate = written === null ? 'no longer so' : 'taken out'
  const summary = beside('baseline', LABEL, `${shown(file, style)}: ${counted(known, 'known finding')}${done}`, style)
  const entries = stale
    .slice(0, MOST_SHOWN)
    .flatMap(({ rule, about }) => beside('', LABEL, `${fate}: ${shown(rule, style)} of ${shown(about, style)}`, style))
  const rest = stale.length - MOST_SHOWN
  if (rest > 0) entries.push(`${' '.repeat(LABEL)}and ${exact(rest)} more ${fate}`)
  return [...summary, ...entries.map((line) => (written === null ? paint(line, 'bad', style) : line))]
}
