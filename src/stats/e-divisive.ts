import type { Rng } from '../core/rng.js'

/** Where a series changed. */
export interface ChangePoint {
  /** Index of the first value after the change. */
  index: number
  /** The energy statistic of the two sides. */
  statistic: number
  /** How often a series without this change shows as much of one, by permutation. */
  p: number
}

export interface EDivisiveOptions {
  /** Of the permutations that decide. */
  rng: Rng
  /** Changes with a larger p are chance. */
  significance: number
  /** Least values between two changes, 2 or more. */
  minSegment: number
}

/**
 * The changes of a series, in its order: E-divisive with means (Matteson & James, Journal of the American Statistical Association 109, 2014), with which MongoDB
 * finds changes of performance (Daly et al., ICPE 2020). The series is cut where the energy distance of the two sides is largest, then the pieces are,
 * as long as a permutation within the pieces shows as much of a difference in a share of cases below `significance` only. Permuting stops early where
 * the answer is plain (Besag & Clifford, Biometrika 78, 1991). Nothing is asked of the distribution; the same seed gives the same answer.
 */
export function eDivisive(series: readonly number[], { rng, significance, minSegment }: EDivisiveOptions): ChangePoint[] {
  if (minSegment < 2) throw new RangeError(`a segment needs 2 values or more, not ${minSegment}`)
  const found: ChangePoint[] = []
  for (;;) {
    const pieces = cut(series, found)
    const best = bestOf(pieces, minSegment)
    if (best === undefined) return found
    const shuffled = () =>
      bestOf(
        pieces.map(({ start, values }) => ({ start, values: shuffle(values, rng) })),
        minSegment,
      )!
    const p = permutationP(() => shuffled().statistic >= best.statistic, significance)
    if (p > significance) return found
    found.push({ ...best, p })
    found.sort((a, b) => a.index - b.index)
  }
}

interface Piece {
  start: number
  values: readonly number[]
}

function cut(series: readonly number[], changes: readonly ChangePoint[]): Piece[] {
  const starts = [0, ...changes.map(({ index }) => index)]
  return starts.map((start, i) => ({ start, values: series.slice(start, starts[i + 1]) }))
}

function bestOf(pieces: readonly Piece[], minSegment: number): Omit<ChangePoint, 'p'> | undefined {
  const splits = pieces.flatMap(({ start, values }) => {
    const split = bestSplit(values, minSegment)
    return split === undefined ? [] : [{ index: start + split.index, statistic: split.statistic }]
  })
  return splits.toSorted((a, b) => b.statistic - a.statistic)[0]
}

/**
 * The split of a series with the largest statistic: its left side begins with the series, its right side may end before the series does, so that a second
 * change does not hide the first (section 2.2 of the paper). Undefined when the series is too short for two segments.
 */
export function bestSplit(values: readonly number[], minSegment: number): { index: number; end: number; statistic: number } | undefined {
  const n = values.length
  const distances = distanceSums(values)
  let best: { index: number; end: number; statistic: number } | undefined
  for (let index = minSegment; index <= n - minSegment; index++) {
    const within = distances(0, index)
    for (let end = index + minSegment; end <= n; end++) {
      const [left, right] = [index, end - index]
      const after = distances(index, end)
      const between = distances(0, end) - within - after
      const energy = (2 * between) / (left * right) - within / ((left * (left - 1)) / 2) - after / ((right * (right - 1)) / 2)
      const statistic = (energy * left * right) / (left + right)
      if (best === undefined || statistic > best.statistic) best = { index, end, statistic }
    }
  }
  return best
}

/** Sums of the distances of all pairs of values from one index up to another, in constant time. */
function distanceSums(values: readonly number[]): (from: number, to: number) => number {
  const n = values.length
  // sums[from][to], filled from short stretches to long ones.
  const sums = Array.from({ length: n + 1 }, () => new Float64Array(n + 1))
  for (let from = n - 1; from >= 0; from--) {
    let own = 0
    for (let to = from + 1; to <= n; to++) {
      own += Math.abs(values[to - 1]! - values[from]!)
      sums[from]![to] = sums[from + 1]![to]! + own
    }
  }
  return (from, to) => sums[from]![to]!
}

/** After so many permutations that show as much, the share of them is known well enough to be no significant one. */
const ENOUGH = 10

/** The share of permutations that show as much as the series itself, which counts as one of them. */
function permutationP(showsAsMuch: () => boolean, significance: number): number {
  // So many that a quarter of the significance can be told.
  const most = Math.ceil(4 / significance) - 1
  for (let done = 1, exceeding = 0; done <= most; done++) {
    if (showsAsMuch() && ++exceeding === ENOUGH) return ENOUGH / done
    if (done === most) return (exceeding + 1) / (most + 1)
  }
  return 1
}

/** A copy in random order (Fisher-Yates). */
function shuffle(values: readonly number[], rng: Rng): number[] {
  const copy = [...values]
  for (let last = copy.length - 1; last > 0; last--) {
    const other = rng.below(last + 1)
    ;[copy[last], copy[other]] = [copy[other]!, copy[last]!]
  }
  return copy
}
