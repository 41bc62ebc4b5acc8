import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { applyPolicy, type BaselineChoice, type Ungated } from '#redline/audit/policy/apply.js'
import { baselineOf } from '#redline/audit/policy/baseline.js'
import { resolvePolicy } from '#redline/audit/policy/policy.js'
import { silenceProves } from '#redline/audit/policy/silence.js'
import type { FactName } from '#redline/audit/facts.js'
import { defineRule, type Rule } from '#redline/audit/rule.js'
import { auditResultSchema, type Finding } from '#redline/schema/audit.js'
import type { ProjectFile } from '#redline/schema/project.js'
import { auditResult, coverage, finding, rules as outcomes, sampled } from '../../support/audits.js'

const ruleOf = (id: string, needs: FactName[], wants: FactName[] = []): Rule =>
  defineRule({ id, severity: 'error', summary: 'x', needs, wants, options: z.strictObject({}), check: () => [] })
const RULES = [
  ruleOf('cfg/os', ['host']),
  ruleOf('lock/no-ttl', ['keyspace']),
  ruleOf('mem/no-limit', ['config'], ['keyspace']),
  ruleOf('stream/pel', ['streams']),
]
const lock = finding()
const os = finding({ rule: 'cfg/os', about: 'overcommit' })
const passing = outcomes({ passed: RULES.map(({ id }) => id) })

const ungated = (findings: Finding[], fields: Parameters<typeof auditResult>[0] = {}): Ungated => {
  const { suppressed: _s, known: _k, since: _c, gate: _g, ...rest } = auditResult({ findings, rules: passing, ...fields })
  return rest
}
const apply = (audit: Ungated, file: ProjectFile = {}, options: Parameters<typeof applyPolicy>[3] = {}) =>
  applyPolicy(audit, resolvePolicy(RULES, file), RULES, options)
const choice = (mode: BaselineChoice['mode'], ...known: Finding[]): BaselineChoice => ({
  file: 'base.json',
  baseline: known.length === 0 ? undefined : baselineOf(known),
  mode,
})

describe('what silence proves', () => {
  const provenBy = (fields: Parameters<typeof auditResult>[0]) => {
    const proves = silenceProves(auditResult({ rules: passing, ...fields }), RULES)
    return RULES.map(({ id }) => id).filter(proves)
  }

  test('everything, in an audit that read every key', () => {
    expect(provenBy({})).toEqual(['cfg/os', 'lock/no-ttl', 'mem/no-limit', 'stream/pel'])
  })

  test('only what needs no keys, in one that read some', () => {
    for (const seen of [sampled(), coverage({ complete: false })]) expect(provenBy({ coverage: seen })).toEqual(['cfg/os'])
  })

  test('nothing, in one that ended early', () => {
    expect(provenBy({ interrupted: true })).toEqual([])
    expect(provenBy({ failure: 'gone' })).toEqual([])
  })

  test('nothing of a rule that was not assessed, was assessed on some servers only, is off or does not apply', () => {
    const refused = [{ rule: 'lock/no-ttl', why: 'on b:1: refused' }]
    const outcome = outcomes({ passed: ['cfg/os'], failed: ['lock/no-ttl'], notAssessed: refused, off: ['mem/no-limit'] })
    expect(provenBy({ rules: outcome })).toEqual(['cfg/os'])
  })

  test('that a rule which there is none of any more finds nothing', () => {
    expect(silenceProves(auditResult(), RULES)('old/rule')).toBe(true)
  })
})

describe('a policy', () => {
  test('sets findings aside, suppressions before the baseline, and fails for the rest', () => {
    const file: ProjectFile = { suppressions: [{ rule: 'cfg/os', reason: 'a container' }] }
    const { result, baseline } = apply(ungated([lock, os]), file, { baseline: choice('check', os) })
    expect(auditResultSchema.parse(result)).toEqual(result)
    expect(result).toMatchObject({ findings: [lock], suppressed: [{ finding: os }], known: [], since: null })
    expect(result.gate).toEqual({
      failOn: 'error',
      exitCode: 1,
      reasons: ['1 finding of severity error'],
      remarks: [],
      baseline: { file: 'base.json', stale: [], written: null },
    })
    expect(baseline).toBeUndefined()
  })

  test('takes the day from the audit, so that a saved one is judged as it was', () => {
    const file: ProjectFile = { suppressions: [{ rule: 'lock/no-ttl', reason: 'x', until: '2026-11-21' }] }
    expect(apply(ungated([lock]), file).result.gate.remarks).toEqual([
      'suppression of lock/no-ttl expired on 2026-11-21: 1 finding counts again',
    ])
    expect(apply(ungated([lock], { startedAt: '2026-11-21T23:59:59.000Z' }), file).result.gate.exitCode).toBe(0)
  })

  test('without a baseline has none to show', () => {
    expect(apply(ungated([])).result.gate).toMatchObject({ exitCode: 0, baseline: null })
  })

  test('tells what changed since an earlier audit', () => {
    const previous = auditResult({ findings: [os] })
    expect(apply(ungated([lock]), {}, { previous }).result.since).toMatchObject({
      fixed: [{ rule: 'cfg/os' }],
      added: [{ rule: 'lock/no-ttl' }],
    })
  })
})

describe('a baseline', () => {
  test('fails for a stale entry, and is not changed', () => {
    const { result, baseline } = apply(ungated([lock]), {}, { baseline: choice('check', lock, os) })
    expect(result.gate).toMatchObject({ exitCode: 1, baseline: { stale: [{ rule: 'cfg/os' }], written: null } })
    expect(baseline).toBeUndefined()
  })

  test('that is to be pruned loses its stale entries, and passes', () => {
    const { result, baseline } = apply(ungated([lock]), {}, { baseline: choice('prune', lock, os) })
    expect(result.gate).toMatchObject({ exitCode: 0, baseline: { stale: [{ rule: 'cfg/os' }], written: 'pruned' } })
    expect(baseline).toEqual(baselineOf([lock]))
  })

  test('without stale entries is not written', () => {
    const { result, baseline } = apply(ungated([lock]), {}, { baseline: choice('prune', lock) })
    expect([result.gate.baseline!.written, baseline]).toEqual([null, undefined])
  })

  test('that is updated knows all that was found', () => {
    for (const known of [[], [os]]) {
      const { result, baseline } = apply(ungated([lock]), {}, { baseline: choice('update', ...known) })
      expect(result).toMatchObject({ findings: [], known: [lock], gate: { exitCode: 0, baseline: { written: 'updated' } } })
      expect(baseline).toEqual(baselineOf([lock]))
    }
  })

  test('that is updated by an audit of some keys forgets nothing that it could not look at', () => {
    const { baseline } = apply(ungated([], { coverage: sampled() }), {}, { baseline: choice('update', lock, os) })
    expect(baseline).toEqual(baselineOf([lock]))
  })
})
