import type { AuditResult, GateResult } from '../../schema/audit.js'
import type { Baseline } from '../../schema/baseline.js'
import type { Rule } from '../rule.js'
import { applyBaseline, baselineOf, pruned } from './baseline.js'
import { gateOf } from './gate.js'
import type { Policy } from './policy.js'
import { silenceProved, silenceProves } from './silence.js'
import { compareSince } from './since.js'
import { applySuppressions } from './suppressions.js'

/** A baseline file, and what is wanted of it. */
export interface BaselineChoice {
  /** As the user knows it. */
  file: string
  /** What it holds; undefined when there is none yet, which only `update` allows. */
  baseline: Baseline | undefined
  /** `check` reports what is new; `prune` also takes out the stale entries; `update` takes in all that was found. */
  mode: 'check' | 'prune' | 'update'
}

/** An audit before its policy has judged it: all that was found is among `findings`. */
export type Ungated = Omit<AuditResult, 'suppressed' | 'known' | 'since' | 'gate'>

/**
 * An audit as its policy sees it: suppressed and known findings set aside, what changed since the audit `previous`, and the exit code.
 * `rules` are all that there are. The `baseline` that is returned is to be written to the file; undefined when that stays as it is.
 */
export function applyPolicy(
  ungated: Ungated,
  policy: Policy,
  rules: readonly Rule[],
  { baseline, previous }: { baseline?: BaselineChoice | undefined; previous?: AuditResult | undefined } = {},
): { result: AuditResult; baseline: Baseline | undefined } {
  const proves = silenceProves(ungated, rules)
  const ids = rules.map(({ id }) => id)
  const { findings, suppressed, remarks } = applySuppressions(ungated.findings, policy.suppressions, dayOf(ungated), proves, ids)
  const compared = compareBaseline({ findings, suppressed }, baseline, proves)
  const audit = { ...ungated, findings: compared.findings, suppressed, known: compared.known }
  const since = previous === undefined ? null : compareSince(previous, audit, proves, silenceProved(previous, rules))
  const gate = gateOf(audit, policy, { baseline: compared.gate, remarks: [...remarks, ...compared.remarks] })
  return { result: { ...audit, since, gate }, baseline: compared.written }
}

/** 2026-11-22, in UTC. */
function dayOf({ startedAt }: Ungated): string {
  return startedAt.slice(0, 10)
}

type Compared = Pick<AuditResult, 'findings' | 'known'> & { remarks: string[]; gate: GateResult['baseline']; written: Baseline | undefined }

function compareBaseline(
  { findings, suppressed }: Pick<AuditResult, 'findings' | 'suppressed'>,
  choice: BaselineChoice | undefined,
  proves: (rule: string) => boolean,
): Compared {
  if (choice === undefined) return { findings, known: [], remarks: [], gate: null, written: undefined }
  const { file, mode, baseline = EMPTY } = choice
  const hidden = suppressed.map(({ finding }) => finding)
  const outcome = applyBaseline(findings, hidden, baseline, proves)
  const stale = outcome.stale.map(({ fingerprint, rule, about }) => ({ fingerprint, rule, about }))
  if (mode === 'update') {
    const written = baselineOf(findings, { baseline, stale: outcome.stale })
    return { findings: [], known: findings, remarks: [], gate: { file, stale, written: 'updated' }, written }
  }
  const prune = mode === 'prune' && stale.length > 0
  return {
    findings: outcome.findings,
    known: outcome.known,
    remarks: outcome.remarks,
    gate: { file, stale, written: prune ? 'pruned' : null },
    written: prune ? pruned(baseline, outcome.stale) : undefined,
  }
}

const EMPTY: Baseline = { schema: 'redline/baseline@1', findings: [] }
