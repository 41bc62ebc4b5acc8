import { parseTemplate } from '../core/template.js'
import type { Argument } from '../core/template.js'
import { DATA_TYPES } from '../schema/scenario.js'
import { readExpectation } from './expectations.js'
import type { Side } from './expectations.js'
import type { PathMistake } from './issues.js'
import { mergeLayers, placeOf } from './layers.js'
import type { Layer } from './layers.js'
import { checkMatrix, expandMatrix } from './matrix.js'
import type { MatrixPoint } from './matrix.js'
import { treeOf } from './paths.js'
import type { Tree } from './paths.js'

/**
 * What the schema can't say about a scenario: fields that exclude or need one another, within a place and between the places
 * that are merged, axes of the matrix, and the names in expectations. Takes the file as it was written, so that these are
 * found beside the mistakes that the schema tells of.
 */
export function findContradictions(file: unknown): PathMistake[] {
  const scenario = treeOf(file)
  const points = expandMatrix(scenario['matrix'])
  const variants = Object.entries(treeOf(scenario['variants'])).map(([name, tree]) => ({ name, tree: treeOf(tree) }))
  if (variants.length > MAX_VARIANTS) return [onKey(['variants'], `names ${variants.length}; at most ${MAX_VARIANTS}`)]
  return withoutRepeats([
    ...checkPlace(scenario, []),
    ...variants.flatMap(({ name, tree }) => checkPlace(tree, ['variants', name])),
    ...checkDataset(scenario['dataset']),
    ...checkMatrix(scenario['matrix']),
    ...checkMerged(variants.flatMap(({ name }) => points.map((point) => ({ variant: name, layers: layersOf(scenario, name, point) })))),
    ...checkExpectations(scenario, points),
  ])
}

/** More would be no comparison that anybody reads. */
const MAX_VARIANTS = 50

/** The layers of a variant at a point of the matrix, the widest first. */
export function layersOf(scenario: Tree, variant: string, point: MatrixPoint): Layer[] {
  const ofVariant = ['variants', variant]
  return [
    { tree: scenario, place: (path) => path },
    { tree: treeOf(treeOf(scenario['variants'])[variant]), place: (path) => [...ofVariant, ...path] },
    point.layer,
  ]
}

/** A variant at one point and everything that was said of it. */
export interface VariantLayers {
  variant: string
  layers: readonly Layer[]
}

/** What only the merged layers show: loads that lack something or have too much, params that nobody takes. */
export function checkMerged(variants: readonly VariantLayers[]): PathMistake[] {
  return [...variants.flatMap(checkLoads), ...checkParams(variants)]
}

function checkLoads({ variant, layers }: VariantLayers): PathMistake[] {
  return [...mergeLayers(layers).loads].flatMap(([name, load]) =>
    contradictionsOf(load).map(({ field, message }) => onKey(placeOf(layers, name, field) ?? ['variants', variant], message)),
  )
}

function contradictionsOf(load: Tree): { field: string; message: string }[] {
  const { executor = 'closed' } = load
  const found: { field: string; message: string }[] = []
  if (executor === 'open' && load['rate'] === undefined) found.push({ field: 'executor', message: 'the open executor needs a rate' })
  if (executor === 'closed') {
    for (const field of ['rate', 'arrival']) {
      if (load[field] !== undefined)
        found.push({ field, message: `the closed executor takes no ${field}; set executor to open, or leave ${field} out` })
    }
  }
  if (load['commands'] === undefined && load['workload'] === undefined) {
    found.push({ field: 'commands', message: 'sends nothing; give it commands or a workload' })
  }
  return found
}

const PARAMS_UNUSED = 'only a workload takes params'

/** Fields of one place (the scenario, a variant) that exclude one another. */
function checkPlace(tree: Tree, path: PropertyKey[]): PathMistake[] {
  const mistakes = [...checkWork(tree, path), ...checkLength(treeOf(tree['load']), [...path, 'load'])]
  for (const [name, load] of Object.entries(treeOf(tree['loads']))) {
    const here = [...path, 'loads', name]
    mistakes.push(...checkWork(treeOf(load), here), ...checkLength(treeOf(load), here))
  }
  if (tree['loads'] === undefined) return mistakes
  for (const field of ['load', 'commands', 'workload', 'params']) {
    if (tree[field] !== undefined) mistakes.push(onKey([...path, field], 'stands beside loads; move it into each of them'))
  }
  return mistakes
}

