import { groupBy } from '../../core/group.js'
import { type AuditResult, type Finding, SEVERITIES, type Severity } from '../../schema/audit.js'
import { type Annotation, annotationCommand, limited } from '../text/workflow-command.js'
import { shown } from '../words.js'

const LEVELS: Record<Severity, Annotation['level']> = { error: 'error', warning: 'warning', note: 'notice' }

/**
 * The findings of an audit as annotations, in their files where they have one. Of each severity every rule comes once before one comes
 * twice, so that a rule with a thousand findings does not hide the others. What kept the audit from seeing enough is an error, too.
 */
export function auditToGithub(audit: AuditResult): string {
  const findings = SEVERITIES.flatMap((severity) => inTurns(audit.findings.filter((finding) => finding.severity === severity)))
  return limited([...gateAnnotations(audit), ...findings.map(annotationOf)])
    .map(annotationCommand)
    .join('')
}

/** The first finding of each rule, then the second of each. */
function inTurns(findings: readonly Finding[]): Finding[] {
  const byRule = [...groupBy(findings, ({ rule }) => rule).values()]
  const turns = byRule.flatMap((same) => same.map((finding, turn) => ({ finding, turn })))
  return turns.toSorted((a, b) => a.turn - b.turn).map(({ finding }) => finding)
}

function annotationOf({ severity, rule, about, message, remedy, nodes, at }: Finding): Annotation {
  const where = nodes.length === 0 ? '' : ` (on ${nodes.map(text).join(', ')})`
  return {
    level: LEVELS[severity],
    title: text(rule),
    message: `${text(about)} ${text(message)}${where}\n${text(remedy)}`,
    at: at === null ? undefined : { ...at, file: text(at.file) },
  }
}

/** Reasons for an exit code that the findings don't tell already. */
function gateAnnotations({ gate, interrupted, failure }: AuditResult): Annotation[] {
  const own = interrupted || failure !== null || gate.exitCode === 3 || (gate.baseline?.written === null && gate.baseline.stale.length > 0)
  if (!own) return []
  return [{ level: 'error', title: `redline audit: exit ${gate.exitCode}`, message: gate.reasons.map(text).join('\n') }]
}

function text(value: string): string {
  return shown(value, { unicode: true })
}
