import { formatBytes, formatCount, trim } from '../../core/units.js'
import type { Estimate } from '../../schema/audit.js'

/* How findings say numbers, so that all say them alike. */

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

/** `38 MB`, `about 38 MB` where it is an estimate. */
export function byteCount(bytes: Estimate | number): string {
  return `${hedge(bytes)}${formatBytes(valueOf(bytes))}`
}

/** `1 element`, `5k elements`. */
export function counted(count: number, thing: string, things = `${thing}s`): string {
  return `${formatCount(count)} ${count === 1 ? thing : things}`
}

function hedge(number: Estimate | number): string {
  return typeof number !== 'number' && number.low < number.high ? 'about ' : ''
}

function valueOf(number: Estimate | number): number {
  return typeof number === 'number' ? number : number.value
}
