import { safeText } from '../../core/text.js'
import { trim } from '../../core/units.js'
import type { Change, CheckedThreshold, GateDocument } from '../../schema/gate.js'
import { markedLines, metricLines, valueText } from '../compare/metrics.js'
import { counted, fromTo, subjectOf } from '../compare/words.js'
import { paint, type Style } from '../style.js'

const TONES = { pass: 'good', fail: 'bad', inconclusive: 'doubtful' } as const

/** A gate's answer as text for a terminal: what failed first, the verdict last. Depends on the document and the style alone. */
export function renderGate(gate: GateDocument, style: Style): string {
  const { verdict, exitCode, reasons } = gate
  const lines = [
    ...thresholdLines(gate.thresholds, style),
    ...gate.baselines.flatMap(({ file, comparison }) => [
      paint(`against ${safeText(file)}, ${counted(comparison.base.sittings, 'sitting')}`, 'dim', style),
      ...metricLines(comparison, style),
    ]),
    ...gate.changes.flatMap((change) => markedLines('bad', changeText(change, style), style)),
    ...reasons.flatMap((reason) => markedLines(TONES[reason.verdict], safeText(reason.message), style)),
    `${paint(verdict, TONES[verdict], style)}  exit ${exitCode}`,
  ]
  return `${lines.join('\n')}\n`
}

function thresholdLines(thresholds: readonly CheckedThreshold[], style: Style): string[] {
  const passed = thresholds.filter(({ verdict }) => verdict === 'pass')
  const others = thresholds.filter(({ verdict }) => verdict !== 'pass').toSorted((a, b) => rank(a) - rank(b))
  return [
    ...others.flatMap(({ verdict, about, metric, expression, why, value, low, high, unit }) => {
      const subject = about === '' ? '' : `${safeText(about)}: `
      const reason = why === '' ? '' : ` (${safeText(why)})`
      const text = `${subject}${metric} is ${valueText(value, low, high, unit)}, asked for ${safeText(expression)}${reason}`
      return markedLines(TONES[verdict], text, style)
    }),
    ...(passed.length > 0 ? markedLines('good', `${counted(passed.length, 'threshold')} kept`, style) : []),
  ]
}

const rank = ({ verdict }: CheckedThreshold) => (verdict === 'fail' ? 0 : 1)

/** `hashes/profile-read one-field: p99 0.92 → 1.31 ms, 1.42x since 2026-11-20 (abc123), 4 runs` */
export function changeText(change: Change, style: Style): string {
  const { metric, unit, before, after, startedAt, label, runsSince, p } = change
  const name = label === null ? '' : ` (${safeText(label)})`
  const ratio = `${trim(after / before, 3)}x`
  return `${subjectOf(change)}: ${metric} ${fromTo(before, after, unit, style)}, ${ratio} since ${startedAt.slice(0, 16).replace('T', ' ')}${name}, ${counted(runsSince, 'run')} (p ${trim(p, 2)})`
}
