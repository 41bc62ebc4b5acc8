import { setTimeout as sleep } from 'node:timers/promises'
import {
  applyPolicy,
  type Audited,
  type AuditOptions,
  type AuditResult,
  auditToJson,
  loadRules,
  parseAddress,
  parseAuditResult,
  type ProgressEvent,
  type ProjectFile,
  renderAudit,
  resolvePolicy,
  runAudit,
} from '#redline/index.js'

/** An audit from its address to what is printed of it. */
export interface WholeAudit {
  audited: Audited
  /** As it is read back from what was written. */
  result: AuditResult
  json: string
  /** As a terminal of 100 columns without colours shows it. */
  text: string
  warnings: string[]
}

export interface WholeAuditOptions extends Partial<Omit<AuditOptions, 'address' | 'policy'>> {
  /** An audit that takes longer hangs; 30 seconds by default. */
  deadlineMs?: number
  /** Rules to ask; all by default. */
  rules?: string[]
  /** As redline.config.yaml would have it. */
  file?: ProjectFile
}

const rules = await loadRules()

/** Audits a server as `redline audit --max-impact none` does. Throws what the audit throws, and when it takes longer than it may. */
export async function auditWhole(url: string, options: WholeAuditOptions = {}): Promise<WholeAudit> {
  const { deadlineMs = 30_000, rules: chosen, file, ...given } = options
  const policy = resolvePolicy(rules, file, { rules: chosen })
  const warnings: string[] = []
  const onProgress = (event: ProgressEvent) => void (event.kind === 'warning' && warnings.push(event.message))
  const audited = await within(
    deadlineMs,
    runAudit({
      address: parseAddress(url, {}),
      policy,
      databases: undefined,
      sample: undefined,
      seed: 1,
      budget: 'none',
      limits: {},
      preferReplica: true,
      mayTouch: false,
      master: undefined,
      expectedRole: undefined,
      redact: false,
      since: undefined,
      resume: undefined,
      version: '0.0.0-test',
      signal: new AbortController().signal,
      timeoutMs: 5000,
      onProgress,
      ...given,
    }),
  )
  const { result: judged } = applyPolicy(audited.audit, policy, rules, { previous: audited.previous })
  const json = auditToJson(judged)
  const result = parseAuditResult(json, 'the audit')
  return { audited, result, json, text: renderAudit(result, { width: 100, color: false, unicode: true }), warnings }
}

/** What the work gives. Throws when it takes longer. */
export async function within<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = sleep(deadlineMs, undefined, { signal: timer.signal }).then(
    () => Promise.reject(new Error(`still not done after ${deadlineMs} ms`)),
    () => new Promise<never>(() => undefined),
  )
  try {
    return await Promise.race([work, late])
  } finally {
    timer.abort()
  }
}

/** What does not add up in an audit of all keys; empty when everything does. */
export function contradictions({ totals, patterns, coverage, target }: AuditResult): string[] {
  const sum = <T>(items: readonly T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0)
  const types = Object.values(totals.types)
  const encodings = Object.values(totals.encodings)
  const parts: [string, number, number][] = [
    ['keys that were seen', coverage.keysSeen, totals.keys.value],
    ['keys by type', sum(types, ({ keys }) => keys), totals.keys.value],
    ['bytes by type', sum(types, ({ bytes }) => bytes), totals.bytes.value],
    ['keys by encoding', sum(encodings, ({ keys }) => keys), totals.keys.value],
    ['keys by pattern', sum(patterns, ({ keys }) => keys.value), totals.keys.value],
    ['bytes by pattern', sum(patterns, ({ bytes }) => bytes.value), totals.bytes.value],
    ['least and value', totals.keys.low, totals.keys.value],
    ['most and value', totals.keys.high, totals.keys.value],
  ]
  const unequal = parts.filter(([, part, whole]) => part !== whole).map(([what, part, whole]) => `${what}: ${part}, not ${whole}`)
  const many = patterns.filter(({ keys, persistent }) => persistent.keys.value > keys.value).map(({ pattern }) => `${pattern} persists`)
  return [...unequal, ...many, ...(target.nodes.length === 0 && coverage.complete ? ['complete without a server'] : [])]
}
