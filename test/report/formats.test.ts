import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kindsOf, type Rendered, renderSaved } from '#redline/report/format.js'
import { findFormat, FORMAT_NAMES } from '#redline/report/formats.js'
import type { Saved } from '#redline/schema/saved-kinds.js'
import { auditResult, finding, since } from '../support/audits.js'
import {
  change,
  comparedAudits,
  comparedMetric,
  comparedRuns,
  failedGate,
  gateDocument,
  mixedComparison,
  threshold,
} from '../support/comparisons.js'
import { hostileText } from '../support/hostile.js'
import { largeAudit, largeComparison, largeRun } from '../support/large-results.js'
import { expectation, round, runResult, scenario, target, validity, variant } from '../support/results.js'

const STYLE = { width: 100, color: false, unicode: true }
const formats = await Promise.all(FORMAT_NAMES.map(async (name) => ({ name, format: await findFormat(name) })))

const render = (name: string, saved: Saved): Rendered | undefined =>
  renderSaved(formats.find((one) => one.name === name)!.format, saved, { style: STYLE, rules: new Map() })
const textOf = (rendered: Rendered | undefined) => (typeof rendered === 'string' ? rendered : [...(rendered ?? [])].flat().join('\n'))

// oxlint-disable-next-line no-control-regex -- what a terminal acts on
const CONTROLS = /(?!\n)[\0-\u001f]/
const UNSAFE = /(?![\r\n])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u

const LARGE: readonly Saved[] = [
  { kind: 'run', document: largeRun(500) },
  { kind: 'audit', document: largeAudit(10_000) },
  { kind: 'compare', document: largeComparison(2500) },
  { kind: 'gate', document: gateDocument({ baselines: [{ file: 'b.json', comparison: largeComparison(2500) }] }) },
]

/** Comparisons and a gate with names in place of every text that is somebody's; also of metrics and units, which a file may call anything. */
function hostileVerdicts(a: string, b: string, c: string): Saved[] {
  const named = { scenario: a, variant: b, load: c, metric: a, unit: b }
  const metrics = (['worse', 'better', 'same', 'inconclusive'] as const).map((verdict) => comparedMetric({ ...named, verdict, why: c }))
  const sides = {
    base: { name: a, startedAt: '2026-11-22T09:14:02.000Z', runs: 2, sittings: 2 },
    head: { name: b, startedAt: '2026-11-23T09:14:02.000Z', runs: 1, sittings: 1 },
  }
  const differences = [{ what: a, scenario: b, base: c, head: a, unlike: true }]
  const comparison = comparedRuns({ ...sides, metrics, differences, missing: [{ scenario: a, variant: b, from: 'head' }] })
  const growth = { value: 1, low: 1, high: 2 }
  const audits = comparedAudits({
    base: { name: a, startedAt: sides.base.startedAt },
    head: { name: b, startedAt: sides.head.startedAt },
    differences,
    since: since({
      added: [{ rule: a, about: b }],
      fixed: [{ rule: b, about: c }],
      patterns: [{ pattern: c, change: 'grown', keys: growth, bytes: growth }],
      remarks: [a],
    }),
  })
  const gate = failedGate({
    reasons: [{ verdict: 'fail', message: a }],
    results: [{ name: b, kind: 'run', startedAt: sides.head.startedAt }],
    thresholds: [threshold({ expression: a, result: b, about: c, metric: a, unit: b, why: c, verdict: 'fail' })],
    baselines: [{ file: c, comparison }],
    changes: [change({ scenario: a, variant: b, load: c, metric: a, unit: b, label: c })],
  })
  return [
    { kind: 'compare', document: comparison },
    { kind: 'compare', document: audits },
    { kind: 'gate', document: gate },
  ]
}

describe('the formats', () => {
  test('are sorted, have a file of their name and say what they are for', () => {
    expect(FORMAT_NAMES).toEqual(FORMAT_NAMES.toSorted())
    const files = readdirSync(fileURLToPath(new URL('../../src/report', import.meta.url)), { encoding: 'utf8' })
    for (const { name, format } of formats) {
      expect(files.some((file) => file === `${name}.ts` || file === name)).toBe(true)
      expect(kindsOf(format)).not.toEqual([])
      expect(format.title).toMatch(/^\S.{20,}[^.]$/)
    }
  })

  test('are named with the nearest when there is none', async () => {
    await expect(findFormat('sarfi')).rejects.toThrow('there is no format sarfi; did you mean sarif?')
    await expect(findFormat('__proto__')).rejects.toThrow('there is no format')
  })
})

describe.each(FORMAT_NAMES)('%s', (name) => {
  const kinds = kindsOf(formats.find((one) => one.name === name)!.format)

  test('gives the same for the same', () => {
    const documents: Saved[] = [
      { kind: 'run', document: runResult() },
      { kind: 'audit', document: auditResult() },
      { kind: 'compare', document: mixedComparison() },
      { kind: 'compare', document: comparedAudits() },
      { kind: 'gate', document: failedGate() },
    ]
    for (const saved of documents) {
      const text = textOf(render(name, saved))
      expect(textOf(render(name, structuredClone(saved)))).toBe(text)
    }
  })

  test('shows 10,000 findings and 500 variants', { timeout: 120_000 }, () => {
    for (const saved of LARGE.filter(({ kind }) => kinds.includes(kind))) expect(textOf(render(name, saved)).length).toBeGreaterThan(500)
  })

  test('shows nothing of hostile names that a terminal or a reader could act on', () => {
    fc.assert(
      fc.property(hostileText, hostileText, hostileText, (a, b, c) => {
        const reason = { code: 'x', severity: 'suspect' as const, message: c }
        const run = runResult({
          targets: [target({ origin: c, address: a, version: b })],
          scenarios: [
            scenario({
              id: a,
              claim: b,
              variants: [variant({ id: b, point: { [c]: a }, rounds: [round({ validity: validity({ reasons: [reason] }) })] })],
              expectations: [expectation({ expression: a, why: c, verdict: 'inconclusive', left: { variant: b, load: c, metric: a } })],
            }),
          ],
        })
        const audit = auditResult({
          findings: [finding({ about: a, message: b, remedy: c, commands: [a], examples: [b], nodes: [c], evidence: { [a]: b } })],
          known: [finding({ about: b, at: { file: a, line: 1, column: 1 } })],
          suppressed: [{ finding: finding({ about: c }), reason: a, until: b }],
        })
        const documents: Saved[] = [{ kind: 'run', document: run }, { kind: 'audit', document: audit }, ...hostileVerdicts(a, b, c)]
        for (const saved of documents.filter(({ kind }) => kinds.includes(kind))) {
          const text = textOf(render(name, saved))
          // The document itself may hold what is not ASCII as it is; controls never.
          expect(text).not.toMatch(name === 'json' ? CONTROLS : UNSAFE)
        }
      }),
      // A page takes a hundred times as long as the others; html/hostile.test.ts has each name by itself, everywhere.
      { numRuns: name === 'html' ? 10 : 60 },
    )
  })
})
