import { describe, expect, test } from 'vitest'
import { readThreshold } from '#redline/config/thresholds.js'
import { recordOf } from '#redline/gate/record.js'
import { checkAudit, checkRun } from '#redline/gate/thresholds.js'
import type { AuditThreshold, RunThreshold, ThresholdPlan } from '#redline/schema/gate.js'
import { auditResult, coverage, finding, pattern } from '../support/audits.js'
import { invalidity, latency, load, round, runResult, scenario, variant } from '../support/results.js'

function planOf(expression: string): ThresholdPlan {
  const read = readThreshold(expression)
  if ('mistakes' in read) throw new Error(JSON.stringify(read.mistakes))
  return read
}

function runPlan(expression: string): RunThreshold {
  const plan = planOf(expression)
  if (plan.of !== 'run') throw new Error(`${expression} is about audits`)
  return plan
}

function auditPlan(expression: string): AuditThreshold {
  const plan = planOf(expression)
  if (plan.of !== 'audit') throw new Error(`${expression} is about runs`)
  return plan
}

const mistakesOf = (expression: string) => {
  const read = readThreshold(expression)
  return 'mistakes' in read ? read.mistakes : []
}

describe('reading', () => {
  test.each<[string, Partial<RunThreshold> | Partial<AuditThreshold>]>([
    ['p99 < 2ms', { of: 'run', scenario: '*', variant: '*', load: undefined, metric: 'p99', comparison: '<', value: 2000 }],
    ['hashes/*: throughput > 50k', { scenario: 'hashes/*', variant: '*', metric: 'throughput', comparison: '>', value: 50_000 }],
    ['hashes/profile-read one-field main: errors == 0', { scenario: 'hashes/profile-read', variant: 'one-field', load: 'main', value: 0 }],
    ['a get[pipeline=16,delay=1ms]: p50 <= 41us', { variant: 'get[pipeline=16,delay=1ms]', value: 41, comparison: '<=' }],
    ['findings.error == 0', { of: 'audit', pattern: undefined, metric: 'findings.error', value: 0 }],
    ['session:*: bytes_per_key < 120', { of: 'audit', pattern: 'session:*', metric: 'bytes_per_key', value: 120 }],
    ['bytes < 1.5GB', { of: 'audit', metric: 'bytes', value: 1.5 * 1024 ** 3 }],
    ['  keys  <=  2M ', { of: 'audit', metric: 'keys', value: 2_000_000 }],
  ])('%s', (expression, plan) => {
    expect(planOf(expression)).toMatchObject(plan)
  })

  test.each([
    ['p99 smaller', 0, /is no threshold; write/],
    ['a: p98 < 2ms', 3, /unknown metric p98; did you mean p90\?/],
    ['a: p99 < 2', 9, /needs a unit/],
    ['a: p99 == 2ms', 3, /never exactly that/],
    ['a b c d: p99 < 2ms', 0, /name a scenario, and, if need be, a variant/],
    ['findings.eror == 0', 0, /did you mean findings.error/],
    ['x:*: findings == 0', 0, /of the whole audit/],
    ['bytes < many', 8, /is not a size/],
  ])('%s', (expression, offset, message) => {
    expect(mistakesOf(expression)).toEqual([{ offset, message: expect.stringMatching(message) }])
  })
})

