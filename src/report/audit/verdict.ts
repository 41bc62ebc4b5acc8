import { SEVERITIES, type AuditResult, type Severity } from '../../schema/audit.js'
import { type Style, type Tone } from '../style.js'
import { beside, exact, flow, shown } from '../words.js'

/** The last lines: how many findings of which severity, what became of the rules, and the exit code with its reasons. */
export function verdictLines(result: AuditResult, style: Style): string[] {
  const { gate } = result
  const label = `exit ${gate.exitCode}`
  const why = gate.exitCode === 0 ? `fails on ${gate.failOn}` : gate.reasons.map((reason) => shown(reason, style)).join('; ')
  const tone: Tone = gate.exitCode === 0 ? 'good' : 'bad'
  return [...flow([findingsCounted(result), rulesCounted(result)], style), ...beside(label, label.length + 2, why, style, tone)]
}

function findingsCounted({ findings }: AuditResult): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length
  return SEVERITIES.map((severity) => `${exact(count(severity))} ${severity}${count(severity) === 1 ? '' : 's'}`).join(', ')
}

function rulesCounted({ rules }: AuditResult): string {
  const { passed, notAssessed, notApplicable, off } = rules
  return [
    `${exact(passed.length)} ${passed.length === 1 ? 'rule' : 'rules'} passed`,
    ...(notAssessed.length > 0 ? [`${exact(notAssessed.length)} not assessed`] : []),
    ...(notApplicable.length > 0 ? [`${exact(notApplicable.length)} not applicable`] : []),
    ...(off.length > 0 ? [`${exact(off.length)} off`] : []),
  ].join(', ')
}
