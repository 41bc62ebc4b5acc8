/**
 * Zipf-distributed ranks in [0, n) with P(rank k) proportional to 1 / (k + 1)^exponent, by rejection-inversion: no tables, exact
 * for any n, about one logarithm and one power per draw. W. Hörmann and G. Derflinger, "Rejection-inversion to generate
 * variates from monotone discrete distributions", ACM TOMACS 6(3), 1996.
 *
 * @param random uniform in [0, 1)
 */
export function zipfSampler(n: number, exponent: number, random: () => number): () => number {
  const q = 1 - exponent
  // H integrates x^-exponent; near exponent 1 the quotient is replaced by its limit, the logarithm.
  const integral = (x: number) => (Math.abs(q) < 1e-9 ? Math.log(x) : (x ** q - 1) / q)
  const inverse = (y: number) => (Math.abs(q) < 1e-9 ? Math.exp(y) : Math.max(0, 1 + y * q) ** (1 / q))
  const weight = (x: number) => x ** -exponent

  const low = integral(1.5) - 1
  const high = integral(n + 0.5)
  const shortcut = 2 - inverse(integral(2.5) - weight(2))

  return () => {
    for (;;) {
      const u = high + random() * (low - high)
      const x = inverse(u)
      const k = Math.min(n, Math.max(1, Math.floor(x + 0.5)))
      if (k - x <= shortcut || u >= integral(k + 0.5) - weight(k)) return k - 1
    }
  }
}