function checkWork(tree: Tree, path: PropertyKey[]): PathMistake[] {
  const { commands, workload, params } = tree
  const mistakes: PathMistake[] = []
  if (commands !== undefined && workload !== undefined)
    mistakes.push(onKey([...path, 'workload'], 'stands beside commands; keep one of them'))
  if (commands !== undefined && params !== undefined) mistakes.push(onKey([...path, 'params'], PARAMS_UNUSED))
  const weighted = Array.isArray(commands) ? commands.filter((command) => treeOf(command)['run'] !== undefined).length : 0
  if (Array.isArray(commands) && weighted > 0 && weighted < commands.length) {
    mistakes.push(onKey([...path, 'commands'], 'give every command a weight, or none'))
  }
  return mistakes
}

function checkLength(load: Tree, path: PropertyKey[]): PathMistake[] {
  const both = load['duration'] !== undefined && load['count'] !== undefined
  return both ? [onKey([...path, 'count'], 'stands beside duration; keep one of them')] : []
}

/** Params, wherever they are given, when no load of any variant hands them to a workload. */
function checkParams(variants: readonly VariantLayers[]): PathMistake[] {
  const loads = variants.flatMap(({ layers }) => [...mergeLayers(layers).loads.values()])
  if (loads.some((load) => load['workload'] !== undefined)) return []
  return variants.flatMap(({ layers }) =>
    layers.filter(({ tree }) => tree['params'] !== undefined).map(({ place }) => onKey(place(['params']), PARAMS_UNUSED)),
  )
}

function checkDataset(dataset: unknown): PathMistake[] {
  return Array.isArray(dataset) ? dataset.flatMap((entry, index) => checkEntry(treeOf(entry), ['dataset', index])) : []
}

function checkEntry(entry: Tree, path: PropertyKey[]): PathMistake[] {
  const types = DATA_TYPES.filter((type) => entry[type] !== undefined)
  const mistakes: PathMistake[] = []
  if (types.length !== 1) {
    const message =
      types.length === 0 ? `holds nothing; give it one of ${DATA_TYPES.join(', ')}` : `holds ${types.join(' and ')}; a key is of one type`
    mistakes.push({ path, at: 'value', message })
  }
  if (types[0] === 'string' && entry['size'] !== undefined) mistakes.push(onKey([...path, 'size'], 'a string has no elements'))
  if (typeof entry['count'] === 'number' && entry['count'] > 1 && !uses(entry['key'], 'i')) {
    mistakes.push({ path: [...path, 'key'], at: 'value', message: `names one key ${entry['count']} times; put {i} into it` })
  }
  for (const field of ['key', 'string']) {
    if (uses(entry[field], 'j'))
      mistakes.push({ path: [...path, field], at: 'value', message: '{j} counts the elements of a key; use {i}' })
  }
  return mistakes
}

/** Whether a template that parses counts with `{i}` or `{j}`. */
function uses(text: unknown, counter: 'i' | 'j'): boolean {
  if (typeof text !== 'string') return false
  let parts: Argument
  try {
    parts = parseTemplate(text, 'dataset')
  } catch {
    return counter === 'i'
  }
  return parts.some((part) => part.kind === 'index' && part.of === counter)
}

function checkExpectations(scenario: Tree, points: MatrixPoint[]): PathMistake[] {
  const expressions: unknown = scenario['expect']
  if (!Array.isArray(expressions)) return []
  const sides = sidesOf(scenario, points)
  return expressions.flatMap((expression, index): PathMistake[] => {
    if (typeof expression !== 'string' || expression === '') return []
    const read = readExpectation(expression, sides)
    if (!('mistakes' in read)) return []
    return read.mistakes.map(({ offset, message }) => ({ path: ['expect', index], at: 'value', offset, message }))
  })
}

/** What expectations may refer to. */
export function sidesOf(scenario: Tree, points: readonly MatrixPoint[]): Side[] {
  return Object.keys(treeOf(scenario['variants'])).flatMap((variant) =>
    points.map((point) => ({
      variant,
      point: point.values,
      loads: [...mergeLayers(layersOf(scenario, variant, point)).loads.keys()],
    })),
  )
}

function onKey(path: PropertyKey[], message: string): PathMistake {
  return { path, at: 'key', message }
}

/** The same field is often at fault in several variants or points; once is enough. */
function withoutRepeats(mistakes: PathMistake[]): PathMistake[] {
  const seen = new Set<string>()
  return mistakes.filter(({ path, message }) => {
    const identity = JSON.stringify([path.map(String), message])
    return !seen.has(identity) && seen.add(identity)
  })
}
