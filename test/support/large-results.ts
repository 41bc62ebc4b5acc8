import type { AuditResult } from '#redline/schema/audit.js'
import type { ComparedRuns } from '#redline/schema/compare.js'
import type { RunResult } from '#redline/schema/result.js'
import { auditResult, finding, pattern } from './audits.js'
import { better, comparedMetric, comparedRuns, open, worse } from './comparisons.js'
import { HOSTILE_TEXTS } from './hostile.js'
import { expectation, roundsAt, runResult, scenario, variant } from './results.js'

/** An audit with so many findings of forty rules and as many patterns as a keyspace may have, some of them with hostile names. */
export function largeAudit(findings: number): AuditResult {
  const severities = ['error', 'warning', 'note'] as const
  const nameOf = (i: number) => `tenant:${i}:<int>${i % 10 === 0 ? HOSTILE_TEXTS[i % HOSTILE_TEXTS.length] : ''}`
  return auditResult({
    findings: Array.from({ length: findings }, (_, i) =>
      finding({ rule: `group-${i % 8}/rule-${i % 40}`, severity: severities[i % 3]!, about: nameOf(i), nodes: [`cache-${i % 3}:6379`] }),
    ),
    patterns: Array.from({ length: 500 }, (_, i) => pattern({ pattern: nameOf(i) })),
  })
}

/** A run of so many variants in scenarios of fifty, three rounds each. */
export function largeRun(variants: number): RunResult {
  const perScenario = 50
  return runResult({
    scenarios: Array.from({ length: Math.ceil(variants / perScenario) }, (_, s) =>
      scenario({
        id: `group/scenario-${s}`,
        variants: Array.from({ length: perScenario }, (_, v) =>
          variant({ id: `v[pipeline=${v + 1}]`, point: { pipeline: v + 1 }, rounds: roundsAt([90_000 + v, 91_000 + v, 92_000 + v]) }),
        ),
        expectations: [expectation({ verdict: (['holds', 'refuted', 'inconclusive'] as const)[s % 3]! })],
      }),
    ),
  })
}

/** A comparison of so many metrics, of every verdict, some of them with hostile names and reasons. */
export function largeComparison(metrics: number): ComparedRuns {
  const kinds = [worse, better, open, comparedMetric]
  return comparedRuns({
    metrics: Array.from({ length: metrics }, (_, i) => {
      const variant = `v[pipeline=${i}]${i % 10 === 0 ? HOSTILE_TEXTS[i % HOSTILE_TEXTS.length] : ''}`
      return kinds[i % 4]!({ scenario: `group/scenario-${i % 50}`, variant, ...(i % 40 === 2 ? { why: `reason ${i}` } : {}) })
    }),
  })
}
