import { InputError, messageOf } from '../core/errors.js'
import { didYouMean, quote } from '../core/text.js'
import { parseBytes, parseDuration } from '../core/units.js'
import { isMetricName, METRICS } from '../schema/metrics.js'
import type { MetricName } from '../schema/metrics.js'
import type { Comparison, ExpectationPlan, ExponentFit, MetricRef } from '../schema/scenario.js'
import type { Scalar } from './matrix.js'
import { variantId } from './matrix.js'

/** What an expectation may refer to: a variant at one point of the matrix. */
export interface Side {
  variant: string
  point: Record<string, Scalar>
  loads: string[]
}

/** A mistake in an expression, `offset` characters into it. */
export interface ExpressionMistake {
  offset: number
  message: string
}

/**
 * Reads `<ref> <op> [factor *] <ref>`, `<ref> <op> <quantity>` or `exponent(<ref> over <axis>) <op> <number>`, where ref is
 * `variant.metric`, `variant.load.metric` or either with a point, `variant[pipeline=16,delay=1ms].metric`. A quantity becomes a number in
 * the metric's unit.
 */
export function readExpectation(expression: string, sides: readonly Side[]): ExpectationPlan | { mistakes: ExpressionMistake[] } {
  const mistakes: ExpressionMistake[] = []
  const fail: Fail = (offset, message) => void mistakes.push({ offset, message })
  const [, before = '', comparison = '', after = ''] = /^([^<>]*)([<>]=?)([^<>]*)$/.exec(expression) ?? []
  if (!isComparison(comparison)) {
    fail(0, 'not an expectation; write a.throughput > 1.2 * b.throughput, or a.p99 < 2ms')
    return { mistakes }
  }
  const leftSide = trimmed(before, 0)
  const rightSide = trimmed(after, before.length + comparison.length)
  if (leftSide.text.startsWith(EXPONENT)) {
    const left = readFit(leftSide, sides, fail)
    const factor = readExponent(rightSide, fail)
    return left === undefined || mistakes.length > 0 ? { mistakes } : { expression, left, comparison, factor, right: undefined }
  }
  const left = readRef(leftSide, sides, fail)
  const { factor, right } = readRightSide(rightSide, left?.metric, sides, fail)
  if (left === undefined || mistakes.length > 0) return { mistakes }
  return { expression, left, comparison, factor, right }
}

type Fail = (offset: number, message: string) => void

/** A piece of the expression and how far into it the piece begins. */
interface Fragment {
  text: string
  offset: number
}

type Ref = MetricRef & { metric: MetricName }

/** Metrics of the server as a whole, which no single load has. */
const SERVER_METRICS: ReadonlySet<MetricName> = new Set(['server_cpu_us', 'bytes_per_operation', 'memory_delta', 'hit_rate', 'evicted'])

function trimmed(text: string, offset: number): Fragment {
  return { text: text.trim(), offset: offset + (text.length - text.trimStart().length) }
}

function isComparison(text: string): text is Comparison {
  return text === '>' || text === '>=' || text === '<' || text === '<='
}

/** A metric of a variant, at all points that the text leaves open. */
interface OpenRef {
  sides: Side[]
  load: string | undefined
  metric: MetricName
  /** Of the variant and its point. */
  place: Fragment
}

function readRef(fragment: Fragment, sides: readonly Side[], fail: Fail): Ref | undefined {
  const open = readOpenRef(fragment, sides, fail)
  const side = open && onlySide(open, fail)
  return side && refOf(open, side)
}

function refOf({ load, metric }: OpenRef, side: Side): Ref {
  return { variant: variantId(side.variant, side.point), load, metric }
}

