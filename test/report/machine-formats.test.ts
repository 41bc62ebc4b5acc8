import * as fc from 'fast-check'
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { describe, expect, test } from 'vitest'
import { readRuleHelp } from '#redline/audit/rule-help.js'
import { auditToCsv } from '#redline/report/audit/csv.js'
import { auditToGithub } from '#redline/report/audit/github.js'
import { auditToJunit } from '#redline/report/audit/junit.js'
import { auditToMarkdown } from '#redline/report/audit/markdown.js'
import { auditToPrometheus } from '#redline/report/audit/prometheus.js'
import { auditToSarif } from '#redline/report/audit/sarif.js'
import { runToCsv } from '#redline/report/csv.js'
import { runToGithub } from '#redline/report/github.js'
import { runToHgrm } from '#redline/report/hgrm.js'
import { runToJunit } from '#redline/report/junit.js'
import { runToMarkdown } from '#redline/report/markdown.js'
import { runToPrometheus } from '#redline/report/prometheus.js'
import { exitCodeOf } from '#redline/run/outcome.js'
import type { AuditResult } from '#redline/schema/audit.js'
import { METRICS } from '#redline/schema/metrics.js'
import type { RunResult } from '#redline/schema/result.js'
import { auditResult, coverage, exactly, finding, gate, node, pattern, rules } from '../support/audits.js'
import { hostileText } from '../support/hostile.js'
import { largeAudit, largeRun } from '../support/large-results.js'
import {
  elementsOf,
  markdownToHtml,
  readCsv,
  readHgrm,
  readPrometheus,
  readWorkflowCommands,
  readXml,
  sarifMistakes,
} from '../support/readers.js'
import {
  expectation,
  invalidity,
  latency,
  load,
  openLoad,
  round,
  roundsAt,
  runResult,
  scenario,
  validity,
  variant,
} from '../support/results.js'

const refuted = expectation({ verdict: 'refuted', observed: 1.05, low: 1.01, high: 1.09 })
const open = expectation({ verdict: 'inconclusive', why: 'the interval is too wide' })
const suspect = validity({ reasons: [{ code: 'steal', severity: 'suspect', message: 'the hypervisor took 9% of the time' }] })

/** A claim that holds, one that was refuted and one that stays open; a variant that was not measured; doubts. */
const mixedRun = (): RunResult =>
  runResult({
    scenarios: [
      scenario({ expectations: [expectation(), refuted, open] }),
      scenario({
        id: 'lists/queue',
        variants: [
          variant({ id: 'broken', rounds: [round({ validity: invalidity() }), round({ validity: invalidity() })] }),
          variant({ id: 'doubtful', rounds: [round({ validity: suspect }), round()] }),
        ],
        expectations: [],
      }),
    ],
  })

const inFile = finding({
  rule: 'sec/nopass',
  severity: 'error',
  about: 'user default',
  message: 'needs no password',
  at: { file: './etc/redis.conf', line: 12, column: 3 },
  nodes: [],
})
const warning = finding({ rule: 'ttl/missing', severity: 'warning', about: 'session:<int>', nodes: ['cache-1:6379', 'cache-2:6379'] })
const mixedAudit = (): AuditResult =>
  auditResult({
    findings: [warning, inFile, finding(), finding({ rule: 'key/stale', severity: 'note', about: 'old:<int>' })],
    known: [finding({ about: 'lock:old' })],
    suppressed: [{ finding: finding({ about: 'lock:cron' }), reason: 'held by one host', until: '2027-01-31' }],
    rules: rules({
      passed: ['cfg/os'],
      failed: ['key/stale', 'lock/no-ttl', 'sec/nopass', 'ttl/missing'],
      notAssessed: [{ rule: 'client/leak', why: 'CLIENT LIST refused' }],
      notApplicable: [{ rule: 'cluster/skew', why: 'no cluster' }],
      off: ['key/long-name'],
    }),
    gate: gate({ exitCode: 1, reasons: ['2 findings of severity error'], baseline: { file: 'b.json', stale: [], written: null } }),
  })

