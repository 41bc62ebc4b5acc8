import type { CheckedThreshold, GateDocument } from '../../schema/gate.js'
import type { Verdict } from '../compare/verdict.js'
import { counted } from '../compare/words.js'

const TONES = { pass: 'good', fail: 'bad', inconclusive: 'doubtful' } as const

/** What a gate says in one sentence, and how bad that is. */
export function verdictOfGate(gate: GateDocument): Verdict {
  const why = whyOf(gate).join(', ')
  const sentence = { pass: 'The gate passes', fail: 'The gate fails', inconclusive: 'The gate can not tell' }[gate.verdict]
  return { tone: TONES[gate.verdict], text: why === '' ? sentence : `${sentence}: ${why}` }
}

/** What made it fail, or kept it from passing, counted; nothing of a gate that passes. */
export function whyOf({ verdict, thresholds, baselines, changes, reasons }: GateDocument): string[] {
  if (verdict === 'pass') return []
  const failed = verdict === 'fail'
  const broken = thresholds.filter((one) => one.verdict === verdict).length
  const metrics = baselines.reduce((sum, { comparison: { counts } }) => sum + (failed ? counts.worse : counts.inconclusive), 0)
  const others = reasons.filter((one) => one.verdict === verdict).length
  return [
    ...(broken > 0 ? [failed ? `${counted(broken, 'threshold')} broken` : `${counted(broken, 'threshold')} left open`] : []),
    ...(metrics > 0 ? [failed ? `${counted(metrics, 'metric')} worse than the baseline` : `${counted(metrics, 'metric')} left open`] : []),
    ...(failed && changes.length > 0 ? [`${counted(changes.length, 'change')} for the worse in the history`] : []),
    ...(others > 0 ? [counted(others, broken + metrics > 0 ? 'other reason' : 'reason')] : []),
  ]
}

const RANKS: Record<CheckedThreshold['verdict'], number> = { fail: 0, inconclusive: 1, pass: 2 }

/** Thresholds, broken ones first. */
export function byVerdict(thresholds: readonly CheckedThreshold[]): CheckedThreshold[] {
  return thresholds.toSorted((a, b) => RANKS[a.verdict] - RANKS[b.verdict])
}

/** Reasons, those first for which it fails. */
export function failuresFirst(reasons: GateDocument['reasons']): GateDocument['reasons'] {
  return reasons.toSorted((a, b) => RANKS[a.verdict] - RANKS[b.verdict])
}
