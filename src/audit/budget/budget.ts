import { InputError, RedlineError } from '../../core/errors.js'
import { quote } from '../../core/text.js'
import { parseDuration } from '../../core/units.js'
import type { Traffic } from '../../wire/traffic.js'

/** What an audit may take from a server that others use. */
export interface Budget {
  /** How much longer the slowest hundredth of everyone else's requests may take, in milliseconds. */
  addedP99Ms: number
  /** Share of one core: a server runs commands on one thread. */
  cpuShare: number
}

/** Hard limits, which hold whatever the budget leaves. */
export interface Limits {
  /** Commands a second, on each server. */
  opsPerSecond?: number
  /** From the moment the budget is opened. */
  timeMs?: number
}

export const DEFAULT_BUDGET: Budget = { addedP99Ms: 1, cpuShare: 0.25 }

/** The finest difference that a PING can show on a quiet network. */
const LEAST_ADDED_MS = 0.1
const LEAST_SHARE = 0.01
const FORMS = 'write 1ms, 25%, 1ms,25% or none'

/**
 * Reads `--max-impact`: `1ms` (added p99), `25%` (of the server's core), both as `1ms,25%`, or `none`. The half that is not
 * named keeps its default. Throws InputError on anything else.
 */
export function parseMaxImpact(text: string): Budget | 'none' {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length === 1 && parts[0] === 'none') return 'none'
  const shares = parts.filter((part) => part.endsWith('%'))
  const times = parts.filter((part) => !part.endsWith('%'))
  if (shares.length > 1 || times.length > 1) throw new InputError(`${quote(text)} is not one time, one share, or one of each; ${FORMS}`)
  const budget = { ...DEFAULT_BUDGET }
  if (shares[0] !== undefined) budget.cpuShare = parseShare(shares[0])
  if (times[0] !== undefined) budget.addedP99Ms = parseAdded(times[0])
  return budget
}

function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)
  if (!match) throw new InputError(`${quote(text)} is not a share of a core; ${FORMS}`)
  const share = Number(match[1]) / 100
  if (share < LEAST_SHARE || share > 1) throw new InputError(`${quote(text)} is not between 1% and 100% of the core of a server`)
  return share
}

function parseAdded(text: string): number {
  if (!/^\d+(?:\.\d+)?[a-z]+$/.test(text)) throw new InputError(`${quote(text)} is not an impact; ${FORMS}`)
  const ms = parseDuration(text)
  if (ms < LEAST_ADDED_MS) throw new InputError(`${quote(text)} is less than a probe can tell; write ${LEAST_ADDED_MS}ms or more`)
  return ms
}

/** A hard limit was reached: the audit ends, and reports what it has read so far as incomplete. */
export class BudgetEnded extends RedlineError {
  /** Which one, as a report names it: `time limit`. */
  readonly limit: string

  constructor(limit: string, message: string, hint: string) {
    super(message, { hint })
    this.limit = limit
  }
}

/** What reading the keys of one server cost, as the `cost` of a result document has it. */
export interface BudgetReport {
  /** Of a PING beside the scan; null without a budget, when none were sent. */
  latency: { probes: number; p99BeforeMs: number; p99DuringMs: number; addedP99Ms: number } | null
  /** What the probe itself sent and got. */
  traffic: Traffic
  /** CPU of the server's main thread while its keys were read, above what it used without; null when INFO does not tell. */
  serverCpuSeconds: number | null
  /** Of one core, over the time of the scan. */
  serverCpuShare: number | null
  /** Time that the scan waited for its turn. */
  pausedSeconds: number
  /** How often it slowed down or stopped because of something that was seen. */
  backOffs: number
  /** What that was, one sentence each. */
  reasons: string[]
}
