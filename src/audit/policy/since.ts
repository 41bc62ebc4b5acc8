import type { AuditResult, Estimate, Finding, PatternResult, SinceResult } from '../../schema/audit.js'

type Audited = Omit<AuditResult, 'gate' | 'since'>

const NOTHING: Estimate = { value: 0, low: 0, high: 0 }

/**
 * What changed since an earlier audit. Growth of what was estimated has an interval, and what lies within it did not change. A finding is
 * fixed only where `silenceProves` says that its rule would have found it, and new only where `silenceProved` says so of the earlier audit.
 */
export function compareSince(
  previous: AuditResult,
  now: Audited,
  silenceProves: (rule: string) => boolean,
  silenceProved: (rule: string) => boolean,
): SinceResult {
  const before = [...previous.findings, ...previous.known, ...previous.suppressed.map(({ finding }) => finding)]
  const after = [...now.findings, ...now.known, ...now.suppressed.map(({ finding }) => finding)]
  const added = without([...now.findings, ...now.known], before)
  return {
    startedAt: previous.startedAt,
    keys: growth(now.totals.keys, previous.totals.keys),
    bytes: growth(now.totals.bytes, previous.totals.bytes),
    patterns: patternChanges(previous, now),
    fixed: without(before, after)
      .filter(({ rule }) => silenceProves(rule))
      .map(nameOf),
    added: added.filter(({ rule }) => silenceProved(rule)).map(nameOf),
    remarks: differences(previous, now, added),
  }
}

function nameOf({ rule, about }: Finding): { rule: string; about: string } {
  return { rule, about }
}

/** The findings that `others` do not have, each once. */
function without(findings: readonly Finding[], others: readonly Finding[]): Finding[] {
  const seen = new Set(others.map(({ fingerprint }) => fingerprint))
  return findings.filter(({ fingerprint }) => !seen.has(fingerprint) && seen.add(fingerprint))
}

/** The difference of two independent estimates; their distances to a bound add up as the roots of their squares. */
function growth(now: Estimate, before: Estimate): Estimate {
  const value = now.value - before.value
  return {
    value,
    low: value - Math.hypot(now.value - now.low, before.high - before.value),
    high: value + Math.hypot(now.high - now.value, before.value - before.low),
  }
}

function patternChanges(before: Audited, now: Audited): SinceResult['patterns'] {
  const [old, current] = [before, now].map(({ patterns }) => new Map(patterns.map((pattern) => [pattern.pattern, pattern])))
  const names = [...new Set([...current!.keys(), ...old!.keys()])]
  return names
    .map((pattern): SinceResult['patterns'][number] => {
      const [then, today] = [old!.get(pattern), current!.get(pattern)]
      const keys = growth(today?.keys ?? unseen(now, 'keys', then), then?.keys ?? unseen(before, 'keys', today))
      const bytes = growth(today?.bytes ?? unseen(now, 'bytes', then), then?.bytes ?? unseen(before, 'bytes', today))
      const moved = isCertain(bytes) ? bytes.value : keys.value
      return { pattern, change: !then ? 'new' : !today ? 'gone' : moved > 0 ? 'grown' : 'shrunk', keys, bytes }
    })
    .filter(({ keys, bytes }) => isCertain(keys) || isCertain(bytes))
    .toSorted((a, b) => Math.abs(b.bytes.value) - Math.abs(a.bytes.value) || (a.pattern < b.pattern ? -1 : 1))
}

/**
 * How much of a pattern there may be in an audit that saw nothing of it: nothing, where it read every key; where it read a share of them,
 * fewer than three times its inverse (with 95%), each as large as the keys of the other audit.
 */
function unseen({ coverage }: Audited, what: 'keys' | 'bytes', other: PatternResult | undefined): Estimate {
  const { mode, complete, keysSeen, keysThere } = coverage
  if (other === undefined || (mode === 'full' && complete)) return NOTHING
  const share = Math.min(1, keysSeen / Math.max(1, keysThere))
  const keys = share > 0 ? 3 / share : Infinity
  return { value: 0, low: 0, high: what === 'keys' ? keys : (keys * other.bytes.value) / Math.max(1, other.keys.value) }
}

/** More than chance explains. */
function isCertain({ low, high }: Estimate): boolean {
  return low > 0 || high < 0
}

function differences(previous: AuditResult, now: Audited, added: readonly Finding[]): string[] {
  const remarks: string[] = []
  const differ = (what: string, before: string, after: string) => {
    if (before !== after) remarks.push(`${what}: ${before} then, ${after} now`)
  }
  differ('target', previous.target.name, now.target.name)
  differ('read', readOf(previous), readOf(now))
  differ('databases', previous.coverage.databases.join(' '), now.coverage.databases.join(' '))
  const assessed = new Set([...previous.rules.passed, ...previous.rules.failed])
  const unasked = [...new Set(added.map(({ rule }) => rule).filter((rule) => !assessed.has(rule)))]
  if (unasked.length > 0) remarks.push(`not assessed then: ${unasked.join(', ')}`)
  return remarks
}

function readOf({ coverage: { mode, complete } }: Audited): string {
  const what = { full: 'every key', sample: 'a sample', none: 'no keys' }[mode]
  return complete ? what : `${what}, not to the end`
}
