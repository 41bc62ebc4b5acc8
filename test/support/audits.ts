import { fingerprint } from '#redline/audit/policy/fingerprint.js'
import {
  auditResultSchema,
  costSchema,
  coverageSchema,
  distributionSchema,
  findingSchema,
  nodeSchema,
  patternSchema,
  topKeySchema,
} from '#redline/schema/audit.js'
import type {
  AuditResult,
  Cost,
  Coverage,
  DistributionResult,
  Estimate,
  Finding,
  GateResult,
  NodeResult,
  PatternResult,
  SinceResult,
  TopKey,
} from '#redline/schema/audit.js'

/*
 * Audits as a server in use would give them, each part overridable by its fields and checked against the schema. What follows from
 * another field (a fingerprint, the rules that failed, the exit code of findings) does so unless it is given.
 */

type Fields<T> = { [K in keyof T]?: T[K] }

/** What was counted. */
export function exactly(value: number): Estimate {
  return { value, low: value, high: value }
}

/** What was estimated from a sample: a 95% interval of so many percent to each side. */
export function about(value: number, percent: number): Estimate {
  return { value, low: value * (1 - percent / 100), high: value * (1 + percent / 100) }
}

export function finding(fields: Fields<Finding> = {}): Finding {
  const { rule = 'lock/no-ttl', about: what = 'lock:res:<int>' } = fields
  return findingSchema.parse({
    rule,
    severity: 'error',
    about: what,
    message: '39,990 keys, none expires',
    evidence: { keys: 39_990, bytes: 4_100_000 },
    remedy: 'Give the lock a TTL when it is taken.',
    commands: ['SET lock:res:<id> <token> NX PX 30000'],
    examples: ['lock:res:1', 'lock:res:2'],
    nodes: [],
    at: null,
    fingerprint: fingerprint(rule, what),
    ...fields,
  })
}

export function distribution(fields: Fields<DistributionResult> = {}): DistributionResult {
  return distributionSchema.parse({
    unit: 'bytes',
    keys: 500_000,
    min: 96,
    p50: 140,
    p90: 180,
    p99: 240,
    max: 400,
    buckets: [
      [140, 250_000],
      [400, 250_000],
    ],
    ...fields,
  })
}

/** Sessions, of which most expire. */
export function pattern(fields: Fields<PatternResult> = {}): PatternResult {
  const { keys = exactly(500_000), bytes = exactly(71_000_000) } = fields
  return patternSchema.parse({
    pattern: 'session:user:<int>',
    declared: false,
    looksLike: 'session',
    owner: null,
    keys,
    bytes,
    persistent: { keys: exactly(190_000), bytes: exactly(27_000_000) },
    types: { string: { keys: keys.value, bytes: bytes.value } },
    encodings: { embstr: { keys: keys.value, bytes: bytes.value } },
    nameBytes: 9_000_000,
    ttl: distribution({ unit: 'seconds', min: 1, p50: 1800, p90: 3200, p99: 3590, max: 3600 }),
    size: distribution(),
    idle: null,
    elements: null,
    ...fields,
  })
}

/** Users, a hash each, none of which expires. */
export function userPattern(fields: Fields<PatternResult> = {}): PatternResult {
  return pattern({
    pattern: 'user:<int>',
    looksLike: null,
    keys: exactly(300_000),
    bytes: exactly(38_100_000),
    persistent: { keys: exactly(300_000), bytes: exactly(38_100_000) },
    types: { hash: { keys: 300_000, bytes: 38_100_000 } },
    encodings: { listpack: { keys: 294_000, bytes: 36_000_000 }, hashtable: { keys: 6000, bytes: 2_100_000 } },
    ttl: null,
    ...fields,
  })
}

export function topKey(fields: Fields<TopKey> = {}): TopKey {
  return topKeySchema.parse({
    key: 'feed:all',
    pattern: 'feed:all',
    db: 0,
    type: 'zset',
    encoding: 'skiplist',
    bytes: 93_000_000,
    elements: 1_000_000,
    idleSeconds: 4,
    ttlSeconds: null,
    ...fields,
  })
}

