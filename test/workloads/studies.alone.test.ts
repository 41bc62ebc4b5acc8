import { describe, expect, test } from 'vitest'
import type { Round } from '#redline/schema/result.js'
import { asArray } from '#redline/wire/client.js'
import { look, planOf, runPlans, type TestRun } from '../support/scenarios.js'
import { availableEngines, startServer } from '../support/servers.js'

/** One round of a study with each of these parameters, on servers that redline starts for it. */
async function roundsOf(
  workload: string,
  variants: Record<string, object>,
  { params = {}, load = {}, server = {}, on = {} }: { params?: object; load?: object; server?: Record<string, string>; on?: TestRun } = {},
): Promise<Record<string, Round>> {
  const scenario = {
    name: 'test/study',
    claim: 'none',
    variants: Object.fromEntries(Object.entries(variants).map(([name, own]) => [name, { params: own }])),
    workload,
    params,
    load: { connections: 4, duration: '300ms', warmup: '0s', ...load },
    ...(Object.keys(server).length > 0 && { server: { config: server } }),
    rounds: 1,
  }
  const result = await runPlans([planOf(JSON.stringify(scenario))], on)
  return Object.fromEntries(result.scenarios[0]!.variants.map(({ variant, rounds }) => [variant, rounds[0]!]))
}

const failedChecks = ({ checks }: Round) => checks.filter(({ ok }) => !ok)

describe('redlock', () => {
  test('acquires with two of five servers down, and never with three', async () => {
    const { two, three } = await roundsOf('redlock', { two: { down: 2 }, three: { down: 3 } }, { params: { situation: 'down' } })
    expect(two!.measures['acquired']).toBeGreaterThan(0)
    expect(two!.measures['overlaps']).toBe(0)
    expect(three!.measures['acquired']).toBe(0)
  })

  test('gives a lock away twice when a server forgets it, and lets a holder that slept go on', async () => {
    const rounds = await roundsOf('redlock', { restarted: { situation: 'restarted' }, sleeper: { situation: 'paused-holder' } })
    expect(rounds['restarted']!.measures['overlaps']).toBe(1)
    expect(rounds['sleeper']!.measures).toMatchObject({ overlaps: 1, stale_writes: 1 })
    expect(Object.values(rounds).flatMap(failedChecks)).toEqual([])
  })

  test('remembers it where every write is synced to a file', async () => {
    const config = { appendonly: 'yes', appendfsync: 'always' }
    const { restarted } = await roundsOf('redlock', { restarted: { situation: 'restarted' } }, { server: config })
    expect(restarted!.measures['overlaps']).toBe(0)
    expect(failedChecks(restarted!)).toEqual([])
  })
})

test('fan-out counts what a subscriber misses while it is away: all of pub/sub, nothing of a stream', async () => {
  const away = { situation: 'disconnect' }
  const rounds = await roundsOf(
    'fan-out',
    { steady: { by: 'pubsub' }, pubsub: { by: 'pubsub', ...away }, stream: { by: 'stream', ...away } },
    { params: { subscribers: 3 }, load: { duration: '600ms', connections: 1 } },
  )
  expect(rounds['steady']!.measures['lost']).toBe(0)
  expect(rounds['pubsub']!.measures['lost']).toBeGreaterThan(10)
  expect(rounds['stream']!.measures).toMatchObject({ lost: 0, repeated: 0 })
})

test('a subscriber that stops reading is cut off where there is a limit, and kept where there is none', async () => {
  const study = { slow: { by: 'pubsub', situation: 'slow', bytes: 20_000, subscribers: 1 } }
  const limited = await roundsOf('fan-out', study, {
    server: { 'client-output-buffer-limit': 'pubsub 1mb 256kb 1' },
    load: { duration: '800ms' },
  })
  const free = await roundsOf('fan-out', study, { server: { 'client-output-buffer-limit': 'pubsub 0 0 0' }, load: { duration: '800ms' } })
  expect(limited['slow']!.measures['disconnected']).toBe(1)
  expect(free['slow']!.measures['disconnected']).toBe(0)
})

test('a consumer group loses nothing of killed consumers when others claim it, and what they held when nobody does', async () => {
  const { well, claimed, left } = await roundsOf(
    'stream-consumers',
    { well: {}, claimed: { kills: 0.1 }, left: { kills: 0.1, recover: false } },
    { params: { messages: 1000 } },
  )
  expect(well!.measures).toEqual({ lost: 0, repeated: 0 })
  expect(claimed!.measures['lost']).toBe(0)
  expect(claimed!.measures['repeated']).toBeGreaterThan(0)
  expect(left!.measures['lost']).toBeGreaterThan(0)
})

// A server of 4 MB holds more than five days of these sessions. Those that expire fill two at most, which leaves half a second of days for
// what is due and not yet removed: five times as long as the server's active expiry waits for its next turn.
test('sessions that expire leave room; those that do not are refused or evicted when it is full', async () => {
  const params = { days: 10, sessions: 1000, bytes: 400 }
  const expiring = { ttl: true, day: 160 }
  const kept = { ttl: false, day: 20 }
  const server = (policy: string) => ({ maxmemory: '4mb', 'maxmemory-policy': policy })
  const refusing = await roundsOf('session-store', { expiring, kept }, { params, server: server('noeviction') })
  const evicting = await roundsOf('session-store', { kept }, { params, server: server('allkeys-lru') })
  expect(refusing['expiring']!.measures).toMatchObject({ keys_left: 0, writes_refused: 0 })
  expect(refusing['kept']!.measures['writes_refused']).toBeGreaterThan(0.1)
  expect(evicting['kept']!.measures['evicted']).toBeGreaterThan(500)
})

