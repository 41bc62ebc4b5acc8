import { safeText } from '../../core/text.js'
import type { AuditResult, Finding } from '../../schema/audit.js'
import type { Suppression } from '../../schema/project.js'
import { globMatcher } from '../glob.js'
import { selects } from './selector.js'

export interface SuppressionOutcome {
  findings: Finding[]
  suppressed: AuditResult['suppressed']
  /** Suppressions that no longer hold, or that there is no need for. */
  remarks: string[]
}

/**
 * Sets aside the findings that a suppression matches, the first that does giving the reason. One whose last day (`until`) is before
 * `today` (2026-11-22, UTC) sets nothing aside any more. One that matches nothing is told of where `silenceProves` says that there is
 * nothing to match.
 */
export function applySuppressions(
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
  today: string,
  silenceProves: (rule: string) => boolean,
  rules: readonly string[],
): SuppressionOutcome {
  const entries = suppressions.map((suppression) => {
    const about = suppression.about === undefined ? () => true : globMatcher(suppression.about)
    const expired = suppression.until !== undefined && suppression.until < today
    return { suppression, expired, matches: (finding: Finding) => selects(suppression.rule, finding.rule) && about(finding.about) }
  })
  const kept: Finding[] = []
  const suppressed: AuditResult['suppressed'] = []
  for (const finding of findings) {
    const entry = entries.find(({ expired, matches }) => !expired && matches(finding))
    if (entry === undefined) kept.push(finding)
    else suppressed.push({ finding, reason: entry.suppression.reason, until: entry.suppression.until ?? null })
  }
  const remarks = entries.flatMap(({ suppression, expired, matches }) => {
    if (expired) return [expiryOf(suppression, kept.filter(matches).length)]
    const concerned = rules.filter((rule) => selects(suppression.rule, rule))
    const needless = !findings.some(matches) && concerned.every(silenceProves)
    return needless ? [`suppression of ${nameOf(suppression)} matches nothing: remove it`] : []
  })
  return { findings: kept, suppressed, remarks }
}

function expiryOf(suppression: Suppression, again: number): string {
  const consequence = again === 0 ? 'remove it' : `${again} ${again === 1 ? 'finding counts' : 'findings count'} again`
  return `suppression of ${nameOf(suppression)} expired on ${suppression.until}: ${consequence}`
}

function nameOf({ rule, about }: Suppression): string {
  return safeText(about === undefined ? rule : `${rule} for ${about}`)
}
