import { describe, expect, test } from 'vitest'
import { planAb, readAbSide } from '#redline/config/ab-sides.js'
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { ConnectionError } from '#redline/core/errors.js'
import type { ProgressEvent } from '#redline/core/events.js'
import { type AbOptions, type AbResult, runAb } from '#redline/run/ab.js'
import { runResultSchema } from '#redline/schema/result.js'
import { parseAddress } from '#redline/wire/address.js'
import { asText } from '#redline/wire/client.js'
import { look, measureDefaults } from '../support/scenarios.js'
import { startServer } from '../support/servers.js'
import { alive, watchServers } from '../support/watched.js'

const SCENARIO = loadScenarioFile(
  'test.yaml',
  `
name: test/ab
claim: none
dataset: [{ key: 'user:{i}', count: 40, string: x }]
variants:
  get: { commands: ['GET user:{key}'] }
  set: { commands: ['SET user:{key} y'] }
load: { connections: 2, count: 200, warmup: 0s }
`,
)

interface Sides extends Partial<AbOptions> {
  words?: [string[], string[]]
  urls?: [string | undefined, string | undefined]
}

/** Measures both sides, until the first look by default, and checks the results against their schema. */
async function measure({ words = [[], []], urls = [undefined, undefined], ...options }: Sides): Promise<AbResult> {
  const specs = [readAbSide('--a', words[0]), readAbSide('--b', words[1])] as const
  const plans = planAb(SCENARIO, specs, { profile: 'full', set: undefined, threads: undefined, variants: undefined })
  const place = (url: string | undefined) =>
    url === undefined ? { engine: undefined } : { address: parseAddress(url, {}), allow: new Set(['busy'] as const) }
  const result = await runAb({
    a: { plan: plans[0], place: place(urls[0]) },
    b: { plan: plans[1], place: place(urls[1]) },
    budgetMs: 60_000,
    enough: () => true,
    ...measureDefaults(),
    profile: 'quick',
    ...options,
  })
  return { a: runResultSchema.parse(result.a), b: runResultSchema.parse(result.b) }
}

const roundsOf = ({ scenarios }: AbResult['a']) => scenarios[0]!.variants.map(({ rounds }) => rounds)

describe('two sides', { timeout: 60_000 }, () => {
  test('of other configurations have a server each, the same number of rounds, and take turns in an order that changes', async () => {
    const watched = watchServers()
    const looks: number[] = []
    const { a, b } = await measure({
      words: [['server.maxmemory=64mb'], ['server.maxmemory=128mb']],
      onProgress: watched.onProgress,
      enough: (one) => looks.push(roundsOf(one)[0]!.length) === 3,
    })
    expect(watched.urls).toHaveLength(2)
    expect(looks).toEqual([6, 7, 9])
    for (const side of [a, b]) expect(roundsOf(side).map((rounds) => rounds.length)).toEqual([9, 9])
    expect([a, b].map(({ targets }) => targets.map(({ config }) => config['maxmemory']))).toEqual([['67108864'], ['134217728']])
    for (const side of [a, b]) {
      for (const { server } of roundsOf(side)[0]!) expect(server.keyspace).toMatchObject({ hits: 200, misses: 0 })
    }
    const firsts = roundsOf(a).flatMap((rounds, variant) =>
      rounds.map(({ startedAt }, index) => startedAt < roundsOf(b)[variant]![index]!.startedAt),
    )
    expect(new Set(firsts)).toEqual(new Set([true, false]))
    expect(alive(await watched.pids())).toEqual([])
  })

  test('in the same place share a server, and its data', async () => {
    const watched = watchServers()
    const { a, b } = await measure({ words: [['driver=wire'], ['driver=ioredis']], onProgress: watched.onProgress })
    expect(watched.urls).toHaveLength(1)
    expect([a, b].map((side) => side.scenarios[0]!.variants[0]!.rounds[0]!.loads[0]!.driver)).toEqual(['wire', 'ioredis'])
    expect(a.targets).toEqual(b.targets)
  })

  test('at two addresses leave nothing behind on either, and each has its own keys', async () => {
    const [one, other] = [await startServer(), await startServer()]
    try {
      const { a, b } = await measure({ urls: [one.url, other.url] })
      expect([a, b].map(({ targets }) => targets[0]!.address)).toEqual([one.url, other.url])
      expect(a.targets[0]!.prefix).not.toBe(b.targets[0]!.prefix)
      for (const { url } of [one, other]) {
        const client = await look(url)
        expect(await client.call('DBSIZE')).toBe(0)
        expect(asText(await client.call('INFO', 'commandstats'))).toMatch(/cmdstat_get:calls=1[0-9]{3}/)
        client.close()
      }
    } finally {
      await one.stop()
      await other.stop()
    }
  })

  test('of which one is not ours: harm is refused, and nothing is sent', async () => {
    const other = await startServer()
    try {
      await expect(measure({ urls: [undefined, other.url], words: [[], ['server.hz=100']] })).rejects.toThrow(
        /redline changes no configuration/,
      )
      const client = await look(other.url)
      expect(await client.call('DBSIZE')).toBe(0)
      client.close()
    } finally {
      await other.stop()
    }
  })
})

describe('a measurement ends', { timeout: 60_000 }, () => {
  test('with its budget: no pair is begun that would end after it, and one is measured in any case', async () => {
    let now = 0
    const clock = { now: () => (now += 1000), date: () => new Date('2026-11-27T00:00:00Z') }
    const { a } = await measure({ budgetMs: 1, enough: () => false, clock })
    expect(roundsOf(a)[0]).toHaveLength(1)
  })

  test('with Ctrl-C, and keeps what was complete on both sides', async () => {
    const abort = new AbortController()
    const onProgress = (event: ProgressEvent) => {
      if (event.kind === 'round' && event.round === 4 && event.variant === 'B set') abort.abort()
    }
    const { a, b } = await measure({ signal: abort.signal, onProgress, enough: () => false })
    expect([a.interrupted, b.interrupted, a.failure]).toEqual([true, true, null])
    const lengths = [a, b].flatMap((side) => roundsOf(side).map((rounds) => rounds.length))
    expect(new Set(lengths)).toEqual(new Set([3]))
  })

  test('when nothing answers, with the reason', async () => {
    const gone = await startServer()
    await gone.stop()
    await expect(measure({ urls: [undefined, gone.url] })).rejects.toThrow(ConnectionError)
  })
})
