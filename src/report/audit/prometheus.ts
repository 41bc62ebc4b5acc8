import { type AuditResult, type PatternResult, SEVERITIES } from '../../schema/audit.js'
import { exposition, type Gauge, type Sample } from '../text/exposition.js'
import { allFindings } from './all-findings.js'
import { whole } from '../words.js'

/** Patterns with a series of their own; what is beyond is added up, since each is a series that Prometheus keeps. */
const MOST_PATTERNS = 100

/** An audit as metrics: findings by severity and rule, keys and bytes by pattern, what the servers hold and what the audit cost. */
export function auditToPrometheus(audit: AuditResult): string {
  const { target, coverage, totals, gate, cost, tool } = audit
  const one = (value: number | null | undefined, labels: Sample['labels'] = {}): Sample[] =>
    value === null || value === undefined ? [] : [{ labels, value }]
  return exposition([
    gauge('redline_audit_info', 'The audit that these metrics are of; always 1', one(1, infoLabels(audit, tool.version))),
    gauge('redline_audit_start_timestamp_seconds', 'When the audit began, in seconds since 1970', one(Date.parse(audit.startedAt) / 1000)),
    gauge('redline_audit_complete', 'Whether all that was to be read has been read', one(coverage.complete ? 1 : 0)),
    gauge(
      'redline_audit_exit_code',
      'What the audit exited with: 0 fine, 1 findings, 2 ended early, 3 too little was seen',
      one(gate.exitCode),
    ),
    gauge('redline_audit_findings', 'Findings by severity; status tells new ones from known and suppressed ones', severitySamples(audit)),
    gauge('redline_audit_rule_findings', 'Findings of a rule that are new', ruleSamples(audit)),
    gauge('redline_audit_rules', 'Rules by what became of them', outcomeSamples(audit)),
    gauge('redline_audit_keys', 'Keys in all, counted or estimated', one(totals.keys.value)),
    gauge('redline_audit_bytes', 'Bytes of all keys (MEMORY USAGE), counted or estimated', one(totals.bytes.value)),
    gauge(
      'redline_audit_pattern_keys',
      'Keys of a pattern',
      patternSamples(audit, ({ keys }) => keys.value),
    ),
    gauge(
      'redline_audit_pattern_bytes',
      'Bytes of the keys of a pattern',
      patternSamples(audit, ({ bytes }) => bytes.value),
    ),
    gauge(
      'redline_audit_pattern_persistent_keys',
      'Keys of a pattern without a time to live',
      patternSamples(audit, ({ persistent }) => persistent.keys.value),
    ),
    ...nodeGauges(target.nodes),
    gauge('redline_audit_duration_seconds', 'How long the audit took', one(cost.seconds)),
    gauge('redline_audit_commands', 'Commands that the audit sent', one(cost.commands)),
    gauge('redline_audit_server_cpu_seconds', 'CPU time that the audit cost the servers', one(cost.serverCpuSeconds)),
    gauge('redline_audit_added_p99_seconds', 'What a PING beside the audit took longer at its p99', one(seconds(cost.latency?.addedP99Ms))),
  ])
}

function gauge(name: string, help: string, samples: readonly Sample[]): Gauge {
  return { name, help, samples }
}

const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000)

function infoLabels({ target, source }: AuditResult, version: string): Sample['labels'] {
  return { version: whole(version), target: whole(target.name), topology: target.topology, source }
}

function severitySamples(audit: AuditResult): Sample[] {
  const findings = allFindings(audit)
  return SEVERITIES.flatMap((severity) =>
    (['new', 'known', 'suppressed'] as const).map((status) => ({
      labels: { severity, status },
      value: findings.filter((one) => one.status === status && one.finding.severity === severity).length,
    })),
  )
}

function ruleSamples({ findings }: AuditResult): Sample[] {
  const counts = new Map<string, Sample>()
  for (const { rule, severity } of findings) {
    const sample = counts.get(`${severity} ${rule}`) ?? { labels: { rule: whole(rule), severity }, value: 0 }
    sample.value++
    counts.set(`${severity} ${rule}`, sample)
  }
  return [...counts.values()]
}

function outcomeSamples({ rules }: AuditResult): Sample[] {
  const outcomes = {
    passed: rules.passed.length,
    failed: rules.failed.length,
    not_assessed: rules.notAssessed.length,
    not_applicable: rules.notApplicable.length,
    off: rules.off.length,
  }
  return Object.entries(outcomes).map(([outcome, value]) => ({ labels: { outcome }, value }))
}

/** Of the largest patterns by bytes; the others together have no name, and say how many they are. */
function patternSamples({ patterns }: AuditResult, valueOf: (pattern: PatternResult) => number): Sample[] {
  const largest = patterns.toSorted((a, b) => b.bytes.value - a.bytes.value)
  const others = largest.slice(MOST_PATTERNS)
  const samples = largest.slice(0, MOST_PATTERNS).map((pattern) => ({
    labels: { pattern: whole(pattern.pattern), owner: pattern.owner === null ? undefined : whole(pattern.owner) },
    value: valueOf(pattern),
  }))
  if (others.length === 0) return samples
  return [
    ...samples,
    { labels: { pattern: '', others: String(others.length) }, value: others.reduce((sum, pattern) => sum + valueOf(pattern), 0) },
  ]
}

function nodeGauges(nodes: AuditResult['target']['nodes']): Gauge[] {
  const of = (valueOf: (node: (typeof nodes)[number]) => number, more: (node: (typeof nodes)[number]) => Sample['labels'] = () => ({})) =>
    nodes.map((node) => ({ labels: { node: whole(node.address), ...more(node) }, value: valueOf(node) }))
  const info = of(
    () => 1,
    ({ role, engine, version, maxmemoryPolicy }) => ({ role, engine, version: whole(version), maxmemory_policy: whole(maxmemoryPolicy) }),
  )
  return [
    gauge('redline_audit_node_info', 'A server that was audited; always 1', info),
    gauge(
      'redline_audit_node_keys',
      'Keys of a server',
      of(({ keys }) => keys),
    ),
    gauge(
      'redline_audit_node_used_memory_bytes',
      'Memory that a server uses',
      of(({ usedMemoryBytes }) => usedMemoryBytes),
    ),
    gauge(
      'redline_audit_node_maxmemory_bytes',
      'Limit of the memory of a server; 0: none',
      of(({ maxmemoryBytes }) => maxmemoryBytes),
    ),
  ]
}
