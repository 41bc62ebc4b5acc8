import { type AuditResult, type Finding, SEVERITIES } from '../../schema/audit.js'

/** A finding with what the policy made of it. */
export interface JudgedFinding {
  finding: Finding
  status: 'new' | 'known' | 'suppressed'
  /** Why it is suppressed. */
  reason?: string
  /** The last day of its suppression. */
  until?: string | null
}

/** Every finding of an audit, also those that are in its baseline or suppressed; the most severe first, otherwise in their order. */
export function allFindings({ findings, known, suppressed }: AuditResult): JudgedFinding[] {
  const all: JudgedFinding[] = [
    ...findings.map((finding) => ({ finding, status: 'new' as const })),
    ...known.map((finding) => ({ finding, status: 'known' as const })),
    ...suppressed.map(({ finding, reason, until }) => ({ finding, status: 'suppressed' as const, reason, until })),
  ]
  return SEVERITIES.flatMap((severity) => all.filter(({ finding }) => finding.severity === severity))
}
