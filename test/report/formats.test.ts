import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kindsOf, type Rendered, renderSaved } from '#redline/report/format.js'
import { findFormat, FORMAT_NAMES } from '#redline/report/formats.js'
import type { Saved } from '#redline/schema/saved.js'
import { auditResult, finding } from '../support/audits.js'
import { hostileText } from '../support/hostile.js'
import { largeAudit, largeRun } from '../support/large-results.js'
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
]

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
    for (const saved of [{ kind: 'run', document: runResult() } as const, { kind: 'audit', document: auditResult() } as const]) {
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
        const documents: Saved[] = [
          { kind: 'run', document: run },
          { kind: 'audit', document: audit },
        ]
        for (const saved of documents.filter(({ kind }) => kinds.includes(kind))) {
          const text = textOf(render(name, saved))
          // The document itself may hold what is not ASCII as it is; controls never.
          expect(text).not.toMatch(name === 'json' ? CONTROLS : UNSAFE)
        }
      }),
      { numRuns: 60 },
    )
  })
})
