import { didYouMean } from '../core/text.js'
import { checkDataset } from './dataset.js'
import { readExpectation } from './expectations.js'
import type { Side } from './expectations.js'
import { onKey } from './issues.js'
import type { PathMistake } from './issues.js'
import type { Layer } from './layers.js'
import { checkMatrix, expandMatrix } from './matrix.js'
import type { MatrixPoint } from './matrix.js'
import { checkMerged, layersOf, PARAMS_UNUSED, sidesOf } from './merged.js'
import { treeOf, valueAt } from './paths.js'
import type { Tree } from './paths.js'
import { quickLayers } from './quick.js'
import { checkDatasetVars } from './vars.js'

/**
 * What the schema can't say about a scenario: fields that exclude or need one another, within a place and between the places
 * that are merged, axes of the matrix, and the names in expectations. Takes the file as it was written, so that these are
 * found beside the mistakes that the schema tells of.
 */
export function findContradictions(file: unknown): PathMistake[] {
  const scenario = treeOf(file)
  const quick = treeOf(scenario['quick'])
  const points = expandMatrix(scenario['matrix'])
  const quickPoints = expandMatrix(scenario['matrix'], quick['matrix'])
  const variants = Object.entries(treeOf(scenario['variants'])).map(([name, tree]) => ({ name, tree: treeOf(tree) }))
  if (variants.length > MAX_VARIANTS) return [onKey(['variants'], `names ${variants.length}; at most ${MAX_VARIANTS}`)]
  const names = variants.map(({ name }) => name)
  const merging = names.flatMap((variant) => points.map((point) => ({ variant, layers: layersOf(scenario, variant, point) })))
  const quickly = names.flatMap((variant) => quickPoints.map((point) => ({ variant, layers: quickLayersOf(scenario, variant, point) })))
  const mistakes = checkMerged(merging)
  // Without either, its quick form is the scenario itself but for the time that it takes.
  const quickMistakes = scenario['quick'] === undefined && !hasFaults(scenario) ? [] : checkMerged(quickly)
  return withoutRepeats([
    ...checkPlace(scenario, []),
    ...variants.flatMap(({ name, tree }) => checkPlace(tree, ['variants', name])),
    ...checkDataset(scenario['dataset']),
    ...checkDatasetVars(scenario['dataset']),
    ...checkMatrix(scenario['matrix'], quick['matrix']),
    ...mistakes,
    ...checkQuick(quick, scenario),
    ...onlyWithQuick(quickMistakes, mistakes),
    ...checkExpectations(scenario['expect'], ['expect'], sidesOf(scenario, points)),
    ...checkQuickExpectations(scenario, sidesOf(scenario, points), sidesOf(scenario, quickPoints)),
  ])
}

function quickLayersOf(scenario: Tree, variant: string, point: MatrixPoint): Layer[] {
  const layers = layersOf(scenario, variant, point)
  return [...layers, ...quickLayers(scenario, layers)]
}

/** More would be no comparison that anybody reads. */
const MAX_VARIANTS = 50

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

function checkExpectations(expressions: unknown, path: PropertyKey[], sides: readonly Side[]): PathMistake[] {
  if (!Array.isArray(expressions)) return []
  return expressions.flatMap((expression: unknown, index): PathMistake[] => {
    if (typeof expression !== 'string' || expression === '') return []
    const read = readExpectation(expression, sides)
    if (!('mistakes' in read)) return []
    return read.mistakes.map(({ offset, message }) => ({ path: [...path, index], at: 'value', offset, message }))
  })
}

/** What quick says of its own load and params, against the scenario that it makes shorter. */
function checkQuick(quick: Tree, scenario: Tree): PathMistake[] {
  const mistakes = checkLength(treeOf(quick['load']), ['quick', 'load'])
  const known = new Set(placesOfLoads(scenario))
  for (const [name, load] of Object.entries(treeOf(quick['loads']))) {
    const here = ['quick', 'loads', name]
    mistakes.push(...checkLength(treeOf(load), here))
    if (!known.has(name)) mistakes.push(onKey(here, `no load has this name${didYouMean(name, known)}`))
  }
  for (const axis of Object.keys(treeOf(scenario['matrix']))) {
    const path = axis.split('.')
    if (valueAt(quick, path) !== undefined)
      mistakes.push(onKey(['quick', ...path], 'the matrix sweeps it; give quick a matrix with fewer values'))
  }
  return mistakes
}

function placesOfLoads(scenario: Tree): string[] {
  const places = [scenario, ...Object.values(treeOf(scenario['variants'])).map(treeOf)]
  return places.flatMap(({ loads }) => Object.keys(treeOf(loads)))
}

/** The expectations of quick, or, where it gives none, those of the scenario: what is right by itself may name a point that quick leaves out. */
function checkQuickExpectations(scenario: Tree, sides: readonly Side[], left: readonly Side[]): PathMistake[] {
  const { expect, matrix } = treeOf(scenario['quick'])
  if (expect !== undefined) return checkExpectations(expect, ['quick', 'expect'], left)
  const expressions: unknown = scenario['expect']
  if (matrix === undefined || !Array.isArray(expressions)) return []
  const right = expressions.map((expression: unknown) =>
    typeof expression === 'string' && 'mistakes' in readExpectation(expression, sides) ? '' : expression,
  )
  return checkExpectations(right, ['expect'], left).map((mistake) => ({
    ...mistake,
    message: `with --quick, ${mistake.message}: give quick an expect of its own`,
  }))
}

/** What the quick form alone has wrong. Where that stands in what is not quick's, it is said. */
function onlyWithQuick(quickly: readonly PathMistake[], usually: readonly PathMistake[]): PathMistake[] {
  const known = new Set(usually.map(identityOf))
  return quickly
    .filter((mistake) => !known.has(identityOf(mistake)))
    .map((mistake) => (mistake.path[0] === 'quick' ? mistake : { ...mistake, message: `with --quick, ${mistake.message}` }))
}

function hasFaults(scenario: Tree): boolean {
  return [scenario, ...Object.values(treeOf(scenario['variants'])).map(treeOf)].some(({ faults }) => faults !== undefined)
}

/** The same field is often at fault in several variants or points; once is enough. */
function withoutRepeats(mistakes: PathMistake[]): PathMistake[] {
  const seen = new Set<string>()
  return mistakes.filter((mistake) => !seen.has(identityOf(mistake)) && seen.add(identityOf(mistake)))
}

const identityOf = ({ path, at, message }: PathMistake) => JSON.stringify([path.map(String), at, message])
