import { EXIT, type ExitCode } from '../../core/errors.js'
import type { AuditResult, Finding, GateResult, Severity } from '../../schema/audit.js'
import type { Policy } from './policy.js'
import { rankOf } from './settings.js'

type Judged = Pick<AuditResult, 'findings' | 'rules' | 'coverage' | 'interrupted' | 'failure'>

/**
 * What an audit exits with, and why. In this order: 130 interrupted; 2 ended early by a failure; 1 findings as severe as the policy
 * wants to fail for, or stale entries of the baseline; 3 nothing of that, but too little was seen to say so (keys left out, rules that
 * must be assessed and could not be, no rule assessed at all); else 0. So an audit that could not look is never taken for one that
 * found nothing.
 */
export function gateOf(
  audit: Judged,
  policy: Pick<Policy, 'failOn' | 'required'>,
  { baseline = null, remarks = [] }: { baseline?: GateResult['baseline']; remarks?: string[] } = {},
): GateResult {
  const objections = [...endings(audit), ...failures(audit, policy, baseline), ...gaps(audit, policy)]
  const code = ORDER.find((candidate) => objections.some((objection) => objection.code === candidate)) ?? EXIT.ok
  return { failOn: policy.failOn, exitCode: code, reasons: objections.map(({ reason }) => reason), remarks, baseline }
}

/** The exit code that a result stands for. */
export function exitCodeOfAudit({ gate }: Pick<AuditResult, 'gate'>): ExitCode {
  return Object.values(EXIT).find((code) => code === gate.exitCode) ?? EXIT.usage
}

const ORDER = [EXIT.interrupted, EXIT.usage, EXIT.failed, EXIT.invalid]

interface Objection {
  code: ExitCode
  reason: string
}

function endings({ interrupted, failure }: Judged): Objection[] {
  if (interrupted) return [{ code: EXIT.interrupted, reason: 'interrupted' }]
  return failure === null ? [] : [{ code: EXIT.usage, reason: `ended early: ${failure}` }]
}

function failures({ findings }: Judged, { failOn }: Pick<Policy, 'failOn'>, baseline: GateResult['baseline']): Objection[] {
  const objections: Objection[] = []
  const failing = findings.filter(({ severity }) => rankOf(severity) <= rankOf(failOn))
  if (failing.length > 0) objections.push({ code: EXIT.failed, reason: counted(failing, failOn) })
  const stale = baseline?.written === null ? baseline.stale.length : 0
  if (stale > 0) {
    const what = stale === 1 ? '1 entry of the baseline is' : `${stale} entries of the baseline are`
    objections.push({ code: EXIT.failed, reason: `${what} no longer so (--prune removes ${stale === 1 ? 'it' : 'them'})` })
  }
  return objections
}

function counted(failing: readonly Finding[], failOn: Severity): string {
  const what = failing.length === 1 ? '1 finding' : `${failing.length} findings`
  return failOn === 'error' ? `${what} of severity error` : `${what} of severity ${failOn} or above`
}

function gaps({ coverage, rules }: Judged, { required }: Pick<Policy, 'required'>): Objection[] {
  const gap = (reason: string): Objection => ({ code: EXIT.invalid, reason })
  const unassessed = rules.notAssessed.filter(({ rule }) => required.has(rule))
  return [
    ...(coverage.complete ? [] : [gap('not all keys were read')]),
    ...(rules.passed.length + rules.failed.length === 0 && rules.notAssessed.length > 0 ? [gap('no rule could be assessed')] : []),
    ...(unassessed.length > 0 ? [gap(`not assessed, but required: ${unassessed.map(({ rule }) => rule).join(', ')}`)] : []),
  ]
}
