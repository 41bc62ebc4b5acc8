import { z } from 'zod'
import { InputError } from '../core/errors.js'
import { didYouMean } from '../core/text.js'
import type { Client } from '../wire/client.js'
import type { ActorContext, Operation, Workload } from './workload.js'

/** A workload whose parameters are checked. */
export interface BoundWorkload {
  id: string
  keys: { template: string; count: number }[]
  commands: string[][]
  prepare(client: Client, prefix: string): Promise<void>
  actor(context: ActorContext): Promise<Operation>
}

/** Every workload by its id, loaded when it is asked for. */
const WORKLOADS: Record<string, () => Promise<Loaded>> = {
  'stream-group': async () => loaded((await import('./stream-group.js')).streamGroup),
}

/** One parameter of a workload, for people. */
export interface Parameter {
  name: string
  byDefault: string
  description: string
}

interface Loaded {
  id: string
  summary: string
  parameters: Parameter[]
  bind(params: unknown): BoundWorkload
}

/** Ids of all workloads, sorted. */
export const WORKLOAD_IDS = Object.keys(WORKLOADS).toSorted()

/** A workload by its id, with its parameters checked and completed. Throws InputError for an unknown id or wrong parameters. */
export async function bindWorkload(id: string, params: unknown): Promise<BoundWorkload> {
  return (await findWorkload(id)).bind(params)
}

/** A workload by its id. Throws InputError when there is none. */
export async function findWorkload(id: string): Promise<Loaded> {
  const load = Object.hasOwn(WORKLOADS, id) ? WORKLOADS[id] : undefined
  if (!load)
    throw new InputError(`unknown workload ${id}${didYouMean(id, WORKLOAD_IDS)}`, { hint: 'redline list workloads names them all' })
  return load()
}

/** Hides the parameters' type behind the check that establishes it. */
function loaded<Params>(workload: Workload<Params>): Loaded {
  return {
    id: workload.id,
    summary: workload.summary,
    parameters: parametersOf(workload.params),
    bind(given) {
      const checked = workload.params.safeParse(given)
      if (!checked.success) {
        const mistakes = checked.error.issues.map((issue) => `params.${issue.path.join('.')}: ${issue.message}`)
        throw new InputError(`workload ${workload.id}: ${mistakes.join('; ')}`, {
          hint: `redline explain ${workload.id} shows its parameters`,
        })
      }
      const params = checked.data
      return {
        id: workload.id,
        keys: workload.keys(params),
        commands: workload.commands(params),
        prepare: (client, prefix) => workload.prepare(client, params, prefix),
        actor: (context) => workload.actor(params, context),
      }
    },
  }
}

const describedSchema = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ default: z.unknown(), description: z.string().default('') })).default({}),
})

function parametersOf(params: z.ZodType): Parameter[] {
  const { properties } = describedSchema.parse(z.toJSONSchema(params, { io: 'input' }))
  return Object.entries(properties).map(([name, { default: byDefault, description }]) => ({
    name,
    byDefault: JSON.stringify(byDefault),
    description,
  }))
}
