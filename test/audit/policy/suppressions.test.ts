import { expect, test } from 'vitest'
import { applySuppressions } from '#redline/audit/policy/suppressions.js'
import type { Suppression } from '#redline/schema/project.js'
import { finding } from '../../support/audits.js'

const lock = finding({ about: 'lock:a:<int>' })
const other = finding({ about: 'lock:b:<int>' })
const ttl = finding({ rule: 'ttl/missing', about: 'session:<int>' })
const RULES = ['lock/no-ttl', 'ttl/missing', 'ttl/stampede']
const apply = (suppressions: Suppression[], proves: (rule: string) => boolean = () => true, findings = [lock, other, ttl]) =>
  applySuppressions(findings, suppressions, '2026-11-22', proves, RULES)

test('a suppression sets aside what it matches, with its reason', () => {
  const { findings, suppressed, remarks } = apply([{ rule: 'lock/no-ttl', about: 'lock:a:*', reason: 'one host', until: '2027-01-01' }])
  expect(findings).toEqual([other, ttl])
  expect(suppressed).toEqual([{ finding: lock, reason: 'one host', until: '2027-01-01' }])
  expect(remarks).toEqual([])
})

test('it may be of all findings of a rule, of a group, or of a pattern copied from the report', () => {
  expect(apply([{ rule: 'lock/no-ttl', reason: 'x' }]).findings).toEqual([ttl])
  expect(apply([{ rule: 'lock/*', reason: 'x' }]).findings).toEqual([ttl])
  expect(apply([{ rule: 'lock/no-ttl', about: 'lock:b:<int>', reason: 'x' }]).findings).toEqual([lock, ttl])
})

test('the first that matches gives the reason, and the second is not called needless', () => {
  const { suppressed, remarks } = apply([
    { rule: 'lock/no-ttl', reason: 'first' },
    { rule: 'lock/no-ttl', about: 'lock:a:*', reason: 'second' },
  ])
  expect(suppressed.map(({ reason, until }) => [reason, until])).toEqual([
    ['first', null],
    ['first', null],
  ])
  expect(remarks).toEqual([])
})

test('it holds on its last day and not on the day after', () => {
  const on = (until: string) => apply([{ rule: 'lock/no-ttl', about: 'lock:a:*', reason: 'x', until }])
  expect(on('2026-11-22').suppressed).toHaveLength(1)
  expect(on('2026-11-21').findings).toEqual([lock, other, ttl])
  expect(on('2026-11-21').remarks).toEqual(['suppression of lock/no-ttl for lock:a:* expired on 2026-11-21: 1 finding counts again'])
})

test('an expired one whose findings another one covers is only to be removed', () => {
  const { remarks } = apply([
    { rule: 'lock/no-ttl', reason: 'x', until: '2020-01-01' },
    { rule: 'lock/*', reason: 'y' },
  ])
  expect(remarks).toEqual(['suppression of lock/no-ttl expired on 2020-01-01: remove it'])
})

test('one that matches nothing is told, but only where there would have been something to match', () => {
  const needless: Suppression[] = [{ rule: 'ttl/*', about: 'cart:*', reason: 'x' }]
  expect(apply(needless).remarks).toEqual(['suppression of ttl/* for cart:* matches nothing: remove it'])
  expect(apply(needless, (rule) => rule !== 'ttl/stampede').remarks).toEqual([])
})

test('what a remark names is safe to print', () => {
  expect(apply([{ rule: 'ttl/*', about: 'a\x1b[2J', reason: 'x' }]).remarks[0]).toContain(String.raw`a\x1b[2J`)
})
