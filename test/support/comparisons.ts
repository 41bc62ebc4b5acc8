import { changeSchema, checkedThresholdSchema, gateDocumentSchema } from '#redline/schema/gate.js'
import type { Change, CheckedThreshold, GateDocument } from '#redline/schema/gate.js'
import { comparedAuditsSchema, comparedMetricSchema, comparedRunsSchema } from '#redline/schema/compare.js'
import type { ComparedAudits, ComparedMetric, ComparedRuns } from '#redline/schema/compare.js'
import { exactly, since } from './audits.js'

/* Comparisons and answers of gates, each part overridable by its fields and checked against the schema. */

type Fields<T> = { [K in keyof T]?: T[K] }

/** A p99 that is the same. */
export function comparedMetric(fields: Fields<ComparedMetric> = {}): ComparedMetric {
  return comparedMetricSchema.parse({
    scenario: 'hashes/profile-read',
    variant: 'one-field',
    load: null,
    metric: 'p99',
    unit: 'us',
    better: 'lower',
    by: 'ratio',
    base: { value: 920, rounds: 12 },
    head: { value: 925, rounds: 12 },
    estimate: 1.005,
    low: 0.985,
    high: 1.026,
    limit: 0.05,
    allowance: 0,
    p: 1,
    verdict: 'same',
    why: '',
    noise: 0.02,
    moreRounds: null,
    ...fields,
  })
}

export const worse = (fields: Fields<ComparedMetric> = {}): ComparedMetric =>
  comparedMetric({
    verdict: 'worse',
    head: { value: 1310, rounds: 12 },
    estimate: 1.42,
    low: 1.31,
    high: 1.55,
    p: 0.004,
    noise: 0.09,
    ...fields,
  })

export const better = (fields: Fields<ComparedMetric> = {}): ComparedMetric =>
  comparedMetric({
    verdict: 'better',
    metric: 'throughput',
    unit: 'ops/s',
    better: 'higher',
    base: { value: 96_000, rounds: 12 },
    head: { value: 121_000, rounds: 12 },
    estimate: 1.26,
    low: 1.2,
    high: 1.32,
    p: 0.01,
    ...fields,
  })

export const open = (fields: Fields<ComparedMetric> = {}): ComparedMetric =>
  comparedMetric({
    verdict: 'inconclusive',
    metric: 'p50',
    base: { value: 410, rounds: 5 },
    head: { value: 433, rounds: 5 },
    estimate: 1.056,
    low: 0.88,
    high: 1.27,
    allowance: 0.176,
    p: 1,
    noise: 0.2,
    why: 'the machine may have changed by 15% between the two; compare with redline ab, or with a baseline of 5 sittings',
    ...fields,
  })

/** A share of errors, which is compared by its difference. */
export const difference = (fields: Fields<ComparedMetric> = {}): ComparedMetric =>
  comparedMetric({
    metric: 'errors',
    unit: 'share',
    by: 'difference',
    base: { value: 0, rounds: 12 },
    head: { value: 0, rounds: 12 },
    estimate: 0,
    low: 0,
    high: 0,
    limit: 0.001,
    noise: 0,
    ...fields,
  })

/** What could not be compared at all: one side has no valid round of it. */
export const unmeasured = (fields: Fields<ComparedMetric> = {}): ComparedMetric =>
  comparedMetric({
    verdict: 'inconclusive',
    variant: 'whole-object',
    head: { value: null, rounds: 0 },
    estimate: null,
    low: null,
    high: null,
    allowance: 0,
    p: null,
    noise: null,
    why: 'no valid round of head measured it',
    ...fields,
  })

/** Two runs in pairs; counts follow from the metrics. */
export function comparedRuns(fields: Fields<ComparedRuns> = {}): ComparedRuns {
  const { metrics = [comparedMetric()] } = fields
  const count = (verdict: string) => metrics.filter((metric) => metric.verdict === verdict).length
  return comparedRunsSchema.parse({
    schema: 'redline/compare@1',
    kind: 'runs',
    tool: { name: 'redis-redline', version: '0.1.0' },
    design: 'unpaired',
    base: { name: 'before/result.json', startedAt: '2026-11-22T09:14:02.000Z', runs: 1, sittings: 1 },
    head: { name: 'reports/latest', startedAt: '2026-11-23T09:14:02.000Z', runs: 1, sittings: 1 },
    differences: [],
    limit: 0.05,
    drift: 0.15,
    metrics,
    missing: [],
    counts: { better: count('better'), worse: count('worse'), same: count('same'), inconclusive: count('inconclusive') },
    ...fields,
  })
}

