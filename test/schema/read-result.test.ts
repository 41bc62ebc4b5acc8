import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError, RedlineError } from '#redline/core/errors.js'
import { resultToJson } from '#redline/report/json.js'
import { parseRunResult } from '#redline/schema/read-result.js'
import { runResult, scenario, variant } from '../support/results.js'

const saved = resultToJson(runResult())

test('what was saved is read back', () => {
  expect(parseRunResult(saved, 'result.json')).toEqual(runResult())
})

test.each([
  ['', 'result.json is empty'],
  [' \n', 'result.json is empty'],
  ['<html>', 'result.json is not JSON: "<" at 1:1 is out of place'],
  ['{\n  "schema": "redline/run@1",\n}', 'result.json is not JSON: "}" at 3:1 is out of place'],
  ['{}{}', 'result.json is not JSON: "{" at 1:3 is out of place'],
  ['\x1b[2J', String.raw`result.json is not JSON: "\x1b" at 1:1 is out of place`],
  ['{"a": \ud83d\ude00}', 'result.json is not JSON: "\u{1f600}" at 1:7 is out of place'],
])('%j is no JSON, and the message says where', (text, message) => {
  expect(errorOf(text).message).toBe(message)
})

test('a file that ends too early is told from one that is wrong, wherever it was cut', () => {
  expect(errorOf(saved.slice(0, 30)).message).toBe('result.json is cut short: it ends at 2:29, before its JSON does')
  expect(errorOf(saved.slice(0, 30)).hint).toContain('copy it again')
  for (let length = 1; length < saved.length - 1; length += 997) {
    expect(errorOf(saved.slice(0, length)).message).toContain('is cut short')
  }
})

test.each([
  'null',
  '42',
  '[]',
  '{}',
  '{"metrics":{},"root_group":{}}',
  '{"schema":7}',
  '{"$schema":"https://json-schema.org/draft-07/schema#"}',
])('the document %s of another tool has no schema of ours', (text) => {
  expect(errorOf(text).message).toBe('result.json is not a result of redline: it has no schema "redline/run@1"')
  expect(errorOf(text).hint).toContain('name a result.json that `redline run` saved')
})

test.each(['redline/audit@1', 'https://example.org/schema', 'redline/run', 'redline/run@', 'redline/run@1.5', ' redline/run@1'])(
  'the schema %j is no run',
  (schema) => {
    expect(errorOf(JSON.stringify({ schema })).message).toBe(`result.json holds "${schema}", and not the result of a run`)
  },
)

test('a newer version asks for a newer redline', () => {
  for (const version of ['2', '17', '9'.repeat(400)]) {
    const error = errorOf(JSON.stringify({ ...runResult(), schema: `redline/run@${version}` }))
    expect(error.message).toContain('and this redline reads redline/run@1')
    expect(error.message.length).toBeLessThan(200)
    expect(error.hint).toBe('it was written by a newer redline: upgrade redline')
  }
  expect(errorOf('{"schema":"redline/run@0"}').hint).not.toContain('upgrade')
})

test('every wrong field is told by its path, at once', () => {
  const document = JSON.parse(saved)
  document.seed = 'one'
  delete document.profile
  document.scenarios[0].variants[1].rounds[2].loads[0].achieved = null
  document.scenarios[0].variants[0].rounds[0].validity.verdict = 'great'
  document.scenarios[0].variants[0].rounds[0].server.commands['config|get'] = { calls: -1, usec: 0, rejected: 0, failed: 0 }
  document.scenarios[0].variants[0].point.pipeline = []
  document.targets[0].adress = 'x'
  expect(errorOf(JSON.stringify(document)).message.split('\n')).toEqual([
    'result.json has 7 mistakes',
    '  profile: missing',
    '  seed: expected number, received string',
    '  targets[0].adress: unknown field',
    '  scenarios[0].variants[0].point.pipeline: expected string or number or boolean',
    '  scenarios[0].variants[0].rounds[0].server.commands["config|get"].calls: too small: expected number to be >=0',
    '  scenarios[0].variants[0].rounds[0].validity.verdict: expected one of "valid"|"suspect"|"invalid"',
    '  scenarios[0].variants[1].rounds[2].loads[0].achieved: expected number, received null',
  ])
})

test('what was saved before variants had targets is read as it is', () => {
  const { inapplicable, ...before } = runResult({ scenarios: [scenario({ variants: [variant()] })] })
  expect(inapplicable).toBeUndefined()
  expect(before.scenarios[0]!.variants[0]).not.toHaveProperty('target')
  expect(parseRunResult(resultToJson(before), 'result.json')).toEqual(before)
})

test('a variant names a target that is there', () => {
  const text = resultToJson(runResult({ scenarios: [scenario({ variants: [variant({ target: 0 }), variant({ target: 3 })] })] }))
  expect(errorOf(text).message).toBe('result.json has 1 mistake\n  scenarios[0].variants[1].target: there is no targets[3]')
})

test('a scenario names a target that is there', () => {
  for (const target of [1, -1]) {
    const text = resultToJson(runResult({ scenarios: [scenario({ target })] }))
    expect(errorOf(text).message).toBe(`result.json has 1 mistake\n  scenarios[0].target: there is no targets[${target}]`)
  }
})

test('whatever the file holds, the message is short and safe to print', () => {
  const hostile = `\x1b]0;owned\x07\u202e${'x'.repeat(5000)}`
  const document = JSON.parse(saved)
  document[hostile] = 1
  document.targets[0].config[hostile] = 1
  for (let i = 0; i < 5000; i++) document.tool[`extra${i}`] = i
  for (const text of [JSON.stringify(document), JSON.stringify({ schema: hostile }), `{"a":"${hostile}`, `[${hostile}`]) {
    const { message } = errorOf(text)
    expect(message).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
    expect(message.length).toBeLessThan(2000)
  }
  expect(errorOf(JSON.stringify(document)).message).toContain('and 4992 more')
  expect(errorOf('{}', 'a\x1b[31m.json').message).toContain(String.raw`a\x1b[31m.json is not`)
})

test('a document of any shape is read or refused, and nothing else happens', () => {
  const paths = fc.constantFrom('schema', 'tool', 'targets', 'scenarios', 'environment', 'seconds', '__proto__', 'constructor', 'toString')
  fc.assert(
    fc.property(fc.array(fc.tuple(paths, fc.jsonValue()), { maxLength: 3 }), (changes) => {
      const text = JSON.stringify({ ...runResult(), ...Object.fromEntries(changes) })
      expect(() => readOrRefuse(text)).not.toThrow()
    }),
    { numRuns: 300, seed: 1 },
  )
  expect(() => readOrRefuse('['.repeat(1_000_000))).not.toThrow()
  expect(() => readOrRefuse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).not.toThrow()
})

function errorOf(text: string, name = 'result.json'): RedlineError {
  try {
    parseRunResult(text, name)
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
  throw new Error('it was read')
}

function readOrRefuse(text: string): void {
  try {
    parseRunResult(text, 'result.json')
  } catch (error) {
    if (!(error instanceof InputError)) throw error
  }
}
