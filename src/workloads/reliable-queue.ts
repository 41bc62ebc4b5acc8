import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Rng } from '../core/rng.js'
import { formatCount } from '../core/units.js'
import { asText, type Client } from '../wire/client.js'
import type { Reply } from '../wire/decoder.js'
import type { Outcome, Study } from './workload.js'

const paramsSchema = z.strictObject({
  queue: z.string().min(1).default('jobs').describe('key of the list'),
  take: z
    .enum(['pop', 'move'])
    .default('move')
    .describe('pop: RPOP; move: LMOVE (RPOPLPUSH before 6.2) to a list of the consumer, LREM when the job is done'),
  jobs: z.int().min(1).max(1_000_000).default(1000).describe('jobs that are queued'),
  consumers: z.int().min(1).max(1000).default(8).describe('consumers at once; one that was killed is replaced'),
  kills: z.number().min(0).max(0.5).default(0.05).describe('share of jobs in the middle of which the consumer is killed'),
  work: z.number().min(0).max(1000).default(0.5).describe('milliseconds that a job takes'),
})
type Params = z.infer<typeof paramsSchema>

/** Jobs that one LPUSH carries. */
const JOBS_PER_PUSH = 500

/**
 * The article's reliable queue: consumers are killed in the middle of jobs, half of the time before the work was done and half
 * of the time after it, before they could say so. Which job was handled how often is kept count of here.
 */
export const reliableQueue: Study<Params> = {
  id: 'reliable-queue',
  summary: 'work off a queue with consumers that are killed in the middle of jobs',
  params: paramsSchema,
  keys: ({ queue, consumers }) => [
    { template: queue, count: 1 },
    { template: `${queue}:taken:{i}`, count: consumers },
  ],
  commands: ({ queue }) => [
    ['LPUSH', queue, '1'],
    ['RPOP', queue],
    ['RPOPLPUSH', queue, `${queue}:taken:0`],
    ['LREM', `${queue}:taken:0`, '1', '1'],
  ],

  async measure(params, { servers, rng, prefix, record, signal }): Promise<Outcome> {
    const [server] = servers
    const control = await server!.connect()
    const queue = prefix + params.queue
    const handled = new Map<string, number>()
    for (let from = 0; from < params.jobs; from += JOBS_PER_PUSH) {
      const jobs = Array.from({ length: Math.min(JOBS_PER_PUSH, params.jobs - from) }, (_, i) => `job-${from + i}`)
      for (const job of jobs) handled.set(job, 0)
      await control.call('LPUSH', queue, ...jobs)
    }
    const take = params.take === 'pop' ? popping(queue) : moving(queue, await moveCommand(control))
    const digits = String(params.consumers - 1).length
    const slots = Array.from({ length: params.consumers }, (_, slot) => `${queue}:taken:${String(slot).padStart(digits, '0')}`)
    let killed = 0
    await Promise.all(
      slots.map(async (own, slot) => {
        const fate = rng.fork(`consumer ${slot}`)
        while ((await consume(await server!.connect(), take, own, params, fate, handled, record, signal)) === 'killed') killed++
      }),
    )
    const counts = [...handled.values()]
    const lost = counts.filter((times) => times === 0).length
    const repeated = counts.reduce((sum, times) => sum + Math.max(0, times - 1), 0)
    return {
      measures: { lost, repeated },
      checks: [{ name: 'consumers killed', expected: 'at least 1', observed: String(killed), ok: killed > 0 || params.kills === 0 }],
      remarks: [
        `${formatCount(params.jobs)} jobs, ${killed} consumers killed: ${formatCount(lost)} jobs lost, ${formatCount(repeated)} repeated (${take.name})`,
      ],
    }
  },
}

/** How a consumer takes a job and says that it is done; `recover` is what one that starts does first. */
interface Take {
  name: string
  next(client: Client, own: string): Promise<Reply>
  done(client: Client, own: string, job: string): Promise<unknown>
  recover(client: Client, own: string): Promise<unknown>
}

function popping(queue: string): Take {
  return {
    name: 'RPOP',
    next: (client) => client.call('RPOP', queue),
    done: () => Promise.resolve(),
    recover: () => Promise.resolve(),
  }
}

function moving(queue: string, command: 'LMOVE' | 'RPOPLPUSH'): Take {
  const ends = command === 'LMOVE' ? ['RIGHT', 'LEFT'] : []
  return {
    name: command,
    next: (client, own) => client.call(command, queue, own, ...ends),
    done: (client, own, job) => client.call('LREM', own, 1, job),
    // What the one before it had taken and not done goes back.
    async recover(client, own) {
      while ((await client.call(command, own, queue, ...ends)) !== null);
    },
  }
}

/** LMOVE came with 6.2. Valkey says 7.2.4 of itself here. */
async function moveCommand(client: Client): Promise<'LMOVE' | 'RPOPLPUSH'> {
  const [, major, minor] = /redis_version:(\d+)\.(\d+)/.exec(asText(await client.call('INFO', 'server'))) ?? []
  return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2) ? 'LMOVE' : 'RPOPLPUSH'
}

/** One consumer, until it is killed or nothing is queued. */
async function consume(
  client: Client,
  take: Take,
  own: string,
  { kills, work }: Params,
  fate: Rng,
  handled: Map<string, number>,
  record: (us: number) => void,
  signal: AbortSignal,
): Promise<'killed' | 'done'> {
  await take.recover(client, own)
  for (;;) {
    signal.throwIfAborted()
    const began = performance.now()
    const taken = await take.next(client, own)
    if (taken === null) {
      client.close()
      return 'done'
    }
    const job = asText(taken)
    const dies = fate.float() < kills
    if (dies && fate.float() < 0.5) break
    await sleep(work)
    handled.set(job, handled.get(job)! + 1)
    if (dies) break
    await take.done(client, own, job)
    record((performance.now() - began) * 1000)
  }
  client.close()
  return 'killed'
}
