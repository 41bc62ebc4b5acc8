import { logGamma, regularisedBeta } from './beta.js'

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

/** P(T > t) for Student's t with `df` degrees of freedom. Throws RangeError unless df is positive. */
export function studentTUpperTail(t: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`Student's t needs df > 0, not ${df}`)
  return t < 0 ? 1 - upperTail(-t, df) : upperTail(t, df)
}

/** P(T > t) for t >= 0, through the regularised incomplete beta function (Abramowitz & Stegun 26.7.1). */
function upperTail(t: number, df: number): number {
  if (t === Infinity) return 0
  const square = t * t
  return 0.5 * regularisedBeta(df / (df + square), square / (df + square), df / 2, 0.5)
}

function density(t: number, df: number): number {
  const scale = Math.exp(logGamma((df + 1) / 2) - logGamma(df / 2)) / Math.sqrt(df * Math.PI)
  return scale * Math.exp((-(df + 1) / 2) * Math.log1p((t * t) / df))
}
