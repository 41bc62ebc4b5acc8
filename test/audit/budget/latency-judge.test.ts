import { beforeEach, describe, expect, test } from 'vitest'
import { LatencyJudge } from '#redline/audit/budget/latency-judge.js'

/** A judge of a millisecond who has seen 200 probes of 0.1 ms without the scan; `lateEvery` so many, one of 3 ms. */
function judgeOf(lateEvery = Infinity): LatencyJudge {
  const judge = new LatencyJudge(1)
  for (let i = 1; i <= 200; i++) judge.addQuiet(i * 5, i % lateEvery === 0 ? 3 : 0.1, true)
  return judge
}

describe('probes speak for a level', () => {
  let now = 0
  beforeEach(() => {
    now = 10_000
  })

  function scan(judge: LatencyJudge, count: number, level: number, late: { every: number; ms: number } = { every: Infinity, ms: 0 }): void {
    for (let i = 1; i <= count; i++) judge.addScan((now += 5), i % late.every === 0 ? late.ms : 0.1, level)
  }

  test('when there are enough of them, and none is late', () => {
    const judge = judgeOf()
    expect(judge.supports(0.4)).toBe(false)
    scan(judge, 99, 0.4)
    expect(judge.supports(0.4)).toBe(false)
    scan(judge, 1, 0.4)
    expect(judge.supports(0.4)).toBe(true)
    expect(judge.supports(0.5)).toBe(false)
  })

  test('the less, the slower the pace was at which they were sent', () => {
    const judge = judgeOf()
    scan(judge, 250, 0.2)
    expect(judge.supports(0.45)).toBe(true)
    expect(judge.supports(0.8)).toBe(false)
    // Those of before an audit that reads nothing now say nothing.
    judge.restart()
    expect(judge.supports(0.05)).toBe(false)
  })

  test('not when they took more than a part of the addition that would be too much at that level', () => {
    const judge = judgeOf()
    scan(judge, 250, 0.5, { every: 60, ms: 0.1 + 0.5 })
    expect(judge.supports(0.5)).toBe(true)
    expect(judge.supports(0.9)).toBe(false)
  })

  test('not when more than one in a hundred is late', () => {
    const judge = judgeOf()
    scan(judge, 250, 0.5, { every: 60, ms: 2 })
    expect(judge.supports(0.5)).toBe(false)
  })

  test('when no more of them are late than without the scan', () => {
    const judge = judgeOf(40)
    scan(judge, 250, 0.5, { every: 40, ms: 3 })
    expect(judge.supports(0.5)).toBe(true)
    const calm = judgeOf()
    scan(calm, 250, 0.5, { every: 40, ms: 3 })
    expect(calm.supports(0.5)).toBe(false)
  })
})

describe('an excess', () => {
  const probes = (every: number, ms: number) => Array.from({ length: 1000 }, (_, i) => ({ sentAt: 5 * i, ms: i % every === 0 ? ms : 0.1 }))

  test('is what goes beyond one in a hundred', () => {
    expect(judgeOf().excess(probes(100, 3)).significant).toBe(false)
    expect(judgeOf().excess(probes(20, 3)).significant).toBe(true)
  })

  test('is nothing that others do without the scan too', () => {
    const judge = judgeOf()
    expect(judge.excess(probes(20, 3)).significant).toBe(true)
    judge.adopt(probes(20, 3).slice(0, 200))
    expect(judge.excess(probes(20, 3)).significant).toBe(false)
    expect(judge.excess(probes(20, 6)).significant).toBe(true)
  })
})
