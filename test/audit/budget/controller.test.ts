import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Budget } from '#redline/audit/budget/budget.js'
import { Controller } from '#redline/audit/budget/controller.js'
import { addedP99, IDLE, keysPerSecond, overBudget, type Server, shareUsed, simulate } from './simulated-server.js'

const DEFAULT: Budget = { addedP99Ms: 1, cpuShare: 0.25 }
const TIGHT: Budget = { addedP99Ms: 0.3, cpuShare: 0.1 }
const SECONDS = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map((second) => second * 1000)

/** Servers of all kinds: fast and slow keys, near and far, idle and busy, calm and noisy, harmed by a batch more than by its length. */
const servers: fc.Arbitrary<Server> = fc
  .record({
    keyMs: fc.double({ min: 0.002, max: 0.03, noNaN: true }),
    roundTripMs: fc.double({ min: 0.03, max: 3, noNaN: true }),
    othersShare: fc.double({ min: 0, max: 0.6, noNaN: true }),
    amplified: fc.double({ min: 0.5, max: 6, noNaN: true }),
    tail: fc.double({ min: 0, max: 5, noNaN: true }),
    tailShare: fc.double({ min: 0, max: 0.008, noNaN: true }),
    tellsCpu: fc.boolean(),
    fill: fc.double({ min: 0.3, max: 1, noNaN: true }),
  })
  .map(({ keyMs, roundTripMs, othersShare, amplified, tail, tailShare, tellsCpu, fill }) => ({
    latencyMs: (_, rng) => roundTripMs + 0.05 * rng.float() + (rng.float() < tailShare ? tail * rng.float() : 0),
    othersShare: () => othersShare,
    keyMs: () => keyMs,
    roundTripMs,
    amplified: () => amplified,
    tellsCpu,
    yield: fill,
  }))

const budgets = fc.constantFrom(DEFAULT, TIGHT, { addedP99Ms: 3, cpuShare: 0.6 })
const seeds = fc.integer({ min: 0, max: 1e6 })

describe('a budget', () => {
  test('of latency is not exceeded for longer than a second, whatever the server', () => {
    fc.assert(
      fc.property(servers, budgets, seeds, (server, budget, seed) => {
        const { steps } = simulate(server, budget, 15_000, seed)
        for (const from of SECONDS.slice(0, -1)) {
          // Two seconds in a row in which far more than one probe in a hundred was slowed down too much.
          const seconds = [from, from + 1000].map((at) => overBudget(steps, budget.addedP99Ms, at, at + 1000))
          expect(Math.min(...seconds)).toBeLessThan(0.1)
        }
        // Over all of it too; it finds out where the limit is by going somewhat beyond it now and then.
        expect(addedP99(steps, 5000, 15_000)).toBeLessThan(1.5 * budget.addedP99Ms)
      }),
      { numRuns: 25 },
    )
  })

  test('of CPU is not exceeded for longer than a second', () => {
    fc.assert(
      fc.property(servers, budgets, seeds, (server, budget, seed) => {
        const { steps } = simulate({ ...server, tellsCpu: true }, budget, 15_000, seed)
        for (const from of SECONDS) expect(shareUsed(steps, from, from + 1000)).toBeLessThan(1.25 * budget.cpuShare)
      }),
      { numRuns: 25 },
    )
  })

  test.each([
    ['the default', DEFAULT, 40_000],
    ['a tight one', TIGHT, 15_000],
  ])('%s is used on an idle server', (_, budget, atLeast) => {
    const { steps, controller } = simulate(IDLE, budget, 15_000, 1)
    expect(keysPerSecond(steps, 5000, 15_000)).toBeGreaterThan(atLeast)
    expect(shareUsed(steps, 5000, 15_000)).toBeGreaterThan(0.85 * budget.cpuShare)
    expect(controller.backOffs).toBe(0)
  })

  test('is used over a long way too', () => {
    const { steps } = simulate({ ...IDLE, roundTripMs: 4, latencyMs: (_, rng) => 4 + 0.1 * rng.float() }, DEFAULT, 15_000, 1)
    expect(keysPerSecond(steps, 5000, 15_000)).toBeGreaterThan(15_000)
  })

  test('is used where the server does not tell its CPU, and where the table is nearly empty', () => {
    const { steps } = simulate({ ...IDLE, tellsCpu: false }, DEFAULT, 15_000, 1)
    expect(shareUsed(steps, 5000, 15_000)).toBeGreaterThan(0.18)
    const sparse = simulate({ ...IDLE, yield: 0.01 }, DEFAULT, 15_000, 1)
    expect(sparse.controller.batch).toBe(500)
    expect(keysPerSecond(sparse.steps, 5000, 15_000)).toBeGreaterThan(5000)
  })

  test('leaves room to others: less is used where they fill the core', () => {
    const { steps } = simulate({ ...IDLE, othersShare: () => 0.8 }, DEFAULT, 15_000, 1)
    expect(shareUsed(steps, 5000, 15_000)).toBeLessThan(0.12)
  })
})