export function node(fields: Fields<NodeResult> = {}): NodeResult {
  return nodeSchema.parse({
    address: 'cache-1:6379',
    role: 'master',
    engine: 'valkey',
    version: '8.1.1',
    keys: 1_000_000,
    usedMemoryBytes: 851_443_712,
    maxmemoryBytes: 1024 ** 3,
    maxmemoryPolicy: 'allkeys-lru',
    scanned: true,
    lagSeconds: null,
    counters: {
      runId: '5f'.repeat(20),
      fields: { evicted_keys: 0 },
      commands: { get: { calls: 1_000_000, usec: 900_000, rejected: 0, failed: 0 } },
    },
    ...fields,
  })
}

export function cost(fields: Fields<Cost> = {}): Cost {
  return costSchema.parse({
    seconds: 4.31,
    commands: 5_002_000,
    bytesSent: 210_000_000,
    bytesReceived: 96_000_000,
    serverCpuSeconds: 1.92,
    serverCpuShare: 0.445,
    latency: { probes: 430, p99BeforeMs: 0.21, p99DuringMs: 0.41, addedP99Ms: 0.2 },
    budget: { addedP99Ms: 1, cpuShare: 0.25 },
    pausedSeconds: 0,
    backOffs: 0,
    ...fields,
  })
}

export function coverage(fields: Fields<Coverage> = {}): Coverage {
  return coverageSchema.parse({
    mode: 'full',
    complete: true,
    keysThere: 1_000_000,
    keysSeen: 1_000_000,
    vanished: 0,
    databases: [0],
    lengths: 'all',
    notes: [],
    ...fields,
  })
}

/** 10% of a million keys. */
export function sampled(fields: Fields<Coverage> = {}): Coverage {
  return coverage({ mode: 'sample', keysSeen: 100_000, lengths: 'some', ...fields })
}

export function gate(fields: Fields<GateResult> = {}): GateResult {
  return { failOn: 'error', exitCode: 0, reasons: [], remarks: [], baseline: null, ...fields }
}

export function since(fields: Fields<SinceResult> = {}): SinceResult {
  return {
    startedAt: '2026-11-15T09:14:00.000Z',
    keys: exactly(60_000),
    bytes: exactly(9_000_000),
    patterns: [{ pattern: 'session:user:<int>', change: 'grown', keys: exactly(60_000), bytes: exactly(8_500_000) }],
    fixed: [],
    added: [],
    remarks: [],
    ...fields,
  }
}

/** Rules by what became of them, of which those that failed follow from the findings. */
export function rules(fields: Fields<AuditResult['rules']> = {}): AuditResult['rules'] {
  return { passed: ['cfg/os', 'mem/no-limit', 'ttl/missing'], failed: [], notAssessed: [], notApplicable: [], off: [], ...fields }
}

export function auditResult(fields: Fields<AuditResult> = {}): AuditResult {
  const { findings = [], known = [], suppressed = [] } = fields
  const all = [...findings, ...known, ...suppressed.map((one) => one.finding)]
  const errors = findings.filter(({ severity }) => severity === 'error').length
  return auditResultSchema.parse({
    schema: 'redline/audit@1',
    tool: { name: 'redis-redline', version: '0.1.0' },
    startedAt: '2026-11-22T09:14:00.000Z',
    source: 'server',
    interrupted: false,
    failure: null,
    redacted: false,
    target: { name: 'redis://cache-1:6379', topology: 'standalone', nodes: [node()] },
    coverage: coverage(),
    totals: {
      keys: exactly(1_000_000),
      bytes: exactly(112_000_000),
      types: { string: { keys: 700_000, bytes: 74_000_000 }, hash: { keys: 300_000, bytes: 38_000_000 } },
      encodings: { embstr: { keys: 700_000, bytes: 74_000_000 }, listpack: { keys: 300_000, bytes: 38_000_000 } },
    },
    patterns: [pattern(), userPattern()],
    top: { bytes: [], elements: [], idle: [] },
    hashTags: [],
    findings,
    suppressed,
    known,
    rules: rules({ failed: [...new Set(all.map(({ rule }) => rule))].toSorted() }),
    since: null,
    gate: gate(errors > 0 ? { exitCode: 1, reasons: [`${errors} ${errors === 1 ? 'finding' : 'findings'} of severity error`] } : {}),
    cost: cost(),
    ...fields,
  })
}
