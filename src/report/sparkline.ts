const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** Values as bars of their share of the largest; a gap where there is none. Empty for fewer than two values. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined)
  const most = Math.max(...known)
  if (known.length < 2 || !(most > 0)) return ''
  return values.map((value) => (value === undefined ? ' ' : BARS[Math.min(7, Math.max(0, Math.ceil((value / most) * 8) - 1))]!)).join('')
}
