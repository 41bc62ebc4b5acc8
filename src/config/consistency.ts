import { checkDataset } from './dataset.js'
import { readExpectation } from './expectations.js'
import { onKey } from './issues.js'
import type { PathMistake } from './issues.js'
import { checkMatrix, expandMatrix } from './matrix.js'
import type { MatrixPoint } from './matrix.js'
import { checkMerged, layersOf, PARAMS_UNUSED, sidesOf } from './merged.js'
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

/** The same field is often at fault in several variants or points; once is enough. */
function withoutRepeats(mistakes: PathMistake[]): PathMistake[] {
  const seen = new Set<string>()
  return mistakes.filter(({ path, message }) => {
    const identity = JSON.stringify([path.map(String), message])
    return !seen.has(identity) && seen.add(identity)
  })
}