describe('when something changes', () => {
  const inSpan = (from: number, until: number) => (now: number) => now >= from && now < until

  test('a batch that begins to hurt slows the scan down within a second, and it recovers', () => {
    const hurts = inSpan(6000, 10_000)
    const { steps, controller } = simulate({ ...IDLE, amplified: (now) => (hurts(now) ? 20 : 1) }, DEFAULT, 40_000, 2)
    expect(keysPerSecond(steps, 7000, 10_000)).toBeLessThan(0.35 * keysPerSecond(steps, 4000, 6000))
    expect(keysPerSecond(steps, 30_000, 40_000)).toBeGreaterThan(40_000)
    expect(controller.reasons.has('probes were slower than the budget allows')).toBe(true)
  })

  test('a server that stops is left alone within a second, and is read again when it goes on', () => {
    const stopped = inSpan(7500, 9000)
    const { steps, controller } = simulate({ ...IDLE, stoppedUntil: (now) => (stopped(now) ? 9000 : undefined) }, DEFAULT, 20_000, 3)
    expect(keysPerSecond(steps, 7600, 9000)).toBe(0)
    expect(keysPerSecond(steps, 14_000, 20_000)).toBeGreaterThan(40_000)
    expect(controller.backOffs).toBe(1)
  })

  test('others who make the server slow are not blamed on the scan', () => {
    const slow = inSpan(7500, 20_000)
    const { steps, controller } = simulate(
      { ...IDLE, latencyMs: (now, rng) => (slow(now) ? 15 : 0.1) + 0.1 * rng.float() },
      DEFAULT,
      20_000,
      4,
    )
    const before = keysPerSecond(steps, 6000, 7400)
    expect(keysPerSecond(steps, 8000, 9000)).toBeGreaterThan(0.8 * before)
    expect(keysPerSecond(steps, 10_000, 20_000)).toBeGreaterThan(0.8 * before)
    expect([...controller.reasons.keys()].join()).toContain('the audit was not the cause')
  })

  test('others who keep the server far slower than ever stop the scan only until it is seen that this does not help', () => {
    const slow = (now: number) => now >= 7500
    const { steps, controller } = simulate(
      { ...IDLE, latencyMs: (now, rng) => (slow(now) ? 120 : 0.1) + 0.1 * rng.float() },
      DEFAULT,
      20_000,
      10,
    )
    expect(keysPerSecond(steps, 8000, 10_000)).toBe(0)
    expect(keysPerSecond(steps, 14_000, 20_000)).toBeGreaterThan(30_000)
    expect(controller.backOffs).toBeLessThanOrEqual(2)
  })

  test('others who stall the server again and again do not starve the scan', () => {
    const { steps } = simulate(
      { ...IDLE, stoppedUntil: (now) => (now > 3000 && now % 1000 < 100 ? now - (now % 1000) + 100 : undefined) },
      DEFAULT,
      40_000,
      5,
    )
    expect(keysPerSecond(steps, 20_000, 40_000)).toBeGreaterThan(10_000)
  })

  test('a single late probe is not trouble', () => {
    let late = 0
    const { controller } = simulate(
      { ...IDLE, latencyMs: (now, rng) => (now > 3000 && now % 2000 < 8 ? (late++, 20) : 0.1 + 0.05 * rng.float()) },
      DEFAULT,
      15_000,
      6,
    )
    expect(late).toBeGreaterThan(4)
    expect(controller.backOffs).toBe(0)
  })

  test('more work of others is noticed, measured and left room for', () => {
    const { steps, controller } = simulate({ ...IDLE, othersShare: (now) => (now > 6000 ? 0.78 : 0.02) }, DEFAULT, 20_000, 7)
    expect(controller.reasons.has('the CPU use of the server rose by more than the audit explains')).toBe(true)
    expect(controller.cpu.othersShare).toBeCloseTo(0.78, 1)
    expect(shareUsed(steps, 12_000, 20_000)).toBeLessThan(0.15)
  })

  test('evictions that begin with the scan stop it; those that go on without it do not', () => {
    const begun = simulate({ ...IDLE, evicted: (now) => (now > 6000 && now < 6400 ? now - 6000 : now < 6000 ? 0 : 400) }, DEFAULT, 9000, 8)
    expect([...begun.controller.reasons]).toEqual([['the server began to evict keys', 1]])
    const always = simulate({ ...IDLE, evicted: (now) => now }, DEFAULT, 9000, 8)
    expect([...always.controller.reasons]).toEqual([])
  })

  test('keys that become dear are read in smaller batches', () => {
    const { steps, controller } = simulate({ ...IDLE, keyMs: (now) => (now > 6000 ? 0.05 : 0.0045) }, DEFAULT, 20_000, 9)
    expect(controller.batch).toBeLessThan(12)
    expect(shareUsed(steps, 9000, 20_000)).toBeLessThan(0.27)
  })
})

