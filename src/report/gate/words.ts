import { trim } from '../../core/units.js'
import type { Change, CheckedThreshold } from '../../schema/gate.js'
import { whole } from '../words.js'
import { counted, fromTo, subjectOf, withInterval } from '../compare/words.js'
import type { Style } from '../style.js'

/** `hashes/profile-read one-field: p99 is 2.31 ms (2.2 to 2.42), asked for p99 < 2ms` */
export function thresholdText({ about, metric, expression, why, value, low, high, unit }: CheckedThreshold): string {
  const subject = about === '' ? '' : `${whole(about)}: `
  const reason = why === '' ? '' : ` (${whole(why)})`
  return `${subject}${whole(metric)} is ${withInterval(value, low, high, unit)}, asked for ${whole(expression)}${reason}`
}

/** `hashes/profile-read one-field: p99 0.92 → 1.31 ms, 1.42x since 2026-11-20 (abc123), 4 runs` */
export function changeText(change: Change, style: Pick<Style, 'unicode'>): string {
  const { metric, unit, before, after, startedAt, label, runsSince, p } = change
  const name = label === null ? '' : ` (${whole(label)})`
  const ratio = `${trim(after / before, 3)}x`
  return `${subjectOf(change)}: ${whole(metric)} ${fromTo(before, after, unit, style)}, ${ratio} since ${startedAt.slice(0, 16).replace('T', ' ')}${name}, ${counted(runsSince, 'run')} (p ${trim(p, 2)})`
}
