/** Where an axis has a label, and what it says. */
export interface Tick {
  at: number
  label: string
}

/** An axis of a chart: values already mapped to it, linear from `min` to `max`. */
export interface Axis {
  name: string
  min: number
  max: number
  ticks: readonly Tick[]
  /** Where a value stands on it. */
  place: (value: number) => number
}

/** Times the least value that the greatest has to be for a logarithmic axis. */
const WORTH_A_LOG = 20

/** An axis from 0, or a logarithmic one where the values are far apart; `show` writes a value. */
export function valueAxis(name: string, values: readonly number[], show: (value: number) => string): Axis {
  const known = values.filter((value) => Number.isFinite(value))
  const most = known.reduce((a, b) => Math.max(a, b), 0)
  const least = known.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), Infinity)
  if (most > 0 && most / least >= WORTH_A_LOG) return logAxis(name === '' ? 'logarithmic' : `${name}, logarithmic`, least, most, show)
  const step = niceStep((most || 1) / 4)
  const steps = Math.max(1, Math.ceil(((most || 1) * 1.02) / step))
  const ticks = Array.from({ length: steps + 1 }, (_, i) => ({ at: i * step, label: show(i * step) }))
  return { name, min: 0, max: steps * step, ticks, place: (value) => value }
}

/** Values of 0 stand at its lower end, as there is no other place for them. */
function logAxis(name: string, least: number, most: number, show: (value: number) => string): Axis {
  const min = Math.log10(least) - 0.05
  const max = Math.log10(most) + 0.05
  const decades = Math.ceil(max) - Math.floor(min)
  const parts = decades <= 2 ? [1, 2, 5] : decades <= 3 ? [1, 3] : [1]
  const every = Math.max(1, Math.ceil(decades / 7))
  const ticks = Array.from({ length: decades + 1 }, (_, i) => Math.floor(min) + i)
    .filter((power) => power % every === 0)
    .flatMap((power) => parts.map((part) => part * 10 ** power))
    .map((value) => ({ at: Math.log10(value), label: show(value) }))
    .filter(({ at }) => at >= min && at <= max)
  return { name, min, max, ticks, place: (value) => (value > 0 ? Math.max(min, Math.log10(value)) : min) }
}

/** 1, 2 or 5 times a power of ten that is no less. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5, 10].find((part) => part * power >= least * 0.999) ?? 10)
}

/** An axis of named places, one beside the other: 0, 1, 2 ... */
export function placesAxis(name: string, labels: readonly string[]): Axis {
  const ticks = labels.map((label, at) => ({ at, label }))
  return { name, min: -0.4, max: labels.length - 0.6, ticks, place: (value) => value }
}

/** One for each nine. */
const TAIL = ['0', '90', '99', '99.9', '99.99', '99.999', '99.9999', '99.99999']

/** Percentiles with each further nine as wide as the one before: the tail is what hurts. */
export function tailAxis(name: string, count: number): Axis {
  const max = Math.max(2, Math.log10(Math.max(1, count)))
  const ticks = TAIL.map((label, at) => ({ at, label })).filter(({ at }) => at <= max)
  return { name, min: 0, max, ticks, place: (share) => Math.min(max, -Math.log10(Math.max(1e-12, 1 - share))) }
}
