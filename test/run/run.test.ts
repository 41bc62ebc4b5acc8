import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { InputError, RedlineError, SafetyError } from '#redline/core/errors.js'
import { asArray, asNumber, asText, type Client } from '#redline/wire/client.js'
import { look, planOf, runPlans } from '../support/scenarios.js'
import { startServer, type TestServer } from '../support/servers.js'

const READ_AND_WRITE = `
name: test/read-and-write
claim: none
dataset:
  - { key: 'user:{i}', count: 500, hash: { name: '{word}', plan: '{oneof free pro}' }, ttl: 1h }
  - { key: 'board', size: 300, zset: { 'player:{j}': '{int 0..100}' } }
variants:
  read: { commands: ['HGET user:{key zipf} plan', 'ZREVRANK board player:{member}'], load: { members: 300 } }
  write: { commands: [{ run: 'SET counter:{key} {bytes 32}', weight: 1 }, { run: 'INCR hits', weight: 3 }] }
load: { connections: 5, pipeline: 4, count: 4000, warmup: 0s }
rounds: 2
expect: ['read.throughput > 0.001 * write.throughput', 'write.p50 < 10m']
`

let foreign: TestServer
let client: Client
let state: string

beforeAll(async () => {
  foreign = await startServer()
  client = await look(foreign.url)
  state = await mkdtemp(join(tmpdir(), 'redline-state-'))
})
afterEach(async () => {
  await client.call('FLUSHALL')
})
afterAll(async () => {
  client.close()
  await foreign.stop()
  await rm(state, { recursive: true })
})

const env = () => ({ ...process.env, XDG_STATE_HOME: state })
const recordsOfRuns = () => readdir(join(state, 'redline', 'runs')).catch(() => [])

