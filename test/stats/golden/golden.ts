import { readFileSync } from 'node:fs'

interface Bound {
  bound: number
  above: number
  below: number
}

interface Groups {
  base: number[]
  head: number[]
  estimate: number
  intervals: Record<string, [number, number]>
  bounds: Bound[]
}

/** What `make.py` beside this file computed. */
interface Golden {
  tTails: { t: number; df: number; p: number }[]
  welch: Groups[]
  pooled: Groups[]
  predictions: { base: number[]; head: number[]; low: number; high: number }[]
  signedRanks: { differences: number[]; estimate: number; intervals: Record<string, [number, number] | null>; bounds: Bound[] }[]
  holm: { p: number[]; adjusted: number[] }[]
  splits: { values: number[]; minSegment: number; statistic: number; index: number; end: number }[]
}

const parsed: Golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8'))
export const golden = parsed

/** How far a value is from what it should be, relative to that where it is not 0. */
export function relativeError(value: number, expected: number): number {
  return Math.abs(value - expected) / (expected === 0 ? 1 : Math.abs(expected))
}
