import { describe, expect, test } from 'vitest'
import { exitCodeOfAudit, gateOf } from '#redline/audit/policy/gate.js'
import type { AuditResult, GateResult, Severity } from '#redline/schema/audit.js'
import { auditResult, coverage, finding, rules } from '../../support/audits.js'

const judge = (
  fields: Parameters<typeof auditResult>[0],
  { failOn = 'error', required = [], baseline = null }: { failOn?: Severity; required?: string[]; baseline?: GateResult['baseline'] } = {},
) => gateOf(auditResult(fields), { failOn, required: new Set(required) }, { baseline })
const verdict = (...args: Parameters<typeof judge>) => {
  const { exitCode, reasons } = judge(...args)
  return [exitCode, ...reasons]
}
const of = (severity: Severity) => finding({ severity })
const stale = { fingerprint: '0'.repeat(16), rule: 'a/b', about: 'c' }

describe('findings', () => {
  test.each([
    ['error', 'error', 1],
    ['warning', 'error', 0],
    ['warning', 'warning', 1],
    ['error', 'warning', 1],
    ['note', 'warning', 0],
    ['note', 'note', 1],
  ] as const)('one of severity %s, failing on %s: %i', (severity, failOn, code) => {
    expect(judge({ findings: [of(severity)] }, { failOn }).exitCode).toBe(code)
  })

  test('that are suppressed or known do not fail', () => {
    const aside = { known: [of('error')], suppressed: [{ finding: of('error'), reason: 'x', until: null }] }
    expect(verdict(aside)).toEqual([0])
  })

  test('are counted in the reason', () => {
    expect(verdict({ findings: [of('error'), of('warning')] })).toEqual([1, '1 finding of severity error'])
    expect(verdict({ findings: [of('error'), of('warning')] }, { failOn: 'warning' })).toEqual([
      1,
      '2 findings of severity warning or above',
    ])
  })
})

describe('stale entries of the baseline', () => {
  const baseline = (written: 'pruned' | 'updated' | null) => ({ file: 'b.json', stale: [stale], written })

  test('fail, unless they were removed', () => {
    expect(verdict({}, { baseline: baseline(null) })).toEqual([1, '1 entry of the baseline is no longer so (--prune removes it)'])
    expect(verdict({}, { baseline: baseline('pruned') })).toEqual([0])
    expect(verdict({}, { baseline: baseline('updated') })).toEqual([0])
  })
})

describe('an audit that did not see everything is never taken for one that found nothing', () => {
  test('interrupted: 130, whatever it found', () => {
    expect(verdict({ interrupted: true, findings: [of('error')] })).toEqual([130, 'interrupted', '1 finding of severity error'])
  })

  test('ended by a failure: 2, whatever it found', () => {
    expect(verdict({ failure: 'the server went away', coverage: coverage({ complete: false }), findings: [of('error')] })).toEqual([
      2,
      'ended early: the server went away',
      '1 finding of severity error',
      'not all keys were read',
    ])
  })

  test('at the end of its time: 3, or 1 when it found enough to fail', () => {
    expect(verdict({ coverage: coverage({ complete: false }) })).toEqual([3, 'not all keys were read'])
    expect(verdict({ coverage: coverage({ complete: false }), findings: [of('warning')] })[0]).toBe(3)
    expect(verdict({ coverage: coverage({ complete: false }), findings: [of('error')] })[0]).toBe(1)
  })

  test('no rule could be assessed: 3; none was to be: 0', () => {
    const refused = [{ rule: 'sec/nopass', why: 'ACL LIST refused' }]
    expect(verdict({ rules: rules({ passed: [], notAssessed: refused }) })).toEqual([3, 'no rule could be assessed'])
    expect(verdict({ rules: rules({ passed: [], notApplicable: refused }) })).toEqual([0])
  })

  test('a rule that must be assessed was not: 3; others may be not assessed', () => {
    const result: Parameters<typeof auditResult>[0] = { rules: rules({ notAssessed: [{ rule: 'sec/nopass', why: 'refused' }] }) }
    expect(verdict(result)).toEqual([0])
    expect(verdict(result, { required: ['ttl/missing'] })).toEqual([0])
    expect(verdict(result, { required: ['sec/nopass'] })).toEqual([3, 'not assessed, but required: sec/nopass'])
  })
})

test('the exit code of a saved result is the one it was saved with, and of a code that redline does not know 2', () => {
  const saved = (exitCode: number): AuditResult => ({ ...auditResult(), gate: { ...judge({}), exitCode } })
  expect([0, 1, 2, 3, 130, 77].map((code) => exitCodeOfAudit(saved(code)))).toEqual([0, 1, 2, 3, 130, 2])
})