test('a scenario that an engine can not run is skipped, warned of and told, with the reason', () => {
  const engineRefuses = { scenario: 'only/there', engine: 'redis 6.0.16', reason: 'refuses its configuration at new: Bad directive' }
  const run = { ...mixedRun(), inapplicable: [engineRefuses] }
  const skipped = elementsOf(readXml(runToJunit(run)), 'testcase').at(-1)!
  expect(skipped.attributes).toMatchObject({ classname: 'only/there', name: 'applies to redis 6.0.16' })
  expect(skipped.children.map(({ name, attributes }) => [name, attributes['message']])).toEqual([['skipped', engineRefuses.reason]])
  expect(runToMarkdown(run)).toContain(
    '### `only/there`: not applicable\n\nOn redis 6.0.16: refuses its configuration at new: Bad directive',
  )
  expect(readWorkflowCommands(runToGithub(run))).toContainEqual(
    expect.objectContaining({ command: 'warning', message: engineRefuses.reason }),
  )
})

describe('csv', () => {
  test('of a run has a row for each load of each round, also for invalid ones', () => {
    const rows = readCsv(runToCsv(mixedRun()))
    expect(rows).toHaveLength(6 + 4)
    expect(rows[0]).toMatchObject({
      scenario: 'hashes/profile-read',
      variant: 'one-field',
      round: '1',
      verdict: 'valid',
      throughput_per_second: '95000',
      latency_p99_us: '920',
      lateness_p99_us: '',
    })
    expect(rows.filter(({ verdict }) => verdict === 'invalid')).toHaveLength(2)
  })

  test('of a sweep has its axes as columns', () => {
    const swept = runResult({
      scenarios: [scenario({ variants: [variant({ point: { pipeline: 16, delay: '1ms', on: true } }), variant()] })],
    })
    const rows = readCsv(runToCsv(swept))
    expect([rows[0]!['axis_pipeline'], rows[0]!['axis_delay'], rows[0]!['axis_on']]).toEqual(['16', '1ms', 'true'])
    expect(rows.at(-1)!['axis_pipeline']).toBe('')
  })

  test('of an audit has every finding, with what the policy made of it', () => {
    const rows = readCsv(auditToCsv(mixedAudit()))
    expect(rows.map(({ status }) => status)).toEqual(['new', 'new', 'known', 'suppressed', 'new', 'new'])
    expect(rows[0]).toMatchObject({ severity: 'error', rule: 'sec/nopass', file: './etc/redis.conf', line: '12', column: '3' })
    expect(rows.find(({ rule }) => rule === 'ttl/missing')).toMatchObject({ nodes: 'cache-1:6379 cache-2:6379' })
    expect(JSON.parse(rows[0]!['evidence']!)).toEqual(inFile.evidence)
  })
})