describe('a run', () => {
  test("counts what the server counts: every operation is one call in the server's own statistics, and nothing else is sent while it measures", async () => {
    const result = await runPlans([planOf(READ_AND_WRITE)])
    const [read, write] = result.scenarios[0]!.variants
    for (const round of read!.rounds) {
      expect(round.loads[0]!.operations).toBe(4000)
      expect(round.server.commands).toMatchObject({ hget: { calls: 2000 }, zrevrank: { calls: 2000 } })
      expect(Object.keys(round.server.commands)).toHaveLength(2)
      expect(round.server.keyspace).toMatchObject({ hits: 4000, misses: 0 })
    }
    for (const round of write!.rounds) {
      const { set, incr } = round.server.commands
      expect(Object.keys(round.server.commands)).toHaveLength(2)
      expect(set!.calls + incr!.calls).toBe(4000)
      // One in four, give or take four standard deviations.
      expect(set!.calls).toBeGreaterThan(890)
      expect(set!.calls).toBeLessThan(1110)
      expect(round.series.reduce((sum, { operations }) => sum + operations, 0)).toBe(4000)
      expect(round.loads[0]!.latency.count).toBe(4000)
    }
    expect(result.scenarios[0]!.expectations).toHaveLength(2)
    expect(result.targets[0]).toMatchObject({ ours: true, prefix: '', topology: 'standalone' })
  })

  test('on several threads, with RESP3, or through ioredis does the same work', async () => {
    for (const load of ['threads: 2', 'protocol: 3', 'driver: ioredis']) {
      const yaml = READ_AND_WRITE.replace('load: {', `load: { ${load},`).replace('rounds: 2', 'rounds: 1')
      const result = await runPlans([planOf(yaml)], { url: foreign.url, env: env() })
      const [read] = result.scenarios[0]!.variants
      expect(read!.rounds[0]!.server.commands, load).toMatchObject({ hget: { calls: 2000 }, zrevrank: { calls: 2000 } })
      expect(read!.rounds[0]!.loads[0]!.errors).toEqual({})
    }
  })

  test('of a workload that keeps count has one thread whatever was asked for, and says so', async () => {
    const counting = planOf(`
name: test/counting
claim: none
variants:
  counted: { workload: atomic-counter }
  plain: { commands: ['PING'] }
load: { connections: 4, threads: 2, count: 100, warmup: 0s }
rounds: 1
`)
    const warnings: string[] = []
    const result = await runPlans([counting], {
      onProgress: (event) => {
        if (event.kind === 'warning') warnings.push(event.message)
      },
    })
    expect(warnings).toEqual(['test/counting: atomic-counter keeps count of all its connections in one thread, and takes no 2'])
    expect(result.scenarios[0]!.variants.map(({ rounds }) => rounds[0]!.loads[0]!.threads)).toEqual([1, 2])
  })

  test('of several named loads measures each by itself', async () => {
    const result = await runPlans([
      planOf(`
name: test/two-loads
claim: none
variants:
  both:
    loads:
      bystander: { commands: ['PING'], executor: open, rate: 200, arrival: constant, connections: 2, duration: 500ms, warmup: 0s }
      disturber: { commands: ['SET big {bytes 1000}'], connections: 1, count: 100, warmup: 0s }
rounds: 1
`),
    ])
    const [bystander, disturber] = result.scenarios[0]!.variants[0]!.rounds[0]!.loads
    expect(bystander).toMatchObject({ name: 'bystander', operations: 100, offered: 200 })
    expect(disturber).toMatchObject({ name: 'disturber', operations: 100, offered: null })
  })

  test('of a workload runs its steps: every message is read and acknowledged', async () => {
    const yaml = `
name: test/stream
claim: none
variants: { group: { workload: stream-group, params: { batch: 5, stream: orders, group: billing } } }
load: { connections: 3, count: 60, warmup: 0s }
rounds: 1
`
    const result = await runPlans([planOf(yaml)])
    expect(result.scenarios[0]!.variants[0]!.rounds[0]!.server.commands).toMatchObject({ xadd: { calls: 300 }, xreadgroup: { calls: 60 } })
  })

  test('with a dataset that is reloaded begins each round with the same keys', async () => {
    const yaml = `
name: test/reload
claim: none
dataset: [{ key: queue, size: 100, list: 'job {j}' }]
reload: round
variants: { drain: { commands: ['LINDEX queue 0', 'LPOP queue'] } }
load: { connections: 1, count: 300, warmup: 0s }
rounds: 2
`
    const result = await runPlans([planOf(yaml)])
    for (const round of result.scenarios[0]!.variants[0]!.rounds)
      expect(round.server.keyspace).toMatchObject({ hits: 100, misses: 50, keys: 0 })
  })

  test('with a delay puts a round trip between generator and server, and says how long it really was', async () => {
    const yaml = `
name: test/delay
claim: none
variants: { near: {}, far: { network: { delay: 20ms } } }
commands: ['PING']
load: { connections: 2, count: 40, warmup: 0s }
rounds: 1
`
    const [near, far] = (await runPlans([planOf(yaml)])).scenarios[0]!.variants
    expect(near!.rounds[0]!.network).toBeNull()
    expect(far!.rounds[0]!.network!.holdP50Ms).toBeGreaterThan(18)
    expect(far!.rounds[0]!.loads[0]!.latency.min).toBeGreaterThan(18_000)
  })

  test('of a scenario that needs a server configuration starts a server with it', async () => {
    const yaml = READ_AND_WRITE.replace('rounds: 2', 'rounds: 1\nserver: { config: { maxmemory-policy: allkeys-lfu, maxmemory: 64mb } }')
    const result = await runPlans([planOf(yaml), planOf(READ_AND_WRITE.replace('rounds: 2', 'rounds: 1'))])
    expect(result.targets.map(({ config }) => config['maxmemory-policy'])).toEqual(['allkeys-lfu', 'noeviction'])
    expect(result.scenarios.map(({ target }) => target)).toEqual([0, 1])
    await expect(runPlans([planOf(yaml)], { url: foreign.url, env: env() })).rejects.toThrow(InputError)
  })

  test('counts error replies by their code, and is not valid', async () => {
    const yaml = READ_AND_WRITE.replace("'HGET user:{key zipf} plan'", "'INCR user:{key}'")
    const [read] = (await runPlans([planOf(yaml)])).scenarios[0]!.variants
    expect(read!.rounds[0]!.loads[0]!.errors).toEqual({ WRONGTYPE: 2000 })
    expect(read!.rounds[0]!.validity.verdict).toBe('invalid')
    expect(read!.summary).toEqual({})
  })
})

