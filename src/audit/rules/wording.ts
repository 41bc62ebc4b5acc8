import { formatBytes, formatNumber, formatDuration, trim } from '../../core/units.js'
import type { Estimate } from '../../schema/audit.js'
import type { Counters } from '../facts.js'

/* How findings say numbers, so that all say them alike. */

/** Why rules about the lengths of collections say nothing. */
export const NO_LENGTHS = 'the lengths of collections were not read (--allow touch reads them; idle times then start anew)'

/** `38%`, `0.4%`; a share that is not quite nothing or all is not said to be: `<0.1%`, `>99%`. */
export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 0.1) return '<0.1%'
  if (value < 10) return `${trim(value, 2)}%`
  return value < 100 && Math.round(value) === 100 ? '>99%' : `${Math.round(value)}%`
}

/** `1 key`, `96.2k keys`, `about 96.2k keys` where it is an estimate. */
export function keyCount(keys: Estimate | number): string {
  return `${hedge(keys)}${counted(valueOf(keys), 'key')}`
}

/** `12 of 1,000 keys`, `all 300 keys`. */
export function someOf(part: number, keys: Estimate): string {
  return part >= keys.value && keys.value > 1 ? `all ${keyCount(keys)}` : `${formatNumber(part)} of ${keyCount(keys)}`
}

/** `38 MB`, `about 38 MB` where it is an estimate. */
export function byteCount(bytes: Estimate | number): string {
  return `${hedge(bytes)}${formatBytes(valueOf(bytes))}`
}

/** `1 element`, `5,000 elements`, `39.9k elements`. */
export function counted(count: number, thing: string, things = `${thing}s`): string {
  return `${formatNumber(count)} ${count === 1 ? thing : things}`
}

/** `once`, `12 times`, `96.2k times`. */
export function times(count: number): string {
  return count === 1 ? 'once' : `${formatNumber(count)} times`
}

/** `5m ago`, `3d 4h ago`; `just now` where clocks tell less than a second. */
export function ago(seconds: number): string {
  return seconds < 1 ? 'just now' : `${formatDuration(Math.round(seconds) * 1000)} ago`
}

/** From when the counters count: `since the server started 3d ago`, `since the audit 24h ago`. */
export function countedSince({ basis, seconds }: Pick<Counters, 'basis' | 'seconds'>): string {
  return `since the ${basis === 'server start' ? 'server started' : 'audit'} ${ago(seconds)}`
}

/** `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function listed(things: readonly string[], most = 3): string {
  const left = things.length - most
  const named = left > 1 ? [...things.slice(0, most), `${formatNumber(left)} more`] : things
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}

function hedge(number: Estimate | number): string {
  return typeof number !== 'number' && number.low < number.high ? 'about ' : ''
}

function valueOf(number: Estimate | number): number {
  return typeof number === 'number' ? number : number.value
}