describe('a controller', () => {
  /** One that has its baseline, at 1000 ms. */
  function ready(): Controller {
    const controller = new Controller(DEFAULT, 0)
    for (let now = 5; now < 1000; now += 5) controller.probe(now, 0.1, now + 1)
    return controller
  }

  /** Milliseconds until it gives a turn, with quiet probes from `now` on. */
  function timeToTurn(controller: Controller, now: number): number {
    for (let ms = 0; ms < 20_000; ms += 5) {
      if (controller.waitMs(now + ms) === 0) return ms
      controller.probe(now + ms, 0.1, now + ms + 1)
    }
    return Infinity
  }

  test('measures a second before the first batch', () => {
    const controller = new Controller(DEFAULT, 0)
    expect(controller.waitMs(0)).toBe(1000)
    expect(controller.waitMs(400)).toBe(600)
    expect(ready().waitMs(1000)).toBe(0)
  })

  test('sends nothing while the server answers LOADING, and says so', () => {
    const controller = ready()
    expect(controller.waitMs(1000)).toBe(0)
    controller.sent(20, 1000)
    controller.done(20, 0.2, 1001)
    controller.block('the server answers LOADING', 1100)
    expect(controller.waitMs(1100)).toBeGreaterThan(0)
    expect(controller.waitMs(9000)).toBeGreaterThan(0)
    expect(controller.note).toBe('the server answers LOADING')
    controller.block(undefined, 9000)
    expect(timeToTurn(controller, 9000)).toBeLessThan(2000)
    expect(controller.note).toBeUndefined()
  })

  test('does not wait for ever for a batch whose connection was lost', () => {
    const controller = ready()
    controller.waitMs(1000)
    controller.sent(20, 1000)
    controller.oldest(1010, 1100)
    expect(controller.waitMs(1100)).toBeGreaterThan(0)
    controller.oldest(undefined, 1200)
    const ms = timeToTurn(controller, 1200)
    expect(ms).toBeGreaterThan(2000)
    expect(ms).toBeLessThan(10_000)
  })

  test('counts what was slowed down even when its answer came in the pause that followed', () => {
    const controller = ready()
    controller.waitMs(1000)
    controller.sent(20, 1000)
    controller.oldest(1001, 1100)
    expect(controller.note).toBe('a probe is not answered')
    controller.probe(1001, 900, 1901)
    expect(controller.latency.during.quantile(1)).toBeCloseTo(900, -1)
    expect(controller.latency.before.quantile(1)).toBeCloseTo(0.1, 2)
  })
})
