import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Rng } from '../core/rng.js'
import { asArray, asText, type Client, CommandError } from '../wire/client.js'
import type { Reply } from '../wire/decoder.js'
import type { Outcome, Study, StudyContext } from './workload.js'

const paramsSchema = z.strictObject({
  messages: z.int().min(1).max(1_000_000).default(2000).describe('messages that are in the stream when the consumers begin'),
  consumers: z.int().min(1).max(1000).default(4).describe('consumers of the group; one that is killed is replaced under another name'),
  batch: z.int().min(1).max(10_000).default(10).describe('messages that one XREADGROUP asks for'),
  work: z.number().min(0).max(1000).default(1).describe('milliseconds that a batch takes'),
  kills: z.number().min(0).max(0.9).default(0).describe('share of the batches in the middle of which the consumer is killed'),
  recover: z
    .boolean()
    .default(true)
    .describe('whether consumers claim what others left pending (XAUTOCLAIM; XPENDING and XCLAIM before 6.2)'),
})
type Params = z.infer<typeof paramsSchema>

const STREAM = 'events:orders'
const GROUP = 'billing-service'
/** Entries that one pipeline appends. */
const APPENDED_AT_ONCE = 500
/** Pending for longer than this, a message's consumer is taken for dead: many times what a batch takes. */
const DEAD_AFTER_MS = 30

/** A consumer group that works off a stream, with consumers that are killed before they acknowledge. Which message was handled how often is counted here. */
export const streamConsumers: Study<Params> = {
  id: 'stream-consumers',
  summary: 'work off a stream by a consumer group whose consumers may be killed before they acknowledge',
  params: paramsSchema,
  keys: () => [{ template: STREAM, count: 1 }],
  commands: () => [
    ['XADD', STREAM, '*', 'order_id', 'ord-1'],
    ['XGROUP', 'CREATE', STREAM, GROUP, '0', 'MKSTREAM'],
    ['XREADGROUP', 'GROUP', GROUP, 'worker', 'COUNT', '10', 'STREAMS', STREAM, '>'],
    ['XACK', STREAM, GROUP, '1-1'],
    ['XPENDING', STREAM, GROUP, '-', '+', '10'],
    ['XCLAIM', STREAM, GROUP, 'worker', '30', '1-1'],
  ],

  async measure(params, context) {
    const control = await context.servers[0]!.connect()
    const key = context.prefix + STREAM
    const handled = await append(control, key, params.messages)
    await control.call('XGROUP', 'CREATE', key, GROUP, '0')
    let killed = 0
    await Promise.all(
      Array.from({ length: params.consumers }, async (_, slot) => {
        const fate = context.rng.fork(`consumer ${slot}`)
        for (let life = 0; ; life++) {
          const consumer = new Consumer(await context.servers[0]!.connect({ protocol: 2 }), key, `worker-${slot}-${life}`)
          if ((await workOff(consumer, params, fate, handled, context)) === 'done') return
          killed++
        }
      }),
    )
    const counts = [...handled.values()]
    const lost = counts.filter((times) => times === 0).length
    const repeated = counts.reduce((sum, times) => sum + Math.max(0, times - 1), 0)
    return {
      measures: { lost, repeated },
      checks: [
        {
          name: 'consumers killed',
          expected: params.kills > 0 ? 'at least 1' : '0',
          observed: String(killed),
          ok: killed > 0 === params.kills > 0,
        },
      ],
      remarks: [`${params.messages} messages, ${killed} consumers killed: ${lost} never handled, ${repeated} handled again`],
    } satisfies Outcome
  },
}

/** Appends the messages, and returns how often each was handled: not yet. */
async function append(client: Client, key: string, messages: number): Promise<Map<string, number>> {
  const handled = new Map<string, number>()
  for (let first = 0; first < messages; first += APPENDED_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(APPENDED_AT_ONCE, messages - first) }, (_, i) => first + i)
    const ids = await client.callAll(numbers.map((number) => ['XADD', key, '*', 'order_id', `ord-${number}`, 'amount', '99.99']))
    for (const id of ids) handled.set(asText(id), 0)
  }
  return handled
}

/** Until everything is handled and acknowledged, as far as this consumer can tell, or it is killed in the middle of a batch. */
async function workOff(
  consumer: Consumer,
  { batch, work, kills, recover }: Params,
  fate: Rng,
  handled: Map<string, number>,
  { record, signal }: StudyContext,
): Promise<'done' | 'killed'> {
  for (;;) {
    signal.throwIfAborted()
    const began = performance.now()
    const fresh = await consumer.read(batch)
    const ids = fresh.length > 0 || !recover ? fresh : await consumer.claim(batch)
    if (ids.length === 0) {
      if (!recover || !(await consumer.isAnythingPending())) return consumer.end('done')
      await sleep(DEAD_AFTER_MS / 3)
      continue
    }
    const dies = fate.float() < kills
    // Half of them before the work was done, half after it, when only the acknowledgement is missing.
    if (dies && fate.float() < 0.5) return consumer.end('killed')
    if (work > 0) await sleep(work)
    for (const id of ids) handled.set(id, (handled.get(id) ?? 0) + 1)
    if (dies) return consumer.end('killed')
    await consumer.acknowledge(ids)
    const us = (performance.now() - began) * 1000
    for (const _ of ids) record(us)
  }
}

/** One consumer of the group. */
class Consumer {
  readonly #client: Client
  readonly #key: string
  readonly #name: string

  constructor(client: Client, key: string, name: string) {
    this.#client = client
    this.#key = key
    this.#name = name
  }

  /** Ids of messages that nobody has read yet. */
  async read(count: number): Promise<string[]> {
    const reply = await this.#client.call('XREADGROUP', 'GROUP', GROUP, this.#name, 'COUNT', count, 'STREAMS', this.#key, '>')
    return reply === null ? [] : idsOf(asArray(asArray(reply)[0])[1]!)
  }

  /** Ids of messages that a dead consumer left pending, now this one's. */
  async claim(count: number): Promise<string[]> {
    try {
      const reply = await this.#client.call('XAUTOCLAIM', this.#key, GROUP, this.#name, DEAD_AFTER_MS, '0-0', 'COUNT', count)
      return idsOf(asArray(reply)[1]!)
    } catch (error) {
      if (!(error instanceof CommandError && error.reply.message.startsWith('unknown command'))) throw error
      return this.#claimOneByOne(count)
    }
  }

  /** Before 6.2: what is pending is listed, and claimed by id. */
  async #claimOneByOne(count: number): Promise<string[]> {
    const pending = asArray(await this.#client.call('XPENDING', this.#key, GROUP, '-', '+', count)).map((entry) =>
      asText(asArray(entry)[0]),
    )
    if (pending.length === 0) return []
    return idsOf(await this.#client.call('XCLAIM', this.#key, GROUP, this.#name, DEAD_AFTER_MS, ...pending))
  }

  async isAnythingPending(): Promise<boolean> {
    return asArray(await this.#client.call('XPENDING', this.#key, GROUP, '-', '+', 1)).length > 0
  }

  async acknowledge(ids: readonly string[]): Promise<void> {
    await this.#client.call('XACK', this.#key, GROUP, ...ids)
  }

  end<How extends string>(how: How): How {
    this.#client.close()
    return how
  }
}

/** Ids in a list of entries; one that was deleted meanwhile is null there. */
function idsOf(entries: Reply): string[] {
  return asArray(entries).flatMap((entry) => (entry === null ? [] : [asText(asArray(entry)[0])]))
}
