/**
 * The exact null distribution of Wilcoxon's signed-rank sum of n differences without ties, as its upper tail: w to P(W >= w). Made by adding
 * one rank after the other, each with one half's chance to count; a thousand differences take a second.
 */
export function signedRankUpperTail(n: number): (w: number) => number {
  const known = TAILS.get(n)
  const tail = known ?? makeTail(n)
  if (known === undefined && TAILS.size < MOST_KEPT) TAILS.set(n, tail)
  return (w) => (w <= 0 ? 1 : (tail[Math.ceil(w)] ?? 0))
}

/** Tables by n: comparisons ask for the same few over and over. */
const TAILS = new Map<number, Float64Array>()
const MOST_KEPT = 64

function makeTail(n: number): Float64Array {
  const most = (n * (n + 1)) / 2
  const probabilities = new Float64Array(most + 1)
  probabilities[0] = 1
  for (let rank = 1, reached = 0; rank <= n; rank++) {
    reached += rank
    for (let sum = reached; sum >= 0; sum--) {
      probabilities[sum] = (probabilities[sum]! + (sum >= rank ? probabilities[sum - rank]! : 0)) / 2
    }
  }
  for (let sum = most - 1; sum >= 0; sum--) probabilities[sum]! += probabilities[sum + 1]!
  return probabilities
}
