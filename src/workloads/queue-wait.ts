import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ConnectionError } from '../core/errors.js'
import { asArray, asText, type Client } from '../wire/client.js'
import type { Study } from './workload.js'

const paramsSchema = z.strictObject({
  wait: z.enum(['block', 'poll']).default('block').describe('block: BLPOP; poll: LPOP, and again after `interval` when there was nothing'),
  interval: z.number().min(0).max(60_000).default(10).describe('milliseconds between polls'),
  messages: z.int().min(1).max(1_000_000).default(100).describe('messages of a second, at random times'),
})
type Params = z.infer<typeof paramsSchema>

const QUEUE = 'queue:emails'
/** What says that there is nothing more to come. */
const END = 'end'

/** A consumer that waits for messages which come now and then: what it sends for each, and how soon it has it. */
export const queueWait: Study<Params> = {
  id: 'queue-wait',
  summary: 'wait for messages of a list by BLPOP or by polling',
  params: paramsSchema,
  keys: () => [{ template: QUEUE, count: 1 }],
  commands: () => [
    ['RPUSH', QUEUE, 'message'],
    ['LPOP', QUEUE],
    ['BLPOP', QUEUE, '30'],
  ],

  async measure(params, { servers, prefix, durationMs, rng, record, signal }) {
    const [producer, consumer] = [await servers[0]!.connect(), await servers[0]!.connect()]
    const key = prefix + QUEUE
    const sentAt: number[] = []
    const delays: number[] = []
    let commands = 0
    const consume = async () => {
      for (;;) {
        const message = await next(consumer, key, params, () => void commands++)
        if (message === END) return
        const us = (performance.now() - sentAt[Number(message)]!) * 1000
        delays.push(us)
        record(us)
      }
    }
    const consuming = consume()
    // It may fail while nobody waits for it yet; whoever does later still sees it.
    consuming.catch(() => undefined)
    const end = performance.now() + durationMs
    for (let number = 0; ; number++) {
      await sleep((-Math.log(1 - rng.float()) * 1000) / params.messages)
      signal.throwIfAborted()
      if (performance.now() >= end) break
      sentAt.push(performance.now())
      await producer.call('RPUSH', key, number)
    }
    await producer.call('RPUSH', key, END)
    await consuming
    const sorted = delays.toSorted((a, b) => a - b)
    if (sorted.length === 0) throw new ConnectionError('no message came within the round; make it longer, or send more messages')
    const percentile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
    return {
      measures: {
        delivery_p50: percentile(0.5),
        delivery_p99: percentile(0.99),
        commands_per_operation: commands / sorted.length,
        lost: sentAt.length - sorted.length,
      },
    }
  },
}

/** The next message, however long it takes. */
async function next(client: Client, key: string, { wait, interval }: Params, sending: () => void): Promise<string> {
  for (;;) {
    sending()
    if (wait === 'block') return asText(asArray(await client.call('BLPOP', key, 0))[1])
    const reply = await client.call('LPOP', key)
    if (reply !== null) return asText(reply)
    await sleep(interval)
  }
}
