import type { Finding } from '../../schema/audit.js'
import type { Baseline, BaselineEntry } from '../../schema/baseline.js'
import { rankOf } from './settings.js'

export interface BaselineOutcome {
  /** What the baseline does not know, or knew as less severe. */
  findings: Finding[]
  known: Finding[]
  /** Entries whose finding is no longer there. */
  stale: BaselineEntry[]
  /** Findings that are more severe than what was accepted. */
  remarks: string[]
}

/**
 * Sets aside the findings that a baseline knows. An entry is stale when nothing has its fingerprint and `silenceProves` says that its
 * rule would have found it; `suppressed` findings are still there, though nobody is told of them.
 */
export function applyBaseline(
  findings: readonly Finding[],
  suppressed: readonly Finding[],
  baseline: Baseline,
  silenceProves: (rule: string) => boolean,
): BaselineOutcome {
  const accepted = new Map(baseline.findings.map((entry) => [entry.fingerprint, entry]))
  const outcome: BaselineOutcome = { findings: [], known: [], stale: [], remarks: [] }
  for (const finding of findings) {
    const entry = accepted.get(finding.fingerprint)
    const worse = entry !== undefined && rankOf(finding.severity) < rankOf(entry.severity)
    if (worse) outcome.remarks.push(`${finding.rule} of ${finding.about} was accepted as ${named(entry)} and is now ${named(finding)}`)
    if (entry === undefined || worse) outcome.findings.push(finding)
    else outcome.known.push(finding)
  }
  const there = new Set([...findings, ...suppressed].map((finding) => finding.fingerprint))
  outcome.stale = baseline.findings.filter((entry) => !there.has(entry.fingerprint) && silenceProves(entry.rule))
  return outcome
}

function named({ severity }: { severity: Finding['severity'] }): string {
  return severity === 'error' ? 'an error' : `a ${severity}`
}

/** A baseline without its stale entries. */
export function pruned(baseline: Baseline, stale: readonly BaselineEntry[]): Baseline {
  return { ...baseline, findings: baseline.findings.filter((entry) => !stale.includes(entry)) }
}

/**
 * A baseline that knows all of `findings`. Notes of the one before are kept, and so are its entries that are not stale: what an audit
 * could not look at is not forgotten.
 */
export function baselineOf(findings: readonly Finding[], before?: { baseline: Baseline; stale: readonly BaselineEntry[] }): Baseline {
  const old = before === undefined ? [] : pruned(before.baseline, before.stale).findings
  const notes = new Map(old.map(({ fingerprint, note }) => [fingerprint, note]))
  const entries = new Map(old.map((entry) => [entry.fingerprint, entry]))
  // The most severe last, so that it stays.
  for (const { rule, about, severity, fingerprint } of findings.toSorted((a, b) => rankOf(b.severity) - rankOf(a.severity))) {
    const note = notes.get(fingerprint)
    entries.set(fingerprint, { rule, about, severity, fingerprint, ...(note !== undefined && { note }) })
  }
  return { schema: 'redline/baseline@1', findings: [...entries.values()] }
}

/** A baseline as its file holds it: sorted, one finding a line, so that a diff shows which ones came and went. */
export function baselineText(baseline: Baseline): string {
  const lines = baseline.findings.toSorted(byName).map(entryText)
  const list = lines.length === 0 ? '[]' : `[\n${lines.map((line) => `    ${line}`).join(',\n')}\n  ]`
  return `{\n  "schema": ${JSON.stringify(baseline.schema)},\n  "findings": ${list}\n}\n`
}

function byName(a: BaselineEntry, b: BaselineEntry): number {
  return compare(a.rule, b.rule) || compare(a.about, b.about) || compare(a.fingerprint, b.fingerprint)
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))

function entryText({ rule, about, severity, fingerprint, note }: BaselineEntry): string {
  const fields = Object.entries({ rule, about, severity, fingerprint, ...(note !== undefined && { note }) })
  return `{ ${fields.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`).join(', ')} }`
}