function readOpenRef({ text, offset }: Fragment, sides: readonly Side[], fail: Fail): OpenRef | undefined {
  const match = /^([\w-]+)(?:\[([^\]]*)\])?((?:\.[\w-]+){1,2})$/.exec(text)
  if (match === null) {
    fail(offset, `${quote(text)} is neither a metric nor a quantity; write variant.metric`)
    return undefined
  }
  const [, variant = '', point, names = ''] = match
  const [load, metric] = splitNames(names)
  const metricOffset = offset + text.length - metric.length
  if (!isMetricName(metric)) {
    fail(
      metricOffset,
      `unknown metric ${metric}${didYouMean(metric, Object.keys(METRICS)) || `; there are ${Object.keys(METRICS).join(', ')}`}`,
    )
  } else if (load !== undefined && SERVER_METRICS.has(metric)) {
    fail(metricOffset, `${metric} is of the whole server; leave out .${load}`)
  }
  const ofVariant = sides.filter((side) => side.variant === variant)
  if (ofVariant.length === 0) {
    fail(offset, `unknown variant ${variant}${didYouMean(variant, new Set(sides.map((side) => side.variant)))}`)
    return undefined
  }
  const place = { text: point ?? '', offset: offset + variant.length }
  const left = readPoint(place, ofVariant, fail)
  if (left === undefined || !isMetricName(metric)) return undefined
  const known = left[0]!.loads
  if (load !== undefined && !known.includes(load)) fail(offset, `${variant} has no load ${load}${didYouMean(load, known)}`)
  return { sides: left, load, metric, place }
}

function splitNames(names: string): [load: string | undefined, metric: string] {
  const [first = '', second] = names.slice(1).split('.')
  return second === undefined ? [undefined, first] : [first, second]
}

/** The sides that `pipeline=16,delay=1ms` leaves: at least one. */
function readPoint({ text, offset }: Fragment, sides: readonly Side[], fail: Fail): Side[] | undefined {
  const axes = Object.keys(sides[0]!.point)
  let left = [...sides]
  for (const assignment of text.split(',').filter((part) => part.trim() !== '')) {
    const [axis = '', value = ''] = assignment.split('=').map((part) => part.trim())
    if (!axes.includes(axis)) {
      fail(offset, unknownAxis(axis, axes))
      return undefined
    }
    const values = valuesOf(left, axis)
    left = left.filter((side) => String(side.point[axis]) === value)
    if (left.length === 0) {
      fail(offset, `${axis} is never ${value || 'that'}; it is ${values.join(', ')}`)
      return undefined
    }
  }
  return left
}

function unknownAxis(axis: string, axes: readonly string[]): string {
  return `unknown axis ${axis}${axes.length === 0 ? '; nothing is swept' : didYouMean(axis, axes) || `; swept are ${axes.join(', ')}`}`
}

/** The one side that a reference means, on all axes but the one that it runs over. */
function onlySide({ sides, place }: OpenRef, fail: Fail, over?: string): Side | undefined {
  const open = Object.keys(sides[0]!.point).find((axis) => axis !== over && valuesOf(sides, axis).length > 1)
  if (open === undefined) return sides[0]
  fail(place.offset, `say which ${open}: [${open}=${valuesOf(sides, open)[0]}]`)
  return undefined
}

function valuesOf(sides: readonly Side[], axis: string): string[] {
  return [...new Set(sides.map((side) => String(side.point[axis])))]
}

const EXPONENT = 'exponent('

/** `exponent(push.server_cpu_us over length)`: the metric at every point of the axis. */
function readFit({ text, offset }: Fragment, sides: readonly Side[], fail: Fail): ExponentFit | undefined {
  const match = /^(exponent\(\s*)(\S(?:.*\S)?)(\s+over\s+)([\w-]+)\s*\)$/.exec(text)
  if (match === null) {
    fail(offset, `${quote(text)} is no exponent; write exponent(variant.metric over axis)`)
    return undefined
  }
  const [, before = '', inner = '', between = '', axis = ''] = match
  const open = readOpenRef({ text: inner, offset: offset + before.length }, sides, fail)
  if (open === undefined) return undefined
  const axes = Object.keys(open.sides[0]!.point)
  const failOnAxis = (message: string) => fail(offset + before.length + inner.length + between.length, message)
  if (!axes.includes(axis)) failOnAxis(unknownAxis(axis, axes))
  if (!axes.includes(axis) || onlySide(open, fail, axis) === undefined) return undefined
  const problem = unfit(open.sides, axis)
  if (problem !== undefined) {
    failOnAxis(problem)
    return undefined
  }
  return { kind: 'exponent', axis, points: open.sides.map((side) => ({ x: magnitudeOf(side.point[axis]!)!, ref: refOf(open, side) })) }
}

