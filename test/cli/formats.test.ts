import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FORMAT_NAMES } from '#redline/report/formats.js'
import { auditToJson } from '#redline/report/audit/json.js'
import { compareToJson } from '#redline/report/compare/json.js'
import { gateToJson } from '#redline/report/gate/json.js'
import { resultToJson } from '#redline/report/json.js'
import { auditResult, finding } from '../support/audits.js'
import { redline } from '../support/cli.js'
import { gateDocument, mixedComparison } from '../support/comparisons.js'
import { readXml, sarifMistakes } from '../support/readers.js'
import { runResult } from '../support/results.js'
import { startServer } from '../support/servers.js'

const SCENARIO = `
name: mine/get
claim: Reading takes longer than not reading
dataset: [{ key: 'k:{i}', count: 100, string: x }]
variants:
  get: { commands: ['GET k:{key}'] }
  ping: { commands: [PING] }
load: { connections: 2, duration: 200ms, warmup: 0s }
expect: [ping.throughput > 0.1 * get.throughput]
`

let cwd: string

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'redline-'))
  await writeFile(join(cwd, 'mine.yaml'), SCENARIO)
  await writeFile(join(cwd, 'run.json'), resultToJson(runResult()))
  await writeFile(join(cwd, 'comparison.json'), compareToJson(mixedComparison()))
  await writeFile(join(cwd, 'gate.json'), gateToJson(gateDocument()))
  await writeFile(join(cwd, 'audit.json'), auditToJson(auditResult({ findings: [finding()] })))
})

afterAll(() => rm(cwd, { recursive: true, force: true }))

