import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listShipped, readScenario } from '#redline/config/discover.js'
import { resolveScenario } from '#redline/config/resolve.js'
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { Rng } from '#redline/core/rng.js'
import { parseCommandLine } from '#redline/core/template.js'
import { loadDataset } from '#redline/load/dataset.js'
import { RequestStream } from '#redline/load/generators/request-stream.js'
import type { LoadPlan, ScenarioPlan } from '#redline/schema/scenario.js'
import { parseAddress } from '#redline/wire/address.js'
import { asNumber, Client } from '#redline/wire/client.js'
import { type Reply, ReplyError } from '#redline/wire/decoder.js'
import { SHORT_SET } from '../../scripts/short-set.js'
import { startServer, type TestServer } from '../support/servers.js'

const locations = await listShipped(process.cwd())
const ids = locations.map(({ id }) => id)
const files = new Map(await Promise.all(locations.map(async (location) => [location.id, await readScenario(location)] as const)))
const planOf = (id: string) => resolveScenario(files.get(id)!)

test('each structure of the article has its scenario, and pipelining has one', () => {
  expect(ids).toEqual(
    expect.arrayContaining([
      'hashes/profile-read',
      'lists/queue-push-pop',
      'operations/pipelining',
      'sets/visitors',
      'sorted-sets/leaderboard',
      'streams/orders',
      'strings/counter-incr',
      'strings/session-setex',
    ]),
  )
})

describe.each(ids)('%s', (id) => {
  test('is named like its file', () => {
    expect(files.get(id)!.name).toBe(id)
  })

  test('is completed by editors', () => {
    const [first] = readFileSync(locations.find((location) => location.id === id)!.path, 'utf8').split('\n')
    expect(first).toBe('# yaml-language-server: $schema=../../schemas/scenario.schema.json')
  })

  test('states a claim, where it comes from, and what would refute it', () => {
    const { claim, article, about, expectations } = planOf(id)
    expect(claim.length).toBeLessThan(130)
    expect(article ?? about).toContain(article ?? 'article')
    expect(about).toMatch(/\w+ \w+/)
    expect(expectations.length).toBeGreaterThan(0)
  })

  test('has keys to work on: a dataset, or workloads that make their own', () => {
    const { dataset, variants } = planOf(id)
    const commands = variants.flatMap(({ loads }) => loads.filter(({ workload }) => workload === undefined))
    expect(dataset.length > 0 || commands.length === 0).toBe(true)
  })

  // Workloads may take what an experiment takes; what sends commands compares sides that were measured alike.
  test('measures commands in five rounds or more, each side as long as the others and after the same warm-up', () => {
    const { rounds, variants, expectations } = planOf(id)
    const loads = variants.flatMap(({ loads }) => loads.filter(({ commands }) => commands !== undefined))
    // What an operation costs the server takes fewer of them to tell than how long they take, or how many there are in a second.
    const isOfCost = expectations.every(({ expression }) => expression.includes('server_cpu_us'))
    const least = isOfCost ? { durationMs: 700, warmupMs: 200 } : { durationMs: 2000, warmupMs: 500 }
    expect(loads.length === 0 || rounds >= 5).toBe(true)
    expect(new Set(loads.map(({ durationMs, count, warmupMs }) => `${durationMs} ${count} ${warmupMs}`)).size).toBeLessThanOrEqual(1)
    for (const { durationMs = Infinity, warmupMs } of loads) {
      expect(durationMs).toBeGreaterThanOrEqual(least.durationMs)
      expect(warmupMs).toBeGreaterThanOrEqual(least.warmupMs)
    }
  })

  test('takes minutes at most, and seconds when it is quick', () => {
    expect(secondsOf(planOf(id))).toBeLessThan(600)
    expect(secondsOf(resolveScenario(files.get(id)!, { profile: 'quick' }))).toBeLessThan(60)
  })
})

/** How long the rounds of a scenario load a server; a count is taken to last as long as the usual duration. */
function secondsOf({ rounds, variants }: ScenarioPlan): number {
  const ofLoad = ({ durationMs, warmupMs }: LoadPlan) => ((durationMs ?? 5000) + warmupMs) / 1000
  return rounds * variants.reduce((sum, { loads }) => sum + Math.max(...loads.map(ofLoad)), 0)
}

