import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { planAdHoc } from '#redline/config/adhoc.js'
import { describeScenario } from '#redline/config/describe.js'
import { listShipped } from '#redline/config/discover.js'
import { resolveScenario } from '#redline/config/resolve.js'
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { InputError } from '#redline/core/errors.js'

const texts = (await listShipped(process.cwd())).map(({ path }) => readFileSync(path, 'utf8'))

/** The message that the work is refused with, or that it was accepted; anything but an InputError is a defect. */
function outcomeOf(work: () => unknown): string {
  try {
    work()
    return 'accepted'
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
}

const load = (text: string) => outcomeOf(() => describeScenario(loadScenarioFile('x.yaml', text)))
/** Each line of a list of mistakes says where or in which field. */
const WELL_TOLD = /^(accepted|x\.yaml has \d+ mistakes?(\n {2}(\d+:\d+ +\S.*|empty|not a text file|and \d+ more))+)$/

test('a shipped scenario with anything cut out, doubled or put in is accepted or told what is wrong', () => {
  const splinters = fc.constantFrom(
    '',
    ' ',
    '\n',
    '\t',
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '"',
    "'",
    '#',
    '&a ',
    '*a',
    '!!x ',
    '|',
    '>-',
    '0',
    '-1',
    '.inf',
    'null',
    '{key}',
    '{zz}',
    '\0',
    '\ud800',
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.nat(),
      fc.nat({ max: 40 }),
      fc.array(splinters, { maxLength: 4 }),
      (text, at, length, put) => {
        const start = at % text.length
        expect(load(text.slice(0, start) + put.join('') + text.slice(start + length))).toMatch(WELL_TOLD)
      },
    ),
    { numRuns: 400 },
  )
})

test('any values in any fields are accepted or told what is wrong', () => {
  const fields = [
    'name',
    'claim',
    'dataset',
    'variants',
    'matrix',
    'load',
    'loads',
    'commands',
    'workload',
    'params',
    'network',
    'server',
    'expect',
    'rounds',
    'reload',
    '__proto__',
    'toString',
  ]
  const inner = [
    'one',
    'load',
    'loads',
    'commands',
    'params',
    'executor',
    'rate',
    'count',
    'duration',
    'key',
    'string',
    'zset',
    'size',
    'load.rate',
    'constructor',
  ]
  const leaf = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('open', '10s', 'GET {key}', 'one.p50 < 2ms', '{i}'),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...inner), tie('value'), { maxKeys: 4 }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 8 }), (scenario) => {
      expect(load(stringify({ name: 'x', claim: 'y', variants: { one: { commands: ['PING'] } }, ...scenario }))).toMatch(WELL_TOLD)
    }),
    { numRuns: 400 },
  )
})

test('any overrides are accepted or told what is wrong', () => {
  const file = loadScenarioFile('x.yaml', texts[0]!)
  const paths = fc.constantFrom(
    'load.rate',
    'load',
    'loads.main.rate',
    'params.a',
    'dataset[0].count',
    'dataset.9',
    'server.config.maxmemory',
    'network.delay',
    '__proto__.a',
    'a.b',
    '',
    '.',
    'load..rate',
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(paths, fc.string({ maxLength: 6 })), { maxLength: 4 }), (assignments) => {
      const set = assignments.map(([path, value]) => `${path}=${value}`)
      expect(outcomeOf(() => resolveScenario(file, { set }))).toMatch(/^(accepted|this run of \S+ has \d+ mistakes?(\n {2}\S.*)+)$/)
    }),
    { numRuns: 300 },
  )
})

test('any ad-hoc command line is accepted or told what is wrong', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('10s', '5', '1e9', '-1', 'open', 'wire', '{key}'))
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 3 }),
      fc.record({ rate: text, count: text, keys: text, driver: text }, { requiredKeys: [] }),
      (commands, fields) => {
        expect(outcomeOf(() => planAdHoc({ commands, fields }))).toMatch(/^(accepted|the command line has \d+ mistakes?(\n {2}--\S.*)+)$/)
      },
    ),
    { numRuns: 300 },
  )
})
