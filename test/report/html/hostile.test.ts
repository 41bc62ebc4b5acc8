import { describe, expect, test } from 'vitest'
import { renderAuditHtml, renderCompareHtml, renderGateHtml, renderRunHtml } from '#redline/index.js'
import type { AuditResult } from '#redline/schema/audit.js'
import type { RunResult } from '#redline/schema/result.js'
import { auditResult, finding, node, pattern, rules, since, topKey } from '../../support/audits.js'
import { change, comparedAudits, comparedMetric, comparedRuns, gateDocument, threshold } from '../../support/comparisons.js'
import { all, dangers, obstacles, readPage } from '../../support/pages.js'
import { environment, expectation, round, runResult, scenario, target, validity, variant } from '../../support/results.js'

/** What somebody could call a key to get into a page, or to make it say something else. */
const NAMES = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "' onmouseover='alert(3)' x='",
  '</code></td></table></main></body></html><h1>',
  '</title></style><script>alert(4)</script>',
  '</text></svg><iframe srcdoc="<script>alert(5)</script>"></iframe>',
  '<![CDATA[<script>]]>',
  '<!-- ',
  '&lt;script&gt;',
  'javascript:alert(6)',
  '\u001b[31mred\u001b[0m',
  '\u202egnp.exe',
  '\u2066a\u2069\u200b',
  'a\0b\r\nc',
  '{a|rich}{b|text}',
  '${x}`',
  '__proto__',
  '__proto__:1',
  'constructor:<int>',
  'hasOwnProperty',
  '',
  'k'.repeat(65_536),
  '\u0300'.repeat(9000),
]

// oxlint-disable-next-line no-control-regex -- what a terminal acts on
const UNSAFE = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\0\u001b\u009b]/u

/** The document with a name in place of every text that is somebody's. */
const audit = (name: string): AuditResult =>
  auditResult({
    target: { name, topology: 'standalone', nodes: [node({ address: name, version: name, maxmemoryPolicy: name })] },
    failure: name,
    findings: [
      finding({
        about: name,
        message: name,
        remedy: name,
        commands: [name],
        examples: [name, `${name}2`],
        nodes: [name],
        evidence: { keys: 1, name },
      }),
    ],
    suppressed: [{ finding: finding(), reason: name, until: name }],
    patterns: [
      pattern({ pattern: name, owner: name, encodings: { [name]: { keys: 1, bytes: 1 } }, types: { [name]: { keys: 1, bytes: 1 } } }),
    ],
    top: { bytes: [topKey({ key: name, pattern: name, type: name, encoding: name })], elements: [], idle: [] },
    hashTags: [{ tag: name, keys: 1, bytes: 1 }],
    rules: rules({ notAssessed: [{ rule: name, why: name }], passed: [name] }),
    since: since({
      patterns: [{ pattern: name, change: 'new', keys: { value: 1, low: 1, high: 1 }, bytes: { value: 1, low: 1, high: 1 } }],
      remarks: [name],
    }),
  })

const run = (name: string): RunResult => {
  const reason = { code: name, severity: 'suspect' as const, message: name }
  const rounds = [
    round({
      validity: validity({ reasons: [reason] }),
      checks: [{ name, expected: name, observed: name, ok: false }],
      remarks: [name],
      faults: [{ atMs: 1, kind: name, ok: true }],
    }),
  ]
  const points = [1, 2, 4].map((depth) =>
    variant({
      id: `${name}${depth}`,
      variant: name,
      point: { [name || 'x']: depth, other: name },
      commands: [name],
      workload: name,
      rounds,
    }),
  )
  return runResult({
    profile: name,
    failure: name,
    environment: environment({ cpu: name, os: name, kernel: name }),
    targets: [target({ address: name, origin: name, version: name, prefix: name, config: { [name]: name } })],
    scenarios: [
      scenario({
        id: name,
        claim: name,
        variants: points,
        expectations: [expectation({ expression: name, left: { variant: name, load: name, metric: 'throughput' }, why: name })],
      }),
    ],
  })
}

