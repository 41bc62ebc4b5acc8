import { InputError } from '../core/errors.js'
import { quote } from '../core/text.js'
import { parseDuration } from '../core/units.js'

/** How much an audit may disturb a server. */
export interface ImpactLimits {
  /** Milliseconds that it may add to the 99th percentile of others' latency. */
  addedP99Ms: number
  /** Share of one core of the server that it may use. */
  cpuShare: number
}

/** What an audit may do unless it is told otherwise. */
export const DEFAULT_IMPACT: ImpactLimits = { addedP99Ms: 1, cpuShare: 0.25 }

/**
 * The limits that `1ms,25%`, `500us` or `10%` set, the other one as by default; null for `none`. Throws InputError on anything else.
 */
export function parseImpact(text: string): ImpactLimits | null {
  if (text.trim() === 'none') return null
  const limits: Partial<ImpactLimits> = {}
  for (const part of text.split(',').map((piece) => piece.trim())) {
    const limit = limitOf(part)
    if (limit === undefined || Object.keys(limit).some((name) => name in limits)) throw notAnImpact(text)
    Object.assign(limits, limit)
  }
  return { ...DEFAULT_IMPACT, ...limits }
}

function limitOf(part: string): Partial<ImpactLimits> | undefined {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(part)?.[1] ?? NaN)
  if (percent > 0 && percent <= 100) return { cpuShare: percent / 100 }
  if (!/^[\d.]+[a-z]+$/.test(part)) return undefined
  const milliseconds = parseDuration(part)
  return milliseconds > 0 ? { addedP99Ms: milliseconds } : undefined
}

function notAnImpact(text: string): InputError {
  return new InputError(`${quote(text)} is no limit of impact; write 1ms,25% (added p99, share of the server's core), one of them, or none`)
}
