import { z } from 'zod'
import { asArray, type Client } from '../wire/client.js'
import { ReplyError } from '../wire/decoder.js'
import { LuaScript } from './lua-script.js'
import type { Outcome, Referee, Workload } from './workload.js'

const paramsSchema = z.strictObject({
  role: z
    .enum(['write', 'read', 'both'])
    .default('write')
    .describe('write: gives all keys of a group the same new value; read: looks whether they have; both: every second connection reads'),
  method: z
    .enum(['commands', 'pipeline', 'multi', 'script'])
    .default('commands')
    .describe('how a group is written: one SET after the other, all in one pipeline, in MULTI and EXEC, or by one script'),
  keys: z.int().min(2).max(1000).default(2).describe('keys of a group'),
  groups: z.int().min(1).max(1000).default(4).describe('groups; each is written by one connection only'),
  bytes: z.int().min(12).max(100_000).default(16).describe('length of a value'),
})
type Params = z.infer<typeof paramsSchema>

const KEY = 'account:'
const WRITE_ALL = new LuaScript('write-all')

/**
 * Keys that belong together and are written together, while somebody reads all of them by one MGET: keys that differ were seen in the
 * middle of a write.
 */
export const twoKeys: Workload<Params, TornReads> = {
  id: 'two-keys',
  summary: 'write keys that belong together: by commands, pipeline, transaction or script; or look for writes half done',
  params: paramsSchema,
  keys: ({ groups, keys }) => [{ template: `${KEY}{i}`, count: groups * keys }],
  commands: () => [
    ['MGET', `${KEY}0`, `${KEY}1`],
    ['SET', `${KEY}0`, '0'],
    ['EVALSHA', WRITE_ALL.sha, '2', `${KEY}0`, `${KEY}1`, '0'],
  ],

  async prepare(client, params, prefix) {
    for (let group = 0; group < params.groups; group++) {
      await client.call('MSET', ...namesOf(group, params, prefix).flatMap((name) => [name, valueOf(0, params.bytes)]))
    }
    await WRITE_ALL.load(client)
  },

  referee: ({ role, groups }, { actors }) => new TornReads(role, groups, actors),

  actor(params, { client, actor, rng, prefix, referee }) {
    const groups = Array.from({ length: params.groups }, (_, group) => namesOf(group, params, prefix))
    if (params.role === 'read' || (params.role === 'both' && actor % 2 === 1)) {
      return Promise.resolve(async () => {
        const values = asArray(await client.call('MGET', ...groups[rng.below(groups.length)]!))
        referee.saw(values.map(String))
      })
    }
    const writer = params.role === 'both' ? actor / 2 : actor
    const names = groups[writer % groups.length]!
    const write = WRITE[params.method]
    let version = 0
    return Promise.resolve(() => write(client, names, valueOf(++version, params.bytes)))
  },
}

/** Zero-padded to the width of the largest, as `{i}` of a key template is. */
function namesOf(group: number, { groups, keys }: Params, prefix: string): string[] {
  const width = String(groups * keys - 1).length
  return Array.from({ length: keys }, (_, key) => prefix + KEY + String(group * keys + key).padStart(width, '0'))
}

function valueOf(version: number, bytes: number): string {
  return String(version).padStart(bytes, '0')
}

const WRITE: Record<Params['method'], (client: Client, names: readonly string[], value: string) => Promise<void>> = {
  async commands(client, names, value) {
    for (const name of names) await client.call('SET', name, value)
  },
  async pipeline(client, names, value) {
    refuseErrors(await client.callAll(names.map((name) => ['SET', name, value])))
  },
  async multi(client, names, value) {
    refuseErrors(await client.callAll([['MULTI'], ...names.map((name) => ['SET', name, value]), ['EXEC']]))
  },
  async script(client, names, value) {
    await WRITE_ALL.call(client, names, [value])
  },
}

function refuseErrors(replies: readonly unknown[]): void {
  const refused = replies.find((reply) => reply instanceof ReplyError)
  if (refused) throw refused
}

/** Counts the reads that saw a write half done. */
export class TornReads implements Referee {
  readonly #role: Params['role']
  readonly #groups: number
  readonly #writers: number
  #torn = 0

  constructor(role: Params['role'], groups: number, actors: number) {
    this.#role = role
    this.#groups = groups
    this.#writers = role === 'both' ? Math.ceil(actors / 2) : actors
  }

  begin(): void {
    this.#torn = 0
  }

  saw(values: readonly string[]): void {
    if (values.some((value) => value !== values[0])) this.#torn++
  }

  settle(): Promise<Outcome> {
    const measures = this.#role === 'write' ? {} : { torn_reads: this.#torn }
    if (this.#role === 'read') return Promise.resolve({ measures })
    const check = { name: 'one writer for each group', expected: `${this.#groups} writers at most`, observed: `${this.#writers} writers` }
    return Promise.resolve({ measures, checks: [{ ...check, ok: this.#writers <= this.#groups }] })
  }
}
