import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SafetyError } from '#redline/core/errors.js'
import type { RunResult } from '#redline/schema/result.js'
import { asNumber, asText } from '#redline/wire/client.js'
import { look, planOf, runPlans, type TestRun } from '../support/scenarios.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { alive, watchServers } from '../support/watched.js'

const modules = { hurting: new URL('../fixtures/workloads/hurting.js', import.meta.url).href }

const hurtingPlan = (params: string, more = '') =>
  planOf(`
name: test/hurting
claim: none
variants: { it: { workload: hurting, params: ${params} } }
load: { duration: 200ms, warmup: 0s }
rounds: 2
${more}`)

const hurt = (params: string, options: TestRun = {}, more = '') => runPlans([hurtingPlan(params, more)], { modules, ...options })

const roundsOf = (result: RunResult, variant = 0) => result.scenarios[0]!.variants[variant]!.rounds

const QUEUE = planOf(`
name: test/queue
claim: none
variants:
  pop: { workload: reliable-queue, params: { take: pop, jobs: 400 } }
  move: { workload: reliable-queue, params: { take: move, jobs: 400 } }
load: { duration: 200ms }
rounds: 2
`)

test.each(availableEngines())(
  'a queue on %s loses the jobs of consumers that are killed with RPOP, and repeats them otherwise',
  async (engine) => {
    const result = await runPlans([QUEUE], { target: { engines: [engine] } })
    for (const round of roundsOf(result, 0)) {
      expect(round.measures['lost']).toBeGreaterThan(0)
      expect(round.measures['repeated']).toBe(0)
    }
    for (const round of roundsOf(result, 1)) {
      expect(round.measures['lost']).toBe(0)
      expect(round.measures['repeated']).toBeGreaterThan(0)
      expect(round.loads[0]).toMatchObject({ executor: 'study', offered: null, operations: expect.any(Number) })
      expect(round.loads[0]!.latency.count).toBe(round.loads[0]!.operations)
      expect(round.remarks[0]).toContain(engine === 'redis@6.0' ? 'RPOPLPUSH' : 'LMOVE')
    }
  },
)