/** Every verdict, unlike things, and what only one side has. */
export function mixedComparison(fields: Fields<ComparedRuns> = {}): ComparedRuns {
  return comparedRuns({
    metrics: [
      comparedMetric({ metric: 'server_cpu_us', base: { value: 8.2, rounds: 12 }, head: { value: 8.25, rounds: 12 } }),
      open(),
      worse({ variant: 'whole-object', estimate: 1.12, low: 1.07, high: 1.18 }),
      worse(),
      better(),
      difference(),
      unmeasured(),
    ],
    differences: [
      { what: 'version', scenario: 'hashes/profile-read', base: '7.0.15', head: '8.0.2', unlike: true },
      { what: 'kernel', scenario: null, base: '6.1.0', head: '6.2.0', unlike: false },
    ],
    missing: [{ scenario: 'lists/queue', variant: 'push', from: 'head' }],
    ...fields,
  })
}

/** Two audits; a finding is new, one is fixed. */
export function comparedAudits(fields: Fields<ComparedAudits> = {}): ComparedAudits {
  return comparedAuditsSchema.parse({
    schema: 'redline/compare@1',
    kind: 'audits',
    tool: { name: 'redis-redline', version: '0.1.0' },
    base: { name: 'monday/', startedAt: '2026-11-16T09:14:02.000Z' },
    head: { name: 'friday/', startedAt: '2026-11-20T09:14:02.000Z' },
    differences: [],
    complete: true,
    since: since({ added: [{ rule: 'ttl/missing', about: 'session:<int>' }], fixed: [{ rule: 'lock/no-ttl', about: 'lock:<int>' }] }),
    ...fields,
  })
}

/** Growth of one pattern, of so many keys. */
export function grown(pattern: string, keys: number): ComparedAudits['since']['patterns'][number] {
  return { pattern, change: 'grown', keys: exactly(keys), bytes: exactly(keys * 100) }
}

export function threshold(fields: Fields<CheckedThreshold> = {}): CheckedThreshold {
  return checkedThresholdSchema.parse({
    expression: 'hashes/*: p99 < 2ms',
    result: 'reports/latest',
    about: 'hashes/profile-read one-field',
    metric: 'p99',
    unit: 'us',
    comparison: '<',
    asked: 2000,
    value: 920,
    low: 900,
    high: 940,
    verdict: 'pass',
    why: '',
    ...fields,
  })
}

export function change(fields: Fields<Change> = {}): Change {
  return changeSchema.parse({
    scenario: 'hashes/profile-read',
    variant: 'one-field',
    load: null,
    metric: 'throughput',
    unit: 'ops/s',
    better: 'higher',
    before: 96_300,
    after: 70_500,
    runsSince: 6,
    isLast: true,
    startedAt: '2026-11-15T09:00:00.000Z',
    label: '1f3c9a',
    p: 0.0013,
    verdict: 'worse',
    ...fields,
  })
}

/** A gate that passed; its exit code follows from its verdict. */
export function gateDocument(fields: Fields<GateDocument> = {}): GateDocument {
  const { verdict = 'pass' } = fields
  return gateDocumentSchema.parse({
    schema: 'redline/gate@1',
    tool: { name: 'redis-redline', version: '0.1.0' },
    verdict,
    exitCode: { pass: 0, fail: 1, inconclusive: 3 }[verdict],
    reasons: [],
    results: [{ name: 'reports/latest', kind: 'run', startedAt: '2026-11-23T09:14:02.000Z' }],
    thresholds: [threshold()],
    baselines: [],
    changes: [],
    ...fields,
  })
}

/** A gate with everything that can be wrong. */
export function failedGate(fields: Fields<GateDocument> = {}): GateDocument {
  const base = { name: 'reports/baselines/epyc.json', startedAt: '2026-11-21T09:14:02.000Z', runs: 12, sittings: 9 }
  return gateDocument({
    verdict: 'fail',
    reasons: [
      { verdict: 'inconclusive', message: 'nothing was measured that this is about: sets/*: p99 < 1ms' },
      { verdict: 'fail', message: 'audit/: 2 findings of severity error' },
    ],
    results: [
      { name: 'reports/latest', kind: 'run', startedAt: '2026-11-23T09:14:02.000Z' },
      { name: 'audit/', kind: 'audit', startedAt: '2026-11-23T09:20:02.000Z' },
    ],
    thresholds: [
      threshold(),
      threshold({
        expression: 'throughput > 95k',
        metric: 'throughput',
        unit: 'ops/s',
        comparison: '>',
        asked: 95_000,
        value: 96_000,
        low: 94_000,
        high: 98_000,
        verdict: 'inconclusive',
        why: 'the interval contains the bound',
      }),
      threshold({ about: 'hashes/profile-read whole-object', value: 2310, low: 2200, high: 2420, verdict: 'fail' }),
      threshold({
        expression: 'findings.error == 0',
        result: 'audit/',
        about: '',
        metric: 'findings.error',
        unit: 'count',
        comparison: '==',
        asked: 0,
        value: 2,
        low: 2,
        high: 2,
        verdict: 'fail',
      }),
    ],
    baselines: [{ file: 'reports/baselines/epyc.json', comparison: mixedComparison({ base, differences: [], missing: [] }) }],
    changes: [change()],
    ...fields,
  })
}
