import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compareToJson } from '#redline/report/compare/json.js'
import { auditToJson } from '#redline/report/audit/json.js'
import { resultToJson } from '#redline/report/json.js'
import { parseCompareResult } from '#redline/schema/read-compare.js'
import type { RunResult } from '#redline/schema/result.js'
import { auditResult, finding } from '../support/audits.js'
import { redline } from '../support/cli.js'
import { roundsAt, runResult, scenario, target, variant } from '../support/results.js'

const at = (day: number) => new Date(Date.UTC(2026, 10, day, 9)).toISOString()

function runOf(middle: number, fields: Partial<RunResult> = {}): RunResult {
  const rounds = roundsAt([0.998, 0.999, 1, 1.001, 1.002].map((factor) => middle * factor))
  return runResult({ scenarios: [scenario({ variants: [variant({ rounds })], expectations: [] })], ...fields })
}

/** A folder with results in it, by name, and the command line in it. */
function folderWith(files: Record<string, string>) {
  const cwd = mkdtempSync(join(tmpdir(), 'redline-compare-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  return { cwd, run: (...args: string[]) => redline(args, { cwd, env: {} }), read: (name: string) => readFileSync(join(cwd, name), 'utf8') }
}

const runs = (all: Record<string, RunResult>) =>
  folderWith(Object.fromEntries(Object.entries(all).map(([name, run]) => [name, resultToJson(run)])))

describe('redline compare', () => {
  test('says what is worse, by how much and how certainly, and exits with 1', async () => {
    const { run } = runs({ 'a.json': runOf(96_000), 'b.json': runOf(60_000) })
    const { code, stdout, stderr } = await run('compare', 'a.json', 'b.json')
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('✗ hashes/profile-read one-field: throughput 96k → 60k ops/s, 0.625x (0.')
    expect(stdout.replaceAll('\n', ' ')).toContain('limit 0.952x')
    expect(stdout).toContain('\n✗ 2 worse · ✓ 1 metric the same · ? 2 inconclusive (noise floor 18%)\n')
  })

  test('exits with 3 where machines may be the reason, and with 0 for one that is said to be steady', async () => {
    const { run } = runs({ 'a.json': runOf(96_000), 'b.json': runOf(95_500) })
    const { code, stdout } = await run('compare', 'a.json', 'b.json')
    expect(code).toBe(3)
    expect(stdout).toContain('the machine may have changed by 15%')
    expect((await run('compare', 'a.json', 'b.json', '--drift', '0')).code).toBe(0)
  })

  test('the document is what --json prints, and is read back', async () => {
    const { run } = runs({ 'a.json': runOf(96_000), 'b.json': runOf(60_000) })
    const { stdout } = await run('compare', 'a.json', 'b.json', '--json')
    const document = parseCompareResult(stdout, 'c.json')
    expect(document).toMatchObject({ schema: 'redline/compare@1', kind: 'runs', design: 'unpaired' })
    expect(compareToJson(document)).toBe(stdout)
    expect(() => parseCompareResult(stdout.slice(0, -20), 'c.json')).toThrow(/c\.json is cut short/)
    expect(() => parseCompareResult(stdout.replace('compare@1', 'compare@2'), 'c.json')).toThrow(/this redline reads redline\/compare@1/)
    expect(() => parseCompareResult(stdout.replace('"unpaired"', '"apart"'), 'c.json')).toThrow(/design: /)
  })

  test('names unlike things and refuses them, unless they are asked for', async () => {
    const other = runOf(96_000, { targets: [target({ engine: 'valkey', version: '8.1.1' })] })
    const { run } = runs({ 'a.json': runOf(96_000), 'b.json': other })
    const refused = await run('compare', 'a.json', 'b.json')
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toBe(
      [
        'redline: these results are of unlike things',
        '  engine: redis in base, valkey in head',
        '  version: 7.0.15 in base, 8.1.1 in head',
        '  to compare them all the same, add --allow-different',
        '',
      ]
        .join('\n')
        .replace('  engine', '  engine of hashes/profile-read')
        .replace('  version', '  version of hashes/profile-read'),
    )
    const allowed = await run('compare', 'a.json', 'b.json', '--allow-different', '--drift', '0')
    expect(allowed.code).toBe(0)
    expect(allowed.stdout).toContain('differs: engine of hashes/profile-read: redis in base, valkey in head')
  })

  test('names that somebody chose can do nothing to a terminal', async () => {
    const hostile = '\u001b]0;x\u0007\n'
    const named = (run: RunResult) => ({
      ...run,
      scenarios: run.scenarios.map((one) => ({ ...one, id: hostile, variants: one.variants.map((v) => ({ ...v, id: hostile })) })),
    })
    const { run } = runs({ 'a.json': named(runOf(96_000)), 'b.json': named(runOf(60_000)) })
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect((await run('compare', 'a.json', 'b.json')).stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })

  test('audits: new findings exit with 1', async () => {
    const [before, after] = [
      auditResult(),
      auditResult({ startedAt: '2026-11-23T09:14:00.000Z', findings: [finding({ rule: 'ttl/missing' })] }),
    ]
    const { run } = folderWith({ 'a.json': auditToJson(before), 'b.json': auditToJson(after) })
    const { code, stdout } = await run('compare', 'a.json', 'b.json')
    expect(code).toBe(1)
    expect(stdout).toContain('ttl/missing')
    expect(stdout).toContain('✗ findings: 1 new · 0 fixed')
    expect((await run('compare', 'b.json', 'b.json')).code).toBe(0)
    expect(parseCompareResult((await run('compare', 'a.json', 'b.json', '--json')).stdout, 'c')).toMatchObject({
      kind: 'audits',
      since: { added: [{ rule: 'ttl/missing' }] },
    })
  })

  test.each([
    [['compare', 'a.json', 'audit.json'], /is a run, "audit.json" is an audit: they have nothing to compare/],
    [['compare', 'a.json', 'broken.json'], /broken\.json is cut short/],
    [['compare', 'a.json', 'nowhere'], /"nowhere" can not be read/],
    [['compare', 'a.json', 'a.json', '--limit', 'much'], /--limit "much" is no share/],
    [['compare', 'a.json', 'a.json', '--drift', '100%'], /--drift "100%" is no share below 100%/],
    [['compare', 'a.json', 'a.json', '--metric', 'p98'], /there is no metric "p98"; did you mean p9\d\?/],
    [['baseline', 'update', 'audit.json'], /"audit.json" is an audit, and not a run/],
    [['baseline', 'update', 'ended.json'], /of a run that ended early/],
    [['baseline', 'show', 'nowhere'], /there is no baseline nowhere/],
    [['gate', 'a.json'], /there is nothing to hold a run against/],
    [['gate', 'a.json', '--baseline', 'nowhere.json'], /"nowhere.json" can not be read/],
    [['gate', 'a.json', '--config', 'bad.yaml'], /bad\.yaml has 1 mistake\n {2}1:14 gate\[0\]: unknown metric p98/],
  ])('%j: a mistake is told, and exits with 2', async (args, message) => {
    const { run } = folderWith({
      'a.json': resultToJson(runOf(96_000)),
      'ended.json': resultToJson(runOf(96_000, { failure: 'gone' })),
      'audit.json': auditToJson(auditResult()),
      'broken.json': resultToJson(runOf(96_000)).slice(0, 900),
      'bad.yaml': "gate: ['a *: p98 < 2ms']\n",
    })
    const { code, stderr } = await run(...args)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})

describe('redline gate', () => {
  const days = (middle: (day: number) => number) =>
    Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [`day-${day}.json`, runOf(middle(day), { startedAt: at(day) })]))
  const steady = days((day) => 96_000 * (1 + 0.004 * (day % 3)))
  const baselines = 'reports/baselines'

  test('a baseline is written, shown and held against', async () => {
    const { cwd, run } = runs({ ...steady, 'worse.json': runOf(80_000, { startedAt: at(9) }) })
    const updated = await run('baseline', 'update', ...Object.keys(steady).slice(0, 6))
    expect(updated.stdout).toBe(`${baselines}/amd-epyc-7763-2-cores-8-gb-debian-gnu-linux-12.json: 6 runs of 1 scenario\n`)
    expect(readdirSync(join(cwd, baselines))).toHaveLength(1)
    expect((await run('baseline', 'list')).stdout).toBe(updated.stdout)
    expect((await run('baseline', 'show')).stdout).toContain('2026-11-06 09:00  -  redis 7.0.15  hashes/profile-read')
    const passed = await run('gate', 'day-7.json')
    expect(passed).toMatchObject({ code: 0, stderr: '' })
    expect(passed.stdout).toMatch(/pass {2}exit 0\n$/)
    const failed = await run('gate', 'worse.json', '--json')
    expect(failed.code).toBe(1)
    expect(JSON.parse(failed.stdout)).toMatchObject({ schema: 'redline/gate@1', verdict: 'fail', exitCode: 1 })
    const replaced = await run('baseline', 'update', 'worse.json', '--replace')
    expect(replaced.stdout).toMatch(/: 1 run of 1 scenario\n$/)
  })

  test('a machine that no baseline is of is inconclusive', async () => {
    const other = runOf(96_000, { startedAt: at(9) })
    other.environment.cores = 64
    const { run } = runs({ ...steady, 'other.json': other })
    await run('baseline', 'update', 'day-1.json')
    const { code, stdout } = await run('gate', 'other.json')
    expect(code).toBe(3)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('there is no baseline for this class of machines: amd-epyc-7763-64-cores')
  })

  test('thresholds of redline.config.yaml', async () => {
    const { cwd, run } = runs(steady)
    writeFileSync(join(cwd, 'redline.config.yaml'), "gate:\n  - 'hashes/* one-field: throughput > 90k'\n  - 'p99 < 500us'\n")
    const { code, stdout } = await run('gate', 'day-1.json')
    expect(code).toBe(1)
    expect(stdout).toContain('✗ hashes/profile-read one-field: p99 is 0.92 ms, asked for p99 < 500us')
    expect(stdout).toContain('✓ 1 threshold kept')
  })

  test('a history grows with each run once, and shows its changes', async () => {
    const all = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`${i}.json`, runOf((i >= 14 ? 70_000 : 96_000) + 300 * (i % 4), { startedAt: at(i + 1) })]),
    )
    const { cwd, run } = runs(all)
    expect((await run('history', 'add', ...Object.keys(all).slice(0, 19), '--label', 'v1')).stdout).toMatch(/\.jsonl: 19 runs\n$/)
    const gated = await run('gate', '19.json', '--history')
    expect(gated.code).toBe(1)
    expect(gated.stdout.replaceAll(/\s+/g, ' ')).toContain('throughput 96.3k → 70.6k ops/s, 0.733x since 2026-11-15 09:00 (v1), 6 runs')
    await run('gate', '19.json', '--history')
    const [file] = readdirSync(join(cwd, 'reports/history'))
    expect(
      readFileSync(join(cwd, 'reports/history', file!), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(20)
    expect((await run('history', 'list')).stdout).toContain('worse   hashes/profile-read one-field: throughput')
    expect(JSON.parse((await run('history', 'list', '--json')).stdout)).toMatchObject([
      { runs: 20, changes: [{ verdict: 'worse' }, { verdict: 'worse' }] },
    ])
  })

  test('the commit comes from the CI system', async () => {
    const { cwd } = runs(steady)
    await redline(['baseline', 'update', 'day-1.json'], { cwd, env: { GITHUB_SHA: '0123456789abcdef' } })
    expect((await redline(['baseline', 'show'], { cwd, env: {} })).stdout).toContain('0123456789ab  ')
  })
})
