import type { z } from 'zod'
import type { Rng } from '../core/rng.js'
import type { MetricName } from '../schema/metrics.js'
import type { Address } from '../wire/address.js'
import type { Client, ClientOptions } from '../wire/client.js'

/*
 * Patterns of several steps, each in a file of its own under src/workloads and named in `registry.ts`. There are two kinds. Of `Workload` the
 * generator decides when its operations begin, as with commands: for whatever many clients do at once. A `Study` has a round to itself
 * and says what happens when: for servers that are killed, for phases that follow one another, for what is no rate of operations.
 */

/** What every workload is. */
interface Described<Params> {
  id: string
  /** One line for `redline list workloads`. */
  summary: string
  /** Parameters as a scenario writes them, with their defaults. */
  params: z.ZodType<Params>
  /** Key templates that it writes, for the safety check and the cleanup: `{i}` runs over the count. */
  keys(params: Params): { template: string; count: number }[]
  /** Commands that it sends, in a form that COMMAND INFO and COMMAND GETKEYS understand. */
  commands(params: Params): string[][]
}

/** Something that must be so for the round to be what it says; one that is not makes the round invalid. */
export interface Check {
  name: string
  expected: string
  observed: string
  ok: boolean
}

/** What a workload found out in one round, beside times and rates. */
export interface Outcome {
  /** In the units of METRICS; expectations name them like any other metric. */
  measures: Partial<Record<MetricName, number>>
  /** Only what the experiment rests on (an encoding, a fault that took effect). What a pattern promises is a measure, and an expectation. */
  checks?: Check[]
  /** What a reader should know, each a phrase that completes a verdict: `the switch is at 512 fields (hash-max-listpack-entries 512)`. */
  remarks?: string[]
}

/**
 * Keeps count, outside of Redis, of what the actors of a load did: who held the lock when, which message was handled how often. All actors of
 * such a load run in one thread, so that what one of them tells it is exact and in order.
 */
export interface Referee {
  /** The measured part begins; what happened in the warm-up is not counted. */
  begin(): void
  /** The measured part is over and every operation answered. May ask the server for what is left. */
  settle(client: Client): Promise<Outcome>
}

/** What an actor of a workload knows of its place. */
export interface ActorContext<R extends Referee | undefined = undefined> {
  /** Its own connection. */
  client: Client
  /** Opens one more connection, with pushes if asked for; it ends with the actor. */
  connect: (options?: Pick<ClientOptions, 'onPush' | 'protocol'>) => Promise<Client>
  /** Its number among all actors of the load, and how many there are. */
  actor: number
  actors: number
  rng: Rng
  /** Before every key; empty on a server of ours. */
  prefix: string
  /** The one that the workload made for this round. */
  referee: R
  /** Aborted when the round ends, so that an operation that waits for something gives up. */
  signal: AbortSignal
}

/** One operation of an actor, from its first command to its last reply. */
export type Operation = () => Promise<void>

/** A pattern as an application runs it: each connection of the load is one actor, and one call of its operation is what is timed. */
export interface Workload<Params, R extends Referee | undefined = undefined> extends Described<Params> {
  /** Once before each round, over a connection of its own. */
  prepare(client: Client, params: Params, prefix: string): Promise<void>
  /** Once before the actors of a round are made, when there is something to keep count of. */
  referee?(params: Params, context: { prefix: string; actors: number; rng: Rng }): R
  /** Makes one actor. */
  actor(params: Params, context: ActorContext<R>): Promise<Operation>
  /**
   * The client's own work for one operation, without any server: what `executor: micro` measures. Made once, called again and again.
   */
  micro?(params: Params, rng: Rng): () => unknown
}

/** A server as a study sees it. What hurts one is refused (SafetyError) on servers that redline did not start. */
export interface StudyServer {
  readonly address: Address
  /** Opens a connection; it ends with the round. By way of the relay where the scenario has a delay. */
  connect: (options?: Partial<ClientOptions>) => Promise<Client>
  /** SIGSTOP and SIGCONT. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** Starts a killed server again at the same address with the same folder: what it persisted is there again, all else is lost. */
  restart(): Promise<void>
}

/** What a study gets for one round. */
export interface StudyContext {
  /** As many as `servers` of the study says; the first is the scenario's target. */
  servers: readonly StudyServer[]
  rng: Rng
  prefix: string
  /** `load.duration`, `load.connections` and `load.rate` of the scenario, for the study to make of them what fits. */
  durationMs: number
  connections: number
  rate: number | undefined
  /** Records one operation that took so many microseconds: throughput and latency of the round come from these. */
  record: (us: number) => void
  /** Aborted when the user interrupts. */
  signal: AbortSignal
}

/** An experiment that has a round to itself. */
export interface Study<Params> extends Described<Params> {
  /** How many servers it takes, of the same engine and configuration; one by default. */
  servers?(params: Params): number
  /** True when it pauses, kills or reconfigures servers: then only on servers that redline started. */
  own?(params: Params): boolean
  /** One round, from an empty keyspace (but for the scenario's dataset). Leaves nothing running; keys are removed by the runner. */
  measure(params: Params, context: StudyContext): Promise<Outcome>
}
