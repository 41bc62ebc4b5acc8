/**
 * Jain's fairness index of what each of n parties got: 1 when all got the same, 1/n when one got everything (Jain, Chiu, Hawe, "A Quantitative Measure Of
 * Fairness And Discrimination For Resource Allocation In Shared Computer Systems", 1984). NaN when nobody got anything.
 */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  const squares = shares.reduce((total, share) => total + share * share, 0)
  return (sum * sum) / (shares.length * squares)
}
