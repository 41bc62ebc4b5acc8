/*
 * A scenario says the same things in several places, the narrower winning: the scenario itself, a variant, a point of
 * the matrix, the command line. This merges such layers. It works on plain values that nobody has checked, so that
 * contradictions between layers are found even in a file that has other mistakes.
 */

import { treeOf, valueAt } from './paths.js'
import type { Tree } from './paths.js'

/** What one place says (load, loads, network, commands, workload, params, vars, server, faults), and how to name a field of it in a message. */
export interface Layer {
  tree: Tree
  place: (path: string[]) => PropertyKey[]
}

/** All layers in one: what every load sends and how, and what they share. */
export interface Merged {
  loads: Map<string, Tree>
  network: Tree
  vars: Tree
  /** redis.conf directives. */
  serverConfig: Tree
  /** Of the narrowest place that gives any. */
  faults: unknown
}

/** The name of a scenario's load where it names none. */
export const MAIN_LOAD = 'main'
/** What says what is sent, beside the fields of `load`. */
export const WORK_FIELDS: readonly string[] = ['commands', 'workload', 'params']

/** Later layers win, field by field. `load` and the work fields of a layer count for each named load there is. */
export function mergeLayers(layers: readonly Layer[]): Merged {
  let common: Tree = {}
  const shared = { network: {}, vars: {}, serverConfig: {}, faults: undefined as unknown }
  const named = new Map<string, Tree>()
  for (const { tree } of layers) {
    const own = { ...treeOf(tree['load']), ...pick(tree, WORK_FIELDS) }
    common = mergeLoad(common, own)
    shared.network = { ...shared.network, ...treeOf(tree['network']) }
    shared.vars = { ...shared.vars, ...treeOf(tree['vars']) }
    shared.serverConfig = { ...shared.serverConfig, ...treeOf(treeOf(tree['server'])['config']) }
    shared.faults = tree['faults'] ?? shared.faults
    for (const [name, load] of named) named.set(name, mergeLoad(load, own))
    for (const [name, load] of Object.entries(treeOf(tree['loads']))) {
      named.set(name, mergeLoad(named.get(name) ?? common, treeOf(load)))
    }
  }
  return { loads: named.size > 0 ? named : new Map([[MAIN_LOAD, common]]), ...shared }
}

/** Where the winning value of a load's field (`rate`, `commands`, `params.batch`) was given, or undefined when no layer gives one. */
export function placeOf(layers: readonly Layer[], load: string, field: string): PropertyKey[] | undefined {
  const within = field.split('.')
  return placeOfAny(layers, [['loads', load, ...within], ['load', ...within], ...(WORK_FIELDS.includes(within[0]!) ? [within] : [])])
}

/** Where the narrowest layer that has something at any of these paths says it; the first path that has wins within a layer. */
export function placeOfAny(layers: readonly Layer[], paths: readonly string[][]): PropertyKey[] | undefined {
  for (const layer of layers.toReversed()) {
    const path = paths.find((path) => valueAt(layer.tree, path) !== undefined)
    if (path !== undefined) return layer.place(path)
  }
  return undefined
}

/** Fields that stand for each other: a narrower layer that gives one drops the other. */
const ALTERNATIVES: readonly (readonly [given: string, ...dropped: string[]])[] = [
  ['commands', 'workload', 'params'],
  ['workload', 'commands'],
  ['duration', 'count'],
  ['count', 'duration'],
]

function mergeLoad(lower: Tree, upper: Tree): Tree {
  const merged = { ...lower, ...upper }
  if (upper['params'] !== undefined) merged['params'] = { ...treeOf(lower['params']), ...treeOf(upper['params']) }
  for (const [given, ...dropped] of ALTERNATIVES) {
    if (upper[given] === undefined) continue
    for (const field of dropped) if (upper[field] === undefined) delete merged[field]
  }
  return merged
}

function pick(tree: Tree, fields: readonly string[]): Tree {
  return Object.fromEntries(fields.filter((field) => tree[field] !== undefined).map((field) => [field, tree[field]]))
}
