import { SEVERITIES, type AuditResult, type Finding, type Severity } from '../../schema/audit.js'
import type { Evaluation, RuledFinding } from '../evaluate.js'
import { fingerprint } from './fingerprint.js'
import type { Policy } from './policy.js'

/** Where a finding stands in the files that are audited; null where there are none. */
export type Locate = (finding: RuledFinding) => Finding['at']

/**
 * The findings of an evaluation as the policy wants them: in its severities, without those that it switches off, the most severe first,
 * and what became of each rule. A rule whose every finding is switched off has passed.
 */
export function applySettings(
  evaluation: Evaluation,
  policy: Pick<Policy, 'off' | 'severityOf'>,
  locate: Locate = () => null,
): Pick<AuditResult, 'findings' | 'rules'> {
  const findings = evaluation.findings.flatMap((finding) => {
    const severity = policy.severityOf(finding.rule, finding.about, finding.severity)
    return severity === 'off' ? [] : [documentOf(finding, severity, locate)]
  })
  const told = new Set(findings.map(({ rule }) => rule))
  const unknown = new Set(evaluation.notAssessed.map(({ rule }) => rule))
  const silenced = evaluation.failed.filter((rule) => !told.has(rule) && !unknown.has(rule))
  return {
    findings: joined(findings).toSorted(worstFirst),
    rules: {
      passed: [...evaluation.passed, ...silenced].toSorted(),
      failed: evaluation.failed.filter((rule) => told.has(rule)),
      notAssessed: evaluation.notAssessed,
      notApplicable: evaluation.notApplicable,
      off: policy.off,
    },
  }
}

/** 0 for the most severe. */
export function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

function documentOf(finding: RuledFinding, severity: Severity, locate: Locate): Finding {
  const { rule, about, message, evidence, remedy, commands = [], examples = [], nodes, role } = finding
  const identity = fingerprint(rule, about, role)
  return { rule, severity, about, message, evidence, remedy, commands, examples, nodes, at: locate(finding), fingerprint: identity }
}

/** Findings that only their severity told apart are one where the policy gives them the same. */
function joined(findings: readonly Finding[]): Finding[] {
  const byIdentity = new Map<string, Finding>()
  for (const finding of findings) {
    const identity = `${finding.fingerprint} ${finding.severity}`
    const first = byIdentity.get(identity)
    byIdentity.set(identity, first ? { ...first, nodes: [...new Set([...first.nodes, ...finding.nodes])] } : finding)
  }
  return [...byIdentity.values()]
}

/** Findings of one rule stay in the rule's own order. */
function worstFirst(a: Finding, b: Finding): number {
  return rankOf(a.severity) - rankOf(b.severity) || (a.rule < b.rule ? -1 : Number(a.rule > b.rule))
}
