import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { exitCodeOfComparedAudits } from '#redline/gate/compare-audits.js'
import { exitCodeOfComparison } from '#redline/gate/compare-runs.js'
import { compareToCsv } from '#redline/report/compare/csv.js'
import { compareToGithub } from '#redline/report/compare/github.js'
import { compareToJunit } from '#redline/report/compare/junit.js'
import { compareToMarkdown } from '#redline/report/compare/markdown.js'
import { compareToPrometheus } from '#redline/report/compare/prometheus.js'
import { renderComparison } from '#redline/report/comparison.js'
import { gateToCsv } from '#redline/report/gate/csv.js'
import { gateToGithub } from '#redline/report/gate/github.js'
import { gateToJunit } from '#redline/report/gate/junit.js'
import { gateToMarkdown } from '#redline/report/gate/markdown.js'
import { gateToPrometheus } from '#redline/report/gate/prometheus.js'
import { renderGate } from '#redline/report/gate/terminal.js'
import type { CompareResult } from '#redline/schema/compare.js'
import type { GateDocument } from '#redline/schema/gate.js'
import { since } from '../support/audits.js'
import {
  better,
  change,
  comparedAudits,
  comparedMetric,
  comparedRuns,
  difference,
  failedGate,
  gateDocument,
  mixedComparison,
  open,
  threshold,
  unmeasured,
  worse,
} from '../support/comparisons.js'
import { elementsOf, markdownToHtml, readCsv, readPrometheus, readWorkflowCommands, readXml } from '../support/readers.js'

const titles = (log: string) => readWorkflowCommands(log).map(({ command, properties }) => `${command} ${properties['title']}`)
const headings = (markdown: string) => [...markdownToHtml(markdown).matchAll(/<h\d>(.*?)<\/h\d>/g)].map(([, heading]) => heading)

const openGate = (fields: Partial<GateDocument> = {}) =>
  gateDocument({
    verdict: 'inconclusive',
    thresholds: [threshold({ verdict: 'inconclusive', why: 'the interval contains the bound' })],
    ...fields,
  })

describe('csv', () => {
  test('of two runs has a row for each metric, and one for what only one side has', () => {
    const rows = readCsv(compareToCsv(mixedComparison()))
    expect(rows.map(({ metric, verdict }) => `${metric} ${verdict}`)).toEqual([
      'server_cpu_us same',
      'p50 inconclusive',
      'p99 worse',
      'p99 worse',
      'throughput better',
      'errors same',
      'p99 inconclusive',
      ' missing',
    ])
    expect(rows[3]).toMatchObject({ base: '920', head: '1310', estimate: '1.42', low: '1.31', high: '1.55', limit: '0.05', load: '' })
    expect(rows[5]).toMatchObject({ compared_by: 'difference', estimate: '0', unit: 'share' })
    expect(rows[7]).toMatchObject({ scenario: 'lists/queue', variant: 'push', why: 'not in head' })
  })

  test('of two audits has findings and patterns', () => {
    const rows = readCsv(compareToCsv(comparedAudits()))
    expect(rows.map(({ what, change, rule }) => `${what} ${change} ${rule}`)).toEqual([
      'finding new ttl/missing',
      'finding fixed lock/no-ttl',
      'pattern grown ',
    ])
    expect(rows[2]!['keys']).toBe('60000')
  })

  test('of a gate has a row for everything that was checked', () => {
    const rows = readCsv(gateToCsv(failedGate()))
    const of = (check: string) => rows.filter((row) => row['check'] === check)
    expect(of('threshold').map((row) => row['gate_verdict'])).toEqual(['pass', 'inconclusive', 'fail', 'fail'])
    expect(of('baseline').map((row) => row['gate_verdict'])).toEqual([
      'pass',
      'inconclusive',
      'fail',
      'fail',
      'pass',
      'pass',
      'inconclusive',
    ])
    expect(of('history')[0]).toMatchObject({ metric: 'throughput', base: '96300', head: '70500', label: '1f3c9a', runs_since: '6' })
    expect(of('reason').map(({ why }) => why)).toContain('audit/: 2 findings of severity error')
  })
})

