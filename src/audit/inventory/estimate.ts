import type { Estimate } from '../../schema/audit.js'
import { betaQuantile } from '../../stats/beta.js'
import { studentTQuantile } from '../../stats/student-t.js'
import type { Stratum } from '../key-record.js'

/*
 * From a sample of blocks of keys to the keyspace. Strata are sampled apart, and in each a block is a cluster of keys, so that totals are
 * ratio estimates and their variances come from how blocks differ, not keys (Cochran, Sampling Techniques, 3rd ed., 1977: ch. 6.3
 * and 9A.8 for the ratio, 5A.12 for strata with too few blocks, 5.4 for the degrees of freedom). Nothing is taken off for the
 * part of a stratum that was seen: the intervals are as if it were without end, a little too wide for large samples. Strata that were
 * read whole are counted.
 */

const CONFIDENCE = 0.95
const UPPER = 1 - (1 - CONFIDENCE) / 2
const Z = 1.959963984540054

/** Strata, or several that had too few blocks to tell a variance. */
interface Part {
  population: number
  /** Keys that were drawn, by group of blocks. */
  drawn: Map<number, number>
  keys: number
  squares: number
}

/** What was drawn from where. */
export interface Frame {
  /** All keys. */
  population: number
  /** Groups of blocks from strata that were read whole, and the keys of these. */
  counted: Set<number>
  countedKeys: number
  /** Keys that were drawn from the others. */
  keys: number
  parts: Part[]
  partOf: Map<number, Part>
}

/** From the strata by number, and the keys that were drawn by stratum and group of blocks, which are numbered through all strata. */
export function sampleFrame(strata: readonly Stratum[], drawn: ReadonlyMap<number, ReadonlyMap<number, number>>): Frame {
  const parts: Part[] = []
  const pooled = newPart()
  const counted = new Map<number, number>()
  strata.forEach(({ keys, whole }, stratum) => {
    const groups = drawn.get(stratum) ?? new Map<number, number>()
    if (whole) return groups.forEach((drawnKeys, group) => counted.set(group, drawnKeys))
    const part = groups.size < 2 || sumOf(groups) === 0 ? pooled : newPart()
    part.population += keys
    for (const [group, drawnKeys] of groups) addGroup(part, group, drawnKeys)
    if (part !== pooled) parts.push(part)
  })
  if (pooled.keys > 0 && (pooled.drawn.size > 1 || parts.length === 0)) parts.push(pooled)
  else if (parts.length > 0) addPart(parts.at(-1)!, pooled)
  const partOf = new Map(parts.flatMap((part) => Array.from(part.drawn.keys(), (group) => [group, part] as const)))
  const [keys, sampled] = [sumBy(parts, 'keys'), sumBy(parts, 'population')]
  const countedKeys = sumOf(counted)
  return { population: countedKeys + sampled, counted: new Set(counted.keys()), countedKeys, keys, parts, partOf }
}

const sumBy = (parts: readonly Part[], field: 'keys' | 'population') => parts.reduce((sum, part) => sum + part[field], 0)

const newPart = (): Part => ({ population: 0, drawn: new Map(), keys: 0, squares: 0 })

function addGroup(part: Part, group: number, keys: number): void {
  part.drawn.set(group, keys)
  part.keys += keys
  part.squares += keys * keys
}

function addPart(into: Part, part: Part): void {
  into.population += part.population
  for (const [group, keys] of part.drawn) addGroup(into, group, keys)
}

interface Total {
  value: number
  /** NaN where one block is all that was drawn. */
  variance: number
  degrees: number
}

/** The total of what was found by group of blocks. */
function totalOf({ parts, partOf }: Frame, found: ReadonlyMap<number, number>): Total {
  const sums = new Map(parts.map((part) => [part, { sum: 0, squares: 0, products: 0 }]))
  for (const [group, value] of found) {
    const part = partOf.get(group)
    if (part === undefined) continue
    const its = sums.get(part)!
    its.sum += value
    its.squares += value * value
    its.products += value * part.drawn.get(group)!
  }
  let [value, variance, perDegree] = [0, 0, 0]
  for (const [part, { sum, squares, products }] of sums) {
    const ratio = sum / part.keys
    const blocks = part.drawn.size
    const residuals = Math.max(0, squares - 2 * ratio * products + ratio * ratio * part.squares)
    const ofPart = part.population ** 2 * (blocks / (blocks - 1)) * (residuals / part.keys ** 2)
    value += part.population * ratio
    variance += ofPart
    perDegree += ofPart ** 2 / (blocks - 1)
  }
  return { value, variance, degrees: perDegree > 0 ? variance ** 2 / perDegree : Infinity }
}

const tOf = (degrees: number) => (degrees < 1000 ? studentTQuantile(UPPER, Math.max(1, degrees)) : Z)

/** A number that was counted. */
export function exactly(value: number): Estimate {
  return { value, low: value, high: value }
}

/**
 * How many keys there are of something, from those that were found by group of blocks: the interval of Clopper and Pearson for as
 * many keys as would tell as much had they been drawn one by one (Korn and Graubard 1998). It holds for few keys, for none
 * (then about 3.7 of `frame.keys`) and for all.
 */
