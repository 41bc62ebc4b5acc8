import { didYouMean, quote } from '../core/text.js'
import { AUDIT_METRICS, type AuditMetric, THRESHOLD_COMPARISONS, type ThresholdComparison, type ThresholdPlan } from '../schema/gate.js'
import { isMetricName, METRICS } from '../schema/metrics.js'
import { parseBytes, parseCount } from '../core/units.js'
import { messageOf } from '../core/errors.js'
import { type ExpressionMistake, readQuantity } from './expectations.js'

/**
 * Reads `[subject: ]metric comparison quantity`. Of a metric of runs the subject is `scenario [variant [load]]` (`hashes/* one-field: p99 < 2ms`), of
 * one of audits a pattern (`session:*: bytes_per_key < 120`); without one it is everything.
 */
export function readThreshold(expression: string): ThresholdPlan | { mistakes: ExpressionMistake[] } {
  const match = /^\s*(?:(.*):\s+)?([\w.]+)\s*(<=|>=|==|<|>)\s*(\S.*?)\s*$/s.exec(expression)
  if (match === null) return { mistakes: [{ offset: 0, message: `${quote(expression)} is no threshold; ${FORM}` }] }
  const [, subject = '', metric = '', comparison = '', quantity = ''] = match
  const at = {
    metric: expression.indexOf(metric, expression.indexOf(subject) + subject.length),
    quantity: expression.lastIndexOf(quantity),
  }
  const mistakes: ExpressionMistake[] = []
  const fail = (offset: number, message: string) => void mistakes.push({ offset, message })
  const plan = planOf(expression, { subject: subject.trim(), metric, comparison: comparisonOf(comparison), quantity, at }, fail)
  return plan === undefined || mistakes.length > 0 ? { mistakes } : plan
}

/** What the expression above lets through is one of them. */
function comparisonOf(text: string): ThresholdComparison {
  return THRESHOLD_COMPARISONS.find((comparison) => comparison === text)!
}

const FORM = "write 'hashes/profile-read one-field: p99 < 2ms', 'findings.error == 0' or 'session:*: bytes_per_key < 120'"

type Fail = (offset: number, message: string) => void

interface Parts {
  subject: string
  metric: string
  comparison: ThresholdComparison
  quantity: string
  /** Where they stand in the expression. */
  at: { metric: number; quantity: number }
}

function planOf(expression: string, parts: Parts, fail: Fail): ThresholdPlan | undefined {
  const { subject, metric, comparison, quantity, at } = parts
  if (isAuditMetric(metric)) {
    const value = readAuditQuantity(quantity, metric, (message) => fail(at.quantity, message))
    if (subject !== '' && metric.startsWith('findings'))
      fail(0, `${metric} is of the whole audit; settings of rules and suppressions say what counts`)
    return { of: 'audit', expression, comparison, value, metric, pattern: subject === '' ? undefined : subject }
  }
  if (!isMetricName(metric)) {
    const known = [...Object.keys(METRICS), ...Object.keys(AUDIT_METRICS)]
    fail(at.metric, `unknown metric ${metric}${didYouMean(metric, known) || '; redline list metrics names those of runs'}`)
    return undefined
  }
  const [scenario = '*', variant = '*', load, ...rest] = subject === '' ? [] : subject.split(/\s+/)
  if (rest.length > 0) fail(0, 'name a scenario, and, if need be, a variant and a load of it')
  const value = readQuantity(quantity, metric, (message) => fail(at.quantity, message))
  if (comparison === '==' && value !== 0) fail(at.metric, `${metric} is never exactly that; use < and >`)
  return { of: 'run', expression, comparison, value, metric, scenario, variant, load }
}

function isAuditMetric(name: string): name is AuditMetric {
  return Object.hasOwn(AUDIT_METRICS, name)
}

function readAuditQuantity(text: string, metric: AuditMetric, fail: (message: string) => void): number {
  try {
    return AUDIT_METRICS[metric] === 'bytes' ? parseBytes(text.replace(/\s+/, '')) : parseCount(text)
  } catch (error) {
    fail(messageOf(error))
    return 0
  }
}
