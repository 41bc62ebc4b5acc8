import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Rng } from '#redline/core/rng.js'

const take = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw)

/** sfc32 as PractRand defines it, seeded by SplitMix32, in arbitrary-precision integers: nothing shared with the implementation. */
function* reference(seed: number): Generator<number> {
  const mask = 0xffffffffn
  let state = BigInt(seed)
  const split = () => {
    state = (state + 0x9e3779b9n) & mask
    let z = state
    z = ((z ^ (z >> 16n)) * 0x21f0aaadn) & mask
    z = ((z ^ (z >> 15n)) * 0x735a2d97n) & mask
    return z ^ (z >> 15n)
  }
  let [a, b, c, counter] = [split(), split(), split(), 1n]
  for (let n = 0; ; n++) {
    const result = (a + b + counter) & mask
    counter = (counter + 1n) & mask
    a = b ^ (b >> 9n)
    b = (c + (c << 3n)) & mask
    c = ((((c << 21n) | (c >> 11n)) & mask) + result) & mask
    if (n >= 12) yield Number(result)
  }
}

test('the first numbers of known seeds', () => {
  // From an implementation in Python.
  const first = (seed: number) =>
    take(
      5,
      (
        (rng) => () =>
          rng.uint32()
      )(new Rng(seed)),
    )
  expect(first(0)).toEqual([2899526011, 769844623, 220372281, 4270301181, 3717780726])
  expect(first(1)).toEqual([2420951833, 2513034076, 3847892949, 4064752930, 1169703512])
  expect(first(42)).toEqual([1959603763, 2423114712, 2466933512, 4144396390, 3569536208])
  expect(first(0xffffffff)).toEqual([2300869303, 3917632794, 3726809994, 1136427174, 1916388865])
})

test('any seed gives the numbers of the reference algorithm', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (seed) => {
      const rng = new Rng(seed)
      const expected = reference(seed)
      for (let i = 0; i < 50; i++) expect(rng.uint32()).toBe(expected.next().value)
    }),
    { numRuns: 30 },
  )
})

test('forks are repeatable, named by label, apart from each other and from how far the parent has come', () => {
  const fresh = new Rng(7)
  const used = new Rng(7)
  take(100, () => used.uint32())
  const numbers = (rng: Rng) => take(10, () => rng.uint32())
  expect(numbers(used.fork('keys'))).toEqual(numbers(fresh.fork('keys')))
  const streams = ['keys', 'values', 'lane 0', 'lane 1', ''].map((label) => numbers(new Rng(7).fork(label)).join())
  expect(new Set(streams).size).toBe(streams.length)
  expect(numbers(new Rng(8).fork('keys'))).not.toEqual(numbers(new Rng(7).fork('keys')))
})

test('a bound is never reached and every value below a small one is drawn equally often', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.integer({ min: 0, max: 0xffffffff }), (bound, seed) => {
      const rng = new Rng(seed)
      for (const drawn of take(20, () => rng.below(bound))) expect(Number.isInteger(drawn) && drawn >= 0 && drawn < bound).toBe(true)
    }),
  )
  const rng = new Rng(3)
  const counts = Array.from({ length: 10 }, () => 0)
  for (let i = 0; i < 100_000; i++) counts[rng.below(10)]!++
  // Chi-squared with 9 degrees of freedom stays below 27.9 with probability 0.999; the seed is fixed.
  expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9)
})

test('floats lie in [0, 1) with mean one half', () => {
  const rng = new Rng(11)
  const drawn = take(100_000, () => rng.float())
  expect(Math.min(...drawn.slice(0, 50_000))).toBeGreaterThanOrEqual(0)
  expect(drawn.every((value) => value < 1)).toBe(true)
  expect(drawn.reduce((sum, value) => sum + value, 0) / drawn.length).toBeCloseTo(0.5, 2)
})
