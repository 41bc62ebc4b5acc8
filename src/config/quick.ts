import { parseDuration } from '../core/units.js'
import { namedLoadSchema } from '../schema/scenario.js'
import type { ScenarioFile } from '../schema/scenario.js'
import { mergeLayers } from './layers.js'
import type { Layer } from './layers.js'
import { LOAD_DEFAULTS } from './load-plan.js'
import { treeOf } from './paths.js'
import type { Tree } from './paths.js'

/*
 * `--quick`: every scenario with shorter rounds, and what the scenario says itself about its quick form.
 */

/** Many short rounds rather than few long ones: the width of an interval falls with their number, and noise comes in long waves. */
const QUICK = { duration: '200ms', warmup: '50ms', countDivisor: 10, rounds: 5 } as const

/** A scenario with the matrix, the rounds and the expectations of its quick form. */
export function quickened(file: ScenarioFile): ScenarioFile {
  const { quick = {}, rounds, matrix, expect } = file
  return {
    ...file,
    rounds: quick.rounds ?? Math.min(QUICK.rounds, rounds),
    matrix: { ...matrix, ...quick.matrix },
    expect: quick.expect ?? expect,
  }
}

/** What --quick puts on top of a variant's layers: loads as short as they get, then what the scenario says of its quick form. */
export function quickLayers(scenario: Tree, layers: readonly Layer[]): Layer[] {
  const { load, loads, params, vars } = treeOf(scenario['quick'])
  const own = Object.fromEntries(Object.entries({ load, loads, params, vars }).filter(([, value]) => value !== undefined))
  return [shorterLayer(layers), { tree: own, place: (path) => ['quick', ...path] }]
}

/** Shortens each load as far as the layers below made it longer. */
function shorterLayer(layers: readonly Layer[]): Layer {
  const loads = [...mergeLayers(layers).loads].map(([name, load]) => [name, shortened(load)] as const)
  return { tree: { loads: Object.fromEntries<unknown>(loads) }, place: (path) => path }
}

/** Nothing of a load whose length is none. */
function shortened(load: Tree): Tree {
  const read = LENGTH.safeParse({ count: load['count'], duration: load['duration'], warmup: load['warmup'] })
  if (!read.success) return {}
  const { count, duration = LOAD_DEFAULTS.duration, warmup = LOAD_DEFAULTS.warmup } = read.data
  const length = count === undefined ? { duration: shorter(duration, QUICK.duration) } : { count: Math.ceil(count / QUICK.countDivisor) }
  return { ...length, warmup: shorter(warmup, QUICK.warmup) }
}

const LENGTH = namedLoadSchema.pick({ count: true, duration: true, warmup: true })

function shorter(a: string, b: string): string {
  return parseDuration(a) < parseDuration(b) ? a : b
}