describe('github', () => {
  test('annotates what is worse as errors, the worst first; a reason once; what is better and the sum of it as notices', () => {
    const log = compareToGithub(mixedComparison())
    expect(titles(log)).toEqual([
      'error hashes/profile-read one-field: p99 worse',
      'error hashes/profile-read whole-object: p99 worse',
      'warning 1 metric inconclusive',
      'warning 1 metric inconclusive',
      'warning unlike things are compared',
      'warning 1 not in head',
      'notice hashes/profile-read one-field: throughput better',
      'notice redline compare',
    ])
    const messages = readWorkflowCommands(log).map(({ message }) => message)
    expect(messages[0]).toBe('0.92 → 1.31 ms, 1.42x (1.31 to 1.55), limit 1.05x')
    expect(messages[2]).toContain('redline ab')
    expect(messages.at(-1)).toContain('2 metrics are worse, 1 is better')
  })

  test('has ten of a kind at most, and counts the rest', () => {
    const many = Array.from({ length: 30 }, (_, i) => worse({ variant: `v${i}`, estimate: 1.2 + i / 100, low: 1.1, high: 1.9 }))
    const commands = readWorkflowCommands(compareToGithub(comparedRuns({ metrics: many })))
    expect(commands.filter(({ command }) => command === 'error')).toHaveLength(10)
    expect(commands[0]!.properties['title']).toContain('v29: p99')
    expect(commands[9]!.properties['title']).toBe('21 more errors')
  })

  test('does not warn of differences that redline ab was asked for', () => {
    const log = compareToGithub(mixedComparison({ design: 'paired' }))
    expect(titles(log)).not.toContain('warning unlike things are compared')
    expect(titles(log).at(-1)).toBe('notice redline ab')
  })

  test('of two audits: new findings are errors', () => {
    expect(titles(compareToGithub(comparedAudits({ complete: false })))).toEqual([
      'error new: ttl/missing',
      'warning not all was read by both audits',
      'notice fixed: lock/no-ttl',
      'notice redline compare',
    ])
  })

  test('of a gate: what fails it as errors, what it could not tell as warnings', () => {
    const all = titles(gateToGithub(failedGate()))
    expect(all.filter((title) => title.startsWith('error'))).toEqual([
      'error hashes/*: p99 < 2ms: fail',
      'error findings.error == 0: fail',
      'error redline gate: fail',
      'error hashes/profile-read one-field: p99 worse',
      'error hashes/profile-read whole-object: p99 worse',
      'error hashes/profile-read one-field: throughput worse in the history',
    ])
    expect(all).toContain('warning throughput > 95k: inconclusive')
    expect(titles(gateToGithub(gateDocument()))).toEqual(['notice redline gate'])
    expect(titles(gateToGithub(openGate()))).toEqual(['warning hashes/*: p99 < 2ms: inconclusive', 'notice redline gate'])
  })
})

describe('junit', () => {
  const outcomes = (xml: string) =>
    Object.fromEntries(
      elementsOf(readXml(xml), 'testcase').map(({ attributes, children }) => [
        `${attributes['classname']} ${attributes['name']}`,
        children.find(({ name }) => name !== 'system-out')?.name ?? 'passed',
      ]),
    )

  test('has a test for each metric: failed when worse, skipped with the reason when it could not be told', () => {
    const xml = compareToJunit(mixedComparison())
    expect(outcomes(xml)).toEqual({
      'hashes/profile-read one-field: server_cpu_us': 'passed',
      'hashes/profile-read one-field: p50': 'skipped',
      'hashes/profile-read whole-object: p99': 'skipped',
      'hashes/profile-read one-field: p99': 'failure',
      'hashes/profile-read one-field: throughput': 'passed',
      'hashes/profile-read one-field: errors': 'passed',
      'lists/queue push is measured by both sides': 'skipped',
    })
    const messages = elementsOf(readXml(xml), 'skipped').map(({ attributes }) => attributes['message'])
    expect(messages[0]).toContain('inconclusive: the machine may have changed by 15%')
    expect(elementsOf(readXml(xml), 'failure')[1]!.attributes['message']).toBe('0.92 → 1.31 ms, 1.42x (1.31 to 1.55), limit 1.05x')
  })

  test('has a test for each threshold, reason and change of a gate', () => {
    expect(outcomes(gateToJunit(failedGate()))).toMatchObject({
      'redline gate reports/latest is a run that was judged': 'passed',
      'redline gate audit/: 2 findings of severity error': 'failure',
      'redline gate nothing was measured that this is about: sets/*: p99 < 1ms': 'skipped',
      'redline gate hashes/*: p99 < 2ms (hashes/profile-read one-field)': 'passed',
      'redline gate hashes/*: p99 < 2ms (hashes/profile-read whole-object)': 'failure',
      'redline gate throughput > 95k (hashes/profile-read one-field)': 'skipped',
      'hashes/profile-read one-field: throughput in the history': 'failure',
      'hashes/profile-read one-field: p99': 'failure',
    })
  })

  test('fails exactly when something is worse, new or broken; what could not be told is seen, and fails nobody', () => {
    const count = (xml: string, name: string) => elementsOf(readXml(xml), name).length
    const comparisons: CompareResult[] = [
      comparedRuns(),
      comparedRuns({ metrics: [] }),
      comparedRuns({ metrics: [open(), better()] }),
      mixedComparison(),
      comparedAudits(),
      comparedAudits({ since: since({ added: [] }) }),
      comparedAudits({ since: since({ added: [] }), complete: false }),
    ]
    for (const result of comparisons) {
      const exitCode = result.kind === 'runs' ? exitCodeOfComparison(result) : exitCodeOfComparedAudits(result)
      const xml = compareToJunit(result)
      expect(count(xml, 'failure') > 0).toBe(exitCode === 1)
      expect(exitCode !== 3 || count(xml, 'skipped') > 0).toBe(true)
      expect(count(xml, 'testcase')).toBeGreaterThan(0)
    }
    const gates = [
      gateDocument(),
      failedGate(),
      openGate(),
      gateDocument({ thresholds: [] }),
      gateDocument({ verdict: 'fail', changes: [change()] }),
      gateDocument({ verdict: 'inconclusive', reasons: [{ verdict: 'inconclusive', message: 'there is no baseline' }] }),
    ]
    for (const gate of gates) {
      const xml = gateToJunit(gate)
      expect(count(xml, 'failure') > 0).toBe(gate.verdict === 'fail')
      expect(gate.verdict !== 'inconclusive' || count(xml, 'skipped') > 0).toBe(true)
      expect(count(xml, 'error')).toBe(0)
      expect(count(xml, 'testcase')).toBeGreaterThan(0)
    }
  })

  test('counts in its attributes what is in it', () => {
    for (const xml of [compareToJunit(mixedComparison()), compareToJunit(comparedAudits()), gateToJunit(failedGate())]) {
      const root = readXml(xml)
      for (const suite of [root, ...root.children]) {
        const count = (name: string) => String(elementsOf(suite, name).length)
        expect(suite.attributes).toMatchObject({ tests: count('testcase'), failures: count('failure'), skipped: count('skipped') })
      }
    }
  })
})

