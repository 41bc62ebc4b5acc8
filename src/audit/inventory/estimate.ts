import type { Estimate } from '../../schema/audit.js'
import { betaQuantile } from '../../stats/beta.js'
import { studentTQuantile } from '../../stats/student-t.js'

/*
 * From a sample of blocks of keys to the keyspace. Strata are sampled apart, and in each a block is a cluster of keys, so that totals are
 * ratio estimates and their variances come from how blocks differ, not keys (Cochran, Sampling Techniques, 3rd ed., 1977: ch. 6.3
 * and 9A.8 for the ratio, 5A.12 for strata with too few blocks, 5.4 for the degrees of freedom). Nothing is taken off for the
 * part of the keyspace that was seen: the intervals are as if it were without end, a little too wide for large samples.
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
  population: number
  /** Keys that were drawn. */
  keys: number
  parts: Part[]
  partOf: Map<number, Part>
}

/** `population` by stratum, and the keys that were drawn by stratum and group of blocks, which are numbered through all strata. */
export function sampleFrame(population: readonly number[], drawn: ReadonlyMap<number, ReadonlyMap<number, number>>): Frame {
  const parts: Part[] = []
  const pooled = newPart()
  population.forEach((keys, stratum) => {
    const groups = drawn.get(stratum) ?? new Map<number, number>()
    const part = groups.size < 2 || sumOf(groups) === 0 ? pooled : newPart()
    part.population += keys
    for (const [group, drawnKeys] of groups) addGroup(part, group, drawnKeys)
    if (part !== pooled) parts.push(part)
  })
  if (pooled.keys > 0 && (pooled.drawn.size > 1 || parts.length === 0)) parts.push(pooled)
  else if (parts.length > 0) addPart(parts.at(-1)!, pooled)
  const total = population.reduce((sum, keys) => sum + keys, 0)
  spread(parts, total)
  const partOf = new Map(parts.flatMap((part) => Array.from(part.drawn.keys(), (group) => [group, part] as const)))
  return { population: total, keys: parts.reduce((sum, { keys }) => sum + keys, 0), parts, partOf }
}

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

/** Lets the parts stand for strata from which nothing was drawn, too. */
function spread(parts: Part[], total: number): void {
  const covered = parts.reduce((sum, { population }) => sum + population, 0)
  for (const part of parts) part.population *= covered > 0 ? total / covered : 0
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
  const { population, keys: drawn } = frame
  if (drawn === 0 || population === 0) return exactly(0)
  const { value, variance, degrees } = totalOf(frame, found)
  const seen = sumOf(found)
  const share = Math.min(1, value / population)
  const alone = (share * (1 - share)) / (variance / population ** 2)
  const effective = (alone > 0 && alone < drawn ? alone : drawn) * (Z / tOf(degrees)) ** 2
  const successes = share * effective
  const low = share > 0 ? betaQuantile(1 - UPPER, successes, effective - successes + 1) : 0
  const high = share < 1 ? betaQuantile(UPPER, successes + 1, effective - successes) : 1
  return clamped(value, low * population, high * population, seen, Math.max(seen, population))
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
): Estimate {
  const { value } = totalOf(frame, foundBytes)
  if (!(value > 0) || !(keys.value > 0)) return exactly(0)
  const error = meanError(frame, value, keys.value, foundKeys, foundBytes)
  const down = Math.hypot(Math.log(keys.value / keys.low), error)
  const up = Math.hypot(Math.log(keys.high / keys.value), error)
  return clamped(value, value * Math.exp(-down), value * Math.exp(up), sumOf(foundBytes), Infinity)
}

/** By which part of it the total of bytes may be off because the mean size of the keys is not known, at 95%. */
function meanError(
  frame: Frame,
  bytes: number,
  keys: number,
  foundKeys: ReadonlyMap<number, number>,
  foundBytes: ReadonlyMap<number, number>,
): number {
  const blocks = foundKeys.size
  // The sizes of one block say nothing of others': as if they were spread as an exponential distribution is.
  if (blocks < 2) return Z / Math.sqrt(sumOf(foundKeys))
  const mean = bytes / keys
  const residuals = new Map(Array.from(foundKeys, ([group, keys]) => [group, foundBytes.get(group)! - mean * keys]))
  const { variance, degrees } = totalOf(frame, residuals)
  return (tOf(Math.max(2, Math.min(degrees, blocks - 1))) * Math.sqrt((variance * blocks) / (blocks - 1))) / bytes
}

const sumOf = (found: ReadonlyMap<number, number>) => [...found.values()].reduce((sum, value) => sum + value, 0)

function clamped(value: number, low: number, high: number, least: number, most: number): Estimate {
  const within = (number: number) => Math.min(most, Math.max(least, number))
  const middle = Math.round(within(value))
  return { value: middle, low: Math.min(middle, Math.floor(within(low))), high: Math.max(middle, Math.ceil(within(high))) }
}
