import type { Rng } from '../../core/rng.js'

/** Intended send times of an open loop, one after the other, in milliseconds since the phase began. */
export type Arrivals = () => number

/**
 * Arrivals at `rate` per second, shared out to `threads` generators.
 *
 * @param kind constant: evenly spaced, the threads taking turns; poisson: exponential gaps, each thread an independent process of
 *   its share of the rate, which together are a Poisson process of the whole
 */
export function arrivals(kind: 'constant' | 'poisson', rate: number, thread: number, threads: number, rng: Rng): Arrivals {
  if (kind === 'constant') {
    let next = thread
    return () => {
      // Multiplied, not added up: a sum of rounded gaps drifts.
      const time = (next * 1000) / rate
      next += threads
      return time
    }
  }
  const meanGap = (1000 * threads) / rate
  let time = 0
  return () => (time -= Math.log(1 - rng.float()) * meanGap)
}
