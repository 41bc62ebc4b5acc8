import { z } from 'zod'
import { InputError } from '../core/errors.js'
import type { Rng } from '../core/rng.js'
import { didYouMean } from '../core/text.js'
import type { Client } from '../wire/client.js'
import type { ActorContext, Operation, Outcome, Referee, Study, StudyContext, Workload } from './workload.js'

interface BoundBase {
  id: string
  keys: { template: string; count: number }[]
  commands: string[][]
}

/** A workload whose parameters are checked. */
export interface BoundWorkload extends BoundBase {
  kind: 'workload'
  prepare(client: Client, prefix: string): Promise<void>
  /** Makes the one that keeps count, of a workload that has one. */
  referee: ((context: { prefix: string; actors: number; rng: Rng }) => Referee | undefined) | undefined
  actor(context: ActorContext<Referee | undefined>): Promise<Operation>
  micro: ((rng: Rng) => () => unknown) | undefined
}

/** A study whose parameters are checked. */
export interface BoundStudy extends BoundBase {
  kind: 'study'
  servers: number
  /** Whether it hurts its servers, so that they have to be ours. */
  own: boolean
  measure(context: StudyContext): Promise<Outcome>
}

/** Every workload and study by its id, loaded when it is asked for. */
const WORKLOADS: Record<string, () => Promise<Loaded>> = {
  'atomic-counter': async () => loadedWorkload((await import('./atomic-counter.js')).atomicCounter),
  'background-save': async () => loadedWorkload((await import('./background-save.js')).backgroundSave),
  'cache-aside': async () => loadedWorkload((await import('./cache-aside.js')).cacheAside),
  'compare-and-set': async () => loadedWorkload((await import('./compare-and-set.js')).compareAndSet),
  disturber: async () => loadedWorkload((await import('./disturber.js')).disturber),
  encoding: async () => loadedStudy((await import('./encoding.js')).encoding),
  'fan-out': async () => loadedStudy((await import('./fan-out.js')).fanOut),
  'hit-rate': async () => loadedStudy((await import('./hit-rate.js')).hitRate),
  'lock-contention': async () => loadedWorkload((await import('./lock-contention.js')).lockContention),
  'lock-lease': async () => loadedWorkload((await import('./lock-lease.js')).lockLease),
  'object-store': async () => loadedWorkload((await import('./object-store.js')).objectStore),
  'queue-wait': async () => loadedStudy((await import('./queue-wait.js')).queueWait),
  'rate-limiter': async () => loadedWorkload((await import('./rate-limiter.js')).rateLimiter),
  redlock: async () => loadedStudy((await import('./redlock.js')).redlock),
  'reliable-queue': async () => loadedStudy((await import('./reliable-queue.js')).reliableQueue),
  'session-store': async () => loadedStudy((await import('./session-store.js')).sessionStore),
  'set-sampling': async () => loadedStudy((await import('./set-sampling.js')).setSampling),
  'shared-instance': async () => loadedStudy((await import('./shared-instance.js')).sharedInstance),
  'stream-consumers': async () => loadedStudy((await import('./stream-consumers.js')).streamConsumers),
  'stream-group': async () => loadedWorkload((await import('./stream-group.js')).streamGroup),
  'two-keys': async () => loadedWorkload((await import('./two-keys.js')).twoKeys),
}

/** Which workload, and with what; `module` is the URL of one that is not redline's, as its module's default export. */
export interface WorkloadChoice {
  id: string
  params: Record<string, string | number | boolean>
  module?: string | undefined
}

/** One parameter of a workload, for people. */
export interface Parameter {
  name: string
  byDefault: string
  description: string
}

interface Loaded {
  id: string
  kind: 'workload' | 'study'
  summary: string
  parameters: Parameter[]
  bind(params: unknown): BoundWorkload | BoundStudy
}

/** Ids of all workloads and studies, sorted. */
export const WORKLOAD_IDS = Object.keys(WORKLOADS).toSorted()

/** A workload or study, with its parameters checked and completed. Throws InputError for an unknown id or wrong parameters. */
export async function bindWorkload({ id, params, module }: WorkloadChoice): Promise<BoundWorkload | BoundStudy> {
  return (await (module === undefined ? findWorkload(id) : loadModule(module))).bind(params)
}

/** A workload or study by its id. Throws InputError when there is none. */
export async function findWorkload(id: string): Promise<Loaded> {
  const load = Object.hasOwn(WORKLOADS, id) ? WORKLOADS[id] : undefined
  if (!load)
    throw new InputError(`unknown workload ${id}${didYouMean(id, WORKLOAD_IDS)}`, { hint: 'redline list workloads names them all' })
  return load()
}

async function loadModule(module: string): Promise<Loaded> {
  const given: unknown = await import(module)
  if (!exportsWorkload(given)) throw new InputError(`${module} exports no workload and no study as its default`)
  return 'measure' in given.default ? loadedStudy(given.default) : loadedWorkload(given.default)
}

function exportsWorkload(module: unknown): module is { default: Workload<unknown> | Study<unknown> } {
  const given = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  return typeof given === 'object' && given !== null && 'id' in given && ('measure' in given || 'actor' in given)
}

function loadedWorkload<Params, R extends Referee | undefined>(workload: Workload<Params, R>): Loaded {
  return loaded('workload', workload, (params, base) => ({
    ...base,
    kind: 'workload',
    prepare: (client, prefix) => workload.prepare(client, params, prefix),
    referee: workload.referee && ((context) => workload.referee!(params, context)),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the referee that an actor gets is the one that the same workload made
    actor: (context) => workload.actor(params, context as ActorContext<R>),
    micro: workload.micro && ((rng) => workload.micro!(params, rng)),
  }))
}

function loadedStudy<Params>(study: Study<Params>): Loaded {
  return loaded('study', study, (params, base) => ({
    ...base,
    kind: 'study',
    servers: study.servers?.(params) ?? 1,
    own: study.own?.(params) ?? false,
    measure: (context) => study.measure(params, context),
  }))
}

/** Hides the parameters' type behind the check that establishes it. */
function loaded<Params>(
  kind: Loaded['kind'],
  described: Pick<Study<Params>, 'id' | 'summary' | 'params' | 'keys' | 'commands'>,
  bind: (params: Params, base: BoundBase) => BoundWorkload | BoundStudy,
): Loaded {
  return {
    id: described.id,
    kind,
    summary: described.summary,
    parameters: parametersOf(described.params),
    bind(given) {
      const checked = described.params.safeParse(given)
      if (!checked.success) {
        const mistakes = checked.error.issues.map((issue) => `params.${issue.path.join('.')}: ${issue.message}`)
        throw new InputError(`workload ${described.id}: ${mistakes.join('; ')}`, {
          hint: `redline explain ${described.id} shows its parameters`,
        })
      }
      const params = checked.data
      return bind(params, { id: described.id, keys: described.keys(params), commands: described.commands(params) })
    },
  }
}

const describedSchema = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ default: z.unknown().optional(), description: z.string().default('') })).default({}),
})

function parametersOf(params: z.ZodType): Parameter[] {
  const { properties } = describedSchema.parse(z.toJSONSchema(params, { io: 'input' }))
  return Object.entries(properties).map(([name, { default: byDefault, description }]) => ({
    name,
    byDefault: byDefault === undefined ? 'required' : JSON.stringify(byDefault),
    description,
  }))
}