const STARTED = '2026-11-22T09:14:02.000Z'

const comparison = (name: string) => {
  const named = { scenario: name, variant: name, load: name, metric: name, unit: name, why: name }
  return comparedRuns({
    base: { name, startedAt: STARTED, runs: 2, sittings: 2 },
    head: { name, startedAt: STARTED, runs: 1, sittings: 1 },
    metrics: (['worse', 'better', 'same', 'inconclusive'] as const).map((verdict) => comparedMetric({ ...named, verdict })),
    differences: [{ what: name, scenario: name, base: name, head: name, unlike: true }],
    missing: [{ scenario: name, variant: name, from: 'head' }],
  })
}

const audits = (name: string) =>
  comparedAudits({
    base: { name, startedAt: STARTED },
    head: { name, startedAt: STARTED },
    differences: [{ what: name, scenario: null, base: name, head: name, unlike: true }],
    since: audit(name).since!,
  })

const gate = (name: string) =>
  gateDocument({
    verdict: 'fail',
    reasons: [{ verdict: 'fail', message: name }],
    results: [{ name, kind: 'run', startedAt: STARTED }],
    thresholds: [threshold({ expression: name, result: name, about: name, metric: name, unit: name, why: name, verdict: 'fail' })],
    baselines: [
      { file: name, comparison: comparison(name) },
      { file: name, comparison: comparison(name) },
    ],
    changes: [change({ scenario: name, variant: name, load: name, metric: name, unit: name, label: name })],
  })

describe.each(NAMES.map((name) => [JSON.stringify(name.slice(0, 50)), name]))('a thing called %s', (_, name) => {
  test.each([
    ['an audit', () => renderAuditHtml(audit(name))],
    ['a run', () => renderRunHtml(run(name))],
    ['a comparison of runs', () => renderCompareHtml(comparison(name))],
    ['a comparison of audits', () => renderCompareHtml(audits(name))],
    ['a gate', () => renderGateHtml(gate(name))],
  ])('stays a text on the page of %s', async (_kind, render) => {
    const text = await render()
    const page = readPage(text)
    expect(dangers(page)).toEqual([])
    expect(obstacles(page)).toEqual([])
    expect(all(page, 'h1')).toHaveLength(1)
    expect(UNSAFE.exec(text)).toBeNull()
    expect(text.length).toBeLessThan(400_000)
  })
})

test('no name reaches what all objects share', async () => {
  const before = Object.getOwnPropertyNames(Object.prototype)
  for (const name of ['__proto__', '__proto__:1', 'constructor', 'toString', 'hasOwnProperty:x']) {
    await renderAuditHtml(audit(name))
    await renderRunHtml(run(name))
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
  for (const name of before) {
    const shared: unknown = Object.getOwnPropertyDescriptor(Object.prototype, name)!.value
    expect(Object.keys(shared ?? {})).toEqual([])
  }
})

test('of a name that is too long to show, its length is told', async () => {
  expect(await renderAuditHtml(audit('k'.repeat(65_536)))).toContain('(65,536 characters)')
})

test('the check of these tests finds what a page may not have', () => {
  const page = readPage('<html><body><p onclick="x" style="a">a</p><script></script><a href="http://a">b</a><img src="x"></body></html>')
  expect(dangers(page)).toEqual(['p[onclick]', 'p[style]', '<script>', 'a to http://a', '<img>', 'img[src]'])
  const rough = readPage('<html><body><h1>a</h1><h3>b</h3><table><th>c</th></table><svg></svg><a href="#no">d</a></body></html>')
  expect(obstacles(rough)).toEqual(
    expect.arrayContaining([
      'h3 after h1',
      'not one <main>',
      'a table without a caption',
      'a heading without a scope: c',
      'a drawing without a label',
      'a link to #no, which is not there',
    ]),
  )
})
