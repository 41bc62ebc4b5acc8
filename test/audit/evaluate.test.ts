import { expect, test } from 'vitest'
import { z } from 'zod'
import { evaluate } from '#redline/audit/evaluate.js'
import type { Readings } from '#redline/audit/facts.js'
import { defineRule, type Rule } from '#redline/audit/rule.js'
import { keyspaceFacts } from '../support/facts.js'

const roleIs = (role: string): Rule =>
  defineRule({
    id: 'repl/role',
    severity: 'error',
    summary: 'The server has another role than expected',
    scope: 'node',
    needs: ['expected'],
    options: z.strictObject({ wanted: z.string().default(role) }),
    check: ({ expected }, { wanted }) =>
      expected.role === wanted ? [] : [{ about: 'role', message: `is ${expected.role}`, evidence: {}, remedy: 'Fail over.' }],
  })
const rules = (rule: Rule) => [{ rule, options: rule.options.parse({}) }]
const node = (address: string, role: 'master' | 'replica'): { address: string; readings: Readings } => ({
  address,
  readings: { expected: { known: true, value: { role } } },
})

test('a rule of scope node is asked for each server, and the same finding on several is one', () => {
  const { findings, failed, passed } = evaluate(rules(roleIs('master')), {}, [
    node('a:1', 'replica'),
    node('b:1', 'master'),
    node('c:1', 'replica'),
  ])
  expect(findings).toHaveLength(1)
  expect(findings[0]).toMatchObject({ rule: 'repl/role', severity: 'error', about: 'role', nodes: ['a:1', 'c:1'] })
  expect([failed, passed]).toEqual([['repl/role'], []])
})

test('where servers say it in other numbers, a finding says whose its own are', () => {
  const counting: Rule = {
    ...roleIs('master'),
    check: ({ expected }) => [{ about: 'memory', message: `is ${expected?.role}`, evidence: {}, remedy: 'Look.' }],
  }
  const of = (...roles: ('master' | 'replica')[]) =>
    evaluate(
      rules(counting),
      {},
      roles.map((role, i) => node(`n${i}:1`, role)),
    ).findings
  expect(of('master', 'replica')).toMatchObject([{ message: 'is master (on n0:1)', nodes: ['n0:1', 'n1:1'] }])
  expect(of('master', 'master')).toMatchObject([{ message: 'is master', nodes: ['n0:1', 'n1:1'] }])
})

test('a rule without findings has passed', () => {
  const { findings, passed } = evaluate(rules(roleIs('master')), {}, [node('a:1', 'master')])
  expect([findings, passed]).toEqual([[], ['repl/role']])
})

test('a fact that was refused makes a rule not assessed, with the reason, and never passed', () => {
  const refused: Readings = { expected: { known: false, why: 'CONFIG GET refused: NOPERM' } }
  const one = evaluate(rules(roleIs('master')), {}, [{ address: 'a:1', readings: refused }])
  expect(one.notAssessed).toEqual([{ rule: 'repl/role', why: 'CONFIG GET refused: NOPERM' }])
  expect(one.passed).toEqual([])
  const some = evaluate(rules(roleIs('master')), {}, [node('a:1', 'master'), { address: 'b:1', readings: refused }])
  expect(some.notAssessed).toEqual([{ rule: 'repl/role', why: 'on b:1: CONFIG GET refused: NOPERM' }])
  expect(some.passed).toEqual([])
})

test('where there is nothing that a fact could be about, a rule is not applicable', () => {
  const absent: Readings = { expected: { known: false, why: 'a sentinel has no such thing', absent: true } }
  const { notApplicable, notAssessed } = evaluate(rules(roleIs('master')), {}, [{ address: 'a:1', readings: absent }])
  expect([notApplicable, notAssessed]).toEqual([[{ rule: 'repl/role', why: 'a sentinel has no such thing' }], []])
  expect(evaluate(rules(roleIs('master')), {}, [node('b:1', 'master'), { address: 'a:1', readings: absent }]).passed).toEqual(['repl/role'])
})

test('a rule of the deployment is asked once, with the facts of the first server', () => {
  const rule: Rule = { ...roleIs('master'), scope: 'deployment' }
  const { findings } = evaluate(rules(rule), {}, [node('a:1', 'replica'), node('b:1', 'replica')])
  expect(findings.map(({ nodes }) => nodes)).toEqual([[]])
})

test('a rule that means nothing for a server is not applicable, which is neither passed nor not assessed', () => {
  const rule: Rule = { ...roleIs('master'), inapplicable: ({ version }) => (version === '6.0.0' ? 'needs 7.0' : undefined) }
  const server = { version: '6.0.0', engine: 'redis' as const, topology: 'standalone' as const, role: 'master' as const, loading: false }
  const rest = {
    usedMemoryBytes: 0,
    maxmemoryBytes: 0,
    maxmemoryPolicy: 'noeviction',
    opsPerSecond: 0,
    connectedClients: 0,
    keys: 0,
    runId: '',
  }
  const readings: Readings = { server: { known: true, value: { ...server, ...rest, processId: undefined } } }
  const { notApplicable, passed, notAssessed } = evaluate(rules(rule), {}, [{ address: 'a:1', readings }])
  expect(notApplicable).toEqual([{ rule: 'repl/role', why: 'needs 7.0' }])
  expect([passed, notAssessed]).toEqual([[], []])
})

test('a rule that could not look has not passed because it found nothing; what it found it has found', () => {
  const rule: Rule = { ...roleIs('master'), blind: () => ({ kind: 'not assessed', why: 'no idle times' }) }
  const silent = evaluate(rules(rule), {}, [node('a:1', 'master')])
  expect([silent.passed, silent.notAssessed]).toEqual([[], [{ rule: 'repl/role', why: 'no idle times' }]])
  const loud = evaluate(rules(rule), {}, [node('a:1', 'replica')])
  expect([loud.failed, loud.notAssessed]).toEqual([['repl/role'], []])
  const aimless: Rule = { ...rule, blind: () => ({ kind: 'not applicable', why: 'no contracts' }) }
  expect(evaluate(rules(aimless), {}, [node('a:1', 'master')]).notApplicable).toEqual([{ rule: 'repl/role', why: 'no contracts' }])
})

test('of the keys that a scan did not reach, no rule says that all is well', () => {
  const patterns = (found: string[]): Rule => ({
    ...roleIs('master'),
    needs: ['keyspace'],
    check: () => found.map((about) => ({ about, message: 'is wrong', evidence: {}, remedy: 'Mend it.' })),
  })
  const outcome = (rule: Rule, complete: boolean) =>
    evaluate(rules(rule), { keyspace: { known: true, value: keyspaceFacts({ complete }) } }, [{ address: 'a:1', readings: {} }])
  expect(outcome(patterns([]), true).passed).toEqual(['repl/role'])
  expect(outcome(patterns([]), false)).toMatchObject({
    passed: [],
    notAssessed: [{ rule: 'repl/role', why: 'the scan ended before it had read all keys' }],
  })
  expect(outcome(patterns(['page:<int>']), false)).toMatchObject({ failed: ['repl/role'], notAssessed: [] })
})
