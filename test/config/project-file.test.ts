import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { bytesOption, shareOption } from '#redline/audit/rule-options.js'
import { loadProjectFile } from '#redline/config/project-file.js'
import { parseProjectFile } from '#redline/config/project-text.js'
import { InputError } from '#redline/core/errors.js'

const RULES = [
  { id: 'ttl/missing', options: z.strictObject({ share: shareOption(0.05, 'of keys'), floor: bytesOption('1MB', 'in the pattern') }) },
  { id: 'ttl/stampede', options: z.strictObject({}) },
  { id: 'client/leak', options: z.strictObject({}) },
]
const KNOWN = { rules: RULES, maxImpact: limitsOf }

/** Stands for the parser of --max-impact. */
function limitsOf(text: string): string {
  if (!/^(none|\d+ms|\d+%|\d+ms,\d+%)$/.test(text)) throw new InputError(`"${text}" is no limit`)
  return text
}

const parse = (text: string) => parseProjectFile('redline.config.yaml', text, KNOWN)

function refusal(text: string): string {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  return 'accepted'
}

/** The mistakes of a file, one by line, without heading and alignment. */
const mistakes = (text: string) =>
  refusal(text)
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^ {2}(\d+:\d+) +/, '$1 '))

const EVERYTHING = `# what we know
contracts:
  - { pattern: 'session:*', owner: web, type: string, looks_like: session, ttl: { max: 30d }, max_bytes: 4KB }
  - { pattern: 'bull:*', durability: queue, ttl: none, max_elements: 10000 }
  - { pattern: 'cache:*', ttl: required }
rules:
  ttl/missing: { severity: error, share: 0.2, floor: 10MB, patterns: { 'tmp:*': off } }
  client/*: note
  '*': warning
suppressions:
  - { rule: ttl/missing, about: 'legacy:*', reason: goes away with the old shop, until: 2027-03-31 }
require: [ttl/*]
fail_on: warning
max_impact: 2ms,10%
`

test('a right file is read, with sizes in bytes and times in milliseconds', () => {
  expect(parse(EVERYTHING)).toEqual({
    contracts: [
      { pattern: 'session:*', owner: 'web', type: 'string', looks_like: 'session', ttl: { max: 30 * 86_400_000 }, max_bytes: 4096 },
      { pattern: 'bull:*', durability: 'queue', ttl: 'none', max_elements: 10_000 },
      { pattern: 'cache:*', ttl: 'required' },
    ],
    rules: {
      'ttl/missing': { severity: 'error', share: 0.2, floor: '10MB', patterns: { 'tmp:*': 'off' } },
      'client/*': 'note',
      '*': 'warning',
    },
    suppressions: [{ rule: 'ttl/missing', about: 'legacy:*', reason: 'goes away with the old shop', until: '2027-03-31' }],
    require: ['ttl/*'],
    fail_on: 'warning',
    max_impact: '2ms,10%',
  })
})

test('a file of comments says nothing, which is right', () => {
  expect(parse('# contracts:\n#   - pattern: a\n')).toEqual({})
})

test('mistakes of every kind are told at once, each where it stands', () => {
  expect(
    refusal(`contracts:
  - { pattern: 'session:*', tll: required, max_bytes: lots }
rules:
  ttl/mising: off
  ttl/missing: { shar: 0.5, floor: 10 MiB }
suppressions:
  - { rule: lock/no-ttl }
fail_on: fatal
`),
  ).toBe(`redline.config.yaml has 8 mistakes
  2:29 contracts[0].tll: unknown field; did you mean ttl?
  2:55 contracts[0].max_bytes: "lots" is not a size; write 64, 100KB or 5MB
  4:3  rules.ttl/mising: no rule "ttl/mising"; did you mean ttl/missing?
  5:18 rules.ttl/missing.shar: unknown field; did you mean share?
  5:36 rules.ttl/missing.floor: "10 MiB" is not a size; write 64, 100KB or 5MB
  7:5  suppressions[0].reason: missing; why it may stay: the report shows it
  7:13 suppressions[0].rule: no rule "lock/no-ttl"
  8:10 fail_on: expected error, warning or note, got "fatal"`)
})

