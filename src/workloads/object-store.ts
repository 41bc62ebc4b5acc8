import { z } from 'zod'
import { InputError } from '../core/errors.js'
import type { Rng } from '../core/rng.js'
import { quote } from '../core/text.js'
import { asText, type Client } from '../wire/client.js'
import { Decoder, type Reply } from '../wire/decoder.js'
import { encodeCommand } from '../wire/encode.js'
import type { Workload } from './workload.js'

const paramsSchema = z.strictObject({
  store: z.enum(['hash', 'json']).default('hash').describe('hash: a field for each property; json: one string for the whole object'),
  action: z.enum(['read', 'update']).default('read').describe('of one property'),
  fields: z.int().min(1).max(10_000).default(20).describe('properties of each object'),
  bytes: z.int().min(1).max(10_000).default(24).describe('of each property'),
  objects: z.int().min(1).max(1_000_000).default(1000),
})
type Params = z.infer<typeof paramsSchema>

const KEY = 'object:'
const BATCH = 200

/** Objects whose properties are read and updated one at a time: kept as hashes, or as JSON that is parsed and written whole. */
export const objectStore: Workload<Params> = {
  id: 'object-store',
  summary: 'read or update one property of an object that is kept as a hash or as JSON',
  params: paramsSchema,
  keys: ({ objects }) => [{ template: `${KEY}{i}`, count: objects }],
  commands: () => [
    ['HGET', `${KEY}0`, 'field:0'],
    ['HSET', `${KEY}0`, 'field:0', 'value'],
    ['GET', `${KEY}0`],
    ['SET', `${KEY}0`, '{}'],
  ],

  async prepare(client, params, prefix) {
    const { objects, store } = params
    const object = objectOf(params)
    for (let first = 0; first < objects; first += BATCH) {
      const keys = Array.from({ length: Math.min(BATCH, objects - first) }, (_, i) => keyOf(first + i, objects, prefix))
      await client.call('UNLINK', ...keys)
      await client.callAll(
        keys.map((key) => (store === 'hash' ? ['HSET', key, ...Object.entries(object).flat()] : ['SET', key, JSON.stringify(object)])),
      )
    }
  },

  actor(params, { client, rng, prefix }) {
    const operate = params.store === 'hash' ? onHash : onJson
    return Promise.resolve(() => {
      const key = keyOf(rng.below(params.objects), params.objects, prefix)
      return operate(params, client, key, `field:${rng.below(params.fields)}`)
    })
  },

  micro: (params, rng) => (params.store === 'hash' ? hashWork(params, rng) : jsonWork(params, rng)),
}

function keyOf(object: number, objects: number, prefix: string): string {
  return prefix + KEY + String(object).padStart(String(objects - 1).length, '0')
}

function objectOf({ fields, bytes }: Params): Record<string, string> {
  return Object.fromEntries(Array.from({ length: fields }, (_, i) => [`field:${i}`, 'v'.repeat(bytes)]))
}

async function onHash({ action, bytes }: Params, client: Client, key: string, field: string): Promise<void> {
  if (action === 'read') await client.call('HGET', key, field)
  else await client.call('HSET', key, field, 'u'.repeat(bytes))
}

async function onJson({ action, bytes }: Params, client: Client, key: string, field: string): Promise<void> {
  const object = parse(asText(await client.call('GET', key)))
  if (action === 'read') return
  object[field] = 'u'.repeat(bytes)
  await client.call('SET', key, JSON.stringify(object))
}

/** Objects are written by this workload alone: what comes back is what it wrote. */
function parse(text: string): Record<string, string> {
  const object: unknown = JSON.parse(text)
  if (!isObject(object)) throw new InputError(`the object is no longer one: ${quote(text)}`, { hint: 'somebody else writes to these keys' })
  return object
}

const isObject = (value: unknown): value is Record<string, string> => typeof value === 'object' && value !== null

/** The client's work for one HGET or HSET: to encode the command and to read its reply. */
function hashWork({ action, bytes, fields }: Params, rng: Rng): () => unknown {
  const value = 'v'.repeat(bytes)
  const reply = Buffer.from(action === 'read' ? `$${bytes}\r\n${value}\r\n` : ':0\r\n')
  const read = replyReader()
  return () => {
    const field = `field:${rng.below(fields)}`
    const sent = encodeCommand(action === 'read' ? ['HGET', 'object:42', field] : ['HSET', 'object:42', field, value])
    return [sent, read(reply)]
  }
}

/** The client's work for one property of a JSON object: to read it whole, to parse it, and for an update to write it again. */
function jsonWork(params: Params, rng: Rng): () => unknown {
  const text = JSON.stringify(objectOf(params))
  const value = 'u'.repeat(params.bytes)
  const [found, ok] = [Buffer.from(`$${text.length}\r\n${text}\r\n`), Buffer.from('+OK\r\n')]
  const read = replyReader()
  return () => {
    const field = `field:${rng.below(params.fields)}`
    const sent = encodeCommand(['GET', 'object:42'])
    const object = parse(asText(read(found)))
    if (params.action === 'read') return [sent, object[field]]
    object[field] = value
    return [sent, encodeCommand(['SET', 'object:42', JSON.stringify(object)]), read(ok)]
  }
}

function replyReader(): (bytes: Buffer) => Reply {
  let last: Reply = null
  const decoder = new Decoder({
    onReply: (reply) => {
      last = reply
    },
    onPush: () => undefined,
  })
  return (bytes) => {
    decoder.push(bytes)
    return last
  }
}
