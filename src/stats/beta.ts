/**
 * The regularised incomplete beta function I_x(a, b): P(X <= x) where X has the beta distribution (a, b > 0). Takes y = 1 - x too,
 * because the caller knows it without cancellation.
 */
export function regularisedBeta(x: number, y: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(y, x, b, a)
  if (x === 0) return 0
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * logOf(x, y) + b * logOf(y, x)
  return (Math.exp(logFront) / a) * betaFraction(x, a, b)
}

/** log x, exact near 1 when `complement` is 1 - x. */
const logOf = (x: number, complement: number) => (x > 0.5 ? Math.log1p(-complement) : Math.log(x))

/**
 * The x that I_x(a, b) = p, for a, b > 0 and 0 < p < 1: Newton's method, within a bracket that is halved where a step would leave it.
 */
export function betaQuantile(p: number, a: number, b: number): number {
  const logScale = logGamma(a + b) - logGamma(a) - logGamma(b)
  let [low, high, x] = [0, 1, a / (a + b)]
  for (let step = 0; step < 200; step++) {
    const error = regularisedBeta(x, 1 - x, a, b) - p
    if (error > 0) high = x
    else low = x
    const density = Math.exp(logScale + (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x))
    const newton = x - error / density
    const next = newton > low && newton < high ? newton : (low + high) / 2
    // Near 1 the distribution can rise steeply: there the distance from 1 has to be exact, as far as a number can hold it.
    if (Math.abs(next - x) <= 1e-12 * Math.min(x, 1 - x) || next === x) return next
    x = next
  }
  return x
}

/** The continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8) by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    let change = 1
    for (const term of [even, odd]) {
      d = 1 / awayFromZero(1 + term * d)
      c = awayFromZero(1 + term / c)
      change = c * d
      value *= change
    }
    if (Math.abs(change - 1) < 1e-16) return value
  }
  return value
}

const awayFromZero = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value)

/** log of the gamma function for x > 0: Lanczos' approximation with g = 7 and nine terms (Godfrey's coefficients). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const base = x + 6.5
  const sum = LANCZOS.reduce((total, coefficient, i) => total + coefficient / (x + i), 0.99999999999980993)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum)
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
  9.9843695780195716e-6, 1.5056327351493116e-7,
]
