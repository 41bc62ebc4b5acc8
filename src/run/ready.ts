import { InputError } from '../core/errors.js'
import { Rng } from '../core/rng.js'
import { type Argument, parseCommandLine, parseTemplate } from '../core/template.js'
import { bindPart, drawPiece, indexWidth } from '../load/generators/pieces.js'
import type { CommandTemplate } from '../load/generators/request-stream.js'
import { type CommandFacts, keyPositions } from '../redis/keys.js'
import type { KeyDomain } from '../redis/manifest.js'
import type { DatasetEntry, LoadPlan, VariantPlan } from '../schema/scenario.js'
import type { WorkloadModules } from './options.js'
import type { Client } from '../wire/client.js'
import { type BoundStudy, type BoundWorkload, bindWorkload, type WorkloadChoice } from '../workloads/registry.js'

/** A load with everything that its target decides: its commands parsed and their keys prefixed, its workload bound. */
export interface ReadyLoad {
  plan: LoadPlan
  commands: CommandTemplate[] | undefined
  /** What `workload` or `study` is bound from, for a thread to do it again. */
  choice: WorkloadChoice | undefined
  workload: BoundWorkload | undefined
  study: BoundStudy | undefined
}

/** The loads of a variant: its commands parsed and its workloads bound; keys stay as they are. Throws InputError. */
export async function readyLoads({ id, loads }: VariantPlan, modules: WorkloadModules): Promise<ReadyLoad[]> {
  const ready = await Promise.all(loads.map((plan) => readyLoad(plan, modules)))
  const study = ready.find((load) => load.study)?.study
  if (study && ready.length > 1) {
    throw new InputError(`${id}: the study ${study.id} has a round to itself, and stands beside other loads`, {
      hint: 'give it a variant of its own',
    })
  }
  return ready
}

async function readyLoad(plan: LoadPlan, modules: WorkloadModules): Promise<ReadyLoad> {
  const choice = plan.workload && { ...plan.workload, module: modules[plan.workload.id] }
  const bound = choice && (await bindWorkload(choice))
  const workload = bound?.kind === 'workload' ? bound : undefined
  const study = bound?.kind === 'study' ? bound : undefined
  if (plan.executor === 'micro' && !workload?.micro) {
    throw new InputError(`${bound?.id ?? plan.name} has no work of the client's own, which executor micro measures`, {
      hint: 'leave the executor out',
    })
  }
  if (study && plan.durationMs === undefined) {
    throw new InputError(`the study ${study.id} takes a duration, and no count of operations`, { hint: 'write load.duration' })
  }
  return {
    // All actors of a referee are in its thread.
    plan: workload?.referee || plan.executor === 'micro' ? { ...plan, threads: 1 } : plan,
    commands: plan.commands?.map(({ line, weight }) => ({ args: parseCommandLine(line, 'command'), weight })),
    choice,
    workload,
    study,
  }
}

/** What a reader should know of loads that were asked for several threads and have one. */
export function oneThreadOnly({ loads }: VariantPlan, ready: readonly ReadyLoad[]): string[] {
  return loads.flatMap(({ threads }, index) => {
    const { plan, workload } = ready[index]!
    if (threads === plan.threads) return []
    const why = workload?.referee ? 'keeps count of all its connections' : 'measures the work of one client'
    return [`${workload?.id ?? plan.name} ${why} in one thread, and takes no ${threads}`]
  })
}

/** What the server says of each command of a load. */
export interface AskedLoad {
  load: ReadyLoad
  /** For each of the load's commands, or of its workload's. */
  commands: { line: string; facts: CommandFacts }[]
}

/** Asks the server about every command that a load sends. Throws InputError or ConnectionError as `keyPositions` does. */
export async function askAbout(load: ReadyLoad, client: Client): Promise<AskedLoad> {
  const commands: AskedLoad['commands'] = []
  for (const { args } of load.commands ?? []) {
    const sample = sampleArgs(args, load.plan)
    commands.push({ line: sample.map(String).join(' '), facts: await keyPositions(client, sample) })
  }
  for (const args of (load.workload ?? load.study)?.commands ?? []) {
    commands.push({ line: args.join(' '), facts: await keyPositions(client, args) })
  }
  return { load, commands }
}

/** The load with the prefix before every key of its commands. A workload puts it there by itself. */
export function withPrefix({ load, commands: asked }: AskedLoad, prefix: string): ReadyLoad {
  const before: Argument = [{ kind: 'literal', bytes: Buffer.from(prefix) }]
  const prefixed = load.commands?.map(({ args, weight }, index) => {
    const keys = new Set(asked[index]!.facts.keys)
    return { weight, args: args.map((arg, position) => (keys.has(position) ? [...before, ...arg] : arg)) }
  })
  return { ...load, commands: prefixed }
}

/**
 * All keys that a load and a dataset may write, for whoever has to remove them; empty when any of them can't be told in advance
 * (`{seq}`, `{uuid}` ... in a key): then they have to be looked for.
 */
export function keyDomains(dataset: readonly DatasetEntry[], loads: readonly AskedLoad[], prefix: string): KeyDomain[] {
  const domains = [
    ...dataset.map((entry) => domainOf(parseTemplate(entry.key, 'dataset'), entry.count, entry.size ?? 1, prefix)),
    ...loads.flatMap(({ load, commands }) => [
      ...(load.commands ?? []).flatMap(({ args }, index) =>
        commands[index]!.facts.keys.map((position) => domainOf(args[position]!, load.plan.keys, load.plan.members, prefix)),
      ),
      ...((load.workload ?? load.study)?.keys ?? []).map(({ template, count }) => ({
        template: prefix + template,
        count,
        width: indexWidth(count),
      })),
    ]),
  ]
  const known = domains.filter((domain) => domain !== undefined)
  if (known.length < domains.length) return []
  return [...new Map(known.map((domain) => [JSON.stringify(domain), domain])).values()]
}

/** The keys that one argument takes on, or undefined when they can't be enumerated. */
function domainOf(arg: Argument, keys: number, members: number, prefix: string): KeyDomain | undefined {
  let count = 1
  let template = prefix
  for (const part of arg) {
    if (part.kind === 'literal') {
      const text = Buffer.from(part.bytes).toString()
      if (text.includes('{i}') || !Buffer.from(text).equals(part.bytes)) return undefined
      template += text
    } else if (part.kind === 'index' && !template.includes('{i}')) {
      count = part.of === 'key' || part.of === 'i' ? keys : members
      template += '{i}'
    } else {
      return undefined
    }
  }
  return { template, count, width: indexWidth(count) }
}

/** The arguments of a command as they could be sent. */
function sampleArgs(args: readonly Argument[], plan: LoadPlan): Buffer[] {
  const context = { rng: new Rng(0), keys: plan.keys, members: plan.members, lane: 0, lanes: 1, epoch: 0 }
  return args.map((arg) => Buffer.concat(arg.map((part) => drawPiece(bindPart(part, context)))))
}
