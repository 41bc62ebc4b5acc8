const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** TTLs as people choose them, in seconds. */
const USUAL_SECONDS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 3, 7, 14, 30, 60, 90, 180, 365].map((days) => days * DAY),
]

/** The TTL, in seconds, with which keys were probably written of which one has so much left: the next one that people choose. */
export function usualTtl(longestSeconds: number): number {
  return USUAL_SECONDS.find((usual) => usual >= longestSeconds) ?? Math.ceil(longestSeconds / DAY / 365) * 365 * DAY
}
