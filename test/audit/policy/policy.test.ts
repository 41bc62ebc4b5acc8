import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { countOption, shareOption } from '#redline/audit/rule-options.js'
import { defineRule, type Rule } from '#redline/audit/rule.js'
import { resolvePolicy } from '#redline/audit/policy/policy.js'
import type { ProjectFile } from '#redline/schema/project.js'

const ruleOf = (id: string): Rule =>
  defineRule({
    id,
    severity: 'warning',
    summary: 'Something is wrong',
    needs: ['info'],
    options: z.strictObject({ share: shareOption(0.05, 'of keys'), floor: countOption(10, 'keys') }),
    check: () => [],
  })
const rules = ['client/leak', 'client/unnamed', 'ttl/missing', 'ttl/stampede'].map(ruleOf)
const policyOf = (settings: ProjectFile['rules'], ...rest: [Parameters<typeof resolvePolicy>[2]?]) =>
  resolvePolicy(rules, { rules: settings }, ...rest)
const idsOn = ({ rules: on }: ReturnType<typeof policyOf>) => on.map(({ rule }) => rule.id)

describe('without a file', () => {
  test('every rule is on with its defaults, errors fail, and severities are the rules own', () => {
    const policy = resolvePolicy(rules, undefined)
    expect(idsOn(policy)).toEqual(rules.map(({ id }) => id))
    expect(policy.rules[0]!.options).toEqual({ share: 0.05, floor: 10 })
    expect([policy.failOn, policy.off, policy.contracts, policy.suppressions]).toEqual(['error', [], [], []])
    expect(policy.severityOf('ttl/missing', 'a', 'note')).toBe('note')
  })
})

describe('settings', () => {
  test('switch off a rule, a group, or all', () => {
    expect(idsOn(policyOf({ 'ttl/missing': 'off' }))).toEqual(['client/leak', 'client/unnamed', 'ttl/stampede'])
    expect(policyOf({ 'client/*': 'off' }).off).toEqual(['client/leak', 'client/unnamed'])
    expect(idsOn(policyOf({ '*': 'off' }))).toEqual([])
    expect(idsOn(policyOf({ 'ttl/missing': { severity: 'off', share: 0.5 } }))).not.toContain('ttl/missing')
  })

  test('the narrower selector counts, in whatever order they stand', () => {
    const policy = policyOf({ 'ttl/missing': 'error', 'ttl/*': 'note', '*': 'off' })
    expect(idsOn(policy)).toEqual(['ttl/missing', 'ttl/stampede'])
    expect(policy.severityOf('ttl/missing', 'a', 'warning')).toBe('error')
    expect(policy.severityOf('ttl/stampede', 'a', 'warning')).toBe('note')
  })

  test('options go to the rule, beside its defaults', () => {
    const policy = policyOf({ 'ttl/missing': { share: 0.5, severity: 'error', patterns: { a: 'off' } } })
    expect(policy.rules.find(({ rule }) => rule.id === 'ttl/missing')!.options).toEqual({ share: 0.5, floor: 10 })
  })

  test('a rule that is given options is on, also where its group is off', () => {
    expect(idsOn(policyOf({ 'client/*': 'off', 'client/leak': { floor: 5 } }))).toContain('client/leak')
    expect(policyOf({ 'client/*': 'note', 'client/leak': { floor: 5 } }).severityOf('client/leak', 'a', 'error')).toBe('note')
  })

  test('patterns are exceptions: the first that matches counts, those of the rule before those of its group', () => {
    const policy = policyOf({
      'ttl/missing': { severity: 'error', patterns: { 'tmp:*': 'off', 'tmp:important:*': 'error', 'session:*': 'note' } },
      'ttl/*': { patterns: { 'session:*': 'warning', 'cart:*': 'warning' } },
    })
    const severities = ['tmp:important:<int>', 'session:<int>', 'cart:<int>', 'lock:a'].map((about) =>
      policy.severityOf('ttl/missing', about, 'warning'),
    )
    expect(severities).toEqual(['off', 'note', 'warning', 'error'])
  })
})

describe('the command line', () => {
  test('counts before the file', () => {
    expect(resolvePolicy(rules, { fail_on: 'note' }).failOn).toBe('note')
    expect(resolvePolicy(rules, { fail_on: 'note' }, { failOn: 'warning' }).failOn).toBe('warning')
  })

  test('selects rules, which then must be assessed; one named by its id is on whatever the file says', () => {
    const policy = policyOf({ 'client/*': 'off', 'ttl/stampede': 'off' }, { rules: ['client/leak', 'ttl/*'] })
    expect(idsOn(policy)).toEqual(['client/leak', 'ttl/missing'])
    expect(policy.off).toEqual(['client/unnamed', 'ttl/stampede'])
    expect([...policy.required]).toEqual(['client/leak', 'ttl/missing'])
  })

  test('is told of every selector that names no rule', () => {
    expect(() => policyOf({}, { rules: ['ttl/mising', 'zzz', 'ttl/*'] })).toThrow(
      'no rule "ttl/mising"; did you mean ttl/missing?\nno rule "zzz"',
    )
  })
})

test('a file may require rules, of which those that are off are not', () => {
  const policy = resolvePolicy(rules, { require: ['client/*'], rules: { 'client/leak': 'off' } })
  expect([...policy.required]).toEqual(['client/unnamed'])
})
