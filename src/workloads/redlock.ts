import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { RedlineError } from '../core/errors.js'
import type { Rng } from '../core/rng.js'
import { asNumber, type Client } from '../wire/client.js'
import { LuaScript } from './lua-script.js'
import { LeaseReferee } from './lock-lease.js'
import type { Check, Outcome, Study, StudyContext, StudyServer } from './workload.js'

const paramsSchema = z.strictObject({
  servers: z.int().min(1).max(9).default(5).describe('independent servers; with one it is the lock of a single node'),
  situation: z
    .enum(['healthy', 'down', 'restarted', 'paused-holder'])
    .default('healthy')
    .describe(
      'healthy: contenders for the lock; down: the same with `down` servers killed; restarted: a server that granted the lock is killed and started again while it is held; paused-holder: a holder sleeps through its lease',
    ),
  down: z.int().min(0).max(9).default(2).describe('servers that are down'),
  lease: z.int().min(20).max(60_000).default(200).describe('milliseconds'),
})
type Params = z.infer<typeof paramsSchema>

const LOCK = 'lock:resource'
const RELEASE = new LuaScript('release-lock')
/** A server that does not answer is given up after so long: little beside the lease. */
const PATIENCE_MS = 50
const HOLD_MS = 2
const RETRY_MS = 4

/**
 * Redlock, as https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/ describes it: the lock is had when most of the servers
 * granted it before its lease, less the time that took and an allowance for clock drift, is over.
 */
export const redlock: Study<Params> = {
  id: 'redlock',
  summary: 'a lock on several independent servers, with some of them down, restarted, or its holder asleep',
  params: paramsSchema,
  keys: () => [{ template: LOCK, count: 1 }],
  commands: () => [
    ['SET', LOCK, 'token', 'NX', 'PX', '200'],
    ['EVALSHA', RELEASE.sha, '1', LOCK, 'token'],
  ],
  servers: ({ servers }) => servers,
  own: ({ servers, situation }) => servers > 1 || situation === 'restarted' || situation === 'down',

  async measure(params, context) {
    switch (params.situation) {
      case 'healthy':
        return contend(params, context, [])
      case 'down':
        return contend(params, context, context.servers.slice(context.servers.length - params.down))
      case 'restarted':
        return restartWhileHeld(params, context)
      case 'paused-holder':
        return sleepThroughLease(params, context)
    }
  },
}

/** What a holder has to know of its lock. */
interface Lease {
  token: string
  /** performance.now() until which it may believe that it holds the lock. */
  until: number
}

/** One client of the lock, with a connection to each server. */
class RedlockClient {
  readonly #name: string
  readonly #servers: readonly StudyServer[]
  readonly #clients: (Client | undefined)[]
  readonly #key: string
  readonly #leaseMs: number
  #attempts = 0
  commands = 0

  constructor(name: string, { servers, prefix }: StudyContext, { lease }: Params) {
    this.#name = name
    this.#servers = servers
    this.#clients = servers.map(() => undefined)
    this.#key = prefix + LOCK
    this.#leaseMs = lease
  }

  /** One attempt; null when too few servers granted it in time, and then those that did are asked to forget it. */
  async acquire(): Promise<Lease | null> {
    const token = `${this.#name}:${this.#attempts++}`
    const began = performance.now()
    const granted = await this.#everywhere(
      async (client) => (await client.call('SET', this.#key, token, 'NX', 'PX', this.#leaseMs)) !== null,
    )
    // The allowance of the reference: 1% of the lease and two milliseconds.
    const until = began + this.#leaseMs * 0.99 - 2
    const most = granted.filter(Boolean).length * 2 > this.#servers.length
    if (most && performance.now() < until) return { token, until }
    await this.release({ token, until })
    return null
  }

  async release({ token }: Lease): Promise<void> {
    await this.#everywhere(async (client) => asNumber(await RELEASE.call(client, [this.#key], [token])) === 1)
  }

  /** Asks all servers at once; one that is down, or does not answer in time, has granted nothing. */
  #everywhere(ask: (client: Client) => Promise<boolean>): Promise<boolean[]> {
    return Promise.all(
      this.#servers.map(async (server, index) => {
        try {
          const client = (this.#clients[index] ??= await server.connect({ timeoutMs: PATIENCE_MS, replyTimeoutMs: PATIENCE_MS }))
          this.commands++
          return await ask(client)
        } catch (error) {
          if (!(error instanceof RedlineError)) throw error
          // Connected anew next time; a server that is down is what this is about.
          this.#clients[index]?.close()
          this.#clients[index] = undefined
          return false
        }
      }),
    )
  }
}