const cli = (...args: string[]) => redline(args, { cwd })
/** Every file below a folder with what is in it. */
async function filesIn(folder: string): Promise<Record<string, string>> {
  const names = await readdir(join(cwd, folder), { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = await Promise.all(files.map(async (file) => [file.slice(join(cwd, folder).length), await readFile(file, 'utf8')] as const))
  return Object.fromEntries(texts.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
const inFiles = (folder: string, kind: string, names: readonly string[]) =>
  names.flatMap((name) => ['--format', `${name}=${folder}/${name}.${kind}`])
const OF_RUNS = FORMAT_NAMES.filter((name) => name !== 'sarif')
const OF_AUDITS = FORMAT_NAMES.filter((name) => name !== 'hgrm')
const OF_VERDICTS = FORMAT_NAMES.filter((name) => name !== 'hgrm' && name !== 'sarif')

describe('report gives the same bytes', () => {
  test('as the run did, in every format', async () => {
    const run = await cli('run', 'mine.yaml', '--rounds', '2', ...inFiles('first', 'run', OF_RUNS))
    expect([0, 1, 3]).toContain(run.code)
    for (const name of OF_RUNS) expect(run.stdout).toContain(`wrote   ${name}: first/${name}.run`)
    const again = await cli('report', 'reports/latest', ...inFiles('second', 'run', OF_RUNS))
    expect([again.code, again.stdout]).toEqual([0, ''])
    const [first, second] = [await filesIn('first'), await filesIn('second')]
    expect(Object.keys(first).length).toBeGreaterThanOrEqual(OF_RUNS.length - 1)
    expect(second).toEqual(first)
    expect(first['/json.run']).toBe(await readFile(join(cwd, 'reports/latest/result.json'), 'utf8'))
    expect(run.stdout.startsWith((await cli('report', 'reports/latest')).stdout)).toBe(true)
  })

  test('as the audit did, in every format', async () => {
    const server = await startServer()
    const redis = new Redis(server.port, server.host)
    try {
      await redis.mset(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`lock:job:${i}`, '::error::x'])))
      const audit = await cli('audit', server.url, '--max-impact', 'none', ...inFiles('third', 'audit', OF_AUDITS))
      expect(audit.code).toBe(1)
      await cli('report', 'reports/latest', ...inFiles('fourth', 'audit', OF_AUDITS))
      const [third, fourth] = [await filesIn('third'), await filesIn('fourth')]
      expect(Object.keys(third)).toHaveLength(OF_AUDITS.length)
      expect(fourth).toEqual(third)
      const log = JSON.parse(third['/sarif.audit']!)
      expect(sarifMistakes(log)).toEqual([])
      expect(log.runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toContain('lock/no-ttl')
      expect(log.runs[0].tool.driver.rules[0].help.markdown).toContain('## Problem')
    } finally {
      redis.disconnect()
      await server.stop()
    }
  })
})

describe('comparisons and gates', () => {
  test('come in every format but those of findings and histograms, and report gives the same bytes', async () => {
    await writeFile(join(cwd, 'redline.config.yaml'), "gate: ['throughput > 1']\n")
    for (const [command, ...args] of [
      ['compare', 'run.json', 'run.json'],
      ['compare', 'audit.json', 'audit.json'],
      ['gate', 'run.json', 'audit.json'],
    ]) {
      await rm(join(cwd, 'asked'), { recursive: true, force: true })
      const made = await cli(command!, ...args, ...inFiles('asked', 'x', OF_VERDICTS))
      expect([0, 1, 3]).toContain(made.code)
      expect(made.stdout).toContain(`redline ${command}`)
      for (const name of OF_VERDICTS) expect(made.stdout).toContain(`wrote   ${name}: asked/${name}.x`)
      const again = await cli('report', 'asked/json.x', ...inFiles('again', 'x', OF_VERDICTS))
      expect([again.code, again.stdout]).toEqual([0, ''])
      expect(await filesIn('again')).toEqual(await filesIn('asked'))
      expect(made.stdout.startsWith((await cli('report', 'asked/json.x')).stdout)).toBe(true)
    }
    await rm(join(cwd, 'redline.config.yaml'))
  })

  test('one to stdout, alone, with the exit code of the verdict', async () => {
    const { code, stdout, stderr } = await cli('compare', 'run.json', 'run.json', '--format', 'junit', '--format', 'csv=compared.csv')
    expect([code, stderr]).toEqual([3, 'wrote   csv: compared.csv\n'])
    expect(readXml(stdout).name).toBe('testsuites')
    const json = await cli('compare', 'run.json', 'run.json', '--json')
    expect(json.stdout).toBe((await cli('compare', 'run.json', 'run.json', '--format', 'json')).stdout)
  })

  test('are opened as a page of their own name', async () => {
    const opened: string[] = []
    const open = (path: string) => Promise.resolve(void opened.push(path))
    await redline(['report', 'comparison.json', '--open'], { cwd, open })
    expect(opened).toEqual([join(cwd, 'comparison.html')])
  })
})

describe('where formats go', () => {
  test('one to stdout, alone; what is said besides to stderr', async () => {
    const { code, stdout, stderr } = await cli('run', 'mine.yaml', '--rounds', '1', '--format', 'junit', '--format', 'csv=one.csv')
    expect([0, 3]).toContain(code)
    expect(readXml(stdout).name).toBe('testsuites')
    expect(stderr).toContain('wrote   csv: one.csv')
    expect(stderr).toContain('saved   reports/')
  })

  test('--json is --format json', async () => {
    const [short, long] = [await cli('report', 'run.json', '--format', 'json'), await readFile(join(cwd, 'run.json'), 'utf8')]
    expect(short.stdout).toBe(long)
    const both = await cli('run', 'mine.yaml', '--json', '--format', 'csv')
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('only one format can go to stdout, and there are json and csv')])
  })

  test.each([
    [['report', 'run.json', '--format', 'cvs'], 'there is no format cvs; did you mean csv?'],
    [['report', 'run.json', '--format', 'sarif'], 'the format sarif does not show runs'],
    [['report', 'audit.json', '--format', 'hgrm=x'], 'the format hgrm does not show audits'],
    [
      ['report', 'comparison.json', '--format', 'sarif'],
      'the format sarif does not show comparisons\n  there are csv, github, html, json, junit, markdown, prometheus, terminal',
    ],
    [['report', 'gate.json', '--format', 'hgrm=x'], 'the format hgrm does not show answers of gates'],
    [['compare', 'nowhere.json', 'run.json', '--format', 'sarif'], 'does not show comparisons'],
    [['gate', 'nowhere.json', '--format', 'junitt'], 'did you mean junit?'],
    [['compare', 'run.json', 'run.json', '--json', '--format', 'csv'], 'only one format can go to stdout'],
    [['report', 'run.json', '--format', 'hgrm'], 'name a folder for them: --format hgrm=<folder>'],
    [['report', 'run.json', '--format', 'csv='], '--format csv= names no file'],
    [['report', 'run.json', '--format', 'csv', '--format', 'junit'], 'only one format can go to stdout'],
    [['report', 'run.json', '--format', 'csv=x', '--format', 'junit=x'], 'two formats would go to "x"'],
    [['report', 'run.json', '--format', 'csv=run.json/x.csv'], '"run.json/x.csv" can not be written'],
    [['run', 'mine.yaml', '--format', 'cvs'], 'did you mean csv?'],
    [['run', 'mine.yaml', '--format', 'sarif'], 'does not show runs'],
    [['audit', 'redis://127.0.0.1:1', '--format', 'hgrm=x'], 'does not show audits'],
    [['audit', 'redis://127.0.0.1:1', '--print-acl', '--format', 'csv'], '--format is for audits, and --print-acl is none'],
  ])('%j is a mistake that is told before anything is done', async (args, message) => {
    const { code, stdout, stderr } = await redline(args, { cwd })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })

  test('list formats says what each shows', async () => {
    const { stdout } = await cli('list', 'formats')
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(FORMAT_NAMES)
    expect(stdout).toMatch(/^sarif +audit +SARIF 2.1.0/m)
    expect(JSON.parse((await cli('list', 'formats', '--json')).stdout)[0]).toEqual({
      id: 'csv',
      of: ['run', 'audit', 'compare', 'gate'],
      summary: expect.any(String),
    })
  })
})

