import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError, RedlineError } from '#redline/core/errors.js'
import { auditToJson } from '#redline/report/audit/json.js'
import { parseAuditResult } from '#redline/schema/read-audit.js'
import { parseBaseline } from '#redline/schema/read-baseline.js'
import { auditResult, finding } from '../support/audits.js'

const saved = auditToJson(auditResult({ findings: [finding()] }))

test('what was saved is read back', () => {
  expect(parseAuditResult(saved, 'result.json')).toEqual(auditResult({ findings: [finding()] }))
})

test.each([
  ['', 'result.json is empty'],
  ['<html>', 'result.json is not JSON: "<" at 1:1 is out of place'],
  ['{}', 'result.json is not a result of redline: it has no schema "redline/audit@1"'],
  ['{"schema":"redline/run@1"}', 'result.json holds "redline/run@1", and not the result of an audit'],
  ['{"schema":"redline/audit@1x"}', 'result.json holds "redline/audit@1x", and not the result of an audit'],
  ['{"schema":"redline/auditor@1"}', 'result.json holds "redline/auditor@1", and not the result of an audit'],
])('%j is refused: %s', (text, message) => {
  expect(errorOf(text).message).toBe(message)
})

test('a file that ends too early is told from one that is wrong, wherever it was cut', () => {
  for (let length = 1; length < saved.length - 1; length += 397) {
    expect(errorOf(saved.slice(0, length)).message).toContain('is cut short')
  }
})

test('a newer version asks for a newer redline', () => {
  const error = errorOf(JSON.stringify({ ...auditResult(), schema: 'redline/audit@2' }))
  expect(error.message).toBe('result.json holds "redline/audit@2", and this redline reads redline/audit@1')
  expect(error.hint).toBe('it was written by a newer redline: upgrade redline')
})

test('every wrong field is told by its path, at once', () => {
  const document = JSON.parse(saved)
  delete document.coverage.mode
  document.findings[0].severity = 'fatal'
  document.findings[0].evidence.keys = []
  document.patterns[0].keys.low = 'few'
  document.patterns[1].persistant = {}
  document.gate.exitCode = 1.5
  expect(errorOf(JSON.stringify(document)).message.split('\n')).toEqual([
    'result.json has 6 mistakes',
    '  coverage.mode: missing',
    '  patterns[0].keys.low: expected number, received string',
    '  patterns[1].persistant: unknown field',
    '  findings[0].severity: expected one of "error"|"warning"|"note"',
    '  findings[0].evidence.keys: expected number or string or boolean',
    '  gate.exitCode: expected int, received number',
  ])
})

test('an audit of any shape is read or refused, and nothing else happens', () => {
  const paths = fc.constantFrom('schema', 'target', 'findings', 'patterns', 'gate', 'since', '__proto__', 'constructor')
  fc.assert(
    fc.property(fc.array(fc.tuple(paths, fc.jsonValue()), { maxLength: 3 }), (changes) => {
      const text = JSON.stringify({ ...auditResult(), ...Object.fromEntries(changes) })
      expect(['read', 'refused']).toContain(outcomeOf(() => parseAuditResult(text, 'result.json')))
    }),
    { numRuns: 300, seed: 1 },
  )
})

test('a baseline is checked, too, and what a merge left twice is told', () => {
  const entry = { rule: 'a/b', about: 'c', severity: 'note', fingerprint: '0123456789abcdef' }
  const told = (findings: unknown) => {
    const text = JSON.stringify({ schema: 'redline/baseline@1', findings })
    try {
      parseBaseline(text, 'base.json')
    } catch (error) {
      if (error instanceof InputError) return error.message.split('\n').slice(1)
      throw error
    }
    return []
  }
  expect(told([entry, { ...entry, fingerprint: 'f'.repeat(16), note: 'x' }])).toEqual([])
  expect(told([entry, { ...entry, about: 'd' }])).toEqual(['  findings[1]: the fingerprint of findings[0]; remove one of them'])
  expect(told([{ ...entry, fingerprint: 'XYZ' }])).toEqual(['  findings[0].fingerprint: is no fingerprint: 16 hexadecimal digits'])
})

function errorOf(text: string): RedlineError {
  try {
    parseAuditResult(text, 'result.json')
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
  throw new Error('it was read')
}

function outcomeOf(work: () => unknown): string {
  try {
    work()
    return 'read'
  } catch (error) {
    if (error instanceof InputError) return 'refused'
    throw error
  }
}
