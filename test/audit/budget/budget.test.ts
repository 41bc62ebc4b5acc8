import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_BUDGET, parseMaxImpact } from '#redline/audit/budget/budget.js'
import { InputError } from '#redline/core/errors.js'

describe('--max-impact', () => {
  test.each([
    ['1ms', { addedP99Ms: 1, cpuShare: 0.25 }],
    ['25%', { addedP99Ms: 1, cpuShare: 0.25 }],
    ['0.3ms,10%', { addedP99Ms: 0.3, cpuShare: 0.1 }],
    ['50%, 2ms', { addedP99Ms: 2, cpuShare: 0.5 }],
    ['500us', { addedP99Ms: 0.5, cpuShare: 0.25 }],
    ['100%', { addedP99Ms: 1, cpuShare: 1 }],
    ['none', 'none'],
  ])('%s', (text, budget) => {
    expect(parseMaxImpact(text)).toEqual(budget)
  })

  test('is 1 ms and a quarter of a core unless it is said', () => {
    expect(DEFAULT_BUDGET).toEqual({ addedP99Ms: 1, cpuShare: 0.25 })
  })

  test.each([
    ['', '"" is not an impact'],
    ['fast', '"fast" is not an impact'],
    ['1', '"1" is not an impact'],
    ['1ms,2ms', 'one of each'],
    ['10%,20%', 'one of each'],
    ['none,1ms', 'one of each'],
    ['1ms,', 'one of each'],
    ['0%', 'between 1% and 100%'],
    ['101%', 'between 1% and 100%'],
    ['%', 'is not a share'],
    ['-5%', 'is not a share'],
    ['0ms', 'less than a probe can tell'],
    ['50us', 'less than a probe can tell'],
    ['-1ms', 'is not an impact'],
    ['1parsec', 'is not a duration'],
    ['\u001b[31m', '\\x1b[31m'],
  ])('%j is refused with the reason', (text, message) => {
    expect(() => parseMaxImpact(text)).toThrow(InputError)
    expect(() => parseMaxImpact(text)).toThrow(message)
  })

  test('takes any time and share that it can keep, in either order', () => {
    const ms = fc.integer({ min: 1, max: 100_000 }).map((tenths) => tenths / 10)
    const percent = fc.integer({ min: 10, max: 1000 }).map((tenths) => tenths / 10)
    fc.assert(
      fc.property(ms, percent, fc.boolean(), (addedP99Ms, share, timeFirst) => {
        const parts = [`${addedP99Ms}ms`, `${share}%`]
        expect(parseMaxImpact((timeFirst ? parts : parts.toReversed()).join(','))).toEqual({ addedP99Ms, cpuShare: share / 100 })
      }),
    )
  })

  test('refuses anything else with an InputError', () => {
    const outcome = (text: string) => {
      try {
        return typeof parseMaxImpact(text)
      } catch (error) {
        return error instanceof InputError ? 'refused' : error
      }
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['refused', 'object', 'string']).toContain(outcome(text))
      }),
    )
  })
})
