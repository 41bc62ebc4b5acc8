import { InputError } from './errors.js'
import { quote } from './text.js'

const DURATION_MS: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const COUNTS: Record<string, number> = { '': 1, k: 1000, m: 1e6, g: 1e9 }
const BYTES: Record<string, number> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/** Milliseconds of a duration such as `10s`, `500ms`, `2m`, `1h`, `7d`. Throws InputError on anything else. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h|d)$/.exec(text.trim())
  if (!match) throw new InputError(`${quote(text)} is not a duration; write 10s, 500ms or 2m`)
  return Number(match[1]) * DURATION_MS[match[2]!]!
}

/** Bytes of a size such as `64`, `100KB`, `1.5mb` (1 KB = 1024 bytes, as in redis.conf). Throws InputError on anything else. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(b|kb|mb|gb)?$/i.exec(text.trim())
  if (!match) throw new InputError(`${quote(text)} is not a size; write 64, 100KB or 5MB`)
  return Math.round(Number(match[1]) * BYTES[(match[2] ?? 'b').toLowerCase()]!)
}

/** A whole number such as `500`, `100k`, `1.5M`. Throws InputError on anything else. */
export function parseCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kmg])?$/i.exec(text.trim())
  const value = match ? Number(match[1]) * COUNTS[(match[2] ?? '').toLowerCase()]! : NaN
  if (!Number.isSafeInteger(value)) throw new InputError(`${quote(text)} is not a number of things; write 500, 100k or 1.5M`)
  return value
}

/** `90ms`, `1.5s`, `2m`, `1m 30s`, `1h 5m`; in days from 48 hours on: `3d 4h`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${trim(ms, 3)}ms`
  if (ms < 59_950) return `${trim(ms / 1000, 3)}s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return twoUnits(Math.floor(seconds / 60), 'm', seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 48 * 60) return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'm')
  const hours = Math.round(minutes / 60)
  return twoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

function twoUnits(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit} ${small}${smallUnit}`
}

/** A count with three significant digits and an SI suffix: `96.2k`, `1.05M`, `870`. */
export function formatCount(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= 999.5e6) return `${trim(value / 1e9, 3)}G`
  if (magnitude >= 999.5e3) return `${trim(value / 1e6, 3)}M`
  if (magnitude >= 999.5) return `${trim(value / 1e3, 3)}k`
  return trim(value, 3)
}

/** A number of things: all its digits below ten thousand, `4,210`; three significant ones from there on, `39.9k`. */
export function formatNumber(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= 9999.5 || (magnitude < 10 && !Number.isInteger(value))) return formatCount(value)
  return String(Math.round(value)).replace(/(?<=\d)(?=\d{3}$)/, ',')
}

/** Bytes with three significant digits: `142 B`, `38 KB`, `1.2 GB`. */
export function formatBytes(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= 1024 ** 3) return `${trim(value / 1024 ** 3, 3)} GB`
  if (magnitude >= 1024 ** 2) return `${trim(value / 1024 ** 2, 3)} MB`
  if (magnitude >= 1024) return `${trim(value / 1024, 3)} KB`
  return `${trim(value, 3)} B`
}

/** Like `trim`, but with its zeros, for numbers that stand below each other: `0.500`, `16.0`, `1630`. */
export function significant(value: number, digits: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  return value.toFixed(Math.min(20, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))))))
}

/** `digits` significant digits, never in exponent form and never rounding away an integer part. */
export function trim(value: number, digits: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))))
  return value
    .toFixed(Math.min(decimals, 20))
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}