describe('a study', { timeout: 120_000 }, () => {
  test('may have as many clients as it wants without Node taking them for a leak', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    try {
      const plan = planOf(`
name: test/many
claim: none
variants:
  group: { workload: stream-consumers, params: { messages: 200, consumers: 60 } }
  audience: { workload: fan-out, params: { by: stream, subscribers: 60 } }
load: { duration: 200ms, warmup: 0s }
rounds: 1
`)
      const result = await runPlans([plan])
      expect(result.scenarios[0]!.variants.map(({ rounds }) => rounds[0]!.measures['lost'])).toEqual([0, 0])
      await new Promise((resolve) => setImmediate(resolve))
    } finally {
      process.off('warning', note)
    }
    expect(warnings.map(({ name, message }) => `${name}: ${message}`)).toEqual([])
  })

  test('begins each round with an empty keyspace, but for the dataset', async () => {
    const counts = async (more: string) => roundsOf(await hurt('{}', {}, more)).map((round) => round.measures['acquired'])
    expect(await counts('')).toEqual([0, 0])
    expect(await counts("dataset: [{ key: 'user:{i}', count: 30, string: x }]")).toEqual([30, 30])
  })

  test('that kills its server finds it again without what was not persisted, or with what was; and the run goes on', async () => {
    const volatile = await hurt('{ act: kill }')
    expect(roundsOf(volatile).map(({ measures }) => measures['lost'])).toEqual([1, 1])
    for (const { validity } of roundsOf(volatile)) expect(validity.reasons.map(({ code }) => code)).not.toContain('counters')
    const durable = await hurt('{ act: kill }', {}, 'server: { config: { appendonly: yes, appendfsync: always } }')
    expect(roundsOf(durable).map(({ measures }) => measures['lost'])).toEqual([0, 0])
  })

  test('may pause it, and what it leaves paused or killed is back for the next round', async () => {
    const paused = await hurt('{ act: pause }')
    for (const round of roundsOf(paused)) expect(round.loads[0]!.latency.min).toBeGreaterThan(199_000)
    for (const act of ['leave-paused', 'leave-killed']) {
      const plan = planOf(`
name: test/after
claim: none
dataset: [{ key: 'user:{i}', count: 30, string: x }]
variants:
  hurt: { workload: hurting, params: { act: ${act} } }
  read: { commands: ['GET user:{key}'] }
load: { connections: 2, duration: 100ms, warmup: 0s }
rounds: 2
`)
      const result = await runPlans([plan], { modules })
      for (const round of roundsOf(result, 1)) {
        expect(round.loads[0]!.errors).toEqual({})
        expect(round.server.keyspace).toMatchObject({ misses: 0, keys: 30 })
      }
    }
  })

  test('may have several servers, which are gone when its scenario is over', async () => {
    const watched = watchServers()
    const result = await hurt('{ servers: 3 }', { onProgress: watched.onProgress })
    const processes = roundsOf(result).map(({ remarks }) => remarks.slice(0, 3))
    expect(new Set(processes[0]).size).toBe(3)
    expect(processes[1]).toEqual(processes[0])
    expect(await watched.pids()).toHaveLength(3)
    expect(alive(await watched.pids())).toEqual([])
  })

  test('that changes the configuration finds it as it was in the next round', async () => {
    const result = await hurt('{ act: configure }')
    expect(roundsOf(result).map(({ server }) => server.memory.maxBytes)).toEqual([104857600, 104857600])
    const after = planOf(`
name: test/after
claim: none
variants:
  hurt: { workload: hurting, params: { act: configure } }
  plain: { commands: [PING], load: { count: 10, warmup: 0s } }
rounds: 1
`)
    expect(roundsOf(await runPlans([after], { modules }), 1)[0]!.server.memory.maxBytes).toBe(0)
  })

  test('whose check fails has an invalid round, and what is no number is no measure', async () => {
    const [failed] = roundsOf(await hurt('{ act: fail-check }'))
    expect(failed!.validity.verdict).toBe('invalid')
    expect(failed!.validity.reasons).toContainEqual({
      code: 'check-failed',
      severity: 'invalid',
      message: 'the moon: expected full, observed new',
    })
    expect(failed!.checks).toEqual([{ name: 'the moon', expected: 'full', observed: 'new', ok: false }])
    const [fine] = roundsOf(await hurt('{}'))
    expect(Object.keys(fine!.measures).toSorted()).toEqual(['acquired', 'lost'])
    expect(fine!.remarks).toContain('it did nothing')
  })

  test('that throws ends the run with its error, and leaves no process', async () => {
    const watched = watchServers()
    await expect(hurt('{ act: throw, servers: 2 }', { onProgress: watched.onProgress })).rejects.toThrow('the study has a defect')
    expect(await watched.pids()).toHaveLength(2)
    expect(alive(await watched.pids())).toEqual([])
  })

  test.each(['hang', 'wait', 'heedless'])('that is interrupted while it does "%s" leaves no process', async (act) => {
    const abort = new AbortController()
    const watched = watchServers((event) => {
      if (event.kind === 'step' && watched.urls.length === 2) setTimeout(() => abort.abort(), 1000)
    })
    const began = performance.now()
    await expect(hurt(`{ act: ${act}, servers: 2 }`, { onProgress: watched.onProgress, signal: abort.signal })).rejects.toThrow(
      'interrupted',
    )
    expect(performance.now() - began).toBeLessThan(30_000)
    expect(await watched.pids()).toHaveLength(2)
    expect(alive(await watched.pids())).toEqual([])
  })

  test('stands alone in its variant, and takes a duration', async () => {
    const beside = planOf(`
name: test/beside
claim: none
variants: { it: { loads: { a: { workload: hurting }, b: { commands: [PING] } } } }
`)
    await expect(runPlans([beside], { modules })).rejects.toThrow('the study hurting has a round to itself, and stands beside other loads')
    const counted = planOf('name: a\nclaim: b\nvariants: { it: { workload: hurting, load: { count: 5 } } }')
    await expect(runPlans([counted], { modules })).rejects.toThrow('the study hurting takes a duration')
  })
})

describe('on a server that is not ours', { timeout: 120_000 }, () => {
  let foreign: TestServer
  let state: string
  beforeAll(async () => {
    foreign = await startServer()
    state = await mkdtemp(join(tmpdir(), 'redline-state-'))
  })
  afterAll(async () => {
    await foreign.stop()
    await rm(state, { recursive: true })
  })
  const options = () => ({ url: foreign.url, env: { ...process.env, XDG_STATE_HOME: state } })

  test('a study that hurts servers or needs several is refused', async () => {
    for (const [params, why] of [
      ['{ act: kill }', 'pauses, kills or configures its servers (hurting)'],
      ['{ own: false, servers: 2 }', 'needs 2 servers (hurting)'],
    ] as const) {
      const refused = await hurt(params, options()).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(SafetyError)
      expect(String(refused)).toContain(why)
    }
  })

  test('and so is one that does not say that it hurts them', async () => {
    const sneaky = await hurt('{ act: kill, own: false }', options()).catch((error: unknown) => error)
    expect(sneaky).toBeInstanceOf(SafetyError)
    expect(String(sneaky)).toContain('is not killed: redline does that only to servers that it started')
  })

  test('a study leaves no key, and nothing of others is touched', async () => {
    const client = await look(foreign.url)
    await client.call('SET', 'jobs', 'theirs')
    const result = await runPlans([QUEUE], options())
    expect(roundsOf(result, 1)[0]!.measures['lost']).toBe(0)
    expect(asText(await client.call('GET', 'jobs'))).toBe('theirs')
    expect(asNumber(await client.call('DBSIZE'))).toBe(1)
    expect(await readdir(join(state, 'redline', 'runs'))).toEqual([])
    client.close()
  })
})
