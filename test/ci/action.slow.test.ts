import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

interface Step {
  id?: string
  run?: string
  env?: Record<string, string>
}

interface Action {
  inputs: Record<string, { description: string; default: string }>
  runs: { using: string; steps: Step[] }
}

const ROOT = resolve(import.meta.dirname, '../..')
const action: Action = parse(await readFile(join(ROOT, 'action.yml'), 'utf8'))
const step = action.runs.steps.find(({ id }) => id === 'redline')!

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redline-action-'))
})
afterEach(() => rm(folder, { recursive: true }))

interface Ran {
  code: number
  stdout: string
  summary: string
  outputs: Record<string, string>
}

/** Runs the step as GitHub does: its expressions filled in, its script in a file, its files in the environment. */
async function runStep(inputs: Record<string, string>): Promise<Ran> {
  const value = (expression: string): string =>
    expression === 'github.action_path' ? ROOT : (inputs[expression.slice(7)] ?? action.inputs[expression.slice(7)]!.default)
  const env = Object.fromEntries(
    Object.entries(step.env!).map(([name, text]) => [name, text.replace(/\$\{\{ *([\w.]+) *\}\}/g, (_, of: string) => value(of))]),
  )
  const [summary, output, script] = ['summary', 'output', 'step.sh'].map((name) => join(folder, name))
  await writeFile(summary!, '')
  await writeFile(output!, '')
  await writeFile(script!, step.run!)
  const ran = await new Promise<{ code: number; stdout: string }>((done) => {
    const files = { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output }
    execFile('bash', [script!], { cwd: folder, env: { ...process.env, ...env, ...files } }, (error, stdout) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout }),
    )
  })
  const lines = (await readFile(output!, 'utf8')).split('\n').filter(Boolean)
  return {
    ...ran,
    summary: await readFile(summary!, 'utf8'),
    outputs: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])),
  }
}

test('its script has no expression in it, so that no input can become a part of it', () => {
  expect(action.runs.using).toBe('composite')
  for (const { run = '' } of action.runs.steps) expect(run).not.toContain('${{')
})

describe('audits of files', () => {
  test('that find nothing severe pass, with a summary and SARIF', async () => {
    await writeFile(
      join(folder, 'redis.conf'),
      'maxmemory 1gb\nmaxmemory-policy allkeys-lru\nrequirepass "long and random"\nbind 127.0.0.1\n',
    )
    await writeFile(join(folder, 'redline.config.yaml'), "gate:\n  - 'findings.error == 0'\n")
    const { code, summary, outputs } = await runStep({ audit: 'redis.conf' })
    expect(code).toBe(0)
    expect(outputs).toMatchObject({ verdict: 'pass', sarif: 'redline-results/audit.sarif' })
    expect(summary).toMatch(/^## redline gate: pass\n/)
    expect(summary).toContain('## redline audit: ')
    expect(await readFile(join(folder, 'redline-results/gate.html'), 'utf8')).toContain('The gate passes')
    expect(JSON.parse(await readFile(join(folder, outputs['sarif']!), 'utf8'))).toMatchObject({ version: '2.1.0' })
  })

  test('that break a threshold fail, with annotations', async () => {
    await writeFile(join(folder, 'redis.conf'), 'bind 0.0.0.0\nprotected-mode no\nmaxmemory 1gb\n')
    await writeFile(join(folder, 'redline.config.yaml'), "gate:\n  - 'findings.error == 0'\n")
    const { code, stdout, outputs, summary } = await runStep({ audit: 'redis.conf' })
    expect(code).toBe(1)
    expect(outputs['verdict']).toBe('fail')
    expect(stdout).toMatch(/^::error title=findings\.error == 0%3A fail::/m)
    expect(summary).toMatch(/^## redline gate: fail \(1 threshold broken\)\n/)
  })

  test('decide by themselves where the gate is off', async () => {
    await writeFile(join(folder, 'redis.conf'), 'bind 0.0.0.0\nprotected-mode no\n')
    const { code, summary } = await runStep({ audit: 'redis.conf --fail-on error', gate: 'off' })
    expect(code).toBe(1)
    expect(summary).not.toContain('redline gate')
  })
})

test('a mistake ends the job with 2 and no verdict', async () => {
  const { code, outputs } = await runStep({ audit: 'no-such-file.conf' })
  expect(code).toBe(2)
  expect(outputs).toEqual({})
})

test('an input that looks like a command is an argument', async () => {
  const { code } = await runStep({ audit: '"$(touch injected)" `touch injected` ; touch injected' })
  expect(code).toBe(2)
  await expect(readFile(join(folder, 'injected'))).rejects.toThrow('ENOENT')
})
