import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyBaseline, baselineOf, baselineText, pruned } from '#redline/audit/policy/baseline.js'
import type { Finding } from '#redline/schema/audit.js'
import type { Baseline } from '#redline/schema/baseline.js'
import { parseBaseline } from '#redline/schema/read-baseline.js'
import { finding } from '../../support/audits.js'

const lock = finding()
const near = finding({ rule: 'mem/near-limit', about: 'maxmemory', severity: 'warning' })
const always = () => true
const knowing = (...findings: Finding[]): Baseline => baselineOf(findings)
const apply = (findings: Finding[], baseline: Baseline, proves: (rule: string) => boolean = always, suppressed: Finding[] = []) =>
  applyBaseline(findings, suppressed, baseline, proves)

test('only what is new is reported', () => {
  const { findings, known, stale } = apply([lock, near], knowing(near))
  expect([findings, known, stale]).toEqual([[lock], [near], []])
})

test('a finding that became more severe is reported, one that became less severe is not', () => {
  const worse = { ...near, severity: 'error' as const }
  expect(apply([worse], knowing(near))).toMatchObject({
    findings: [worse],
    known: [],
    remarks: ['mem/near-limit of maxmemory was accepted as a warning and is now an error'],
  })
  expect(apply([near], knowing(worse))).toMatchObject({ findings: [], known: [near], remarks: [] })
})

test('an entry is stale when its finding is gone and its rule would have found it', () => {
  const baseline = knowing(lock, near)
  expect(apply([lock], baseline).stale).toEqual([expect.objectContaining({ rule: 'mem/near-limit', fingerprint: near.fingerprint })])
  expect(apply([lock], baseline, () => false).stale).toEqual([])
})

test('a finding that is suppressed is still there', () => {
  expect(apply([], knowing(lock), always, [lock]).stale).toEqual([])
})

test('pruning takes out what is stale and nothing else', () => {
  const baseline = knowing(lock, near)
  const { stale } = apply([lock], baseline)
  expect(pruned(baseline, stale)).toEqual(knowing(lock))
})

test('writing a baseline anew keeps notes and what could not be looked at', () => {
  const entry = (of: Finding) => ({ rule: of.rule, about: of.about, severity: of.severity, fingerprint: of.fingerprint })
  const before: Baseline = {
    schema: 'redline/baseline@1',
    findings: [{ ...entry(lock), severity: 'note', note: 'ticket 7' }, entry(near)],
  }
  expect(baselineOf([lock], { baseline: before, stale: [] }).findings).toEqual([{ ...entry(lock), note: 'ticket 7' }, entry(near)])
  expect(baselineOf([lock], { baseline: before, stale: [before.findings[1]!] }).findings).toEqual([{ ...entry(lock), note: 'ticket 7' }])
})

test('of two findings with one fingerprint the more severe is accepted', () => {
  const worse = { ...near, severity: 'error' as const, nodes: ['b:1'] }
  for (const both of [
    [near, worse],
    [worse, near],
  ])
    expect(knowing(...both).findings).toEqual([expect.objectContaining({ severity: 'error' })])
})

test('its file has one finding a line, sorted, and reads back', () => {
  const baseline = knowing(near, finding({ about: 'lock:z' }), lock)
  const text = baselineText({ ...baseline, findings: [{ ...baseline.findings[0]!, note: 'ticket "7"' }, ...baseline.findings.slice(1)] })
  expect(text).toBe(`{
  "schema": "redline/baseline@1",
  "findings": [
    { "rule": "lock/no-ttl", "about": "lock:res:<int>", "severity": "error", "fingerprint": "${lock.fingerprint}" },
    { "rule": "lock/no-ttl", "about": "lock:z", "severity": "error", "fingerprint": "${finding({ about: 'lock:z' }).fingerprint}" },
    { "rule": "mem/near-limit", "about": "maxmemory", "severity": "warning", "fingerprint": "${near.fingerprint}", "note": "ticket \\"7\\"" }
  ]
}
`)
  expect(baselineText(parseBaseline(text, 'base.json'))).toBe(text)
  expect(parseBaseline(baselineText(knowing()), 'base.json')).toEqual(knowing())
})

test('the order in which findings came does not show in the file', () => {
  const some = fc.uniqueArray(fc.record({ rule: fc.constantFrom('a/b', 'a/c'), about: fc.string({ maxLength: 5 }) }), {
    selector: ({ rule, about }) => `${rule} ${about}`,
  })
  fc.assert(
    fc.property(some, (names) => {
      const findings = names.map((name) => finding(name))
      expect(baselineText(knowing(...findings.toReversed()))).toBe(baselineText(knowing(...findings)))
    }),
  )
})
