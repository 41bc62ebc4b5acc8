import { describe, expect, test } from 'vitest'
import { Rng } from '#redline/core/rng.js'
import { changesOf, historyRecord, historyText, unacceptedChanges, withRecords } from '#redline/gate/history.js'
import type { RunRecord } from '#redline/schema/run-record.js'
import { parseHistory } from '#redline/schema/read-history.js'
import { normal, simulateRun } from '../support/simulated-runs.js'

const at = (day: number) => new Date(Date.UTC(2026, 10, day, 9)).toISOString()

/** A run each day, by the factor that a function of the day gives. */
function history(days: number, regression: (day: number) => number, { seed = 1, variants = 1 } = {}): RunRecord[] {
  const rng = new Rng(seed)
  return Array.from({ length: days }, (_, day) => ({
    ...simulateRun({ rng }, { startedAt: at(day), variants, regression: regression(day), slower: Math.exp(0.02 * normal(rng)) }),
    label: `commit-${day}`,
  }))
}

const changes = (runs: readonly RunRecord[]) => changesOf(runs.map(historyRecord), 0.05)

test('a history is read as it was written; a broken line is named', () => {
  const records = history(3, () => 1).map(historyRecord)
  const text = historyText(records)
  expect(parseHistory(text, 'h.jsonl')).toEqual(records)
  expect(() => parseHistory(text.replace('"label"', '"lable"'), 'h.jsonl')).toThrow(/h\.jsonl:1 has 2 mistakes/)
  expect(() => parseHistory(`${text}{"schema":`, 'h.jsonl')).toThrow(/h\.jsonl:4 is cut short/)
})

test('a run that is in it already is not added again; others come in order of time', () => {
  const [first, second, third] = history(3, () => 1).map(historyRecord)
  expect(withRecords([first!, third!], [second!, third!])).toEqual([first, second, third])
})

describe('changes', () => {
  test('a step is found on its day, with the levels on both sides', () => {
    const found = changes(history(30, (day) => (day >= 20 ? 1.3 : 1))).filter(
      ({ metric, variant }) => metric === 'server_cpu_us' && variant === 'variant-0',
    )
    expect(found).toEqual([
      expect.objectContaining({
        startedAt: at(20),
        label: 'commit-20',
        verdict: 'worse',
        isLast: true,
        runsSince: 10,
        unit: 'us',
        better: 'lower',
      }),
    ])
    expect(found[0]!.after / found[0]!.before).toBeCloseTo(1.3, 1)
  })

  test('one bad day is none, and a history without changes has none in 95 of 100 cases', () => {
    expect(changes(history(30, (day) => (day === 20 ? 2 : 1)))).toEqual([])
    const withChange = Array.from({ length: 40 }, (_, seed) => changes(history(20, () => 1, { seed, variants: 4 }))).filter(
      (found) => found.length > 0,
    )
    // 5% of 40 are 2; more than 6 come by chance in fewer than 1 of 100 cases.
    expect(withChange.length).toBeLessThanOrEqual(6)
  })

  test('a change that is smaller than the limit is told as such', () => {
    const found = changesOf(history(60, (day) => (day >= 30 ? 1.3 : 1)).map(historyRecord), 0.5)
    expect(new Set(found.map(({ verdict }) => verdict))).toEqual(new Set(['same']))
  })

  test('a scenario that was changed begins anew', () => {
    const runs = history(20, (day) => (day >= 10 ? 2 : 1))
    const renewed = runs.map((run, day) => ({
      ...run,
      scenarios: run.scenarios.map((one) => ({ ...one, hash: day >= 10 ? 'ab'.repeat(32) : one.hash })),
    }))
    expect(changes(runs)).not.toEqual([])
    expect(changes(renewed)).toEqual([])
  })
})

describe('what a gate fails for', () => {
  const step = changes(history(30, (day) => (day >= 24 ? 1.3 : 1)))

  test('a recent change for the worse that no baseline has accepted', () => {
    expect(unacceptedChanges(step, undefined).length).toBeGreaterThan(0)
    expect(unacceptedChanges(step, at(20)).length).toBeGreaterThan(0)
    expect(unacceptedChanges(step, at(29))).toEqual([])
  })

  test('nothing that was long ago, that got better, or that was undone', () => {
    expect(unacceptedChanges(changes(history(40, (day) => (day >= 20 ? 1.3 : 1))), undefined)).toEqual([])
    expect(unacceptedChanges(changes(history(30, (day) => (day >= 24 ? 0.7 : 1))), undefined)).toEqual([])
    const undone = changes(history(30, (day) => (day >= 16 && day < 23 ? 1.5 : 1)))
    expect(undone.map(({ verdict }) => verdict)).toContain('worse')
    expect(unacceptedChanges(undone, undefined)).toEqual([])
  })
})
