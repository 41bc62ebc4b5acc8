import { safeText } from '../core/text.js'
import { formatBytes, formatNumber, trim } from '../core/units.js'
import type { Estimate } from '../schema/audit.js'
import { paint, separator, type Style, type Tone } from './style.js'
import { displayWidth, wrap } from './wrap.js'

/** Longer texts are cut in their middle before they are looked at: a name of 64 KB, or of nothing but combining marks. */
const LONGEST = 2000

/**
 * A text of the document as it can be printed. Those who wrote the document have made it safe already, so what is escaped stays as it
 * is; what is not, in a document that somebody made by hand, is escaped now.
 */
export function shown(text: string, { unicode }: Pick<Style, 'unicode'>): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST / 2)}...${text.slice(-LONGEST / 2)}` : text
  const safe = safeText(short).replaceAll('\\\\', '\\')
  return unicode ? safe : safe.replaceAll(/[‘’]/g, "'").replaceAll('…', '...')
}

/** The same for programs: never cut, and with every sign that it has. */
export function whole(text: string): string {
  return safeText(text).replaceAll('\\\\', '\\')
}

/** A count with all its digits: `1,000,000`. */
export function exact(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 key`, `3 keys`. */
export function counted(count: number, thing: string, things = `${thing}s`): string {
  return `${exact(count)} ${count === 1 ? thing : things}`
}

/** A share as it is, never rounded to nothing or to all: `0%`, `<0.1%`, `9.7%`, `38%`, `>99%`, `100%`. */
export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 0.1) return '<0.1%'
  if (value < 100 && value > 99) return '>99%'
  return value < 10 ? `${trim(value, 2)}%` : `${Math.round(value)}%`
}

/** A share of keys to as many digits as tell it from nothing and from all: `10%`, `99.9997%`. */
export function precisely(part: number, whole: number): string {
  if (part >= whole) return '100%'
  const value = (part / whole) * 100
  const digits = DIGITS.find((count) => Number(value.toFixed(count)) > 0 && Number(value.toFixed(count)) < 100)
  return digits === undefined ? `${value}%` : `${trim(Number(value.toFixed(digits)), 12)}%`
}

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

/** `±3%`: how far an estimate may be off, of its value; empty for what was counted. */
export function uncertainty({ value, low, high }: Estimate, { unicode }: Pick<Style, 'unicode'>): string {
  const off = Math.max(high - value, value - low)
  if (off === 0 || value === 0) return ''
  const share = (off / value) * 100
  return `${unicode ? '±' : '+-'}${share < 10 ? trim(share, 2) : Math.round(share)}%`
}

/** `+60k`, `-1.2M`, `0`. */
export function signedCount(value: number): string {
  return `${value > 0 ? '+' : ''}${formatNumber(value)}`
}

/** `+8.1 MB`, `-38 KB`. */
export function signedBytes(value: number): string {
  return `${value > 0 ? '+' : ''}${formatBytes(value)}`
}

/** The ellipsis that a style can show. */
export function ellipsis({ unicode }: Pick<Style, 'unicode'>): string {
  return unicode ? '…' : '...'
}

/** Parts side by side, a new line beginning where the next one does not fit; one that is too long for a line is broken at spaces. */
export function flow(parts: readonly string[], style: Style, width = style.width): string[] {
  const dot = separator(style)
  const lines: string[] = []
  for (const part of parts) {
    const joined = lines.length === 0 ? part : `${lines.at(-1)}${dot}${part}`
    if (lines.length > 0 && displayWidth(joined) <= width) lines[lines.length - 1] = joined
    else lines.push(...wrap(part, width))
  }
  return lines
}

/** A text beside a label of some columns, broken at spaces, its further lines below its first. */
export function beside(label: string, labelWidth: number, text: string, style: Style, tone?: Tone): string[] {
  const gap = ' '.repeat(Math.max(1, labelWidth - displayWidth(label)))
  const [first = '', ...more] = wrap(text, Math.max(20, style.width - labelWidth))
  const painted = tone === undefined ? label : paint(label, tone, style)
  return [`${painted}${gap}${first}`, ...more.map((line) => `${' '.repeat(labelWidth)}${line}`)]
}