describe('github', () => {
  test('annotates what is wrong with a run, errors first, and sums it up', () => {
    const commands = readWorkflowCommands(runToGithub(mixedRun()))
    expect(commands.map(({ command, properties }) => `${command} ${properties['title']}`)).toEqual([
      'error hashes/profile-read: refuted',
      'error lists/queue broken: not measured',
      'warning hashes/profile-read: inconclusive',
      'warning lists/queue: suspect',
      'notice redline run',
    ])
    expect(commands[1]!.message).toContain('2 of 2 rounds are invalid: the generator used 98% of its core')
    expect(readWorkflowCommands(runToGithub(runResult({ failure: 'the server went away' })))[0]!.message).toContain('the server went away')
  })

  test('annotates findings, those of files in their place', () => {
    const commands = readWorkflowCommands(auditToGithub(mixedAudit()))
    expect(commands.map(({ command }) => command)).toEqual(['error', 'error', 'warning', 'notice'])
    expect(commands[0]).toMatchObject({ properties: { title: 'sec/nopass', file: './etc/redis.conf', line: '12', col: '3' } })
    expect(commands[2]!.message).toContain('(on cache-1:6379, cache-2:6379)\n')
  })

  test('shows every rule before it shows one twice', () => {
    const many = Array.from({ length: 50 }, (_, i) => finding({ rule: 'lock/no-ttl', about: `lock:${i}` }))
    const commands = readWorkflowCommands(auditToGithub(auditResult({ findings: [...many, finding({ rule: 'sec/nopass' })] })))
    expect(commands).toHaveLength(10)
    expect(commands.map(({ properties }) => properties['title'])).toContain('sec/nopass')
    expect(commands[9]!.properties['title']).toBe('42 more errors')
  })

  test('says when too little was seen, although nothing was found', () => {
    const blind = auditResult({ coverage: coverage({ complete: false }), gate: gate({ exitCode: 3, reasons: ['not all keys were read'] }) })
    expect(readWorkflowCommands(auditToGithub(blind))).toEqual([
      { command: 'error', properties: { title: 'redline audit: exit 3' }, message: 'not all keys were read' },
    ])
    expect(auditToGithub(auditResult())).toBe('')
  })
})

describe('junit', () => {
  const read = (xml: string) => {
    const root = readXml(xml)
    const cases = elementsOf(root, 'testcase')
    const outcome = (name: string) => cases.find(({ attributes }) => attributes['name'] === name)!.children.map((child) => child.name)
    return { root, cases, outcome }
  }

  test('of a run has a test for each variant and each expectation', () => {
    const { root, cases, outcome } = read(runToJunit(mixedRun()))
    expect(root.attributes).toMatchObject({ tests: '8', failures: '1', errors: '1', skipped: '1' })
    expect(cases).toHaveLength(8)
    expect(outcome('broken is measured')).toEqual(['error'])
    expect(outcome('doubtful is measured')).toEqual(['system-out'])
    expect(elementsOf(root, 'failure')[0]!.attributes['message']).toContain('one-field does 1.05x whole-object (1.01 to 1.09)')
    expect(elementsOf(root, 'skipped')[0]!.attributes['message']).toContain('the interval is too wide')
  })

  test('counts in its attributes what is in it, in the order that the schema of Jenkins wants', () => {
    for (const xml of [runToJunit(mixedRun()), auditToJunit(mixedAudit())]) {
      const { root } = read(xml)
      expect([root.name, ...new Set(root.children.map(({ name }) => name))]).toEqual(['testsuites', 'testsuite'])
      for (const suite of [root, ...root.children]) {
        const count = (name: string) => String(elementsOf(suite, name).length)
        const { tests, failures, errors, skipped } = suite.attributes
        expect({ tests, failures, errors, skipped }).toEqual({
          tests: count('testcase'),
          failures: count('failure'),
          errors: count('error'),
          skipped: count('skipped'),
        })
      }
      for (const { attributes, children } of elementsOf(root, 'testcase')) {
        expect(Object.keys(attributes)).toEqual(['classname', 'name', 'time'])
        expect(children.map(({ name }) => name).join()).toMatch(/^((failure|error|skipped)?,?(system-out)?)$/)
      }
    }
  })

  test('of an audit has a test for each rule, failed when it found what the audit fails for', () => {
    const { cases, outcome, root } = read(auditToJunit(mixedAudit()))
    expect(cases.map(({ attributes }) => attributes['name'])).toEqual([
      'enough was seen to say',
      'every entry of b.json is still so',
      'cfg/os',
      'client/leak',
      'cluster/skew',
      'key/stale',
      'lock/no-ttl',
      'sec/nopass',
      'ttl/missing',
    ])
    expect([outcome('lock/no-ttl'), outcome('ttl/missing'), outcome('cfg/os'), outcome('client/leak')]).toEqual([
      ['failure'],
      ['system-out'],
      [],
      ['skipped'],
    ])
    expect(elementsOf(root, 'failure')[1]!.text).toContain('at ./etc/redis.conf:12:3')
  })

  test('is red exactly when the exit code is not 0', () => {
    const red = (xml: string) => elementsOf(readXml(xml), 'failure').length + elementsOf(readXml(xml), 'error').length > 0
    const stale = { file: 'b.json', stale: [{ fingerprint: 'f', rule: 'a/b', about: 'c' }], written: null }
    const runs = [
      runResult(),
      mixedRun(),
      runResult({ interrupted: true }),
      runResult({ failure: 'gone' }),
      runResult({ scenarios: [scenario({ expectations: [open] })] }),
    ]
    for (const run of runs) expect(red(runToJunit(run))).toBe(exitCodeOf(run) !== 0)
    const audits = [
      auditResult(),
      auditResult({ findings: [warning] }),
      auditResult({ findings: [warning], gate: gate({ failOn: 'warning', exitCode: 1, reasons: ['1 finding'] }) }),
      auditResult({ gate: gate({ exitCode: 1, reasons: ['stale'], baseline: stale }) }),
      auditResult({ gate: gate({ exitCode: 3, reasons: ['not assessed, but required: a/b'] }) }),
      auditResult({ interrupted: true, gate: gate({ exitCode: 130, reasons: ['interrupted'] }) }),
      auditResult({ failure: 'gone', gate: gate({ exitCode: 2, reasons: ['ended early: gone'] }) }),
    ]
    for (const audit of audits) expect(red(auditToJunit(audit))).toBe(audit.gate.exitCode !== 0)
  })
})

