import { describe, expect, test } from 'vitest'
import type { Evaluation, RuledFinding } from '#redline/audit/evaluate.js'
import { fingerprint } from '#redline/audit/policy/fingerprint.js'
import { applySettings } from '#redline/audit/policy/settings.js'
import { findingSchema, type Severity } from '#redline/schema/audit.js'

const found = (fields: Partial<RuledFinding> = {}): RuledFinding => ({
  rule: 'ttl/missing',
  severity: 'warning',
  about: 'session:<int>',
  message: 'never expire',
  evidence: {},
  remedy: 'Set a TTL.',
  nodes: [],
  ...fields,
})
const evaluation = (findings: RuledFinding[], fields: Partial<Evaluation> = {}): Evaluation => ({
  findings,
  passed: [],
  failed: [...new Set(findings.map(({ rule }) => rule))],
  notAssessed: [],
  notApplicable: [],
  ...fields,
})
const keeping = { off: [], severityOf: (_rule: string, _about: string, own: Severity) => own }
const making = (severity: Severity | 'off') => ({ off: ['a/off'], severityOf: () => severity })

describe('findings', () => {
  test('become documents, with a fingerprint and the place that was found for them', () => {
    const place = { file: 'redis.conf', line: 3, column: 1 }
    const { findings } = applySettings(evaluation([found({ role: 'x' })]), keeping, () => place)
    expect(findings).toEqual([findingSchema.parse(findings[0])])
    expect(findings[0]).toMatchObject({ at: place, fingerprint: fingerprint('ttl/missing', 'session:<int>', 'x'), commands: [] })
  })

  test('stand the most severe first, then by rule, those of one rule in its own order', () => {
    const { findings } = applySettings(
      evaluation([
        found({ severity: 'note' }),
        found({ about: 'z' }),
        found({ about: 'a' }),
        found({ rule: 'evict/active' }),
        found({ rule: 'sec/nopass', severity: 'error' }),
      ]),
      keeping,
    )
    expect(findings.map(({ rule, about }) => `${rule} ${about}`)).toEqual([
      'sec/nopass session:<int>',
      'evict/active session:<int>',
      'ttl/missing z',
      'ttl/missing a',
      'ttl/missing session:<int>',
    ])
  })

  test('that only their severity told apart are one where the policy gives them the same', () => {
    const both = evaluation([found({ nodes: ['a:1'] }), found({ severity: 'error', nodes: ['b:1', 'a:1'] })])
    expect(applySettings(both, keeping).findings).toHaveLength(2)
    expect(applySettings(both, making('note')).findings).toMatchObject([{ severity: 'note', nodes: ['a:1', 'b:1'] }])
  })
})

describe('a rule', () => {
  test('whose every finding is switched off has passed', () => {
    const { findings, rules } = applySettings(evaluation([found()], { passed: ['a/b'] }), making('off'))
    expect([findings, rules.failed, rules.passed, rules.off]).toEqual([[], [], ['a/b', 'ttl/missing'], ['a/off']])
  })

  test('has not passed where it was not assessed on some server', () => {
    const notAssessed = [{ rule: 'ttl/missing', why: 'on b:1: refused' }]
    const { rules } = applySettings(evaluation([found()], { notAssessed }), making('off'))
    expect([rules.passed, rules.failed, rules.notAssessed]).toEqual([[], [], notAssessed])
  })
})

test('a fingerprint is the same for ever: baselines rest on it', () => {
  expect(fingerprint('lock/no-ttl', 'lock:res:<int>')).toBe('f6048d8dc8de81d7')
  const parts: [string, string, string?][] = [
    ['a/b', 'c'],
    ['a/bc', ''],
    ['a/b', 'c', 'd'],
    ['a/b', 'cd'],
    ['a/b', '', 'c'],
  ]
  expect(new Set(parts.map((part) => fingerprint(...part))).size).toBe(parts.length)
})
