import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { comparedRunsSchema, compareResultSchema } from '#redline/schema/compare.js'
import { doctorSchema } from '#redline/schema/doctor.js'
import { parseRunResult } from '#redline/schema/read-result.js'
import { redline } from '../support/cli.js'
import { startServer } from '../support/servers.js'

const SCENARIO = `
name: test/slower
claim: none
dataset: [{ key: 'user:{i}', count: 10, string: x }]
variants:
  loop: { commands: ["EVAL 'local n = 0 for i = 1, tonumber(ARGV[1]) do n = n + i end return n' 1 user:{key} {$turns}"] }
  get: { commands: ['GET user:{key}'] }
vars: { turns: 20000 }
load: { connections: 2, duration: 100ms, warmup: 0s }
`

function inFolder() {
  const cwd = mkdtempSync(join(tmpdir(), 'redline-ab-'))
  writeFileSync(join(cwd, 's.yaml'), SCENARIO)
  return { cwd, run: (...args: string[]) => redline(args, { cwd }) }
}

describe('redline ab', { timeout: 60_000 }, () => {
  test('finds a command that takes twice as long, ends early with it, saves all three documents, and exits with 1', async () => {
    const { cwd, run } = inFolder()
    const options = [
      '--variant',
      'loop',
      '--metric',
      'server_cpu_us',
      '--budget',
      '40s',
      '--b',
      'vars.turns=40000',
      '--format',
      'junit=ab.xml',
    ]
    const { code, stdout, stderr } = await run('ab', 's.yaml', ...options)
    expect(readFileSync(join(cwd, 'ab.xml'), 'utf8')).toContain('<failure')
    expect([code, stderr]).toEqual([1, expect.stringContaining('started ')])
    expect(stdout).toContain('redline ab · limit 5% · rounds in pairs\n')
    expect(stdout).toContain('A: as it is')
    expect(stdout).toContain('B: vars.turns=40000')
    expect(stdout).toMatch(/✗ test\/slower loop: server_cpu_us .*, [12]\.\d+x/)
    const saved = join(cwd, 'reports', 'latest')
    expect(readdirSync(saved)).toEqual(expect.arrayContaining(['a.json', 'b.json', 'report.html', 'result.json']))
    const [a, b] = ['a.json', 'b.json'].map((name) => parseRunResult(readFileSync(join(saved, name), 'utf8'), name))
    const comparison = compareResultSchema.parse(JSON.parse(readFileSync(join(saved, 'result.json'), 'utf8')))
    expect(comparison).toMatchObject({ kind: 'runs', design: 'paired', counts: { worse: 1 } })
    expect(a!.scenarios[0]!.variants[0]!.rounds.length).toBe(b!.scenarios[0]!.variants[0]!.rounds.length)
    expect(a!.scenarios[0]!.hash).not.toBe(b!.scenarios[0]!.hash)
  })

  test('with --fail-fast it does not wait for metrics that are not known yet', async () => {
    const { run } = inFolder()
    const options = [
      '--variant',
      'loop',
      '--metric',
      'server_cpu_us',
      'p99',
      '--until',
      '0.01%',
      '--budget',
      '40s',
      '--json',
      '--fail-fast',
    ]
    const begun = performance.now()
    const { code, stdout } = await run('ab', 's.yaml', '--b', 'vars.turns=40000', ...options)
    expect(code).toBe(1)
    const { metrics } = comparedRunsSchema.parse(JSON.parse(stdout))
    expect(metrics.filter(({ verdict, p }) => verdict === 'worse' && p! <= 0.001)).not.toEqual([])
    expect(performance.now() - begun).toBeLessThan(35_000)
  })

  test('prints the document alone with --json', async () => {
    const { run } = inFolder()
    const options = ['--a', 'variant=get', '--b', 'variant=loop', '--metric', 'throughput', '--budget', '3s', '--json']
    const { code, stdout } = await run('ab', 's.yaml', ...options)
    const comparison = compareResultSchema.parse(JSON.parse(stdout))
    expect(comparison).toMatchObject({ base: { name: 'A: variant=get' }, head: { name: 'B: variant=loop' } })
    expect([1, 3]).toContain(code)
  })

  test.each([
    [['ab', 'all'], /names \d+ scenarios, and one at a time/],
    [['ab', 's.yaml', '--b', 'nonsense'], /--b "nonsense" names nothing to compare/],
    [['ab', 's.yaml', '--until', '3'], /--until "3" is no share/],
    [['ab', 's.yaml', '--metric', 'p5'], /there is no metric "p5"; did you mean p50/],
    [['ab', 's.yaml', '--budget', 'soon'], /soon/],
    [['ab', 's.yaml', '--format', 'hgrm=x'], /the format hgrm does not show/],
    [['doctor', 's.yaml', '--target', 'redis://a', '--engine', 'redis'], /exclude each other/],
  ])('%j is refused with 2 before anything is started', async (args, message) => {
    const { code, stderr, stdout } = await inFolder().run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('started')
  })
})

describe('a password in the address of a side', { timeout: 60_000 }, () => {
  test('is in nothing that is printed or saved', async () => {
    const server = await startServer({ config: { requirepass: 'hunter2' } })
    try {
      const { cwd, run } = inFolder()
      const url = `redis://:hunter2@${server.host}:${server.port}`
      const sides = ['--a', url, '--b', `url=${url}`, 'load.pipeline=2']
      const { stdout, stderr } = await run('ab', 's.yaml', ...sides, '--variant', 'get', '--allow', 'busy', '--budget', '1s')
      expect(stdout).toContain(`A: redis://${server.host}:${server.port}`)
      expect(stdout).toContain('load.pipeline=2')
      const saved = join(cwd, 'reports', 'latest')
      const files = readdirSync(saved).map((name) => readFileSync(join(saved, name), 'utf8'))
      expect(files).toHaveLength(4)
      for (const text of [stdout, stderr, ...files]) expect(text).not.toContain('hunter2')
    } finally {
      await server.stop()
    }
  })

  test.each([['redis:/:hunter2@host'], ['redsi=//:hunter2@host'], ['redis//user:hunter2@host:7000']])(
    'is not in the message about %s',
    async (word) => {
      const { code, stderr } = await inFolder().run('ab', 's.yaml', '--b', word)
      expect(code).toBe(2)
      expect(stderr).toContain('names nothing to compare')
      expect(stderr).not.toContain('hunter2')
    },
  )
})

describe('redline doctor', { timeout: 60_000 }, () => {
  test('watches the machine, compares a scenario with itself, and says what can be told from its noise', async () => {
    const { run } = inFolder()
    const { code, stdout, stderr } = await run('doctor', 's.yaml', '--variant', 'get', '--budget', '6s', '--json')
    expect([code, stderr]).toEqual([0, expect.stringContaining('watching the machine')])
    const doctor = doctorSchema.parse(JSON.parse(stdout))
    expect(doctor.comparison).toMatchObject({
      design: 'paired',
      metrics: expect.arrayContaining([expect.objectContaining({ variant: 'get' })]),
    })
    expect(doctor.pairs).toBeGreaterThan(3)
    expect(doctor.machine.seconds).toBeGreaterThan(2)
  })

  test('as text', async () => {
    const { code, stdout } = await inFolder().run('doctor', 's.yaml', '--variant', 'get', '--budget', '2s')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^redline doctor · test\/slower · /)
    expect(stdout).toContain('the smallest change for the worse that redline ab finds')
  })
})