describe('markdown', () => {
  test('of a run says the verdict first and has a table that GitHub reads', () => {
    const text = runToMarkdown(mixedRun())
    expect(text.split('\n')[0]).toBe('## redline run: 1 variant was not measured; 1 claim: 0 hold, 1 refuted, 0 inconclusive')
    const html = markdownToHtml(text)
    expect(html).toContain('<td align="left"><code>one-field</code></td>')
    expect(html).toContain('<strong>refuted</strong> one-field does 1.05x whole-object (1.01 to 1.09), asked for more than 1.2x')
    expect(html).toContain('<strong>not measured</strong> <code>broken</code>: the generator used 98% of its core')
  })

  test('of an audit has the findings by rule, with what to do', () => {
    const text = auditToMarkdown(mixedAudit())
    expect(text.split('\n')[0]).toMatch(/^## redline audit: 2 errors, 1 warning, 1 note/)
    const html = markdownToHtml(text)
    const headings = [...html.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, heading]) => heading)
    expect(headings).toEqual([
      'error: <code>sec/nopass</code>',
      'error: <code>lock/no-ttl</code>',
      'warning: <code>ttl/missing</code>',
      'note: <code>key/stale</code>',
      'Patterns by their bytes',
    ])
    expect(html).toContain('<code>./etc/redis.conf:12:3 user default</code>')
    expect(html).toContain('<pre><code class="language-sh">')
  })

  test('stays below what GitHub takes, and says what is left out', () => {
    const wide = { message: 'x'.repeat(1900) }
    const findings = Array.from({ length: 3000 }, (_, i) => finding({ rule: `a/r${i % 600}`, about: `k:${i}`, ...wide }))
    const text = auditToMarkdown(auditResult({ findings }))
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024)
    const [, left] = /\*\*Cut short\*\*: ([\d,]+) more findings do not fit/.exec(text) ?? []
    const shown = text.match(/^\| `k:/gm)!.length
    expect(shown + Number(left!.replace(',', ''))).toBe(3000)
    expect(Buffer.byteLength(auditToMarkdown(largeAudit(10_000)))).toBeLessThan(1024 * 1024)
    expect(Buffer.byteLength(runToMarkdown(largeRun(500)))).toBeLessThan(1024 * 1024)
    expect(auditToMarkdown(largeAudit(10_000))).toMatch(/and 59 more findings of this rule/)
  })
})

describe('prometheus', () => {
  test('of a run has times in seconds and the verdicts', () => {
    const families = readPrometheus(runToPrometheus(mixedRun()))
    expect(families.every(({ type, help }) => type === 'GAUGE' && help !== '')).toBe(true)
    const value = (name: string, labels: Record<string, string>) =>
      families
        .find((one) => one.name === name)!
        .metrics.filter((metric) => Object.entries(labels).every(([k, v]) => metric.labels?.[k] === v))
    expect(value('redline_latency_seconds', { variant: 'one-field', quantile: '0.99', stat: 'median' })[0]!.value).toBe('0.00092')
    expect(value('redline_throughput_operations_per_second', { variant: 'one-field', stat: 'high' })[0]!.value).toBe('97000')
    expect(value('redline_rounds', { variant: 'broken', verdict: 'invalid' })[0]!.value).toBe('2')
    expect(value('redline_throughput_operations_per_second', { variant: 'broken' })).toEqual([])
  })

  test('names every metric in its base unit, and no two alike', () => {
    const metric = (unit: string) => ({ median: 1, low: 1, high: 1, unit })
    const summary = Object.fromEntries(Object.entries(METRICS).map(([name, { unit }]) => [name, metric(unit)]))
    const families = readPrometheus(runToPrometheus(runResult({ scenarios: [scenario({ variants: [variant({ summary })] })] })))
    const series = families.flatMap(({ name, metrics }) => metrics.filter(({ labels }) => labels?.['stat'] === 'median').map(() => name))
    expect(series).toHaveLength(Object.keys(METRICS).length)
    expect(series.join(' ')).not.toMatch(/_us\b|_ms\b|bytes_bytes|_rate\b/)
  })

  test('of an audit has findings, patterns within bounds and servers', () => {
    const many = Array.from({ length: 250 }, (_, i) => pattern({ pattern: `p${i}`, keys: exactly(10), bytes: exactly(1000 - i) }))
    const families = readPrometheus(auditToPrometheus(auditResult({ ...mixedAudit(), patterns: many })))
    const metrics = (name: string) => families.find((one) => one.name === name)!.metrics
    expect(
      metrics('redline_audit_findings').find(({ labels }) => labels!['severity'] === 'error' && labels!['status'] === 'new')!.value,
    ).toBe('2')
    expect(metrics('redline_audit_pattern_keys')).toHaveLength(101)
    expect(metrics('redline_audit_pattern_keys').at(-1)).toEqual({ value: '1500', labels: { pattern: '', others: '150' } })
    expect(metrics('redline_audit_node_info')[0]!.labels).toMatchObject({ engine: 'valkey' })
    expect(metrics('redline_audit_added_p99_seconds')[0]!.value).toBe('0.0002')
  })
})

describe('hgrm', () => {
  const HISTOGRAM = {
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2 ** 40,
    numberOfSignificantValueDigits: 3 as const,
    bitBucketSize: 64 as const,
    useWebAssembly: false,
  }
  const encoded = (nanoseconds: readonly number[]) => {
    const histogram = build(HISTOGRAM)
    for (const value of nanoseconds) histogram.recordValue(value)
    return encodeIntoCompressedBase64(histogram)
  }
  const withTimes = (nanoseconds: readonly number[]) => round({ loads: [load({ latency: latency({ hdr: encoded(nanoseconds) }) })] })

  test('adds up the usable rounds, and is read back', () => {
    const first = Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000)
    const second = Array.from({ length: 1000 }, (_, i) => (i + 1001) * 1000)
    const ignored = { ...withTimes([9e9]), validity: invalidity() }
    const run = runResult({
      scenarios: [scenario({ variants: [variant({ id: 'a', rounds: [withTimes(first), ignored, withTimes(second)] })] })],
    })
    const files = runToHgrm(run)
    expect([...files.keys()]).toEqual(['hashes-profile-read.a.hgrm'])
    const { rows, totalCount, max, mean } = readHgrm([...files.values()][0]!)
    expect([totalCount, rows.at(-1)!.totalCount, rows.at(-1)!.percentile]).toEqual([2000, 2000, 1])
    expect(max).toBeCloseTo(2, 2)
    expect(mean).toBeCloseTo(1.0005, 2)
    for (const [index, row] of rows.entries()) {
      expect(row.percentile).toBeGreaterThanOrEqual(rows[index - 1]?.percentile ?? 0)
      // The values are 1 to 2,000 us, each once: at a percentile stands its share of 2 ms, to three digits.
      expect(row.value).toBeCloseTo(Math.max(0.001, 2 * (row.totalCount / 2000)), 2)
      expect(row.totalCount / 2000).toBeGreaterThanOrEqual(row.percentile - 1e-9)
    }
  })

  test('agrees with the percentiles that the result has', () => {
    const run = runResult()
    const { hdr } = run.scenarios[0]!.variants[0]!.rounds[0]!.loads[0]!.latency
    const source = decodeFromCompressedBase64(hdr, 64, false)
    const { rows } = readHgrm(runToHgrm(run).get('hashes-profile-read.one-field.hgrm')!)
    for (const { value, percentile } of rows) expect(value).toBeCloseTo(source.getValueAtPercentile(percentile * 100) / 1e6, 3)
  })

  test('has the service time of an open loop beside it, loads by their names, and names that any file system takes', () => {
    const rounds = [round({ loads: [openLoad({ name: 'a/../b' }), load({ name: 'A/../B' })] })]
    const names = [
      ...runToHgrm(runResult({ scenarios: [scenario({ id: '../x\n', variants: [variant({ id: 'v[p=1]', rounds })] })] })).keys(),
    ]
    expect(names).toEqual(['x.v-p=1.a-b.latency.hgrm', 'x.v-p=1.a-b.service.hgrm', 'x.v-p=1.A-B.hgrm'])
    const twins = [variant({ id: 'a b' }), variant({ id: 'a/b' }), variant({ id: 'A/B' }), variant({ id: '///' })]
    expect([...runToHgrm(runResult({ scenarios: [scenario({ variants: twins })] })).keys()]).toEqual([
      'hashes-profile-read.a-b.hgrm',
      'hashes-profile-read.a-b-2.hgrm',
      'hashes-profile-read.A-B-3.hgrm',
      'hashes-profile-read..hgrm',
    ])
  })

  test('has no file for what was not measured, and says which histogram is broken', () => {
    const invalid = variant({ id: 'x', rounds: [round({ validity: invalidity() })] })
    expect(runToHgrm(runResult({ scenarios: [scenario({ variants: [invalid] })] })).size).toBe(0)
    const broken = roundsAt([1], { latency: latency({ hdr: 'bm90IGEgaGlzdG9ncmFt' }) })
    expect(() => runToHgrm(runResult({ scenarios: [scenario({ variants: [variant({ id: 'b', rounds: broken })] })] }))).toThrow(
      'the histogram of the latency of main in hashes/profile-read b can not be decoded',
    )
  })
})

describe('sarif', () => {
  const read = async (audit: AuditResult) => {
    const all = [...audit.findings, ...audit.known, ...audit.suppressed.map((one) => one.finding)]
    const log = JSON.parse(auditToSarif(audit, await readRuleHelp(all.map(({ rule }) => rule))))
    return { log, run: log.runs[0], results: log.runs[0].results }
  }

  test('fits the schema, which refuses what is broken', async () => {
    for (const audit of [auditResult(), mixedAudit(), auditResult({ interrupted: true }), auditResult({ failure: '{0} [x](y)' })]) {
      const { log } = await read(audit)
      expect(sarifMistakes(log)).toEqual([])
    }
    const { log } = await read(mixedAudit())
    log.runs[0].results[0].level = 'critical'
    log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri = 'no uri at all'
    delete log.runs[0].tool.driver.name
    expect(sarifMistakes(log).length).toBeGreaterThanOrEqual(3)
  })

  test('fits the schema whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (a, b) => {
        const audit = auditResult({
          target: { name: `redis://${a}`, topology: 'standalone', nodes: [node({ address: b })] },
          findings: [
            finding({ about: a, message: b, remedy: a, nodes: [b], evidence: { [a]: b } }),
            finding({ rule: a, about: b, at: { file: a, line: 0, column: 0 } }),
          ],
          suppressed: [{ finding: finding({ about: b }), reason: a, until: null }],
        })
        expect(sarifMistakes((await read(audit)).log)).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test('has rules with their pages, and each result points at its own', async () => {
    const { run, results } = await read(mixedAudit())
    const described: { id: string; help: { markdown: string }; properties: { tags: string[] } }[] = run.tool.driver.rules
    expect(described.map(({ id }) => id)).toEqual(['key/stale', 'lock/no-ttl', 'sec/nopass', 'ttl/missing'])
    for (const { help } of described) expect(help.markdown).toContain('## How to fix')
    expect(described[2]!.properties.tags).toContain('security')
    for (const { ruleId, ruleIndex } of results) expect(described[ruleIndex]!.id).toBe(ruleId)
  })

  test('puts findings of files in their place, others at their servers and patterns', async () => {
    const { results } = await read(mixedAudit())
    const of = (rule: string) => results.find(({ ruleId }: { ruleId: string }) => ruleId === rule)
    expect(of('sec/nopass').locations).toEqual([
      {
        physicalLocation: { artifactLocation: { uri: 'etc/redis.conf' }, region: { startLine: 12, startColumn: 3 } },
        logicalLocations: [{ name: 'user default', fullyQualifiedName: 'user default', kind: 'object' }],
      },
    ])
    expect(
      of('ttl/missing').locations.map((one: { physicalLocation: { artifactLocation: object } }) => one.physicalLocation.artifactLocation),
    ).toEqual([{ uri: 'redis/cache-1/6379' }, { uri: 'redis/cache-2/6379' }])
    expect(of('ttl/missing').locations[0].logicalLocations[0].fullyQualifiedName).toBe('cache-1:6379/session:<int>')
    // GitHub refuses a whole file for one address with a scheme.
    for (const { locations } of results)
      for (const { physicalLocation } of locations) expect(physicalLocation.artifactLocation.uri).not.toMatch(/:|^\/|\s/)
  })

  test('gives a finding the same fingerprints in every audit, whatever its numbers', async () => {
    const fingerprints = async (audit: AuditResult) =>
      (await read(audit)).results.map((one: { partialFingerprints: object }) => one.partialFingerprints)
    const later = auditResult({
      startedAt: '2027-01-01T00:00:00.000Z',
      findings: [finding({ message: '12 keys, none expires', evidence: { keys: 12 }, severity: 'note', nodes: ['elsewhere:1'] })],
    })
    expect(await fingerprints(later)).toEqual(await fingerprints(auditResult({ findings: [finding()] })))
    const [first, second] = await fingerprints(auditResult({ findings: [finding(), finding({ about: 'lock:other' })] }))
    expect(first).not.toEqual(second)
  })

  test('says what is known, suppressed and was not assessed', async () => {
    const { run, results } = await read(mixedAudit())
    expect(results.map(({ baselineState }: { baselineState: string }) => baselineState)).toEqual([
      'new',
      'new',
      'unchanged',
      'new',
      'new',
      'new',
    ])
    expect(results[3].suppressions).toEqual([{ kind: 'external', status: 'accepted', justification: 'held by one host' }])
    expect(run.invocations[0]).toMatchObject({ executionSuccessful: true, exitCode: 1 })
    expect(run.invocations[0].toolExecutionNotifications).toEqual([
      { level: 'note', message: { text: 'not assessed: CLIENT LIST refused' }, associatedRule: { id: 'client/leak' } },
    ])
  })
})
