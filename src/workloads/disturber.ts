import { z } from 'zod'
import { asArray, asMap, asNumber, asText, type Client, CommandError } from '../wire/client.js'
import type { Argument } from '../wire/encode.js'
import type { Outcome, Referee, Workload } from './workload.js'

const paramsSchema = z.strictObject({
  action: z
    .enum(['nothing', 'keys', 'scan', 'hgetall', 'smembers', 'lrange', 'del', 'unlink', 'flushall', 'flushall-async'])
    .default('keys')
    .describe('what it does while others work: over the whole keyspace, or with one big key'),
  keys: z.int().min(1).max(100_000_000).default(10_000).describe('small keys that there are beside those of others'),
  count: z.int().min(1).max(1_000_000).default(100).describe('COUNT of SCAN'),
  elements: z.int().min(1).max(100_000_000).default(100_000).describe('of a big key'),
  big: z.int().min(1).max(1000).default(10).describe('big keys that del and unlink remove, one after the other'),
})
type Params = z.infer<typeof paramsSchema>

const FILLER = 'filler:'
const BIG = 'big:'
const BATCH = 1000

/** One client that does what makes all others wait. They are another load of the scenario. */
export const disturber: Workload<Params, DisturbanceReferee> = {
  id: 'disturber',
  summary: 'walk the keyspace, or read or delete a big key, beside the load that is watched',
  params: paramsSchema,
  keys: ({ keys, big }) => [
    { template: `${FILLER}{i}`, count: keys },
    { template: `${BIG}{i}`, count: big },
  ],
  commands: ({ action }) => [COMMANDS[action]],

  async prepare(client, params, prefix) {
    await fill(client, params, prefix)
    const build = BUILDERS[params.action]
    if (!build) return
    const removed = params.action === 'del' || params.action === 'unlink'
    for (let key = 0; key < (removed ? params.big : 1); key++) await buildBig(client, bigKey(key, params, prefix), params.elements, build)
  },

  referee: ({ action }) => new DisturbanceReferee(action),

  actor(params, { client, prefix }) {
    let step = 0
    let cursor = '0'
    return Promise.resolve(async () => {
      const key = bigKey(step++ % params.big, params, prefix)
      const first = bigKey(0, params, prefix)
      switch (params.action) {
        case 'nothing':
          return void (await client.call('PING'))
        case 'keys':
          return void (await client.call('KEYS', `${prefix}*`))
        case 'scan': {
          const reply = asArray(await client.call('SCAN', cursor, 'MATCH', `${prefix}*`, 'COUNT', params.count))
          cursor = asText(reply[0])
          return
        }
        case 'hgetall':
          return void (await client.call('HGETALL', first))
        case 'smembers':
          return void (await client.call('SMEMBERS', first))
        case 'lrange':
          return void (await client.call('LRANGE', first, 0, -1))
        case 'del':
          return void (await client.call('DEL', key))
        case 'unlink':
          return void (await client.call('UNLINK', key))
        case 'flushall':
          return void (await client.call('FLUSHALL'))
        case 'flushall-async':
          return void (await client.call('FLUSHALL', 'ASYNC'))
      }
    })
  },
}

const COMMANDS: Record<Params['action'], string[]> = {
  nothing: ['PING'],
  keys: ['KEYS', '*'],
  scan: ['SCAN', '0', 'MATCH', '*', 'COUNT', '100'],
  hgetall: ['HGETALL', `${BIG}0`],
  smembers: ['SMEMBERS', `${BIG}0`],
  lrange: ['LRANGE', `${BIG}0`, '0', '-1'],
  del: ['DEL', `${BIG}0`],
  unlink: ['UNLINK', `${BIG}0`],
  flushall: ['FLUSHALL'],
  'flushall-async': ['FLUSHALL', 'ASYNC'],
}

/** Whether the server frees in the background what these remove (Valkey does since 8.0, unless told otherwise). */
const LAZY: Partial<Record<Params['action'], string>> = { del: 'lazyfree-lazy-user-del', flushall: 'lazyfree-lazy-user-flush' }

/** Says how the server is configured to remove, which decides who waits for it. */
export class DisturbanceReferee implements Referee {
  readonly #action: Params['action']

  constructor(action: Params['action']) {
    this.#action = action
  }

  begin(): void {
    // Nothing is counted.
  }

  async settle(client: Client): Promise<Outcome> {
    const name = LAZY[this.#action]
    if (name === undefined) return { measures: {} }
    const configured = await client.call('CONFIG', 'GET', name).catch((error: unknown) => {
      if (error instanceof CommandError) return []
      throw error
    })
    const value = asMap(configured).get(name)
    // Before 6.2 FLUSHALL knows no other way, and a server that lets nobody read its configuration says nothing.
    if (value === undefined) return { measures: {} }
    const how = asText(value) === 'yes' ? 'frees in the background' : 'frees before it answers'
    return { measures: {}, remarks: [`${COMMANDS[this.#action][0]!} ${how} (${name} ${asText(value)})`] }
  }
}

/** Adds some elements to a big key, from this number on. */
type Build = (key: string, first: number, count: number) => Argument[]

const numbers = (first: number, count: number) => Array.from({ length: count }, (_, i) => `element:${first + i}`)
const hash: Build = (key, first, count) => ['HSET', key, ...numbers(first, count).flatMap((field) => [field, 'v'])]
const set: Build = (key, first, count) => ['SADD', key, ...numbers(first, count)]
const list: Build = (key, first, count) => ['RPUSH', key, ...numbers(first, count)]

/** What the big keys of an action are; those of others have none. */
const BUILDERS: Partial<Record<Params['action'], Build>> = { hgetall: hash, smembers: set, lrange: list, del: set, unlink: set }

function bigKey(number: number, { big }: Params, prefix: string): string {
  return prefix + BIG + String(number).padStart(String(big - 1).length, '0')
}

async function buildBig(client: Client, key: string, elements: number, build: Build): Promise<void> {
  await client.call('UNLINK', key)
  for (let first = 0; first < elements; first += BATCH) await client.call(...build(key, first, Math.min(BATCH, elements - first)))
}

/** As many small keys as asked for, made only where they are not there from the round before. */
async function fill(client: Client, { keys }: Params, prefix: string): Promise<void> {
  const width = String(keys - 1).length
  const name = (i: number) => prefix + FILLER + String(i).padStart(width, '0')
  if (asNumber(await client.call('EXISTS', name(0), name(keys - 1))) === Math.min(2, keys)) return
  await removeFiller(client, prefix)
  for (let first = 0; first < keys; first += BATCH) {
    const names = Array.from({ length: Math.min(BATCH, keys - first) }, (_, i) => name(first + i))
    await client.call('MSET', ...names.flatMap((key) => [key, 'v']))
  }
}

/** Those of another number of keys have names of another width. */
async function removeFiller(client: Client, prefix: string): Promise<void> {
  let cursor = '0'
  do {
    const [next, found] = asArray(await client.call('SCAN', cursor, 'MATCH', `${escapeGlob(prefix)}${FILLER}*`, 'COUNT', 10_000))
    cursor = asText(next)
    const keys = asArray(found).map(asText)
    if (keys.length > 0) await client.call('UNLINK', ...keys)
  } while (cursor !== '0')
}

const escapeGlob = (text: string) => text.replace(/[\\*?[\]]/g, String.raw`\$&`)
