import { Rng } from '../core/rng.js'
import type { Round } from '../schema/result.js'

/** In which order variants take turns, and when there is enough. */
export interface Schedule {
  /** Indices of the variants whose turns come next, given the rounds of each so far; undefined when there is enough. */
  next(done: readonly (readonly Round[])[]): readonly number[] | undefined
}

/** So many rounds of each variant, in turn. */
export function inTurn(variants: number, rounds: number): Schedule {
  const turns = Array.from({ length: variants }, (_, index) => index)
  return { next: (done) => ((done[0]?.length ?? rounds) < rounds ? turns : undefined) }
}

/**
 * Rounds in pairs, until `enough` says so: variant i and variant `pairs` + i are the two sides of one thing. Which of the two goes first is drawn anew each time, so that
 * whatever the machine does meanwhile befalls either with the same probability.
 */
export function inPairs(pairs: number, seed: number, enough: (done: readonly (readonly Round[])[]) => boolean): Schedule {
  const rng = new Rng(seed).fork('order of pairs')
  const turns = () =>
    Array.from({ length: pairs }, (_, index) => (rng.below(2) === 0 ? [index, pairs + index] : [pairs + index, index])).flat()
  return { next: (done) => (enough(done) ? undefined : turns()) }
}
