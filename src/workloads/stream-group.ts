import { z } from 'zod'
import { asArray, CommandError, type Client } from '../wire/client.js'
import { type Reply, ReplyError } from '../wire/decoder.js'
import { encodeCommand } from '../wire/encode.js'
import type { Workload } from './workload.js'

const paramsSchema = z.strictObject({
  stream: z.string().min(1).default('events:orders').describe('key of the stream'),
  group: z.string().min(1).default('billing-service').describe('consumer group'),
  batch: z.int().min(1).max(10_000).default(10).describe('messages that one operation appends, reads and acknowledges'),
  ack: z.boolean().default(true).describe('XACK what was read; false reads with NOACK, which gives up at-least-once delivery'),
})
type Params = z.infer<typeof paramsSchema>

/** Entries kept by trimming: far more than any group has pending, and bounded memory however long it runs. */
const KEPT_ENTRIES = 100_000

/**
 * The article's stream: append orders, read new ones through a consumer group, acknowledge them. Each actor is a consumer of the
 * same group and appends as many messages as it reads, so that the stream never runs dry and its length stays bounded.
 */
export const streamGroup: Workload<Params> = {
  id: 'stream-group',
  summary: 'append a batch, read one through a consumer group, acknowledge it',
  params: paramsSchema,
  keys: ({ stream }) => [{ template: stream, count: 1 }],
  commands: ({ stream, group }) => [
    ['XADD', stream, '*', 'order_id', 'ord-123'],
    ['XGROUP', 'CREATE', stream, group, '$', 'MKSTREAM'],
    ['XREADGROUP', 'GROUP', group, 'worker-1', 'COUNT', '10', 'STREAMS', stream, '>'],
    ['XACK', stream, group, '1-1'],
  ],

  async prepare(client, { stream, group }, prefix) {
    await client.call('UNLINK', prefix + stream)
    await createGroup(client, prefix + stream, group)
  },

  async actor({ stream, group, batch, ack }, { client, actor, rng, prefix }) {
    const key = prefix + stream
    const consumer = `worker-${actor + 1}`
    const append = Array.from({ length: batch }, (_, i) => [
      ...['XADD', key, 'MAXLEN', '~', String(KEPT_ENTRIES), '*'],
      ...['order_id', `ord-${actor}-${i}`, 'user_id', `user:${rng.below(100_000)}`, 'amount', '99.99'],
    ])
    const read = ['XREADGROUP', 'GROUP', group, consumer, 'COUNT', String(batch), ...(ack ? [] : ['NOACK']), 'STREAMS', key, '>']
    // The same bytes every time: the server gives the messages their ids.
    const bytes = Buffer.concat([...append, read].map(encodeCommand))

    return async () => {
      const replies = await client.callEncoded('XADD and XREADGROUP', bytes, batch + 1)
      const refused = replies.find((reply) => reply instanceof ReplyError)
      if (refused) throw refused
      const ids = messageIds(replies[batch]!)
      if (ack && ids.length > 0) await client.call('XACK', key, group, ...ids)
    }
  },
}

async function createGroup(client: Client, key: string, group: string): Promise<void> {
  try {
    await client.call('XGROUP', 'CREATE', key, group, '$', 'MKSTREAM')
  } catch (error) {
    if (!(error instanceof CommandError && error.reply.code === 'BUSYGROUP')) throw error
  }
}

/** Ids of the messages in a reply of XREADGROUP on one stream: null when there are none, a map in RESP3. */
function messageIds(reply: Reply): Buffer[] {
  if (reply === null) return []
  const streams = reply instanceof Map ? [...reply.values()] : asArray(reply).map((pair) => asArray(pair)[1]!)
  return asArray(streams[0])
    .map((message) => asArray(message)[0])
    .filter((id) => Buffer.isBuffer(id))
}
