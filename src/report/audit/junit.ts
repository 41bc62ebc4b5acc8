import { groupBy } from '../../core/group.js'
import { type AuditResult, type Finding, SEVERITIES } from '../../schema/audit.js'
import { junitXml, type TestCase } from '../text/junit.js'
import { counted, whole } from '../words.js'

/**
 * An audit as tests: one for each rule. It fails when it found something as severe as the audit fails for; less severe findings are told in a
 * test that passes. A rule that could not look is skipped, with the reason. Failures and errors are there exactly when the exit code of the
 * audit is not 0.
 */
export function auditToJunit(audit: AuditResult): string {
  const { rules, findings } = audit
  const byRule = groupBy(findings, ({ rule }) => rule)
  const skipped = [
    ...rules.notAssessed.map(({ rule, why }) => ({ rule, why: `not assessed: ${why}` })),
    ...rules.notApplicable.map(({ rule, why }) => ({ rule, why: `not applicable: ${why}` })),
  ].filter(({ rule }) => !byRule.has(rule))
  const reasons = groupBy(skipped, ({ rule }) => rule)
  const quiet = [...rules.passed, ...rules.failed].filter((rule) => !byRule.has(rule) && !reasons.has(rule))
  const cases = [
    ...[...byRule].map(([rule, same]) => findingsCase(rule, same, audit)),
    ...[...new Set(quiet)].map((rule) => caseOf(rule)),
    ...[...reasons].map(([rule, same]) => skippedCase(rule, [...new Set(same.map(({ why }) => why))].join('; '))),
  ].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const suites = [
    { name: 'redline audit', startedAt: audit.startedAt, cases: gateCases(audit) },
    { name: whole(audit.target.name), startedAt: audit.startedAt, cases },
  ]
  return junitXml('redline audit', suites)
}

function caseOf(rule: string): TestCase {
  const group = rule.split('/')[0]!
  return { group: `redline.${whole(group)}`, name: whole(rule), seconds: 0 }
}

function skippedCase(rule: string, message: string): TestCase {
  return { ...caseOf(rule), outcome: { kind: 'skipped', type: 'skipped', message: whole(message) } }
}

function findingsCase(rule: string, findings: readonly Finding[], { gate }: AuditResult): TestCase {
  const failing = findings.filter(({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(gate.failOn))
  if (failing.length === 0) return { ...caseOf(rule), output: findings.flatMap(findingLines) }
  const first = failing[0]!
  const more = failing.length === 1 ? '' : ` (and ${counted(failing.length - 1, 'finding')} more)`
  return {
    ...caseOf(rule),
    outcome: {
      kind: 'failure',
      type: first.severity,
      message: `${whole(first.about)} ${whole(first.message)}${more}`,
      details: findings.flatMap(findingLines),
    },
  }
}

function findingLines({ severity, about, message, remedy, nodes, at, commands }: Finding): string[] {
  const where = at === null ? '' : ` at ${whole(at.file)}:${at.line}:${at.column}`
  const on = nodes.length === 0 ? '' : ` on ${nodes.map(whole).join(', ')}`
  return [
    `${severity}: ${whole(about)} ${whole(message)}${where}${on}`,
    `  ${whole(remedy)}`,
    ...commands.map((command) => `  ${whole(command)}`),
  ]
}

/** What the exit code says beside the findings. */
function gateCases({ gate, interrupted, failure, coverage, cost }: AuditResult): TestCase[] {
  const base = { group: 'redline', seconds: 0 }
  const blind = interrupted || failure !== null || !coverage.complete || gate.exitCode === 3
  const seen: TestCase = { ...base, name: 'enough was seen to say', seconds: cost.seconds }
  const reasons = gate.reasons.map(whole)
  if (blind) seen.outcome = { kind: 'error', type: `exit ${gate.exitCode}`, message: reasons.join('; ') }
  if (gate.baseline === null) return [seen]
  const { stale, written, file } = gate.baseline
  const baseline: TestCase = { ...base, name: `every entry of ${whole(file)} is still so` }
  if (stale.length > 0 && written === null) {
    const details = stale.map(({ rule, about }) => `${whole(rule)} of ${whole(about)}`)
    baseline.outcome = {
      kind: 'failure',
      type: 'stale',
      message: `${counted(stale.length, 'entry', 'entries')} no longer so: --prune`,
      details,
    }
  }
  return [seen, baseline]
}
