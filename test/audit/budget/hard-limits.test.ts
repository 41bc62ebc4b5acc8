import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BudgetEnded } from '#redline/audit/budget/budget.js'
import { HardLimits } from '#redline/audit/budget/hard-limits.js'

/** Sends batches as soon as they may be sent, for `ms`; the commands of each millisecond. */
function commandsPerMs(limits: HardLimits, commandsPerKey: number, ms: number): number[] {
  const sent: number[] = []
  for (let now = 0; now < ms; now++) {
    sent.push(0)
    while (limits.waitMs(now) === 0) {
      const keys = limits.batch
      limits.sent(keys)
      const commands = 1 + Math.round(keys * commandsPerKey)
      limits.done(keys, commands)
      sent[now]! += commands
    }
  }
  return sent
}

describe('hard limits', () => {
  test('keep the commands of every second within the rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 100_000 }), fc.double({ min: 1, max: 8, noNaN: true }), (opsPerSecond, commandsPerKey) => {
        const sent = commandsPerMs(new HardLimits({ opsPerSecond }, 0), commandsPerKey, 4000)
        const totals = [1000, 1500, 2000, 3000].map((from) => sent.slice(from, from + 1000).reduce((sum, one) => sum + one, 0))
        // One batch may reach over the end of the second.
        for (const total of totals) expect(total).toBeLessThanOrEqual(opsPerSecond * 1.15 + 10)
      }),
      { numRuns: 30 },
    )
  })

  test('use the rate that they allow', () => {
    const sent = commandsPerMs(new HardLimits({ opsPerSecond: 5000 }, 0), 6, 5000)
    expect(sent.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0.9 * 25_000)
  })

  test('ask for smaller batches where the rate is low', () => {
    expect(new HardLimits({ opsPerSecond: 600 }, 0).batch).toBe(10)
    expect(new HardLimits({ opsPerSecond: 1 }, 0).batch).toBe(1)
    expect(new HardLimits({}, 0).batch).toBe(Infinity)
  })

  test('end the audit when the time is over, not before', () => {
    const limits = new HardLimits({ timeMs: 90_000 }, 1000)
    expect(limits.ended(90_999)).toBeUndefined()
    expect(limits.leftMs(90_999)).toBe(1)
    const ended = limits.ended(91_000)
    expect(ended).toBeInstanceOf(BudgetEnded)
    expect(ended).toMatchObject({ limit: 'time limit', message: 'the time limit of 1m 30s was reached' })
  })

  test('without any, never wait and never end', () => {
    const limits = new HardLimits({}, 0)
    limits.sent(500)
    expect([limits.waitMs(0), limits.ended(1e12), limits.leftMs(1e12)]).toEqual([0, undefined, Infinity])
  })

  test('count what was sent and never answered', () => {
    const limits = new HardLimits({ opsPerSecond: 1000 }, 0)
    expect(limits.waitMs(0)).toBe(0)
    limits.sent(100)
    limits.forget(0)
    expect(limits.waitMs(0)).toBeGreaterThan(500)
  })
})
