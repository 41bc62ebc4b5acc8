import { trim } from '../core/units.js'
import { METRICS, type MetricName } from '../schema/metrics.js'
import { median } from '../stats/interval.js'
import { pooledShift, type Shift, signedRankShift, welchShift } from '../stats/shift.js'

/** The rounds of one load of one variant, on one side of a comparison, in one sitting. */
export interface Sitting {
  /** null where a round gave no value that may be used. */
  values: readonly (number | null)[]
  generatorCpuUs: readonly (number | null)[]
  serverCpuShare: readonly (number | null)[]
}

/** What two sides measured of one metric. */
export interface Measured {
  metric: MetricName
  executor: string
  design: 'paired' | 'unpaired'
  base: readonly Sitting[]
  head: readonly Sitting[]
}

/** What can be said of a change: by how much the two sides differ, and how much of it may be the machine's. */
export interface Evidence {
  /** On the log scale for ratios; undefined when nothing can be said, and then `why` says why not. */
  shift: Shift | undefined
  /** How far the machine may have moved the shift either way, on the same scale. */
  allowance: number
  /** What makes the allowance, or why there is no shift; may be empty. */
  why: string
  /** Rounds that a narrower interval would need more of; 0 when the interval is not made of rounds. */
  rounds: number
}

/** From so many sittings on, the variation between them is known by measurement. */
export const SITTINGS_NEEDED = 5
/** A load of the machine's own work shows a slower machine by about as much as the server does: half as much again is allowed for. */
const REFERENCE_FACTOR = 1.5
/** With a smaller share of the rounds that the sittings of the baseline have, a median varies too much to be held against theirs. */
const LEAST_ROUNDS_SHARE = 0.5

/** How a metric is compared: what may well be 0 has no ratio. */
export function comparedBy(metric: MetricName): 'ratio' | 'difference' {
  const { unit } = METRICS[metric]
  return unit === 'share' || unit === 'count' ? 'difference' : 'ratio'
}

/** Weighs what two sides measured; `drift` is what the speed of a machine may lose between sittings where that is not known better (0.15 is 15%). */
export function evidenceOf(measured: Measured, drift: number): Evidence {
  const { metric, design, base, head } = measured
  const [before, after] = [valuesOf(base), valuesOf(head)]
  if (before.length === 0 || after.length === 0) return nothing(`no valid round of ${before.length === 0 ? 'base' : 'head'} measured it`)
  const byRatio = comparedBy(metric) === 'ratio'
  if (byRatio && Math.min(...before, ...after) <= 0)
    return nothing(`${Math.min(...before) <= 0 ? 'base' : 'head'} measured 0 or less, to which there is no ratio`)
  const scale = byRatio ? Math.log : (value: number) => value
  if (design === 'paired') return pairedEvidence(base, head, scale)
  const known = sittingsThatCount(base).length >= SITTINGS_NEEDED
  const found = known ? sittingsEvidence(base, head, scale) : roundsEvidence(before, after, scale)
  // An error is no matter of speed.
  if (!byRatio || found.shift === undefined) return found
  const moved = known ? machineMoved(base, head) : undefined
  return { ...found, ...(moved ?? assumed(measured, drift, known)) }
}

const nothing = (why: string): Evidence => ({ shift: undefined, allowance: 0, why, rounds: 0 })
const isNumber = (value: number | null | undefined) => value !== null && value !== undefined
const usable = (values: readonly (number | null)[]) => values.filter(isNumber)
const valuesOf = (sittings: readonly Sitting[]) => sittings.flatMap(({ values }) => usable(values))
const sittingsThatCount = (sittings: readonly Sitting[]) => sittings.filter(({ values }) => values.some(isNumber))

/** Rounds that took turns, on one machine: a round of one side and the one of the other beside it are a pair. */
function pairedEvidence(base: readonly Sitting[], head: readonly Sitting[], scale: (value: number) => number): Evidence {
  const [left, right] = [base, head].map((sittings) => sittings.flatMap(({ values }) => values))
  const differences = left!.flatMap((value, round) => {
    const other = right![round]
    return isNumber(value) && isNumber(other) ? [scale(other) - scale(value)] : []
  })
  const shift = signedRankShift(differences)
  return shift === undefined
    ? nothing('no pair of rounds measured both sides')
    : { shift, allowance: 0, why: '', rounds: differences.length }
}

