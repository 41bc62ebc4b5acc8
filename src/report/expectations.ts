import { safeText } from '../core/text.js'
import { trim } from '../core/units.js'
import { formatMetric, isMetricName, METRICS } from '../schema/metrics.js'
import type { ExpectationResult } from '../schema/result.js'
import { paint, type Style, type Tone } from './style.js'
import { wrap } from './wrap.js'

type Verdict = ExpectationResult['verdict']

const TONES: Record<Verdict, Tone> = { holds: 'good', refuted: 'bad', inconclusive: 'doubtful' }
const ASKED = { '>': 'more than', '>=': 'at least', '<': 'less than', '<=': 'at most' } as const
const LABEL_WIDTH = 14

/** A claim holds when all that is expected of it does, and is refuted when any of it is. */
export function verdictOfClaim(expectations: readonly ExpectationResult[]): Verdict {
  if (expectations.some(({ verdict }) => verdict === 'refuted')) return 'refuted'
  return expectations.every(({ verdict }) => verdict === 'holds') ? 'holds' : 'inconclusive'
}

/** One line or more for each expectation: its verdict, what was observed with its interval, and what was asked for. */
export function expectationLines(expectations: readonly ExpectationResult[], style: Style): string[] {
  return expectations.flatMap((expectation) => {
    const { verdict } = expectation
    const [first = '', ...more] = wrap(explained(expectation), style.width - LABEL_WIDTH - 2)
    const label = paint(verdict, TONES[verdict], style) + ' '.repeat(Math.max(1, LABEL_WIDTH - verdict.length))
    return [`  ${label}${first}`, ...more.map((line) => `  ${' '.repeat(LABEL_WIDTH)}${line}`)]
  })
}

/** What was observed of an expectation, and why it was left open. */
export function explained(expectation: ExpectationResult): string {
  const { why } = expectation
  return why === '' ? observation(expectation) : `${observation(expectation)}: ${safeText(why)}`
}

/** What was observed, with its interval, and what was asked for: `a does 1.35x b (1.31 to 1.39), asked for more than 1.2x`. */
function observation(expectation: ExpectationResult): string {
  const { left, over, right, comparison, observed, low, high, asked } = expectation
  const unit = isMetricName(left.metric) ? METRICS[left.metric].unit : ''
  const show = (value: number) => (right ? `${trim(value, 3)}x` : over === null ? formatMetric(value, unit) : trim(value, 2))
  const askedFor = `asked for ${ASKED[comparison]} ${show(asked)}`
  if (observed === null) return `${safeText(expectation.expression)} was not measured`
  const interval = low === null || high === null ? '' : ` (${right ? trim(low, 3) : show(low)} to ${right ? trim(high, 3) : show(high)})`
  const [subject, object] = [left, right].map(
    (side) => side && safeText(side.load === null ? side.variant : `${side.variant} · ${side.load}`),
  )
  const metric = safeText(left.metric)
  if (over !== null) return `${metric} of ${subject} grows with ${safeText(over)} to the power of ${show(observed)}${interval}, ${askedFor}`
  if (!right) return `${metric} of ${subject} is ${show(observed)}${interval}, ${askedFor}`
  if (left.metric === 'throughput' && right.metric === 'throughput')
    return `${subject} does ${show(observed)} ${object}${interval}, ${askedFor}`
  const other = right.metric === left.metric ? `that of ${object}` : `${safeText(right.metric)} of ${object}`
  return `${metric} of ${subject} is ${show(observed)} ${other}${interval}, ${askedFor}`
}