describe('markdown', () => {
  test('of two runs says the verdict first, then what is worse, better, and could not be told with what would tell it', () => {
    const text = compareToMarkdown(mixedComparison())
    expect(headings(text)).toEqual([
      'redline compare: 2 metrics are worse, 1 is better',
      '✗ 2 metrics worse',
      '✓ 1 metric better',
      '? 2 metrics could not be told',
    ])
    const html = markdownToHtml(text)
    expect(html).toContain('<td align="right">1.42x (1.31 to 1.55)</td>')
    expect(html.indexOf('1.42x')).toBeLessThan(html.indexOf('1.12x'))
    expect(html).toContain('<strong>unlike</strong> version of <code>hashes/profile-read</code>')
    expect(html).toContain('<strong>To do</strong>: Measure both sides in turns on one machine')
    expect(html).toContain('<details><summary>✓ 2 metrics the same</summary>')
    expect(html).toContain('not in head: <code>lists/queue push</code>')
  })

  test('of two audits has what is new, fixed and grown', () => {
    expect(headings(compareToMarkdown(comparedAudits()))).toEqual([
      'redline compare: 1 new finding, 1 fixed',
      '✗ 1 new finding',
      '✓ 1 finding fixed',
      'Growth',
    ])
  })

  test('of a gate has its reasons, thresholds that are broken first, changes and baselines', () => {
    const text = gateToMarkdown(failedGate())
    expect(headings(text)).toEqual([
      'redline gate: fail (2 thresholds broken, 2 metrics worse than the baseline, 1 change for the worse in the history, 1 other reason)',
      'Thresholds',
      '✗ Changes for the worse in the history',
      'Against <code>reports/baselines/epyc.json</code>, 12 runs in 9 sittings: 2 metrics are worse, 1 is better',
      '✗ 2 metrics worse',
      '✓ 1 metric better',
      '? 2 metrics could not be told',
    ])
    const rows = [...markdownToHtml(text).matchAll(/<td align="left">(✗ broken|\? open|✓ kept)<\/td>/g)].map(([, mark]) => mark)
    expect(rows).toEqual(['✗ broken', '✗ broken', '? open', '✓ kept'])
    expect(headings(gateToMarkdown(gateDocument()))[0]).toBe('redline gate: pass')
  })

  test('stays below what GitHub takes, and says what is left out', () => {
    const metrics = Array.from({ length: 20_000 }, (_, i) => open({ variant: `v${i}`, why: `reason ${i} ${'x'.repeat(300)}` }))
    const text = compareToMarkdown(comparedRuns({ metrics }))
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024)
    const [, left] = /\*\*Cut short\*\*: (\d+) more metrics do not fit/.exec(text) ?? []
    expect(text.match(/^\| `hashes/gm)!.length + Number(left)).toBe(20_000)
  })
})

describe('prometheus', () => {
  const metrics = (text: string, name: string) => readPrometheus(text).find((family) => family.name === name)?.metrics ?? []

  test('of two runs has ratios and differences with their intervals', () => {
    const text = compareToPrometheus(mixedComparison())
    const low = metrics(text, 'redline_compare_ratio').find(
      ({ labels }) => labels!['metric'] === 'p99' && labels!['variant'] === 'one-field' && labels!['stat'] === 'low',
    )
    expect(low!.value).toBe('1.31')
    expect(metrics(text, 'redline_compare_difference').map(({ labels }) => labels!['metric'])).toContain('errors')
    expect(metrics(text, 'redline_compare_metrics').find(({ labels }) => labels!['verdict'] === 'worse')!.value).toBe('2')
  })

  test('of two audits has findings that came and went', () => {
    expect(metrics(compareToPrometheus(comparedAudits()), 'redline_compare_findings')).toEqual([
      { value: '1', labels: { change: 'new' } },
      { value: '1', labels: { change: 'fixed' } },
    ])
  })

  test('of a gate has its exit code, its thresholds and its baselines', () => {
    const text = gateToPrometheus(failedGate())
    expect(metrics(text, 'redline_gate_exit_code')).toEqual([{ value: '1' }])
    expect(metrics(text, 'redline_gate_verdict').find(({ value }) => value === '1')!.labels).toEqual({ verdict: 'fail' })
    expect(metrics(text, 'redline_gate_threshold_value').find(({ labels }) => labels!['about']!.endsWith('whole-object'))!.value).toBe(
      '2310',
    )
    expect(metrics(text, 'redline_gate_baseline_ratio')[0]!.labels).toMatchObject({ baseline: 'reports/baselines/epyc.json' })
    expect(metrics(text, 'redline_gate_changes')[0]!.value).toBe('1')
    expect(readPrometheus(text).every(({ type, help }) => type === 'GAUGE' && help !== '')).toBe(true)
  })
})

describe('terminal', () => {
  const at = (width: number, color = false) => ({ width, color, unicode: true })

  test.each([80, 160])('at %i columns no line is wider, and only whole clauses go to the next line', (width) => {
    for (const text of [
      renderComparison(mixedComparison(), at(width)),
      renderComparison(comparedAudits(), at(width)),
      renderGate(failedGate(), at(width)),
    ]) {
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
      expect(text).not.toMatch(/limit\n|, $|\u00a0/m)
    }
  })

  test('says the worst first, and nothing of what is not known', () => {
    const text = renderComparison(
      comparedRuns({ metrics: [worse({ estimate: 1.1, variant: 'a' }), worse({ variant: 'b' }), unmeasured()] }),
      at(160),
    )
    expect(text.indexOf(' b: p99')).toBeLessThan(text.indexOf(' a: p99'))
    expect(text).toContain('whole-object: p99 0.92 ms → nothing\n')
  })

  test('a loss where none is allowed comes before all that is slower', () => {
    const lost = difference({
      metric: 'lost',
      unit: 'count',
      verdict: 'worse',
      head: { value: 1, rounds: 12 },
      estimate: 1,
      low: 1,
      high: 1,
      limit: 0,
    })
    const text = renderComparison(comparedRuns({ metrics: [worse(), lost] }), at(160))
    expect(text.indexOf('lost')).toBeLessThan(text.indexOf('p99'))
  })

  test('a gate ends with its verdict, its exit code and what decided it', () => {
    expect(renderGate(gateDocument(), at(80))).toMatch(/\n\npass {2}exit 0\n$/)
    expect(renderGate(failedGate(), at(200))).toMatch(
      /\nfail {2}exit 1 · 2 thresholds broken · 2 metrics worse than the baseline · 1 change for the worse in the history · 1 other reason\n$/,
    )
  })

  test('shows every metric that is worse up to a hundred, and counts the others', () => {
    const metrics = Array.from({ length: 130 }, (_, i) => worse({ variant: `v${i}` }))
    const text = renderComparison(comparedRuns({ metrics }), at(160))
    expect(text.match(/^✗ hashes/gm)).toHaveLength(100)
    expect(text).toContain('and 30 more, which changed by less')
  })

  test('has colours for verdicts alone, and none without', () => {
    const coloured = renderGate(failedGate(), at(80, true))
    expect(coloured).toContain('\u001b[31m✗\u001b[39m')
    expect(stripVTControlCharacters(coloured)).toBe(renderGate(failedGate(), at(80)))
  })

  test('same is told in a line', () => {
    expect(renderComparison(comparedRuns({ metrics: [comparedMetric(), comparedMetric({ metric: 'p50' })] }), at(80))).toMatch(
      /\n✓ 2 metrics the same\n$/,
    )
  })
})
