/*
 * A scenario says the same things in several places, the narrower winning: the scenario itself, a variant, a point of
 * the matrix, the command line. This merges such layers. It works on plain values that nobody has checked, so that
 * contradictions between layers are found even in a file that has other mistakes.
 */

import { treeOf, valueAt } from './paths.js'
import type { Tree } from './paths.js'

/** What one place says (load, loads, network, commands, workload, params), and how to name a field of it in a message. */
export interface Layer {
  tree: Tree
  place: (path: string[]) => PropertyKey[]
}

/** All layers in one: what every load sends and how, and the network they share. */
export interface Merged {
  loads: Map<string, Tree>
  network: Tree
}

/** The name of a scenario's load where it names none. */
export const MAIN_LOAD = 'main'
/** What says what is sent, beside the fields of `load`. */
export const WORK_FIELDS: readonly string[] = ['commands', 'workload', 'params']

/** Later layers win, field by field. `load` and the work fields of a layer count for each named load there is. */
export function mergeLayers(layers: readonly Layer[]): Merged {
  let common: Tree = {}
  let network: Tree = {}
  const named = new Map<string, Tree>()
  for (const { tree } of layers) {
    const own = { ...treeOf(tree['load']), ...pick(tree, WORK_FIELDS) }
    common = mergeLoad(common, own)
    network = { ...network, ...treeOf(tree['network']) }
    for (const [name, load] of named) named.set(name, mergeLoad(load, own))
    for (const [name, load] of Object.entries(treeOf(tree['loads']))) {
      named.set(name, mergeLoad(named.get(name) ?? common, treeOf(load)))
    }
  }
  return { loads: named.size > 0 ? named : new Map([[MAIN_LOAD, common]]), network }
}

/** Where the winning value of a load's field was given, or undefined when no layer gives one. */
export function placeOf(layers: readonly Layer[], load: string, field: string): PropertyKey[] | undefined {
  for (const layer of layers.toReversed()) {
    const paths = [['loads', load, field], ['load', field], ...(WORK_FIELDS.includes(field) ? [[field]] : [])]
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
