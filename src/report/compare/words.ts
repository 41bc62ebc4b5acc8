import { safeText } from '../../core/text.js'
import { trim } from '../../core/units.js'
import type { ComparedMetric, CompareResult } from '../../schema/compare.js'
import { formatMetric } from '../../schema/metrics.js'
import type { Style } from '../style.js'

/** The command that makes such a comparison: only one measures rounds in pairs. */
export function commandOf(result: CompareResult): string {
  return result.kind === 'runs' && result.design === 'paired' ? 'redline ab' : 'redline compare'
}

/** `hashes/profile-read one-field`, with the load where there are several. */
export function subjectOf({ scenario, variant, load }: Pick<ComparedMetric, 'scenario' | 'variant' | 'load'>): string {
  return safeText([scenario, variant, ...(load === null ? [] : [load])].join(' '))
}

/** `0.92 -> 1.31 ms`; the unit once where both have the same. */
export function fromTo(before: number | null, after: number | null, unit: string, { unicode }: Pick<Style, 'unicode'>): string {
  const [from, to] = [before, after].map((value) => (value === null ? 'nothing' : formatMetric(value, unit)))
  const [number = '', own] = from!.split(' ')
  const isShared = own !== undefined && to!.endsWith(` ${own}`)
  return `${isShared ? number : from} ${unicode ? '→' : '->'} ${to}`
}

/** `1.42x (1.31 to 1.55)`, or `+0.4% (0.3% to 0.5%)` of what has no ratio; empty where nothing is known. */
export function changeText({ by, estimate, low, high, unit }: ComparedMetric): string {
  if (estimate === null) return ''
  const say = (value: number) => (by === 'ratio' ? trim(value, 3) : formatMetric(value, unit))
  const interval = low === null || high === null ? '' : ` (${say(low)} to ${say(high)})`
  return by === 'ratio' ? `${say(estimate)}x${interval}` : `${estimate > 0 ? '+' : ''}${say(estimate)}${interval}`
}

/** `920 us`, or `0.92 ms (0.9 to 0.94)`; the unit once where all have the same. */
export function withInterval(value: number | null, low: number | null, high: number | null, unit: string): string {
  if (value === null) return 'not measured'
  const text = formatMetric(value, unit)
  if (low === null || high === null || low === high) return text
  const ends = [low, high].map((end) => formatMetric(end, unit))
  const own = / \S+$/.exec(text)?.[0]
  const isShared = own !== undefined && ends.every((end) => end.endsWith(own))
  return `${text} (${ends.map((end) => (isShared ? end.slice(0, -own.length) : end)).join(' to ')})`
}

/** What was allowed in the direction that got worse: `limit 1.05x`. */
export function limitText({ by, limit, better, unit }: ComparedMetric): string {
  if (by === 'difference') return `limit ${better === 'higher' ? '-' : '+'}${formatMetric(limit, unit)}`
  return `limit ${trim(better === 'lower' ? 1 + limit : 1 / (1 + limit), 3)}x`
}

/** `1 metric`, `3 metrics`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
