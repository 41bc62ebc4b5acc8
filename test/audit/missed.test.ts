import { expect, test } from 'vitest'
import { withMissed } from '#redline/audit/missed.js'
import { keyspaceFacts } from '../support/facts.js'

const MB = 1024 * 1024
const keys = { value: 100_000, low: 99_000, high: 101_000 }
const sample = keyspaceFacts({ mode: 'sample', keys, bytes: { value: 84 * MB, low: 82 * MB, high: 86 * MB } })

test('what a sample did not draw is told, and within its interval', () => {
  const { facts, note } = withMissed(sample, 111 * MB)
  expect(facts.bytes).toEqual({ value: 84 * MB, low: 82 * MB, high: 111 * MB + 4_000_000 })
  expect(note).toContain('84 MB of the 111 MB')
})

test('a sample that accounts for the data is left as it is, and so is a scan of every key', () => {
  expect(withMissed(sample, 90 * MB)).toEqual({ facts: sample, note: undefined })
  // Names and headers that MEMORY USAGE does not count.
  const many = { ...sample, keys: { value: 1_000_000, low: 1_000_000, high: 1_000_000 } }
  expect(withMissed(many, 111 * MB).note).toBeUndefined()
  expect(withMissed(sample, undefined)).toEqual({ facts: sample, note: undefined })
  const full = keyspaceFacts({ mode: 'full', bytes: { value: 84 * MB, low: 84 * MB, high: 84 * MB } })
  expect(withMissed(full, 111 * MB)).toEqual({ facts: full, note: undefined })
  const tiny = keyspaceFacts({ mode: 'sample', bytes: { value: 1000, low: 900, high: 1100 } })
  expect(withMissed(tiny, 500_000).note).toBeUndefined()
})