describe('a run', () => {
  const rounds = (p99s: readonly number[]) => p99s.map((p99) => round({ loads: [load({ latency: latency({ p99 }) })] }))
  const check = (expression: string, p99s: readonly number[]) => {
    const result = runResult({ scenarios: [scenario({ variants: [variant({ rounds: rounds(p99s) })] })] })
    return checkRun(runPlan(expression), 'r', recordOf(result))
  }

  test.each([
    [[900, 920, 940], 'pass'],
    [[1200, 1220, 1240], 'fail'],
    [[900, 1000, 1100], 'inconclusive'],
  ])('p99 of %j against 1ms: %s', (p99s, verdict) => {
    expect(check('p99 < 1ms', p99s)).toEqual([expect.objectContaining({ verdict, about: 'hashes/profile-read one-field', unit: 'us' })])
  })

  test('one round is no evidence, nor are invalid ones', () => {
    expect(check('p99 < 1ms', [10])).toEqual([expect.objectContaining({ verdict: 'inconclusive', why: 'only 1 valid round measured it' })])
    const spoilt = rounds([10, 10, 10]).map((one) => ({ ...one, validity: invalidity() }))
    const result = runResult({ scenarios: [scenario({ variants: [variant({ rounds: spoilt })] })] })
    for (const expression of ['p99 < 1ms', 'errors == 0'])
      expect(checkRun(runPlan(expression), 'r', recordOf(result))[0]).toMatchObject({ verdict: 'inconclusive', value: null })
  })

  test('errors == 0 fails for one error in one round', () => {
    const clean = Array.from({ length: 4 }, () => round())
    const failing = [...clean, round({ loads: [load({ errors: { OOM: 1 } })] })]
    const verdicts = [clean, failing].map((all) => {
      const result = runResult({ scenarios: [scenario({ variants: [variant({ rounds: all })] })] })
      return checkRun(runPlan('errors == 0'), 'r', recordOf(result))[0]!.verdict
    })
    expect(verdicts).toEqual(['pass', 'fail'])
  })

  test('each variant that is named is checked, and what is not named is not', () => {
    const result = recordOf(runResult())
    const about = (expression: string) => checkRun(runPlan(expression), 'r', result).map((one) => one.about)
    expect(about('p99 < 1ms')).toEqual(['hashes/profile-read one-field', 'hashes/profile-read whole-object'])
    expect(about('hashes/* whole-*: p99 < 1ms')).toEqual(['hashes/profile-read whole-object'])
    expect(about('sets/*: p99 < 1ms')).toEqual([])
  })
})

describe('an audit', () => {
  const check = (expression: string, audit = auditResult()) => checkAudit(auditPlan(expression), 'a', audit)
  const verdictOf = (...args: Parameters<typeof check>) => check(...args)[0]!.verdict

  test('findings are counted by severity', () => {
    const audit = auditResult({ findings: [finding({ severity: 'error' }), finding({ severity: 'note' })] })
    expect(verdictOf('findings.error == 0', audit)).toBe('fail')
    expect(verdictOf('findings.warning == 0', audit)).toBe('pass')
    expect(verdictOf('findings <= 2', audit)).toBe('pass')
  })

  test('an audit that did not see everything keeps no bound, and can break one', () => {
    const partial = { coverage: coverage({ complete: false }) }
    expect(check('findings.error == 0', auditResult(partial))[0]).toMatchObject({
      verdict: 'inconclusive',
      why: 'the audit did not see all that it was to see',
    })
    expect(verdictOf('findings.error == 0', auditResult({ ...partial, findings: [finding({ severity: 'error' })] }))).toBe('fail')
    expect(verdictOf('keys > 10', auditResult(partial))).toBe('pass')
    expect(verdictOf('keys > 10M', auditResult(partial))).toBe('inconclusive')
  })

  test('bytes per key, in all and of a pattern; what was estimated has an interval', () => {
    expect(check('bytes_per_key < 120')[0]).toMatchObject({ value: 112, verdict: 'pass' })
    const estimated = pattern({
      pattern: 'session:<int>',
      keys: { value: 100, low: 90, high: 110 },
      bytes: { value: 10_000, low: 9000, high: 11_000 },
    })
    const audit = auditResult({ patterns: [estimated] })
    expect(check('session:*: bytes_per_key < 120', audit)[0]).toMatchObject({
      value: 100,
      verdict: 'inconclusive',
      why: 'the interval contains the bound',
    })
    expect(verdictOf('session:*: bytes_per_key < 130', audit)).toBe('pass')
    expect(verdictOf('session:*: bytes_per_key < 80', audit)).toBe('fail')
    expect(check('nothing:*: bytes_per_key < 80', audit)).toEqual([])
  })

  test('no keys have no size', () => {
    const nothing = { value: 0, low: 0, high: 0 }
    const audit = auditResult({ totals: { keys: nothing, bytes: nothing, types: {}, encodings: {} } })
    expect(check('bytes_per_key < 120', audit)[0]).toMatchObject({ verdict: 'inconclusive', value: null, why: 'there are no keys' })
  })
})
