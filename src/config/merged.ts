import type { Side } from './expectations.js'
import { checkFaults } from './faults.js'
import { onKey } from './issues.js'
import type { PathMistake } from './issues.js'
import { mergeLayers, placeOf } from './layers.js'
import type { Layer } from './layers.js'
import type { MatrixPoint } from './matrix.js'
import { treeOf } from './paths.js'
import type { Tree } from './paths.js'
import { checkVars } from './vars.js'

/** A variant at one point and everything that was said of it. */
export interface VariantLayers {
  variant: string
  layers: readonly Layer[]
}

/** The layers of a variant at a point of the matrix, the widest first. */
export function layersOf(scenario: Tree, variant: string, point: MatrixPoint): Layer[] {
  const ofVariant = ['variants', variant]
  return [
    { tree: scenario, place: (path) => path },
    { tree: treeOf(treeOf(scenario['variants'])[variant]), place: (path) => [...ofVariant, ...path] },
    point.layer,
  ]
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

/** What only the merged layers show: loads that lack something or have too much, params that nobody takes, vars, faults. */
export function checkMerged(variants: readonly VariantLayers[]): PathMistake[] {
  return [...variants.flatMap(checkLoads), ...checkParams(variants), ...checkVars(variants), ...checkFaults(variants)]
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
  if (executor === 'closed' || executor === 'micro') {
    for (const field of ['rate', 'arrival']) {
      if (load[field] !== undefined)
        found.push({ field, message: `the ${executor} executor takes no ${field}; set executor to open, or leave ${field} out` })
    }
  }
  if (executor === 'micro' && load['commands'] !== undefined) {
    found.push({
      field: 'executor',
      message: 'the micro executor measures the work of a workload on the client; give it one instead of commands',
    })
  }
  if (load['commands'] === undefined && load['workload'] === undefined) {
    found.push({ field: 'commands', message: 'sends nothing; give it commands or a workload' })
  }
  return found
}

/** Said of params where no workload is. */
export const PARAMS_UNUSED = 'only a workload takes params'

/** Params, wherever they are given, when no load of any variant hands them to a workload. */
function checkParams(variants: readonly VariantLayers[]): PathMistake[] {
  const loads = variants.flatMap(({ layers }) => [...mergeLayers(layers).loads.values()])
  if (loads.some((load) => load['workload'] !== undefined)) return []
  return variants.flatMap(({ layers }) =>
    layers.filter(({ tree }) => tree['params'] !== undefined).map(({ place }) => onKey(place(['params']), PARAMS_UNUSED)),
  )
}