export function estimateKeys(frame: Frame, found: ReadonlyMap<number, number>): Estimate {
  const population = frame.population - frame.countedKeys
  const { counted, sampled } = split(frame, found)
  if (frame.keys === 0 || population === 0) return exactly(counted)
  const { value, variance, degrees } = totalOf(frame, sampled)
  const seen = sumOf(sampled)
  const share = Math.min(1, value / population)
  const alone = (share * (1 - share)) / (variance / population ** 2)
  const effective = (alone > 0 && alone < frame.keys ? alone : frame.keys) * (Z / tOf(degrees)) ** 2
  const successes = share * effective
  const low = share > 0 ? betaQuantile(1 - UPPER, successes, effective - successes + 1) : 0
  const high = share < 1 ? betaQuantile(UPPER, successes + 1, effective - successes) : 1
  return shifted(clamped(value, low * population, high * population, seen, Math.max(seen, population)), counted)
}

/** What was found in strata that were read whole, in all, and what was in others. */
function split(frame: Frame, found: ReadonlyMap<number, number>): { counted: number; sampled: Map<number, number> } {
  const sampled = new Map([...found].filter(([group]) => !frame.counted.has(group)))
  return { counted: sumOf(found) - sumOf(sampled), sampled }
}

function shifted({ value, low, high }: Estimate, by: number): Estimate {
  return { value: value + by, low: low + by, high: high + by }
}

/** How the sizes of single keys differ. */
export interface Spread {
  keys: number
  /** Their standard deviation over their mean. */
  variation: number
  skewness: number
}

/**
 * How many bytes the keys of something take, of which there are `keys`: what is uncertain about their number and about their mean size
 * is joined on the scale of ratios (MOVER: Zou and Donner 2008), on which sizes are less skewed.
 */
export function estimateBytes(
  frame: Frame,
  keys: Estimate,
  foundKeys: ReadonlyMap<number, number>,
  foundBytes: ReadonlyMap<number, number>,
  sizes: Spread,
): Estimate {
  const [countedKeys, { counted, sampled }] = [split(frame, foundKeys), split(frame, foundBytes)]
  const { value } = totalOf(frame, sampled)
  const others = shifted(keys, -countedKeys.counted)
  if (!(value > 0) || !(others.value > 0)) return exactly(counted)
  const error = meanError(frame, value, others.value, countedKeys.sampled, sampled, sizes)
  const down = Math.hypot(Math.log(others.value / others.low), error.down)
  const up = Math.hypot(Math.log(others.high / others.value), error.up)
  return shifted(clamped(value, value * Math.exp(-down), value * Math.exp(up), sumOf(sampled), Infinity), counted)
}

/** What is assumed of sizes as long as few have been seen: they differ as the exponential distribution does, which weighs as much as five keys. */
const ASSUMED = { keys: 5, variation: 1, skewness: 2 }

/**
 * By which parts of it the mean size of the keys may be off at 95%: from how blocks differ, and no less than single keys do. Of skewed
 * sizes the largest are likely to be missing, for which the upper bound is moved (Johnson 1978); twice as far as by the skewness of what
 * was drawn, because that lacks them as well: of 75 sizes that are lognormal with a sigma of 1.5 it is a quarter of the real one.
 */
function meanError(
  frame: Frame,
  bytes: number,
  keys: number,
  foundKeys: ReadonlyMap<number, number>,
  foundBytes: ReadonlyMap<number, number>,
  sizes: Spread,
): { down: number; up: number } {
  const mean = bytes / keys
  const seen = sumOf(foundKeys)
  const residuals = new Map(Array.from(foundKeys, ([group, keys]) => [group, foundBytes.get(group)! - mean * keys]))
  const { variance, degrees } = totalOf(frame, residuals)
  const blocks = foundKeys.size
  const betweenBlocks = blocks > 1 && variance > 0 ? Math.sqrt((variance * blocks) / (blocks - 1)) / bytes : 0
  const blend = (own: number, assumed: number) => (sizes.keys * own + ASSUMED.keys * assumed) / (sizes.keys + ASSUMED.keys)
  const ofKeys = Math.sqrt(blend(sizes.variation ** 2, ASSUMED.variation ** 2) / seen)
  const t = tOf(Math.max(2, Math.min(degrees, blocks - 1)))
  const error = Math.max(betweenBlocks, ofKeys)
  const shift = (2 * blend(sizes.skewness, ASSUMED.skewness) * (2 * Z ** 2 + 1)) / 6 / Math.sqrt(seen)
  return { down: t * error, up: (t + shift) * error }
}

const sumOf = (found: ReadonlyMap<number, number>) => [...found.values()].reduce((sum, value) => sum + value, 0)

function clamped(value: number, low: number, high: number, least: number, most: number): Estimate {
  const within = (number: number) => Math.min(most, Math.max(least, number))
  const middle = Math.round(within(value))
  return { value: middle, low: Math.min(middle, Math.floor(within(low))), high: Math.max(middle, Math.ceil(within(high))) }
}
