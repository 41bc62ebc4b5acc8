import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { asNumber } from '../wire/client.js'
import { ReplyError } from '../wire/decoder.js'
import { infoNumber } from './info-number.js'
import type { Outcome, Study } from './workload.js'

const paramsSchema = z.strictObject({
  ttl: z.boolean().default(true).describe('whether sessions expire after a day'),
  day: z.int().min(20).max(60_000).default(100).describe('milliseconds that a simulated day takes'),
  days: z.int().min(1).max(365).default(10),
  sessions: z.int().min(1).max(100_000).default(1000).describe('sessions that begin on each day'),
  bytes: z.int().min(1).max(100_000).default(400).describe('of each session'),
})
type Params = z.infer<typeof paramsSchema>

const KEY = 'session:user:'
const BATCH = 100
/** Some cycles of the server's active expiry. */
const EXPIRE_CYCLES_MS = 400

/**
 * A session store over simulated days: each begins sessions, reads those of the day, and ends. What is left of them in the end is what the server keeps, refuses or
 * evicts under its maxmemory policy.
 */
export const sessionStore: Study<Params> = {
  id: 'session-store',
  summary: 'write sessions day after day, with a TTL or without, and see what is left, refused and evicted',
  params: paramsSchema,
  keys: ({ days, sessions }) => [{ template: `${KEY}{i}`, count: days * sessions }],
  commands: () => [
    ['SET', `${KEY}0`, 'session', 'PX', '100'],
    ['EXISTS', `${KEY}0`],
  ],

  async measure({ ttl, day, days, sessions, bytes }, { servers, prefix, record, signal }) {
    const client = await servers[0]!.connect()
    const width = String(days * sessions - 1).length
    const value = 's'.repeat(bytes)
    const written = { asked: 0, refused: 0, missed: 0, read: 0 }
    const evictedBefore = await infoNumber(client, 'stats', 'evicted_keys')
    for (let today = 0; today < days; today++) {
      const began = performance.now()
      for (let first = 0; first < sessions; first += BATCH) {
        signal.throwIfAborted()
        const keys = Array.from({ length: Math.min(BATCH, sessions - first) }, (_, i) => {
          return prefix + KEY + String(today * sessions + first + i).padStart(width, '0')
        })
        const sent = performance.now()
        const replies = await client.callAll(keys.map((key) => (ttl ? ['SET', key, value, 'PX', day] : ['SET', key, value])))
        record(((performance.now() - sent) * 1000) / keys.length)
        written.asked += keys.length
        written.refused += replies.filter((reply) => reply instanceof ReplyError).length
        // Users come back at once: a session that was accepted should be there.
        const accepted = keys.filter((_, i) => !(replies[i] instanceof ReplyError))
        const there = await client.callAll(accepted.map((key) => ['EXISTS', key]))
        written.read += accepted.length
        written.missed += there.filter((reply) => reply === 0).length
      }
      await sleep(Math.max(0, day - (performance.now() - began)))
    }
    // What is due is removed by and by, ten times a second; a day later all of it should be gone.
    await sleep(ttl ? day + EXPIRE_CYCLES_MS : 0)
    const keys = asNumber(await client.call('DBSIZE'))
    const used = await infoNumber(client, 'memory', 'used_memory')
    const evicted = (await infoNumber(client, 'stats', 'evicted_keys')) - evictedBefore
    return outcome(written, { keys, used, evicted, days })
  },
}

function outcome(
  { asked, refused, missed }: { asked: number; refused: number; missed: number },
  { keys, used, evicted, days }: { keys: number; used: number; evicted: number; days: number },
): Outcome {
  return {
    measures: { keys_left: keys, used_memory: used, writes_refused: refused / asked, evicted, lost: missed },
    remarks: [`after ${days} days ${keys} of ${asked} sessions are left; ${refused} writes were refused, ${evicted} sessions evicted`],
  }
}
