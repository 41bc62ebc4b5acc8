import { InputError, messageOf } from '../core/errors.js'
import { didYouMean, quote } from '../core/text.js'
import { parseBytes, parseDuration } from '../core/units.js'
import { isMetricName, METRICS } from '../schema/metrics.js'
import type { MetricName } from '../schema/metrics.js'
import type { Comparison, ExpectationPlan, MetricRef } from '../schema/scenario.js'
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
 * Reads `<ref> <op> [factor *] <ref>` or `<ref> <op> <quantity>`, where ref is `variant.metric`, `variant.load.metric` or
 * either with a point, `variant[pipeline=16,delay=1ms].metric`. A quantity becomes a number in the metric's unit.
 */
export function readExpectation(expression: string, sides: readonly Side[]): ExpectationPlan | { mistakes: ExpressionMistake[] } {
  const mistakes: ExpressionMistake[] = []
  const fail: Fail = (offset, message) => void mistakes.push({ offset, message })
  const [, before = '', comparison = '', after = ''] = /^([^<>]*)([<>]=?)([^<>]*)$/.exec(expression) ?? []
  if (!isComparison(comparison)) {
    fail(0, 'not an expectation; write a.throughput > 1.2 * b.throughput, or a.p99 < 2ms')
    return { mistakes }
  }
  const left = readRef(trimmed(before, 0), sides, fail)
  const { factor, right } = readRightSide(trimmed(after, before.length + comparison.length), left?.metric, sides, fail)
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
const SERVER_METRICS: ReadonlySet<MetricName> = new Set(['server_cpu_us', 'memory_delta', 'hit_rate', 'evicted'])

function trimmed(text: string, offset: number): Fragment {
  return { text: text.trim(), offset: offset + (text.length - text.trimStart().length) }
}

function isComparison(text: string): text is Comparison {
  return text === '>' || text === '>=' || text === '<' || text === '<='
}

function readRef({ text, offset }: Fragment, sides: readonly Side[], fail: Fail): Ref | undefined {
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
  const side = readPoint({ text: point ?? '', offset: offset + variant.length }, ofVariant, fail)
  if (side === undefined || !isMetricName(metric)) return undefined
  if (load !== undefined && !side.loads.includes(load)) fail(offset, `${variant} has no load ${load}${didYouMean(load, side.loads)}`)
  return { variant: variantId(side.variant, side.point), load, metric }
}

function splitNames(names: string): [load: string | undefined, metric: string] {
  const [first = '', second] = names.slice(1).split('.')
  return second === undefined ? [undefined, first] : [first, second]
}

/** The one side that `pipeline=16,delay=1ms` means. */
function readPoint({ text, offset }: Fragment, sides: readonly Side[], fail: Fail): Side | undefined {
  const axes = Object.keys(sides[0]!.point)
  let left = sides
  for (const assignment of text.split(',').filter((part) => part.trim() !== '')) {
    const [axis = '', value = ''] = assignment.split('=').map((part) => part.trim())
    if (!axes.includes(axis)) {
      const known = axes.length === 0 ? '; nothing is swept' : didYouMean(axis, axes) || `; swept are ${axes.join(', ')}`
      fail(offset, `unknown axis ${axis}${known}`)
      return undefined
    }
    const values = valuesOf(left, axis)
    left = left.filter((side) => String(side.point[axis]) === value)
    if (left.length === 0) {
      fail(offset, `${axis} is never ${value || 'that'}; it is ${values.join(', ')}`)
      return undefined
    }
  }
  const open = axes.find((axis) => valuesOf(left, axis).length > 1)
  if (open === undefined) return left[0]
  fail(offset, `say which ${open}: [${open}=${valuesOf(left, open)[0]}]`)
  return undefined
}

function valuesOf(sides: readonly Side[], axis: string): string[] {
  return [...new Set(sides.map((side) => String(side.point[axis])))]
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

/** `2ms` of a latency is 2000, `50k` of a throughput 50000, `1%` of a share 0.01. */
function readQuantity(text: string, metric: MetricName, fail: (message: string) => void): number {
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
