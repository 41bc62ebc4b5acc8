import type { Rng } from '../../core/rng.js'
import type { Distribution } from '../../core/template.js'
import { zipfSampler } from '../../core/zipf.js'

/** Draws an integer in [0, n). */
export type Sampler = () => number

/**
 * A sampler of integers in [0, n).
 *
 * @param offset where the sequential distribution begins, so that the connections of one load share out the range
 */
export function sampler(distribution: Distribution, n: number, rng: Rng, offset = 0): Sampler {
  const random = () => rng.float()
  switch (distribution.kind) {
    case 'uniform':
      return () => rng.below(n)
    case 'zipf':
      return n === 1 ? () => 0 : zipfSampler(n, distribution.exponent, random)
    case 'gaussian':
      return () => gaussian(n, random)
    case 'hotspot': {
      const hot = Math.min(n, Math.max(1, Math.round((n * distribution.keys) / 100)))
      const share = distribution.requests / 100
      return () => (hot === n || random() < share ? rng.below(hot) : hot + rng.below(n - hot))
    }
    case 'sequential': {
      let next = offset % n
      return () => {
        const drawn = next
        next = next + 1 === n ? 0 : next + 1
        return drawn
      }
    }
  }
}

/** Normal around the middle of the range with a sixth of it as standard deviation (memtier's default), redrawn outside the range. */
function gaussian(n: number, random: () => number): number {
  for (;;) {
    // Box and Muller; 1 - random() is never 0.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const drawn = Math.floor(n / 2 + (normal * n) / 6)
    if (drawn >= 0 && drawn < n) return drawn
  }
}
