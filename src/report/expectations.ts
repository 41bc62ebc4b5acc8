import { safeText } from '../core/text.js'
import { trim } from '../core/units.js'
import { formatMetric, isMetricName, METRICS } from '../schema/metrics.js'
import type { ExpectationResult, VariantResult } from '../schema/result.js'
import { paint, type Style, TONES } from './style.js'
import { wrap } from './wrap.js'

type Verdict = ExpectationResult['verdict']

const ASKED = { '>': 'more than', '>=': 'at least', '<': 'less than', '<=': 'at most' } as const
const LABEL_WIDTH = 14

/** A claim holds when all that is expected of it does, and is refuted when any of it is. */
export function verdictOfClaim(expectations: readonly ExpectationResult[]): Verdict {
  if (expectations.some(({ verdict }) => verdict === 'refuted')) return 'refuted'
  return expectations.every(({ verdict }) => verdict === 'holds') ? 'holds' : 'inconclusive'
}

/**
 * One line or more for each expectation: its verdict, what was observed with its interval, and what was asked for; below it what the
 * workloads of its variants said of themselves, once. `engine` is where: `redis 7.0.15`.
 */
export function expectationLines(
  expectations: readonly ExpectationResult[],
  variants: readonly VariantResult[],
  engine: string,
  style: Style,
): string[] {
  const said = new Set<string>()
  const lines = (label: string, text: string) => {
    const [first = '', ...more] = wrap(text, style.width - LABEL_WIDTH - 2)
    return [`  ${label}${first}`, ...more.map((line) => `  ${' '.repeat(LABEL_WIDTH)}${line}`)]
  }
  return expectations.flatMap((expectation) => {
    const { verdict, left, right } = expectation
    const label = paint(verdict, TONES[verdict], style) + ' '.repeat(Math.max(1, LABEL_WIDTH - verdict.length))
    const sides = [left.variant, ...(right ? [right.variant] : [])]
    const remarks = sides.flatMap((id) => saidBy(id, variants, engine)).filter((remark) => !said.has(remark) && said.add(remark))
    return [...lines(label, explained(expectation)), ...remarks.flatMap((remark) => lines(' '.repeat(LABEL_WIDTH), remark))]
  })
}

/** What the workload of a variant said in its last round that may be used, with its name where there are several. */
export function saidBy(id: string, variants: readonly VariantResult[], engine: string): string[] {
  const rounds = variants.find((variant) => variant.id === id)?.rounds ?? []
  const last = rounds.findLast(({ validity }) => validity.verdict !== 'invalid')
  const name = variants.length > 1 ? `${safeText(id)}: ` : ''
  return (last?.remarks ?? []).map((remark) => name + onEngine(safeText(remark), engine))
}

/** `the switch is at 512 fields on redis 7.0.15 (hash-max-listpack-entries 512)`. */
function onEngine(remark: string, engine: string): string {
  const [, phrase = remark, aside = ''] = /^(.*?)( \([^()]*\))?$/s.exec(remark) ?? []
  return `${phrase} on ${engine}${aside}`
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