describe('a result that is none', () => {
  const changed = (name: string, change: (text: string) => string) => async () => change(await readFile(join(cwd, name), 'utf8'))
  const cases: [string, () => Promise<string>, string][] = [
    ['an empty file', async () => '', 'bad.json is empty'],
    ['a page', async () => '<html></html>', 'bad.json is not JSON: "<" at 1:1'],
    ['a run that was cut short', changed('run.json', (text) => text.slice(0, text.length / 2)), 'bad.json is cut short'],
    ['an audit that was cut short', changed('audit.json', (text) => text.slice(0, text.length / 2)), 'bad.json is cut short'],
    [
      'a broken run',
      changed('run.json', (text) => text.replace('"seed": 1', '"seed": "one"')),
      'bad.json has 1 mistake\n  seed: expected number',
    ],
    ['a broken audit', changed('audit.json', (text) => text.replace('"redacted"', '"redactd"')), 'redacted: missing'],
    ['a run that contradicts itself', changed('run.json', (text) => text.replace('"target": 0', '"target": 5')), 'there is no targets[5]'],
    [
      'a newer run',
      changed('run.json', (text) => text.replace('redline/run@1', 'redline/run@2')),
      'holds "redline/run@2", and this redline reads redline/run@1',
    ],
    [
      'a newer audit',
      changed('audit.json', (text) => text.replace('redline/audit@1', 'redline/audit@2')),
      'this redline reads redline/audit@1',
    ],
    ['a broken comparison', changed('comparison.json', (text) => text.replace('"worse"', '"slower"')), 'bad.json has 1 mistake'],
    ['a gate that was cut short', changed('gate.json', (text) => text.slice(0, text.length / 2)), 'bad.json is cut short'],
    ['a newer gate', changed('gate.json', (text) => text.replace('redline/gate@1', 'redline/gate@2')), 'this redline reads redline/gate@1'],
    [
      'another file of redline',
      async () => '{"schema":"redline/baseline@1","findings":[]}',
      'holds "redline/baseline@1", and not a result that redline shows',
    ],
    [
      "another tool's document",
      async () => '{"$schema":"x","runs":[]}',
      'bad.json is not a result of redline: it says nothing of a schema',
    ],
    ['a hostile schema', async () => JSON.stringify({ schema: '\u001b[2J' }), String.raw`holds "\x1b[2J"`],
  ]

  test.each(cases)('%s is named, with exit code 2', async (_, make, message) => {
    await writeFile(join(cwd, 'bad.json'), await make())
    for (const format of ['terminal', 'json', 'csv']) {
      const { code, stdout, stderr } = await cli('report', 'bad.json', '--format', format)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain(message)
      expect(stderr).not.toContain('    at ')
    }
  })

  test('of a newer redline says to upgrade', async () => {
    await mkdir(join(cwd, 'newer'), { recursive: true })
    await writeFile(join(cwd, 'newer', 'result.json'), resultToJson(runResult()).replace('redline/run@1', 'redline/run@2'))
    expect((await cli('report', 'newer')).stderr).toContain('upgrade redline')
  })
})
