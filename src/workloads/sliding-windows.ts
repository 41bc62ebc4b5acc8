/** One decision of a limiter about one client's request, as the one who asked saw it; times in milliseconds of one clock. */
export interface Decision {
  sent: number
  answered: number
  admitted: boolean
}

/** How the decisions about one client compare with the promise of at most `limit` within any window. */
export interface WindowVerdict {
  decisions: number
  admitted: number
  /** Requests that were admitted although the window before them was certainly full. */
  overAdmitted: number
  /** Requests that were refused although the window before them certainly had room. */
  underAdmitted: number
  /** The most that were certainly admitted within any one window. */
  mostInWindow: number
}

/**
 * Holds decisions against a sliding window. The limiter decided some time between `sent` and `answered`; only what holds wherever in
 * between that was is counted, so that a right limiter is never blamed. Decisions before `from` are not judged, but fill windows.
 */
export function judgeWindows(
  decisions: readonly Decision[],
  { limit, windowMs, from }: { limit: number; windowMs: number; from: number },
): WindowVerdict {
  const admitted = decisions.filter((decision) => decision.admitted)
  const sent = Float64Array.from(admitted, (decision) => decision.sent).toSorted()
  const answered = Float64Array.from(admitted, (decision) => decision.answered).toSorted()
  const verdict: WindowVerdict = { decisions: 0, admitted: 0, overAdmitted: 0, underAdmitted: 0, mostInWindow: 0 }
  for (const decision of decisions) {
    if (decision.sent < from) continue
    verdict.decisions++
    if (decision.admitted) {
      verdict.admitted++
      // Sent no earlier than a window before this answer, and answered before this was sent: in this window, whenever each was decided.
      const surely = atMost(answered, decision.sent) - below(sent, decision.answered - windowMs)
      if (surely >= limit) verdict.overAdmitted++
      verdict.mostInWindow = Math.max(verdict.mostInWindow, surely + 1)
    } else {
      // Answered later than a window before this was sent, and sent before this was answered: perhaps in this window.
      const perhaps = below(sent, decision.answered) - atMost(answered, decision.sent - windowMs)
      if (perhaps < limit) verdict.underAdmitted++
    }
  }
  return verdict
}

/** How many of the sorted values are below `bound`. */
function below(sorted: Float64Array, bound: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < bound) low = middle + 1
    else high = middle
  }
  return low
}

/** How many of the sorted values are at most `bound`. */
function atMost(sorted: Float64Array, bound: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! <= bound) low = middle + 1
    else high = middle
  }
  return low
}
