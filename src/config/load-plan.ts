import { parseDuration } from '../core/units.js'
import { namedLoadSchema } from '../schema/scenario.js'
import type { CommandSpec, DatasetEntry, LoadPlan } from '../schema/scenario.js'
import type { Tree } from './paths.js'

/** What a load is where nobody says otherwise; without a dataset, `keys` and `members` too. */
export const LOAD_DEFAULTS = {
  executor: 'closed',
  driver: 'wire',
  connections: 50,
  pipeline: 1,
  threads: 1,
  duration: '10s',
  warmup: '2s',
  arrival: 'poisson',
  keys: 100_000,
  members: 1,
  protocol: 2,
} as const

/** A load with its defaults; `tree` is what all layers say of it. Throws ZodError when that is not what the schema allows. */
export function planLoad(name: string, tree: Tree, dataset: readonly DatasetEntry[]): LoadPlan {
  const load = namedLoadSchema.parse(tree)
  const connections = load.connections ?? LOAD_DEFAULTS.connections
  return {
    name,
    executor: load.executor ?? LOAD_DEFAULTS.executor,
    driver: load.driver ?? LOAD_DEFAULTS.driver,
    commands: load.commands?.map((command): CommandSpec =>
      typeof command === 'string' ? { line: command, weight: undefined } : { line: command.run, weight: command.weight },
    ),
    workload: load.workload === undefined ? undefined : { id: load.workload, params: load.params ?? {} },
    connections,
    pipeline: load.pipeline ?? LOAD_DEFAULTS.pipeline,
    threads: Math.min(load.threads ?? LOAD_DEFAULTS.threads, connections),
    durationMs: load.count === undefined ? parseDuration(load.duration ?? LOAD_DEFAULTS.duration) : undefined,
    count: load.count,
    warmupMs: parseDuration(load.warmup ?? LOAD_DEFAULTS.warmup),
    rate: load.rate,
    arrival: load.arrival ?? LOAD_DEFAULTS.arrival,
    keys: load.keys ?? dataset[0]?.count ?? LOAD_DEFAULTS.keys,
    members: load.members ?? dataset[0]?.size ?? LOAD_DEFAULTS.members,
    protocol: load.protocol ?? LOAD_DEFAULTS.protocol,
  }
}
