import { describe, expect, test } from 'vitest'
import { excessOf, type Probe } from '#redline/audit/budget/excess.js'
import { Rng } from '#redline/core/rng.js'

/** Probes 5 ms apart; those for which `isLate` holds take 9 ms, the others 1. */
function probes(count: number, isLate: (index: number) => boolean): Probe[] {
  return Array.from({ length: count }, (_, index) => ({ sentAt: 5 * index, ms: isLate(index) ? 9 : 1 }))
}

const significant = (all: readonly Probe[]) => excessOf(all, 5).significant

describe('an excess', () => {
  test('is counted by the target', () => {
    expect(excessOf([], 5)).toEqual({ probes: 0, over: 0, many: false, significant: false })
    expect(
      excessOf(
        probes(100, (i) => i % 10 === 0),
        5,
      ),
    ).toMatchObject({ probes: 100, over: 10 })
    expect(
      excessOf(
        probes(100, (i) => i % 10 === 0),
        9,
      ),
    ).toMatchObject({ probes: 100, over: 0 })
  })

  test('of every probe is seen within a quarter of a second, and not by a handful of them', () => {
    expect(significant(probes(50, () => true))).toBe(true)
    expect(significant(probes(19, () => true))).toBe(false)
  })

  test('that one stall or two explain is many and not significant; one that comes again and again is', () => {
    const bursts = (starts: number[]) => probes(1000, (i) => starts.some((start) => i >= start && i < start + 20))
    expect(excessOf(bursts([300, 700]), 5)).toMatchObject({ over: 40, many: true, significant: false })
    expect(significant(bursts([50, 150, 250, 350, 450, 550, 650, 750, 850]))).toBe(true)
  })

  test('is rarely found where one probe in a hundred is late, and nearly always where one in twenty is', () => {
    const rng = new Rng(5)
    const found = (share: number) =>
      Array.from({ length: 500 }, () => significant(probes(1000, () => rng.float() < share))).filter(Boolean).length
    expect(found(0.01)).toBeLessThan(10)
    expect(found(0.05)).toBeGreaterThan(490)
  })

  test('is measured by the share that is allowed', () => {
    const all = probes(1000, (i) => i % 20 === 0)
    expect(excessOf(all, 5, 0.05)).toMatchObject({ over: 50, many: false, significant: false })
    expect(excessOf(all, 5, 0.02)).toMatchObject({ over: 50, many: true, significant: true })
  })
})
