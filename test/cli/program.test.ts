import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { RULE_IDS } from '#redline/audit/rules/registry.js'
import { styleFor } from '#redline/cli/world.js'
import { redline } from '../support/cli.js'

describe('help', () => {
  test('shows examples as short as those of redis-benchmark, and the exit codes', async () => {
    const { code, stdout } = await redline(['run', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain("redline run --command 'HSET user:{key} plan pro' --connections 50 --pipeline 16 --rate 20000 --duration 10s")
    expect(stdout).toContain('Exit codes: 0 fine')
  })

  test('is there for every command, and for none', async () => {
    for (const command of [[], ['run'], ['audit'], ['list'], ['explain'], ['report'], ['clean'], ['schema']]) {
      const { code, stdout } = await redline([...command, '--help'])
      expect(code).toBe(0)
      expect(stdout).toContain('Usage: redline')
    }
  })

  test('loads nothing but commander and a handful of small files, so that it comes at once', () => {
    const dist = fileURLToPath(new URL('../../dist', import.meta.url))
    const reached = new Set<string>()
    const packages = new Set<string>()
    const visit = (file: string) => {
      if (reached.has(file)) return
      reached.add(file)
      for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)[^'"]*from '([^']+)'/gm)) {
        if (target.startsWith('.')) visit(join(dirname(file), target))
        else packages.add(target)
      }
    }
    visit(join(dist, 'cli', 'main.js'))
    expect([...packages].toSorted((a, b) => a.localeCompare(b))).toEqual(['commander', 'node:fs'])
    expect(reached.size).toBeLessThan(8)
  })
})

describe('mistakes on the command line', () => {
  test.each([
    [['rnu'], 'unknown command', 'run'],
    [['run', '--enginee', 'redis'], 'unknown option', '--engine'],
    [['list', 'scenaros'], 'there is no list', 'scenarios'],
    [['explain', 'pipelning'], 'nothing is called', undefined],
    [['explain', 'hashes/profile-raed'], 'hashes/profile-raed', 'hashes/profile-read'],
    [['schema', 'scenarioo'], 'there is no schema', 'scenario'],
    [['run', 'hashes/profile-raed'], 'hashes/profile-raed', 'hashes/profile-read'],
    [['run'], 'nothing to run', undefined],
    [['run', 'all', '--pipeline', '4'], '--pipeline goes with --command', undefined],
    [['run', 'all', '--command', 'PING'], 'exclude each other', undefined],
    [['run', 'all', '--target', 'redis://x', '--engine', 'redis'], 'exclude each other', undefined],
    [['run', 'all', '--rounds', 'three'], 'not a whole number', undefined],
    [['run', 'all', '--timeout', '5 sec'], 'not a duration', undefined],
    [['run', 'all', '--engine', 'redsi@7.0'], 'redsi', 'redis'],
    [['run', '--command', 'GET {kye}'], 'kye', 'key'],
    [['run', '--command', 'GET {key}', '--connections', 'many'], '--connections', undefined],
    [['report', 'no/such/result.json'], 'no/such/result.json', undefined],
  ])('%j exits with 2 and says what is wrong', async (args, message, guess) => {
    const { code, stdout, stderr } = await redline(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
    expect(stderr.slice(stderr.indexOf(message))).toContain(guess ?? message)
    expect(stderr).not.toContain('    at ')
  })

  test('five mistakes in a scenario are reported at once, each in its place', async () => {
    const { code, stderr } = await redline(['run', 'test/fixtures/five-mistakes.yaml'])
    expect(code).toBe(2)
    expect(stderr).toContain('test/fixtures/five-mistakes.yaml has 5 mistakes')
    expect(stderr.match(/^ +\d+:\d+ /gm)).toHaveLength(5)
    expect(stderr).toContain('did you mean executor?')
    expect(stderr).toContain('did you mean {key}?')
  })
})

describe('rules', () => {
  test('are listed with their severity and what they find', async () => {
    const { code, stdout } = await redline(['list', 'rules'])
    const lines = stdout.trimEnd().split('\n')
    expect([code, lines.map((line) => line.split(' ')[0])]).toEqual([0, RULE_IDS])
    expect(lines.find((line) => line.startsWith('lock/no-ttl'))).toMatch(/^lock\/no-ttl +error {2,}\S/)
  })

  test('are explained by their pages, with the options as redline.config.yaml takes them', async () => {
    const { code, stdout } = await redline(['explain', 'ttl/missing'])
    expect(code).toBe(0)
    for (const heading of ['Problem', 'How it is measured', 'How to fix', 'When to ignore it']) expect(stdout).toContain(`\n${heading}\n`)
    expect(stdout).toMatch(/rules:\n +ttl\/missing:\n +severity: warning\n[^]*\n +floor: 1MB\n/)
    const { stderr } = await redline(['explain', 'ttl/mising'])
    expect(stderr).toContain('did you mean ttl/missing?')
  })
})

describe('lists', () => {
  test('name every shipped scenario with its claim', async () => {
    const { stdout } = await redline(['list'])
    for (const id of ['strings/session-setex', 'strings/counter-incr', 'hashes/profile-read', 'lists/queue-push-pop', 'sets/visitors']) {
      expect(stdout).toContain(id)
    }
    expect(JSON.parse((await redline(['list', '--json'])).stdout)).toHaveLength(stdout.trim().split('\n').length)
  })

  test('explain shows what a scenario will do', async () => {
    const { stdout } = await redline(['explain', 'hashes/profile-read'])
    for (const part of [
      'Reading one field',
      'HGET user:{key} plan',
      'whole-object.bytes_per_operation > one-field.bytes_per_operation',
      'user:{i}',
    ]) {
      expect(stdout).toContain(part)
    }
    expect((await redline(['explain', 'stream-group'])).stdout).toContain('batch')
    expect((await redline(['explain', 'throughput'])).stdout).toContain('ops/s')
  })

  test('explain says of each load how it sends, and of a study that nobody but itself decides that', async () => {
    const study = (await redline(['explain', 'patterns/redlock'])).stdout
    expect(study).toContain('a study: it has a round to itself of 2s, where time is what ends it')
    expect(study).not.toContain('closed loop')
    const { stdout } = await redline(['explain', 'operations/persistence'])
    expect(stdout).toContain('closed loop, 20 connections x pipeline 4')
    expect(stdout).toContain('saver: closed loop, 1 connection x pipeline 1')
  })

  test('explain shows commands as they were written, servers and faults of each variant, and the quick form', async () => {
    const { stdout } = await redline(['explain', 'test/fixtures/grows.yaml'])
    for (const part of [
      ...[
        'what the article says',
        'Growth is slow',
        'get                GET {$prefix}:{$size}',
        'where {$prefix} is user',
        'size: 1, 10, 100',
      ],
      ...[
        'get                as it is by default',
        'cut                maxmemory 5mb',
        'get                none',
        'cut                at 2s cut',
      ],
      ...['exponent(get.p50 over size) < 1', 'with --quick', 'size: 1, 100\n'],
    ]) {
      expect(stdout).toContain(part)
    }
  })

  test('schema prints a JSON Schema', async () => {
    expect(JSON.parse((await redline(['schema', 'scenario'])).stdout)).toMatchObject({ title: 'redline scenario' })
  })
})

describe('style', () => {
  const tty = { write: () => undefined, isTTY: true, columns: 120 }
  const pipe = { write: () => undefined, isTTY: false, columns: undefined }

  test('colour is for terminals, NO_COLOR wins, FORCE_COLOR asks for it anywhere', () => {
    expect(styleFor(tty, {}).color).toBe(true)
    expect(styleFor(pipe, {}).color).toBe(false)
    expect(styleFor(tty, { NO_COLOR: '1' }).color).toBe(false)
    expect(styleFor(pipe, { FORCE_COLOR: '1' }).color).toBe(true)
    expect(styleFor(pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }).color).toBe(false)
    expect(styleFor(tty, { TERM: 'dumb' }).color).toBe(false)
  })

  test('a terminal without UTF-8 gets ASCII, a pipe is 80 columns wide', () => {
    expect(styleFor(tty, { LANG: 'C' }).unicode).toBe(false)
    expect(styleFor(tty, { LANG: 'en_GB.UTF-8' })).toMatchObject({ unicode: true, width: 120 })
    expect(styleFor(pipe, {})).toMatchObject({ unicode: true, width: 80 })
  })
})
