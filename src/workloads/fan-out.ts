import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ConnectionError } from '../core/errors.js'
import { asArray, asNumber, type Client } from '../wire/client.js'
import type { Reply } from '../wire/decoder.js'
import { encodeCommand } from '../wire/encode.js'
import { Subscriber } from './subscriber.js'
import type { Outcome, Study, StudyContext } from './workload.js'

const paramsSchema = z.strictObject({
  by: z.enum(['pubsub', 'stream']).default('pubsub').describe('pubsub: PUBLISH and SUBSCRIBE; stream: XADD, and XREAD by each subscriber'),
  situation: z
    .enum(['steady', 'disconnect', 'slow'])
    .default('steady')
    .describe('steady: all listen; disconnect: one subscriber is away for a fifth of the time; slow: one stops reading its connection'),
  subscribers: z.int().min(1).max(1000).default(10),
  bytes: z.int().min(16).max(1_000_000).default(100).describe('of each message'),
})
type Params = z.infer<typeof paramsSchema>

const CHANNEL = 'channel:notifications'
const STREAM = 'events:notifications'
/** Entries kept: more than any reader is behind. */
const KEPT = 100_000
const TIMEOUT_MS = 5000
/** What arrives later than this after the last message was sent has not arrived. */
const DRAIN_MS = 300

/** One message to many: how long it takes to arrive, and what does not arrive when a subscriber is away or too slow. */
export const fanOut: Study<Params> = {
  id: 'fan-out',
  summary: 'messages from one publisher to many subscribers, by pub/sub or by a stream',
  params: paramsSchema,
  keys: () => [{ template: STREAM, count: 1 }],
  commands: () => [
    ['PUBLISH', CHANNEL, 'message'],
    ['SUBSCRIBE', CHANNEL],
    ['XADD', STREAM, 'MAXLEN', '~', '100000', '*', 'message', 'text'],
    ['XREAD', 'BLOCK', '100', 'STREAMS', STREAM, '0'],
  ],

  async measure(params, context) {
    const arrivals = new Arrivals(params.subscribers, context.record)
    const listeners: Listener[] = []
    try {
      for (let i = 0; i < params.subscribers; i++) listeners.push(await listen(params, context, (payload) => arrivals.arrived(i, payload)))
      const slow = params.situation === 'slow' ? await openSlow(context) : undefined
      const sent = await publish(params, context, listeners, arrivals)
      await sleep(DRAIN_MS)
      const disconnected = slow ? await slow.cutOff() : 0
      return arrivals.outcome(sent, slow ? { disconnected } : {})
    } finally {
      await Promise.all(listeners.map((listener) => listener.stop()))
    }
  },
}

/** One subscriber: it can go away and come back. */
interface Listener {
  leave(): Promise<void>
  comeBack(): Promise<void>
  stop(): Promise<void>
}

function listen({ by }: Params, context: StudyContext, onMessage: (payload: Buffer) => void): Promise<Listener> {
  return by === 'pubsub' ? listenToChannel(context, onMessage) : listenToStream(context, onMessage)
}

async function listenToChannel({ servers, prefix, signal }: StudyContext, onMessage: (payload: Buffer) => void): Promise<Listener> {
  const options = { protocol: 2 as const, timeoutMs: TIMEOUT_MS, signal }
  const open = () => Subscriber.open(servers[0]!.address, options, prefix + CHANNEL, onMessage)
  let subscriber = await open()
  const leave = async () => {
    subscriber.close()
    await subscriber.ended
  }
  return {
    leave,
    async comeBack() {
      subscriber = await open()
    },
    stop: leave,
  }
}

/** Reads on from the last entry that it has seen, also after it was away: that is what a stream is for. */
async function listenToStream({ servers, prefix }: StudyContext, onMessage: (payload: Buffer) => void): Promise<Listener> {
  let last: string | Buffer = '0-0'
  let here: { client: Client; ended: AbortController; reading: Promise<void> } | undefined
  const read = async (client: Client, ended: AbortSignal) => {
    while (!ended.aborted) {
      const reply = await client.call('XREAD', 'COUNT', 1000, 'BLOCK', 100, 'STREAMS', prefix + STREAM, last)
      for (const [id, payload] of entriesOf(reply)) {
        last = id
        onMessage(payload)
      }
    }
  }
  const comeBack = async () => {
    const client = await servers[0]!.connect({ protocol: 2 })
    const ended = new AbortController()
    // A connection that is closed under a blocked XREAD ends the reading, as it should.
    const reading = read(client, ended.signal).catch((error: unknown) => {
      if (!(error instanceof ConnectionError)) throw error
    })
    here = { client, ended, reading }
  }
  const leave = async () => {
    here?.ended.abort()
    here?.client.close()
    await here?.reading
    here = undefined
  }
  await comeBack()
  return { leave, comeBack, stop: leave }
}

