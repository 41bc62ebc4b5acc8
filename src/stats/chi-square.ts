import { logGamma } from './beta.js'

/**
 * P(X > statistic) where X has the chi-square distribution with `degrees` of freedom: the regularised upper incomplete gamma
 * function Q(degrees/2, statistic/2), by its series or its continued fraction (Numerical Recipes, 3rd edition, section 6.2). Throws RangeError unless
 * the statistic is 0 or more and there is at least one degree of freedom.
 */
export function chiSquareUpperTail(statistic: number, degrees: number): number {
  if (!(statistic >= 0) || !(degrees >= 1)) throw new RangeError(`a chi-square of ${statistic} with ${degrees} degrees of freedom`)
  const [a, x] = [degrees / 2, statistic / 2]
  if (x === 0) return 1
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  return x < a + 1 ? 1 - front * lowerSeries(a, x) : front * upperFraction(a, x)
}

const MOST_TERMS = 100_000

function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < MOST_TERMS && term > sum * 1e-17; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** Lentz's method. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let value = d
  for (let n = 1; n < MOST_TERMS; n++) {
    const an = -n * (n - a)
    b += 2
    d = an * d + b
    d = 1 / (Math.abs(d) < tiny ? tiny : d)
    c = b + an / c
    if (Math.abs(c) < tiny) c = tiny
    const change = d * c
    value *= change
    if (Math.abs(change - 1) < 1e-16) break
  }
  return value
}
