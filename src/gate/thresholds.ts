import { globMatcher } from '../audit/glob.js'
import type { AuditResult, Estimate, PatternResult } from '../schema/audit.js'
import {
  AUDIT_METRICS,
  type AuditThreshold,
  type CheckedThreshold,
  type GateVerdict,
  type RunThreshold,
  type ThresholdComparison,
} from '../schema/gate.js'
import { METRICS } from '../schema/metrics.js'
import type { RunRecord } from '../schema/run-record.js'
import { meanInterval } from '../stats/interval.js'

/**
 * Holds a run against a threshold, for each scenario and variant that it names; empty when the run has none of them. The mean over rounds has to lie within the
 * bound with its whole 95% interval to pass, and beyond it with the whole of it to fail.
 */
export function checkRun(plan: RunThreshold, result: string, { scenarios }: RunRecord): CheckedThreshold[] {
  const [ofScenario, ofVariant] = [globMatcher(plan.scenario), globMatcher(plan.variant)]
  return scenarios
    .filter(({ id }) => ofScenario(id))
    .flatMap((scenario) =>
      scenario.variants
        .filter(({ id }) => ofVariant(id))
        .map(({ id, loads }) => {
          const load = plan.load === undefined ? loads[0] : loads.find(({ name }) => name === plan.load)
          const values = (load?.metrics[plan.metric] ?? []).filter((value) => value !== null)
          const about = [scenario.id, id, ...(plan.load === undefined ? [] : [plan.load])].join(' ')
          return { ...checked(plan, result, about, METRICS[plan.metric].unit), ...checkRounds(values, plan) }
        }),
    )
}

type Answer = Pick<CheckedThreshold, 'value' | 'low' | 'high' | 'verdict' | 'why'>

function checkRounds(values: readonly number[], plan: RunThreshold): Answer {
  const { estimate, low, high, why } = meanInterval(values)
  if (plan.comparison === '==') {
    // What must never happen has happened when one round shows it.
    const verdict = values.length === 0 ? 'inconclusive' : values.every((value) => value === plan.value) ? 'pass' : 'fail'
    return { value: estimate, low, high, verdict, why: verdict === 'inconclusive' ? why : '' }
  }
  if (low === null || high === null) return { value: estimate, low, high, verdict: 'inconclusive', why }
  return { value: estimate, low, high, ...verdictOf(low, high, plan) }
}

/**
 * Holds an audit against a threshold. What was estimated has to lie within the bound with its whole 95% interval. Findings count those that are reported,
 * and an audit that did not see all it was to see can exceed a bound, and not keep it.
 */
export function checkAudit(plan: AuditThreshold, result: string, audit: AuditResult): CheckedThreshold[] {
  const unit = AUDIT_METRICS[plan.metric]
  if (plan.pattern === undefined) return [{ ...checked(plan, result, '', unit), ...checkValue(plan, audit, audit.totals, audit) }]
  const named = globMatcher(plan.pattern)
  return audit.patterns
    .filter(({ pattern }) => named(pattern))
    .map((pattern) => ({ ...checked(plan, result, pattern.pattern, unit), ...checkValue(plan, audit, pattern, audit) }))
}

type Counted = Pick<PatternResult, 'keys' | 'bytes'>

function checkValue(
  plan: AuditThreshold,
  { findings }: AuditResult,
  counted: Counted,
  { coverage, failure, interrupted }: AuditResult,
): Answer {
  const { value, low, high } = valueOf(plan.metric, findings, counted)
  const answer = Number.isFinite(high) ? verdictOf(low, high, plan) : { verdict: 'inconclusive' as const, why: 'there are no keys' }
  const isWhole = coverage.complete && failure === null && !interrupted
  const partial = 'the audit did not see all that it was to see'
  const isMore = plan.comparison.startsWith('>')
  if (!isWhole && answer.verdict === (isMore ? 'fail' : 'pass')) return { value, low, high, verdict: 'inconclusive', why: partial }
  return Number.isFinite(high) ? { value, low, high, ...answer } : { value: null, low: null, high: null, ...answer }
}

function valueOf(metric: AuditThreshold['metric'], findings: AuditResult['findings'], { keys, bytes }: Counted): Estimate {
  switch (metric) {
    case 'keys':
      return keys
    case 'bytes':
      return bytes
    case 'bytes_per_key':
      // Bytes and keys grow together, so that the true interval is narrower.
      return { value: bytes.value / keys.value, low: bytes.low / keys.high, high: keys.low > 0 ? bytes.high / keys.low : NaN }
    case 'findings':
      return exactly(findings.length)
    case 'findings.error':
    case 'findings.warning':
    case 'findings.note':
      return exactly(findings.filter(({ severity }) => metric === `findings.${severity}`).length)
  }
}

const exactly = (value: number): Estimate => ({ value, low: value, high: value })

function checked({ expression, metric, comparison, value }: RunThreshold | AuditThreshold, result: string, about: string, unit: string) {
  return { expression, result, about, metric, unit, comparison, asked: value }
}

const HOLDS: Record<ThresholdComparison, (a: number, b: number) => boolean> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '==': (a, b) => a === b,
}

function verdictOf(
  low: number,
  high: number,
  plan: { comparison: ThresholdComparison; value: number },
): { verdict: GateVerdict; why: string } {
  const holding = [low, high].filter((end) => HOLDS[plan.comparison](end, plan.value)).length
  if (holding === 2) return { verdict: 'pass', why: '' }
  // Of both ends of an interval none may equal what lies between them.
  const between = plan.comparison === '==' && low <= plan.value && plan.value <= high
  if (holding === 0 && !between) return { verdict: 'fail', why: '' }
  return { verdict: 'inconclusive', why: 'the interval contains the bound' }
}