/** Id and message of each entry in a RESP2 reply of XREAD on one stream. */
function entriesOf(reply: Reply): [Buffer, Buffer][] {
  if (reply === null) return []
  return asArray(asArray(asArray(reply)[0])[1]).flatMap((entry) => {
    const [id, fields] = asArray(entry)
    const payload = asArray(fields)[1]
    return Buffer.isBuffer(id) && Buffer.isBuffer(payload) ? [[id, payload] as [Buffer, Buffer]] : []
  })
}

/** Sends messages at the scenario's rate until the round is over; in the middle of it one subscriber may be away. Returns how many were sent. */
async function publish(params: Params, context: StudyContext, listeners: readonly Listener[], arrivals: Arrivals): Promise<number> {
  const { servers, prefix, durationMs, rate = 1000, signal } = context
  const client = await servers[0]!.connect()
  const began = performance.now()
  const total = Math.floor((rate * durationMs) / 1000)
  const away = params.situation === 'disconnect' ? absence(listeners[0]!, durationMs) : Promise.resolve()
  for (let sent = 0; sent < total;) {
    signal.throwIfAborted()
    const due = Math.min(total, Math.floor(((performance.now() - began) * rate) / 1000))
    if (due > sent) {
      await client.callAll(Array.from({ length: due - sent }, (_, i) => messageCommand(params, prefix, arrivals.sending(sent + i))))
      sent = due
    }
    await sleep(1)
  }
  await away
  return total
}

async function absence(listener: Listener, durationMs: number): Promise<void> {
  await sleep(durationMs * 0.4)
  await listener.leave()
  await sleep(durationMs * 0.2)
  await listener.comeBack()
}

function messageCommand({ by, bytes }: Params, prefix: string, number: number): (string | number)[] {
  const message = `${number}:`.padEnd(bytes, 'm')
  return by === 'pubsub' ? ['PUBLISH', prefix + CHANNEL, message] : ['XADD', prefix + STREAM, 'MAXLEN', '~', KEPT, '*', 'message', message]
}

/** A subscriber that stops reading: what the server holds for it grows until the server has had enough. */
async function openSlow({ servers, prefix }: StudyContext): Promise<{ cutOff(): Promise<number> }> {
  const control = await servers[0]!.connect()
  const listening = async () => asNumber(asArray(await control.call('PUBSUB', 'NUMSUB', prefix + CHANNEL))[1])
  const others = await listening()
  const { host, port } = servers[0]!.address
  const socket = net.connect({ host, port })
  await once(socket, 'connect')
  socket.on('error', () => socket.destroy())
  socket.pause()
  socket.write(encodeCommand(['SUBSCRIBE', prefix + CHANNEL]))
  while ((await listening()) === others) await sleep(1)
  return {
    async cutOff() {
      const left = await listening()
      socket.destroy()
      return others + 1 - left
    },
  }
}

/** Which message arrived where, and when. */
class Arrivals {
  readonly #record: (us: number) => void
  readonly #sentAt: number[] = []
  readonly #times: number[] = []
  readonly #seen: Set<number>[]
  #repeated = 0

  constructor(subscribers: number, record: (us: number) => void) {
    this.#record = record
    this.#seen = Array.from({ length: subscribers }, () => new Set())
  }

  /** The message of this number, which it returns, is being sent now. */
  sending(number: number): number {
    this.#sentAt[number] = performance.now()
    return number
  }

  arrived(subscriber: number, payload: Buffer): void {
    const number = Number(payload.subarray(0, payload.indexOf(':')).toString())
    if (this.#seen[subscriber]!.has(number)) this.#repeated++
    this.#seen[subscriber]!.add(number)
    const us = (performance.now() - this.#sentAt[number]!) * 1000
    this.#times.push(us)
    this.#record(us)
  }

  outcome(sent: number, more: Outcome['measures']): Outcome {
    const lost = this.#seen.reduce((sum, seen) => sum + sent - seen.size, 0)
    const sorted = Float64Array.from(this.#times).toSorted()
    const percentile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
    const [p50, p99] = [percentile(0.5), percentile(0.99)]
    return {
      measures: {
        lost,
        repeated: this.#repeated,
        ...(p50 !== undefined && p99 !== undefined && { delivery_p50: p50, delivery_p99: p99 }),
        ...more,
      },
      remarks: [`${lost} of ${sent * this.#seen.length} deliveries never came`],
    }
  }
}