/** Contenders for the lock, while some servers are down. */
async function contend(params: Params, context: StudyContext, down: readonly StudyServer[]): Promise<Outcome> {
  const { durationMs, connections, record, rng, signal } = context
  await Promise.all(down.map((server) => server.kill()))
  try {
    const referee = new LeaseReferee(false)
    const clients = Array.from({ length: connections }, (_, i) => new RedlockClient(`client-${i}`, context, params))
    const end = performance.now() + durationMs
    await Promise.all(
      clients.map(async (client, i) => {
        const own = rng.fork(`contender ${i}`)
        while (performance.now() < end && !signal.aborted) await holdOnce(client, referee, own, end, record)
      }),
    )
    const measures = referee.counted
    const { acquired, overlaps } = measures
    const commands = clients.reduce((sum, client) => sum + client.commands, 0)
    const up = context.servers.length - down.length
    return {
      measures: { acquired, overlaps, ...(acquired > 0 && { commands_per_operation: commands / acquired }) },
      remarks: [`with ${up} of ${context.servers.length} servers up the lock was had ${acquired} times`],
    }
  } finally {
    await Promise.all(down.map((server) => server.restart()))
  }
}

async function holdOnce(client: RedlockClient, referee: LeaseReferee, rng: Rng, end: number, record: (us: number) => void): Promise<void> {
  const began = performance.now()
  for (;;) {
    const lease = await client.acquire()
    if (lease) {
      record((performance.now() - began) * 1000)
      const holder = referee.acquired(0)
      await sleep(HOLD_MS)
      referee.leaves(holder)
      return client.release(lease)
    }
    if (performance.now() >= end) return
    await sleep(RETRY_MS * rng.float())
  }
}

/**
 * The lock is granted by the first three of five servers, the others being down. They come back, one of the three is killed and started again, and
 * another client asks: the restarted one and the two that were down are a majority, unless the restarted one remembers.
 */
async function restartWhileHeld(params: Params, context: StudyContext): Promise<Outcome> {
  const { servers } = context
  const majority = Math.floor(servers.length / 2) + 1
  const [granting, absent] = [servers.slice(0, majority), servers.slice(majority)]
  const referee = new LeaseReferee(false)
  const [first, second] = [
    new RedlockClient('first', context, { ...params, lease: LONG_LEASE_MS }),
    new RedlockClient('second', context, params),
  ]
  await Promise.all(absent.map((server) => server.kill()))
  const lease = await first.acquire()
  await Promise.all(absent.map((server) => server.restart()))
  const holder = lease && referee.acquired(0)
  const restarted = granting.at(-1)!
  await restarted.kill()
  await restarted.restart()
  const again = await second.acquire()
  if (again) referee.leaves(referee.acquired(0))
  if (holder) referee.leaves(holder)
  if (again) await second.release(again)
  if (lease) await first.release(lease)
  const measures = referee.counted
  const inTime = lease !== null && performance.now() < lease.until
  return {
    measures: { overlaps: measures.overlaps, acquired: measures.acquired },
    checks: [held('the first holder had the lock, and its lease lasted', inTime)],
    remarks: [
      again ? 'a server that came back without its data gave the lock away a second time' : 'the restarted server remembered the lock',
    ],
  }
}

/** Long enough to restart servers in. */
const LONG_LEASE_MS = 30_000

/** A holder sleeps through its lease, as in a long collection of garbage, and goes on as if nothing had happened. */
async function sleepThroughLease(params: Params, context: StudyContext): Promise<Outcome> {
  const referee = new LeaseReferee(false)
  const [sleeper, other] = [new RedlockClient('sleeper', context, params), new RedlockClient('other', context, params)]
  const lease = await sleeper.acquire()
  const holder = lease && referee.acquired(0)
  await sleep(params.lease * 1.2)
  const second = await other.acquire()
  if (second) {
    const newer = referee.acquired(0)
    referee.write(newer)
    referee.leaves(newer)
    await other.release(second)
  }
  if (holder) {
    referee.write(holder)
    referee.leaves(holder)
  }
  if (lease) await sleeper.release(lease)
  const measures = referee.counted
  return {
    measures: { overlaps: measures.overlaps, stale_writes: measures.stale_writes },
    checks: [held('both clients had the lock', lease !== null && second !== null)],
    remarks: ['a holder that slept through its lease went on while another held the lock'],
  }
}

function held(name: string, ok: boolean): Check {
  return { name, expected: 'yes', observed: ok ? 'yes' : 'no', ok }
}