describe('a mistake in', () => {
  test.each([
    ['contracts: [{ pattern: a }, { pattern: a }]', ['1:40 contracts[1].pattern: declared by contracts[0] already; the first one counts']],
    ['contracts: [{ owner: web }]', ['1:13 contracts[0].pattern: missing; a glob as of SCAN MATCH: session:*']],
    ['contracts: [{ pattern: a, ttl: { min: 2h, max: 1h } }]', ['1:39 contracts[0].ttl.min: min is above max']],
    ['contracts: [{ pattern: a, ttl: { max: 30 } }]', ['1:39 contracts[0].ttl.max: "30" is not a duration; write 10s, 500ms or 30d']],
    ['contracts: [{ pattern: a, ttl: forever }]', ['1:32 contracts[0].ttl: expected required, none or a map of fields, got "forever"']],
    ['contracts: [{ pattern: a, durability: que }]', ['1:39 contracts[0].durability: expected cache, durable or queue, got "que"']],
    ['contracts: { pattern: a }', ['1:12 contracts: expected a list, got a map of fields']],
    [
      'rules: { ttl/missing: of }',
      ['1:23 rules.ttl/missing: expected off, error, warning, note or a map of fields, got "of"; did you mean off?'],
    ],
    ['rules: { ttl/missing: false }', ['1:23 rules.ttl/missing: expected off, error, warning, note or a map of fields, got false']],
    ['rules: { ttl/missing: { severty: off } }', ['1:25 rules.ttl/missing.severty: unknown field; did you mean severity?']],
    ['rules: { ttl/missing: { severity: bad } }', ['1:35 rules.ttl/missing.severity: expected off, error, warning or note, got "bad"']],
    [
      'rules: { ttl/missing: { patterns: { a: no } } }',
      ['1:40 rules.ttl/missing.patterns.a: expected off, error, warning or note, got "no"'],
    ],
    ['rules: { ttl/missing: { share: 2 } }', ['1:32 rules.ttl/missing.share: must be 1 or less']],
    ['rules: { ttl/*: { share: 0.5 } }', ['1:19 rules.ttl/*.share: several rules take severity and patterns only']],
    ['rules: { ttl: off }', ['1:10 rules.ttl: no rule "ttl"; for all of the group, write ttl/*']],
    ['rules: { tll/*: off }', ['1:10 rules.tll/*: no rule "tll/*"; did you mean ttl/*?']],
    ['require: [ttl/missin]', ['1:11 require[0]: no rule "ttl/missin"; did you mean ttl/missing?']],
    ['suppressions: [{ rule: ttl/*, reason: "" }]', ['1:39 suppressions[0].reason: must not be empty']],
    [
      'suppressions: [{ rule: ttl/*, reason: a, until: 31.3.2027 }]',
      ['1:49 suppressions[0].until: "31.3.2027" is not a date; write 2027-01-31'],
    ],
    [
      'suppressions: [{ rule: ttl/*, reason: a, until: 2027-02-30 }]',
      ['1:49 suppressions[0].until: "2027-02-30" is not a date; write 2027-01-31'],
    ],
    ['max_impact: 5', ['1:13 max_impact: expected text, got 5; put it in quotes']],
    ['max_impact: 5ms,6ms', ['1:13 max_impact: "5ms,6ms" is no limit']],
    ['contract: []', ['1:1 contract: unknown field; did you mean contracts?']],
    ['- a', ['1:1 expected a map of fields, got a list']],
  ])('%s', (text, told) => {
    expect(mistakes(text)).toEqual(told)
  })
})

test.each(['', ' \n', '# nothing yet\n'])('a file with nothing in it sets nothing: %j', (text) => {
  expect(refusal(text)).toBe('accepted')
})

