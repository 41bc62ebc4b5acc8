import { didYouMean, quote } from '../core/text.js'
import { parseDuration } from '../core/units.js'
import { namedLoadSchema, scenarioFileSchema } from '../schema/scenario.js'
import type { ScenarioFile } from '../schema/scenario.js'
import { readAssignment } from './assignments.js'
import type { Assignment } from './assignments.js'
import { mergeLayers } from './layers.js'
import type { Layer } from './layers.js'
import { LOAD_DEFAULTS } from './load-plan.js'
import type { Mistake } from '../core/mistakes.js'
import { setAt, treeOf, valueAt } from './paths.js'
import type { Tree } from './paths.js'

/** What the command line changes of a scenario. */
export interface Overrides {
  /** `load.duration=2s`, one for each `--set`. */
  set?: readonly string[] | undefined
  /** Rounds of each variant. */
  rounds?: number | undefined
  /** Generator threads of every load. */
  threads?: number | undefined
  /** `quick`: shorter and fewer rounds, nothing else changed; what is set explicitly stays. */
  profile?: 'full' | 'quick' | undefined
}

/** Overrides that were read and fit the scenario. */
export interface ReadOverrides {
  /** The scenario with another dataset, reload, server or number of rounds. */
  scenario: ScenarioFile
  /** Puts the overrides of loads and network on top of a variant's layers. */
  onTop: (layers: readonly Layer[]) => Layer[]
}

/** Many short rounds rather than few long ones: the width of an interval falls with their number, and noise comes in long waves. */
const QUICK = { duration: '200ms', warmup: '50ms', countDivisor: 10, rounds: 5 } as const

/** Reads overrides, adding what is wrong with them to `mistakes`. `loadNames` are the scenario's own. */
export function readOverrides(file: ScenarioFile, overrides: Overrides, loadNames: readonly string[], mistakes: Mistake[]): ReadOverrides {
  const assignments = (overrides.set ?? []).flatMap((text): Assignment[] => {
    const read = readAssignment(text)
    const problem = 'message' in read ? read.message : misfit(read, file, loadNames)
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
  const usualRounds = quick ? Math.min(QUICK.rounds, file.rounds) : file.rounds
  return {
    scenario: { ...withAssignments(file, assignments), rounds: rounds ?? usualRounds },
    onTop: (layers) => [...layers, ...(quick ? [quickLayer(layers)] : []), ofThreads, ofLayers],
  }
}

const OF_SCENARIO: ReadonlySet<string> = new Set(['dataset', 'reload', 'server'])

/** Why an assignment, right in itself, does not fit this scenario. */
function misfit({ path }: Assignment, file: ScenarioFile, loadNames: readonly string[]): string | undefined {
  const [root, second = ''] = path
  if (Object.hasOwn(file.matrix, path.join('.'))) return 'the matrix sweeps it'
  if (root === 'dataset' && valueAt(file, path.slice(0, 2)) === undefined) return `the dataset has ${file.dataset.length} entries`
  if (root === 'loads' && !loadNames.includes(second)) return `no load has this name${didYouMean(second, loadNames)}`
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

/** Shortens each load as far as the layers below made it longer. */
function quickLayer(layers: readonly Layer[]): Layer {
  const loads = [...mergeLayers(layers).loads].map(([name, load]) => [name, quickened(load)])
  return { tree: { loads: Object.fromEntries(loads) }, place: (path) => path }
}

function quickened(load: Tree): Tree {
  const { count, duration = LOAD_DEFAULTS.duration, warmup = LOAD_DEFAULTS.warmup } = namedLoadSchema.parse(load)
  const length = count === undefined ? { duration: shorter(duration, QUICK.duration) } : { count: Math.ceil(count / QUICK.countDivisor) }
  return { ...length, warmup: shorter(warmup, QUICK.warmup) }
}

function shorter(a: string, b: string): string {
  return parseDuration(a) < parseDuration(b) ? a : b
}