test('durable keys are lost beside a cache under allkeys-lru, refused under noeviction, and safe in a server of their own', async () => {
  const { lru, full, separate } = await roundsOf(
    'shared-instance',
    { lru: { policy: 'allkeys-lru' }, full: { policy: 'noeviction' }, separate: { servers: 'separate' } },
    { params: { memory: 4, durable: 1000, cached: 20_000 } },
  )
  expect(lru!.measures['durable_lost']).toBeGreaterThan(0)
  expect(full!.measures).toMatchObject({ durable_lost: 0 })
  expect(full!.measures['writes_refused']).toBeGreaterThan(0)
  expect(separate!.measures).toEqual({ durable_lost: 0, writes_refused: 0 })
})

test('more memory means more hits, and a crawler costs some', async () => {
  const { small, large, crawled } = await roundsOf(
    'hit-rate',
    { small: { share: 0.05 }, large: { share: 0.5 }, crawled: { share: 0.05, scans: 0.5 } },
    { params: { items: 4000, requests: 20_000 } },
  )
  const rate = (round: Round | undefined) => round!.measures['settled_hit_rate']!
  expect(rate(large)).toBeGreaterThan(rate(small) + 0.1)
  expect(rate(crawled)).toBeLessThan(rate(small) - 0.1)
})

test('the switch of encodings is where the server is configured to have it, however far', async () => {
  const config = { 'hash-max-ziplist-entries': '40', 'hash-max-ziplist-value': '30' }
  const rounds = await roundsOf(
    'encoding',
    { found: {}, below: { command: 'read', side: 'below' }, above: { command: 'read', side: 'above' } },
    { params: { type: 'hash' }, server: config, load: { duration: '50ms' } },
  )
  expect(rounds['found']!.measures).toEqual({ switch_at: 40, switch_bytes: 30 })
  expect(rounds['above']!.measures['bytes_per_item']).toBeGreaterThan(1.5 * rounds['below']!.measures['bytes_per_item']!)
  expect(Object.values(rounds).flatMap(failedChecks)).toEqual([])
  const { far } = await roundsOf('encoding', { far: {} }, { server: { 'hash-max-ziplist-entries': '1500' }, load: { duration: '50ms' } })
  expect(far!.measures).toMatchObject({ switch_at: 1500 })
  expect(failedChecks(far!)).toEqual([])
})

test('a server that does not keep collections compact as it said it would fails the check', async () => {
  const server = await startServer({ config: { 'hash-max-ziplist-entries': '1000' } })
  const client = await look(server.url)
  try {
    const measured = roundsOf('encoding', { found: {} }, { on: { url: server.url }, load: { duration: '50ms' } })
    // Once the study has read what is configured and is at work, the server changes its mind.
    for (let found: unknown[] = []; found.length === 0;) found = asArray(await client.call('KEYS', '*encoding:key*'))
    await client.call('CONFIG', 'SET', 'hash-max-ziplist-entries', '20')
    const { found } = await measured
    expect(found!.measures['switch_at']).toBeLessThan(1000)
    expect(failedChecks(found!)).toMatchObject([{ name: 'elements kept compact', expected: expect.stringMatching(/^1000 /) }])
  } finally {
    client.close()
    await server.stop()
  }
})

test('blocking takes one command for a message, polling takes many', async () => {
  const { block, poll } = await roundsOf(
    'queue-wait',
    { block: { wait: 'block' }, poll: { wait: 'poll', interval: 1 } },
    { params: { messages: 50 }, load: { duration: '800ms' } },
  )
  expect(block!.measures).toMatchObject({ lost: 0 })
  expect(block!.measures['commands_per_operation']).toBeLessThan(1.2)
  expect(poll!.measures['commands_per_operation']).toBeGreaterThan(2)
})

test('an intset is sampled evenly, and members that never come would show', async () => {
  const { even } = await roundsOf('set-sampling', { even: { members: 100, draws: 5000 } })
  expect(even!.measures['uniformity_p']).toBeGreaterThan(1e-4)
  expect(failedChecks(even!)).toEqual([])
  // Twenty draws can not reach a hundred members.
  const { few } = await roundsOf('set-sampling', { few: { members: 100, draws: 20 } })
  expect(failedChecks(few!)).toMatchObject([{ name: 'members drawn' }])
})

// Redis's hash table gives away who shares a bucket, as does Valkey's before 9 when several members are drawn at once.
test.each(availableEngines())('an uneven draw is found where %s draws unevenly, and an even one is not suspected', async (engine) => {
  const server = await startServer({ engine })
  try {
    const {
      integers,
      strings,
      'by-five': byFive,
    } = await roundsOf(
      'set-sampling',
      { integers: { numbers: true }, strings: { numbers: false }, 'by-five': { numbers: false, count: 5 } },
      { params: { members: 500, draws: 30_000 }, on: { url: server.url } },
    )
    const p = (round: Round | undefined) => round!.measures['uniformity_p']!
    expect(p(integers)).toBeGreaterThan(1e-4)
    expect(p(strings) < 1e-9).toBe(server.engine === 'redis')
    expect(p(byFive) < 1e-4).toBe(server.engine === 'redis' || server.version.startsWith('8.'))
    expect([integers!, strings!, byFive!].flatMap(failedChecks)).toEqual([])
  } finally {
    await server.stop()
  }
})
