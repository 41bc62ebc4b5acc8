import type { z } from 'zod'
import type { Rng } from '../core/rng.js'
import type { Client } from '../wire/client.js'

/** What an actor of a workload knows of its place. */
export interface ActorContext {
  /** Its own connection. */
  client: Client
  /** Its number among all actors of the load, and how many there are. */
  actor: number
  actors: number
  rng: Rng
  /** Before every key; empty on a server of ours. */
  prefix: string
}

/** One operation of an actor, from its first command to its last reply. */
export type Operation = () => Promise<void>

/**
 * A pattern of several steps, as an application runs it: each connection of the load is one actor, and one call of its operation is
 * what is timed. Lives in a file of its own under src/workloads and is named in `registry.ts`.
 */
export interface Workload<Params> {
  id: string
  /** One line for `redline list workloads`. */
  summary: string
  /** Parameters as a scenario writes them, with their defaults. */
  params: z.ZodType<Params>
  /** Key templates that it writes, for the safety check and the cleanup: `{i}` runs over the count. */
  keys(params: Params): { template: string; count: number }[]
  /** Commands that it sends, in a form that COMMAND INFO and COMMAND GETKEYS understand. */
  commands(params: Params): string[][]
  /** Once before each round, over a connection of its own. */
  prepare(client: Client, params: Params, prefix: string): Promise<void>
  /** Makes one actor. */
  actor(params: Params, context: ActorContext): Promise<Operation>
}