test('all scenarios together load a server for less than six minutes when they are quick', () => {
  const quick = ids.map((id) => resolveScenario(files.get(id)!, { profile: 'quick' }))
  expect(quick.reduce((sum, plan) => sum + secondsOf(plan), 0)).toBeLessThan(360)
})

test('the short set of npm start and npm test is among them', () => {
  expect(ids).toEqual(expect.arrayContaining(SHORT_SET))
})

/** Workloads have tests of their own: what they leave behind is their affair, and some can only be tried out by many clients. */
function sendsCommandsOnly(id: string): boolean {
  return planOf(id).variants.every(({ loads }) => loads.every(({ workload }) => workload === undefined))
}

/** What a variant's requests do to a server: errors, reads that find nothing, and keys added to or missing from those of the dataset. */
interface Effect {
  requests: number
  errors: string[]
  misses: number
  keysAdded: number
}

const REQUESTS = 500
/** Large values and collections are asked for less often: after this long no more are sent, but for one batch at least. */
const LONG_ENOUGH_MS = 50
const BATCH = 5

async function tryOut(client: Client, plan: ScenarioPlan): Promise<Map<string, Effect>> {
  await client.call('FLUSHALL')
  await loadDataset(client, plan.dataset, { prefix: '', seed: 1, onProgress: () => undefined, signal: new AbortController().signal })
  const effects = new Map<string, Effect>()
  for (const variant of plan.variants) {
    const before = asNumber(await client.call('DBSIZE'))
    const replies = (await Promise.all(variant.loads.map((load) => send(client, load)))).flat()
    effects.set(variant.id, {
      requests: replies.length,
      errors: [...new Set(replies.filter((reply) => reply instanceof ReplyError).map(({ code, message }) => `${code} ${message}`))],
      misses: replies.filter((reply) => reply === null || (Array.isArray(reply) && reply.length === 0)).length,
      keysAdded: asNumber(await client.call('DBSIZE')) - before,
    })
  }
  return effects
}

async function send(client: Client, load: LoadPlan): Promise<Reply[]> {
  const commands = load.commands!.map(({ line, weight }) => ({ args: parseCommandLine(line, 'command'), weight }))
  const stream = new RequestStream(commands, { rng: new Rng(1), keys: load.keys, members: load.members, lane: 0, lanes: 1, epoch: 0 })
  const replies: Reply[] = []
  const start = performance.now()
  do {
    replies.push(...(await client.callAll(Array.from({ length: BATCH }, () => stream.args()))))
  } while (replies.length < REQUESTS && performance.now() - start < LONG_ENOUGH_MS)
  return replies
}

describe('on a real server', () => {
  let server: TestServer
  let client: Client
  beforeAll(async () => {
    server = await startServer()
    client = await Client.open(parseAddress(server.url, {}), { protocol: 2, timeoutMs: 5000, signal: new AbortController().signal })
  })
  afterAll(async () => {
    client.close()
    await server.stop()
  })

  test.each(ids.filter(sendsCommandsOnly))(
    '%s sends what the server takes, finds what it reads and leaves the keys as many as they were',
    async (id) => {
      // What is not there is asked for only where the scenario says so.
      const mostMisses = planOf(id).about?.includes('one in ten is not there') ? 0.25 : 0.01
      for (const [variant, effect] of await tryOut(client, planOf(id))) {
        const { requests, misses } = effect
        expect({ variant, ...effect }).toEqual({ variant, requests, errors: [], misses, keysAdded: 0 })
        expect(misses / Math.max(1, requests)).toBeLessThan(mostMisses)
      }
    },
  )

  test('a scenario that errs, reads nothing or grows without bound is caught', async () => {
    const broken = loadScenarioFile(
      'broken.yaml',
      `name: broken
claim: none
dataset: [{ key: "user:{i}", count: 10, string: x }]
variants:
  errs: { commands: ["HGET user:{key} plan"] }
  misses: { commands: ["GET usr:{key}"] }
  grows: { commands: ["SET user:{seq} x"] }
`,
    )
    const effects = await tryOut(client, resolveScenario(broken))
    expect(effects.get('errs')!.errors.join()).toContain('WRONGTYPE')
    const [misses, grows] = [effects.get('misses')!, effects.get('grows')!]
    expect(misses.requests).toBeGreaterThanOrEqual(BATCH)
    expect(misses.misses).toBe(misses.requests)
    expect(grows.keysAdded).toBe(grows.requests)
  })
})