/** Rounds of few sittings: they tell how well each sitting is known, and nothing of how sittings vary. */
function roundsEvidence(base: readonly number[], head: readonly number[], scale: (value: number) => number): Evidence {
  const shift = welchShift(base.map(scale), head.map(scale))
  const fewer = base.length <= head.length ? 'base' : 'head'
  return shift === undefined
    ? { ...nothing(`only 1 valid round of ${fewer} measured it`), rounds: 1 }
    : { shift, allowance: 0, why: '', rounds: Math.min(base.length, head.length) }
}

/** Medians of several sittings: the sitting is the unit, and the variation between sittings is in the interval. */
function sittingsEvidence(base: readonly Sitting[], head: readonly Sitting[], scale: (value: number) => number): Evidence {
  const [before, after] = [sittingsThatCount(base), sittingsThatCount(head)].map((sittings) => sittings.map(({ values }) => usable(values)))
  const usual = median(before!.map(({ length }) => length))
  const few = after!.find(({ length }) => length < usual * LEAST_ROUNDS_SHARE)
  if (few !== undefined) return nothing(`${few.length} valid rounds of head are too few beside the ${usual} of the baseline's sittings`)
  const medians = [before!, after!].map((sittings) => sittings.map((values) => scale(median(values))))
  return { shift: pooledShift(medians[0]!, medians[1]!), allowance: 0, why: '', rounds: 0 }
}

/**
 * What the generator's own cost per operation says of the machine, beside the same cost in the sittings of the baseline: undefined where it is not known of
 * enough of them, no allowance where it lies among them, and otherwise one that covers how far it moved.
 */
function machineMoved(base: readonly Sitting[], head: readonly Sitting[]): Pick<Evidence, 'allowance' | 'why'> | undefined {
  const medians = [base, head].map((sittings) =>
    sittings.map(({ generatorCpuUs }) => usable(generatorCpuUs)).flatMap((values) => (values.length > 0 ? [Math.log(median(values))] : [])),
  )
  const shift = medians[0]!.length < SITTINGS_NEEDED ? undefined : pooledShift(medians[0]!, medians[1]!)
  const interval = shift?.interval(0.95)
  if (!shift || !interval) return undefined
  if (interval[0] <= 0 && interval[1] >= 0) return { allowance: 0, why: '' }
  const percent = trim(Math.abs(Math.expm1(shift.estimate)) * 100, 2)
  const why = `the machine is not as in the baseline: the generator's own work took ${percent}% ${shift.estimate > 0 ? 'more' : 'less'} CPU`
  return { allowance: Math.abs(shift.estimate) * REFERENCE_FACTOR, why }
}

/**
 * The allowance where nothing is known of the machine. In an open loop a slower server has longer queues too: a wait grows with 1 / (1 - utilisation), as
 * in any queue that is under heavy traffic (Kingman 1961).
 */
function assumed({ metric, executor, base, head }: Measured, drift: number, sittings: boolean): Pick<Evidence, 'allowance' | 'why'> {
  if (drift === 0) return { allowance: 0, why: '' }
  const said = `${trim(drift * 100, 2)}%`
  const remedy = sittings ? 'compare with redline ab' : `compare with redline ab, or with a baseline of ${SITTINGS_NEEDED} sittings`
  const slower = 1 / (1 - drift)
  if (executor === 'closed' || METRICS[metric].unit !== 'us' || metric === 'server_cpu_us')
    return { allowance: Math.log(slower), why: `the machine may have changed by ${said} between the two; ${remedy}` }
  const shares = [...base, ...head].flatMap(({ serverCpuShare }) => usable(serverCpuShare))
  const utilisation = shares.length === 0 ? 0 : median(shares)
  if (utilisation * slower >= 1)
    return { allowance: Infinity, why: `a machine slower by ${said} could not have kept up with this rate at all; ${remedy}` }
  const longer = (1 - utilisation) / (1 - utilisation * slower)
  return {
    allowance: Math.log(slower * longer),
    why: `the machine may have changed by ${said} between the two, and queues by more; ${remedy}`,
  }
}
