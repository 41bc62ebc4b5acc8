import { didYouMean, quote } from '../core/text.js'
import { namedLoadSchema, scenarioFileSchema } from '../schema/scenario.js'
import type { ScenarioFile } from '../schema/scenario.js'
import { readAssignment } from './assignments.js'
import type { Assignment } from './assignments.js'
import type { Layer } from './layers.js'
import type { Mistake } from '../core/mistakes.js'
import { setAt, treeOf, valueAt } from './paths.js'
import type { Tree } from './paths.js'
import { quickLayers } from './quick.js'

/** What the command line changes of a scenario. */
export interface Overrides {
  /** `load.duration=2s`, one for each `--set`. */
  set?: readonly string[] | undefined
  /** Rounds of each variant. */
  rounds?: number | undefined
  /** Generator threads of every load. */
  threads?: number | undefined
  /** `quick`: shorter and fewer rounds, and what the scenario says of its quick form; what is set explicitly stays. */
  profile?: 'full' | 'quick' | undefined
}

/** Overrides that were read and fit the scenario. */
export interface ReadOverrides {
  /** The scenario with another dataset, reload or number of rounds. */
  scenario: ScenarioFile
  /** Puts the overrides of loads, vars, network and server on top of a variant's layers. */
  onTop: (layers: readonly Layer[]) => Layer[]
}

/** What a scenario has that overrides may refer to. */
export interface Settable {
  loads: readonly string[]
  vars: readonly string[]
}

/** Reads overrides of a scenario, quick already where it is to be, adding what is wrong with them to `mistakes`. */
export function readOverrides(file: ScenarioFile, overrides: Overrides, settable: Settable, mistakes: Mistake[]): ReadOverrides {
  const assignments = (overrides.set ?? []).flatMap((text): Assignment[] => {
    const read = readAssignment(text)
    const problem = 'message' in read ? read.message : misfit(read, file, settable)
    if (problem !== undefined) mistakes.push({ field: `--set ${quote(text)}`, message: problem })
    return 'message' in read || problem !== undefined ? [] : [read]
  })
  const { rounds, threads } = overrides
  if (rounds !== undefined && !scenarioFileSchema.shape.rounds.safeParse(rounds).success) {
    mistakes.push({ field: '--rounds', message: 'must be a whole number from 1 to 1000' })
  }
  if (threads !== undefined && !namedLoadSchema.shape.threads.safeParse(threads).success) {
    mistakes.push({ field: '--threads', message: 'must be a whole number from 1 to 64' })
  }
  const quick = overrides.profile === 'quick'
  const ofLayers = layerOf(assignments.filter(({ path }) => !OF_SCENARIO.has(path[0]!)))
  const ofThreads: Layer = { tree: threads === undefined ? {} : { load: { threads } }, place: () => ['--threads'] }
  return {
    scenario: { ...withAssignments(file, assignments), rounds: rounds ?? file.rounds },
    onTop: (layers) => [...layers, ...(quick ? quickLayers(file, layers) : []), ofThreads, ofLayers],
  }
}

const OF_SCENARIO: ReadonlySet<string> = new Set(['dataset', 'reload'])

/** Why an assignment, right in itself, does not fit this scenario. */
function misfit({ path }: Assignment, file: ScenarioFile, { loads, vars }: Settable): string | undefined {
  const [root, second = ''] = path
  if (Object.hasOwn(file.matrix, path.join('.'))) return 'the matrix sweeps it'
  if (root === 'dataset' && valueAt(file, path.slice(0, 2)) === undefined) return `the dataset has ${file.dataset.length} entries`
  if (root === 'loads' && !loads.includes(second)) return `no load has this name${didYouMean(second, loads)}`
  if (root === 'vars' && !vars.includes(second)) return `no var has this name${didYouMean(second, vars)}`
  return undefined
}

function withAssignments(file: ScenarioFile, assignments: readonly Assignment[]): ScenarioFile {
  const changed = assignments.filter(({ path }) => OF_SCENARIO.has(path[0]!))
  if (changed.length === 0) return file
  return scenarioFileSchema.parse(changed.reduce<unknown>((tree, { path, value }) => setAt(tree, path, value), file))
}

function layerOf(assignments: readonly Assignment[]): Layer {
  return {
    tree: assignments.reduce<Tree>((tree, { path, value }) => treeOf(setAt(tree, path, value)), {}),
    place: (path) => [`--set ${path.join('.')}`],
  }
}
