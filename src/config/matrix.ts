import type { z } from 'zod'
import { didYouMean } from '../core/text.js'
import { overridableSchema } from '../schema/scenario.js'
import type { PathMistake } from './issues.js'
import { tellIssues } from './issues.js'
import type { Layer } from './layers.js'
import { setAt, treeOf } from './paths.js'
import { fieldAt } from './schema-path.js'

export type Scalar = string | number | boolean

/** One combination of the values swept. */
export interface MatrixPoint {
  /** Value by the axis's short name. */
  values: Record<string, Scalar>
  layer: Layer
}

/** More would run for days. */
const MAX_POINTS = 200

interface Axis {
  /** The key in the file: `load.pipeline`. */
  path: string
  /** The last part of the path. */
  name: string
  values: Scalar[]
  /** Where its values stand. */
  place: PropertyKey[]
}

/**
 * Every point of a scenario's matrix, the last axis turning fastest; one empty point when nothing is swept, or too much. `quick` has the
 * values that are left of some axes.
 */
export function expandMatrix(matrix: unknown, quick?: unknown): MatrixPoint[] {
  const axes = axesOf(matrix, quick)
  let points: MatrixPoint[] = [{ values: {}, layer: { tree: {}, place: () => ['matrix'] } }]
  if (countPoints(axes) > MAX_POINTS) return points
  for (const axis of axes) points = points.flatMap((point) => axis.values.map((value, index) => extend(point, axis, value, index)))
  return points
}

/** `get[pipeline=16,delay=1ms]`, or the variant's own name when nothing is swept. */
export function variantId(variant: string, values: Record<string, Scalar>): string {
  const point = Object.entries(values).map(([name, value]) => `${name}=${value}`)
  return point.length === 0 ? variant : `${variant}[${point.join(',')}]`
}

/** Paths that lead nowhere, values that don't fit, axes that can't be told apart. */
export function checkMatrix(matrix: unknown, quick?: unknown): PathMistake[] {
  const axes = axesOf(matrix)
  const known = axes.map(({ path }) => path)
  const left = axesOf(quick).map((axis) => ({ ...axis, place: ['quick', ...axis.place] }))
  const mistakes = axes.flatMap((axis) => checkAxis(axis, axes))
  for (const axis of left) {
    const { path, place } = axis
    if (!known.includes(path)) mistakes.push({ path: place, at: 'key', message: `the matrix does not sweep it${didYouMean(path, known)}` })
    const found = fieldAt(overridableSchema, path.split('.'))
    if ('field' in found && known.includes(path)) mistakes.push(...checkValues(axis, found.field))
  }
  const points = countPoints(axes)
  if (points > MAX_POINTS) mistakes.push({ path: ['matrix'], at: 'key', message: `has ${points} points; at most ${MAX_POINTS}` })
  return mistakes
}

function checkAxis(axis: Axis, axes: Axis[]): PathMistake[] {
  const onKey = (message: string): PathMistake[] => [{ path: axis.place, at: 'key', message }]
  const found = fieldAt(overridableSchema, axis.path.split('.'))
  if ('message' in found) return onKey(found.message)
  const twin = axes.find((other) => other.path < axis.path && other.name === axis.name)
  if (twin !== undefined) return onKey(`called ${axis.name}, like ${twin.path}; only one of them can be swept`)
  return checkValues(axis, found.field)
}

function checkValues(axis: Axis, field: z.ZodType): PathMistake[] {
  return axis.values.flatMap((value, index): PathMistake[] => {
    const path = [...axis.place, index]
    const parsed = field.safeParse(value)
    if (!parsed.success) return tellIssues(parsed.error.issues, field, value).map((told) => ({ ...told, path }))
    if (!/^[^\s,=<>[\]\p{C}]+$/u.test(String(value)))
      return [{ path, at: 'value', message: 'must be without spaces, commas, =, <, > and brackets' }]
    if (axis.values.indexOf(value) < index) return [{ path, at: 'value', message: 'given twice' }]
    return []
  })
}

function countPoints(axes: Axis[]): number {
  return axes.reduce((product, { values }) => product * values.length, 1)
}

/** Axes as far as they are well-formed; the schema tells of the others. */
function axesOf(matrix: unknown, quick?: unknown): Axis[] {
  return Object.entries(treeOf(matrix)).flatMap(([path, all]): Axis[] => {
    const left = treeOf(quick)[path]
    const values: unknown = Array.isArray(left) ? left : all
    if (!Array.isArray(values)) return []
    const place = [...(values === left ? ['quick'] : []), 'matrix', path]
    return [{ path, name: path.split('.').at(-1)!, values: values.filter(isScalar), place }]
  })
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function extend(point: MatrixPoint, axis: Axis, value: Scalar, index: number): MatrixPoint {
  const here = axis.path.split('.')
  return {
    values: { ...point.values, [axis.name]: value },
    layer: {
      tree: treeOf(setAt(point.layer.tree, here, value)),
      place: (path) => (path.join('.') === axis.path ? [...axis.place, index] : point.layer.place(path)),
    },
  }
}
