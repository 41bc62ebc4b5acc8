import { expect, test } from 'vitest'
import { resultToJson } from '#redline/report/json.js'
import { parseRunResult } from '#redline/schema/read-result.js'
import { environment, expectation, openLoad, round, runResult, scenario, target, variant } from '../support/results.js'

const result = runResult({
  targets: [target(), target({ engine: 'valkey', version: '8.1.1', config: { z: '1', a: '2' } })],
  scenarios: [
    scenario({
      variants: [variant({ id: 'get[pipeline=16]', point: { pipeline: 16 }, rounds: [round({ loads: [openLoad()] })] })],
      expectations: [expectation(), expectation({ right: null, verdict: 'inconclusive', low: null, high: null })],
      target: 1,
    }),
  ],
})

test('a result reads as the schema does, ends in a newline and comes back as it was', () => {
  const text = resultToJson(result)
  expect(text.slice(0, 114)).toBe(
    '{\n  "schema": "redline/run@1",\n  "tool": {\n    "name": "redis-redline",\n    "version": "0.1.0"\n  },\n  "startedAt":',
  )
  expect(text.endsWith('\n}\n')).toBe(true)
  expect(JSON.parse(text)).toEqual(result)
  expect(resultToJson(parseRunResult(text, 'result.json'))).toBe(text)
})

test('the order in which a result was put together does not show, except where names are data', () => {
  const scrambled = reversed(result)
  expect(Object.keys(scrambled)[0]).toBe('scenarios')
  const text = resultToJson({ ...scrambled, targets: result.targets, scenarios: result.scenarios, environment: reversed(environment()) })
  expect(text).toBe(resultToJson(result))
  expect(text.indexOf('"z": "1"')).toBeLessThan(text.indexOf('"a": "2"'))
})

test('a result that does not fit the schema is kept all the same', () => {
  const broken = { ...result, seconds: NaN }
  expect(JSON.parse(resultToJson(broken))).toEqual({ ...result, seconds: null })
  expect(() => parseRunResult(resultToJson(broken), 'result.json')).toThrow('seconds: expected number, received null')
})

/** The same fields, the last first. */
function reversed<T extends object>(value: T): T {
  return { ...Object.fromEntries(Object.entries(value).toReversed()), ...value }
}