describe('on a server that is not ours', () => {
  test('every key carries the prefix of the run, nothing else is touched, and nothing is left', async () => {
    await client.call('SET', 'user:001', 'theirs')
    await client.call('SET', 'hits', 'theirs too')
    const seen = new Set<string>()
    const other = await look(foreign.url)
    const watcher = setInterval(() => {
      void other.call('KEYS', '*').then((keys) => asArray(keys).forEach((key) => seen.add(asText(key))))
    }, 5)
    const result = await runPlans([planOf(READ_AND_WRITE)], { url: foreign.url, env: env() })
    clearInterval(watcher)
    await other.call('PING')
    other.close()
    const { prefix } = result.targets[0]!
    expect(prefix).toMatch(/^redline:[a-z0-9]{8}:$/)
    const written = [...seen].filter((key) => key !== 'user:001' && key !== 'hits')
    expect(written.length).toBeGreaterThan(500)
    expect(written.every((key) => key.startsWith(prefix))).toBe(true)
    expect(
      asArray(await client.call('KEYS', '*'))
        .map(asText)
        .toSorted(),
    ).toEqual(['hits', 'user:001'])
    expect(asText(await client.call('GET', 'hits'))).toBe('theirs too')
    expect(await recordsOfRuns()).toEqual([])
    expect(result.scenarios[0]!.variants[0]!.rounds[0]!.server.keyspace).toMatchObject({ hits: 4000, misses: 0 })
  })

  test('keys that can not be told in advance are found and removed as well', async () => {
    const yaml = `
name: test/unique
claim: none
variants: { unique: { commands: ['SET order:{seq}:{uuid} {bytes 8}', 'LPUSH {uuid} x'] } }
load: { connections: 2, count: 300, warmup: 0s }
rounds: 1
`
    await client.call('SET', 'theirs', '1')
    const result = await runPlans([planOf(yaml)], { url: foreign.url, env: env() })
    expect(result.scenarios[0]!.variants[0]!.rounds[0]!.loads[0]!.errors).toEqual({})
    expect(asNumber(await client.call('DBSIZE'))).toBe(1)
  })

  test.each([
    ['FLUSHALL', 'FLUSHALL'],
    ['KEYS *', 'KEYS'],
    ['CONFIG SET maxmemory 1', 'CONFIG'],
    ['DEBUG SLEEP 1', 'DEBUG'],
    ['SCRIPT FLUSH', 'SCRIPT'],
  ])('%s is refused before anything is written', async (line, name) => {
    const plan = planOf(READ_AND_WRITE.replace("'INCR hits'", `'${line}'`))
    const refused = await runPlans([plan], { url: foreign.url, env: env() }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SafetyError)
    expect(String(refused)).toContain(name)
    expect(asNumber(await client.call('DBSIZE'))).toBe(0)
    expect(await recordsOfRuns()).toEqual([])
  })

  test('is refused where its data would near maxmemory, unless that is allowed by name', async () => {
    const used = /used_memory:(\d+)/.exec(asText(await client.call('INFO', 'memory')))?.[1]
    await client.call('CONFIG', 'SET', 'maxmemory', Number(used) + 100_000)
    try {
      await expect(runPlans([planOf(READ_AND_WRITE)], { url: foreign.url, env: env() })).rejects.toThrow(/--allow memory/)
      const full = await runPlans([planOf(READ_AND_WRITE.replace('count: 500', 'count: 5000'))], {
        url: foreign.url,
        env: env(),
        allow: ['busy', 'memory'],
      }).catch((error: unknown) => error)
      expect(full).toBeInstanceOf(RedlineError)
      expect(String(full)).toContain('OOM')
      expect(asNumber(await client.call('DBSIZE'))).toBe(0)
    } finally {
      await client.call('CONFIG', 'SET', 'maxmemory', 0)
    }
  })
})

describe('a run that is cut short', () => {
  test('by its signal keeps the rounds that were complete and removes its keys', async () => {
    const abort = new AbortController()
    const rounds: string[] = []
    const result = await runPlans([planOf(READ_AND_WRITE.replace('rounds: 2', 'rounds: 50'))], {
      url: foreign.url,
      env: env(),
      signal: abort.signal,
      onProgress: (event) => {
        if (event.kind === 'round-end' && rounds.push(event.variant) === 3) abort.abort(new Error('enough'))
      },
    })
    expect(result.interrupted).toBe(true)
    expect(result.scenarios[0]!.variants.map((variant) => variant.rounds.length)).toEqual([2, 1])
    expect(asNumber(await client.call('DBSIZE'))).toBe(0)
    expect(await recordsOfRuns()).toEqual([])
  })

  test('by a server that dies says so, and keeps what was complete', async () => {
    const mortal = await startServer()
    const result = await runPlans([planOf(READ_AND_WRITE.replace('rounds: 2', 'rounds: 50'))], {
      url: mortal.url,
      env: env(),
      onProgress: (event) => {
        if (event.kind === 'round' && event.round === 3) process.kill(mortal.pid, 'SIGKILL')
      },
    })
    await mortal.stop()
    expect(result.failure).toContain(mortal.url)
    expect(result.scenarios[0]!.variants[0]!.rounds.length).toBeGreaterThanOrEqual(2)
    await rm(join(state, 'redline'), { recursive: true })
  })
})