/** Why nothing can be fitted over an axis. */
function unfit(sides: readonly Side[], axis: string): string | undefined {
  const values = sides.map(({ point }) => point[axis]!)
  const bad = values.find((value) => !((magnitudeOf(value) ?? 0) > 0))
  if (bad !== undefined) return `${axis} is ${bad} at one point; an exponent takes numbers above 0`
  const different = new Set(values.map(magnitudeOf)).size
  return different < 2 ? `${axis} is only ${values[0]} here; an exponent takes two values or more` : undefined
}

/** `100`, `4KB` and `1ms` as numbers. */
function magnitudeOf(value: Scalar): number | undefined {
  if (typeof value !== 'string') return typeof value === 'number' ? value : undefined
  for (const parse of [Number, parseDuration, parseBytes]) {
    try {
      const number = parse(value)
      if (Number.isFinite(number)) return number
    } catch (error) {
      if (!(error instanceof InputError)) throw error
    }
  }
  return undefined
}

function readExponent({ text, offset }: Fragment, fail: Fail): number {
  if (/^[-+]?\d+(\.\d+)?$/.test(text)) return Number(text)
  fail(offset, `${quote(text)} is no number; an exponent is held against one: 0 where nothing grows, 1 where all grows alike`)
  return 0
}

function readRightSide(
  fragment: Fragment,
  metric: MetricName | undefined,
  sides: readonly Side[],
  fail: Fail,
): { factor: number; right: MetricRef | undefined } {
  const { text, offset } = fragment
  if (/^\d+(\.\d+)?\s*[a-z%/]*( ops\/s)?$/i.test(text)) {
    return { factor: metric === undefined ? 0 : readQuantity(text, metric, (message) => fail(offset, message)), right: undefined }
  }
  const [whole = '', factor = '1'] = /^(\d+(?:\.\d+)?)\s*\*\s*/.exec(text) ?? []
  const right = readRef({ text: text.slice(whole.length), offset: offset + whole.length }, sides, fail)
  if (right !== undefined && metric !== undefined && METRICS[right.metric].unit !== METRICS[metric].unit) {
    fail(offset + whole.length, `${right.metric} is in ${METRICS[right.metric].unit}, ${metric} in ${METRICS[metric].unit}`)
  }
  if (Number(factor) === 0) fail(offset, 'the factor must be more than 0')
  return { factor: Number(factor), right }
}

/** A quantity in the metric's unit: `2ms` of a latency is 2000, `50k` of a throughput 50000, `1%` of a share 0.01; `fail` is told what is no quantity. */
export function readQuantity(text: string, metric: MetricName, fail: (message: string) => void): number {
  const { unit } = METRICS[metric]
  try {
    switch (unit) {
      case 'us':
        return readMicroseconds(text, metric)
      case 'bytes':
        return parseBytes(text.replace(/\s*bytes$/, '').replace(/\s+/, ''))
      case 'ops/s':
        return readRate(text)
      case 'share':
        return readShare(text)
      case 'count':
      case 'ratio':
        return readNumber(text)
    }
  } catch (error) {
    fail(messageOf(error))
  }
  return 0
}

function readMicroseconds(text: string, metric: MetricName): number {
  // server_cpu_us says its unit itself; a bare 2 of a latency could as well mean milliseconds.
  if (/^[\d.]+$/.test(text) && !metric.endsWith('_us') && Number(text) !== 0)
    throw new InputError(`${text} needs a unit: ${text}ms or ${text}us`)
  if (/^[\d.]+$/.test(text)) return Number(text)
  return Math.round(parseDuration(text.replace(/\s+/, '')) * 1e6) / 1e3
}

function readRate(text: string): number {
  const [, number, suffix = ''] = /^(\d+(?:\.\d+)?)\s*([kM]?)\s*(?:ops\/s|\/s)?$/.exec(text) ?? []
  if (number === undefined) throw new InputError(`${quote(text)} is not a rate; write 50k or 1.2M`)
  return Number(number) * (suffix === 'k' ? 1e3 : suffix === 'M' ? 1e6 : 1)
}

function readNumber(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InputError(`${quote(text)} is not a plain number`)
  return Number(text)
}

function readShare(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text) ?? []
  const share = Number(number) / (percent === '%' ? 100 : 1)
  if (!(share <= 1)) throw new InputError(`${quote(text)} is not a share; write 0.95 or 95%`)
  return share
}