test('whatever stands in a file, it is accepted or told what is wrong with it', () => {
  const words = fc.constantFrom(
    ...['contracts', 'rules', 'suppressions', 'require', 'fail_on', 'max_impact', 'pattern', 'ttl', 'min', 'patterns', 'severity', 'share'],
    ...['ttl/missing', 'ttl/*', '*', 'rule', 'reason', 'until', '__proto__', 'constructor', 'toString'],
  )
  const leaf = fc.oneof(
    words,
    fc.string({ maxLength: 6 }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('off', '1h', '5%'),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(words, tie('value'), { maxKeys: 4 })),
  }))
  fc.assert(
    fc.property(fc.dictionary(words, value, { maxKeys: 5 }), (file) => {
      expect(refusal(stringify(file))).toMatch(
        /^(accepted|redline\.config\.yaml has \d+ mistakes?(\n {2}(\d+:\d+ +\S.*|empty|not a text file))+)$/,
      )
    }),
    { numRuns: 500 },
  )
})

describe('the file that is used', () => {
  const folder = () => realpathSync(mkdtempSync(join(tmpdir(), 'redline-project-')))
  const load = (cwd: string, path?: string) => loadProjectFile(path, cwd, () => Promise.resolve(KNOWN))

  test('is the one that is named, also outside of the folder', async () => {
    const [here, elsewhere] = [folder(), folder()]
    writeFileSync(join(elsewhere, 'mine.yaml'), 'fail_on: note')
    expect(await load(here, join(elsewhere, 'mine.yaml'))).toEqual({ fail_on: 'note' })
    expect(await load(elsewhere, 'mine.yaml')).toEqual({ fail_on: 'note' })
    await expect(load(here, 'mine.yaml')).rejects.toThrow("can't read mine.yaml: ENOENT")
  })

  test('is the nearest one up to the root of the repository', async () => {
    const root = folder()
    const below = join(root, 'a', 'b')
    mkdirSync(below, { recursive: true })
    mkdirSync(join(root, '.git'))
    expect(await load(below)).toBeUndefined()
    writeFileSync(join(root, 'redline.config.yaml'), 'fail_on: note')
    expect(await load(below)).toEqual({ fail_on: 'note' })
    writeFileSync(join(root, 'a', 'redline.config.yml'), 'fail_on: warning')
    expect(await load(below)).toEqual({ fail_on: 'warning' })
    expect(await load(root)).toEqual({ fail_on: 'note' })
  })

  test('is not one above a folder that is in no repository', async () => {
    const root = folder()
    mkdirSync(join(root, 'a'))
    writeFileSync(join(root, 'redline.config.yaml'), 'fail_on: note')
    expect(await load(join(root, 'a'))).toBeUndefined()
    expect(await load(root)).toEqual({ fail_on: 'note' })
  })

  test('is not one of two', async () => {
    const here = folder()
    for (const name of ['redline.config.yaml', 'redline.config.yml']) writeFileSync(join(here, name), '')
    await expect(load(here)).rejects.toThrow('holds redline.config.yaml and redline.config.yml')
  })

  test('is told by its path when it has mistakes', async () => {
    const here = folder()
    writeFileSync(join(here, 'redline.config.yaml'), 'fial_on: note')
    await expect(load(here)).rejects.toThrow('redline.config.yaml has 1 mistake\n  1:1 fial_on: unknown field; did you mean fail_on?')
  })
})

test('engines are started by commands, as a text or in words', () => {
  const engines = { 'redis@6.0': '/opt/redis-6.0/redis-server --io-threads 2', valkey: ['/opt/valkey/valkey-server', '--hz', '20'] }
  expect(parse(stringify({ engines }))).toEqual({ engines })
  expect(mistakes('engines:\n  redis-6.0: /opt/redis-server\n  redis@7.0: []\n')).toEqual([
    expect.stringMatching(/^2:3 engines\.redis-6\.0: .*name an engine: redis, valkey, redis@6\.0/),
    expect.stringMatching(/^3:\d+ engines\.redis@7\.0/),
  ])
})
