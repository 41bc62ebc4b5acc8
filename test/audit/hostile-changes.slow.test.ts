import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProgressEvent } from '#redline/core/events.js'
import type { AuditResult } from '#redline/schema/audit.js'
import type { Client } from '#redline/wire/client.js'
import type { Argument } from '#redline/wire/encode.js'
import { connect } from '../redis/connect.js'
import { mixedKeys, run } from '../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { auditWhole, contradictions } from '../support/whole-audits.js'

/* Keyspaces that change while they are read: what stays is counted, once, and what comes and goes never makes more of it than there was. */

const KEYS = 2000

let server: TestServer
let client: Client
beforeEach(async () => {
  server = await startServer()
  client = await connect(server.url)
  await run(server.url, mixedKeys(KEYS))
})
afterEach(async () => {
  client.close()
  await server.stop()
})

/** Does something to the server again and again, as fast as it takes it, while the audit runs; returns how often. */
async function meanwhile<T>(commands: (round: number) => Argument[][], audit: () => Promise<T>): Promise<{ audited: T; rounds: number }> {
  const over = new AbortController()
  let rounds = 0
  const writer = (async () => {
    while (!over.signal.aborted) await client.callAll(commands(rounds++))
  })()
  try {
    return { audited: await audit(), rounds }
  } finally {
    over.abort()
    await writer
  }
}

/** An audit that is slow enough for others to do something in the middle. */
async function whileAudited(commands: (round: number) => Argument[][]): Promise<{ result: AuditResult; rounds: number }> {
  const { audited, rounds } = await meanwhile(commands, () => auditWhole(server.url, { limits: { opsPerSecond: 15_000 }, mayTouch: true }))
  return { result: audited.result, rounds }
}

/** Calls once when so many keys have been read. */
function when(keys: number, call: () => unknown): (event: ProgressEvent) => void {
  let called = false
  return (event) => {
    if (called || event.kind !== 'scan' || event.keys < keys) return
    called = true
    call()
  }
}

const stable = ({ patterns }: AuditResult) =>
  patterns
    .filter(({ pattern }) => /^(str|int|hash|bighash|list|set|tags|zset|stream|biglist):<int>$/.test(pattern))
    .reduce((sum, { keys }) => sum + keys.value, 0)

describe('a keyspace that changes while it is read', () => {
  test('because keys expire and others come is read to the end, and what stays is counted once', async () => {
    const { result, rounds } = await whileAudited((round) =>
      Array.from({ length: 50 }, (_, i) => ['SET', `brief:${round}:${i}`, 'x', 'PX', 1 + (i % 60)]),
    )
    expect(rounds).toBeGreaterThan(10)
    expect(contradictions(result)).toEqual([])
    expect(result.coverage.complete).toBe(true)
    expect(stable(result)).toBe(KEYS)
    expect(result.coverage.keysSeen + result.coverage.vanished).toBeLessThanOrEqual(KEYS + rounds * 50)
  })

  test('because keys are renamed all the time is read to the end, and what stays is counted once', async () => {
    const wanderers = 200
    await run(
      server.url,
      Array.from({ length: wanderers }, (_, i) => ['SET', `wanderer:${i}:0`, 'x']),
    )
    const { result, rounds } = await whileAudited((round) =>
      Array.from({ length: wanderers }, (_, i) => ['RENAME', `wanderer:${i}:${round}`, `wanderer:${i}:${round + 1}`]),
    )
    expect(rounds).toBeGreaterThan(10)
    expect(contradictions(result)).toEqual([])
    expect(result.coverage.complete).toBe(true)
    expect(stable(result)).toBe(KEYS)
    expect(result.coverage.keysSeen + result.coverage.vanished).toBeLessThanOrEqual(KEYS + wanderers * (rounds + 1))
  })

  test('because keys become others of other types tells of each as it was when it was asked for', async () => {
    const { result } = await whileAudited((round) => {
      const type: Argument[] = round % 2 === 0 ? ['SADD', 'chameleon', 1, 2, 'x'] : ['RPUSH', 'chameleon', 'a'.repeat(20_000)]
      return [
        ['DEL', 'chameleon', 'stream:8'],
        type,
        ['XADD', 'stream:8', '1-1', 'a', 'b'],
        ['XGROUP', 'CREATE', 'stream:8', `g${round}`, 0],
      ]
    })
    expect(contradictions(result)).toEqual([])
    expect(result.coverage.complete).toBe(true)
    expect(stable(result)).toBeGreaterThanOrEqual(KEYS - 1)
    expect(stable(result)).toBeLessThanOrEqual(KEYS)
  })

  test.each(['FLUSHALL', 'SWAPDB'])('because of %s in the middle counts what was there when it was asked for', async (command) => {
    const empty = command === 'FLUSHALL' ? ['FLUSHALL'] : ['SWAPDB', 0, 7]
    const onProgress = when(KEYS / 4, () => void client.callAll([empty]))
    const { result } = await auditWhole(server.url, { limits: { opsPerSecond: 15_000 }, onProgress })
    expect(contradictions(result)).toEqual([])
    expect(result.coverage).toMatchObject({ complete: true, keysThere: KEYS })
    expect(result.coverage.keysSeen).toBeGreaterThanOrEqual(KEYS / 4)
    expect(result.coverage.keysSeen + result.coverage.vanished).toBeLessThan(KEYS)
    expect(result.failure).toBeNull()
  })

  test('because it grows tenfold is read to the end, each key once', async () => {
    let grown: Promise<unknown> = Promise.resolve()
    const more = Array.from({ length: 9 * KEYS }, (_, i) => ['SET', `later:${i}`, 'x'])
    const onProgress = when(KEYS / 4, () => (grown = client.callAll(more)))
    const { result } = await auditWhole(server.url, { limits: { opsPerSecond: 60_000 }, onProgress })
    await grown
    expect(contradictions(result)).toEqual([])
    expect(result.coverage).toMatchObject({ complete: true, keysThere: KEYS })
    expect(stable(result)).toBe(KEYS)
    expect(result.coverage.keysSeen).toBeLessThanOrEqual(10 * KEYS)
  })

  test('leaves the intervals of a sample within what could be', async () => {
    const commands = (round: number) => [
      ['DEL', `str:${10 * (round % 300)}`],
      ['SET', `brief:${round}`, 'x', 'PX', 20],
    ]
    const { audited } = await meanwhile(commands, () => auditWhole(server.url, { sample: 500, limits: { opsPerSecond: 5000 } }))
    const { result } = audited
    const { keys, bytes } = result.totals
    for (const { low, value, high } of [
      keys,
      bytes,
      ...result.patterns.flatMap((pattern) => [pattern.keys, pattern.bytes, pattern.persistent.keys]),
    ]) {
      expect([low <= value, value <= high, low >= 0, Number.isFinite(high)]).toEqual([true, true, true, true])
    }
    expect(result.coverage.mode).toBe('sample')
  })
})

test.each(availableEngines())('%s shrinks its tables before an audit is resumed: no key is counted twice', async (engine) => {
  const other = await startServer({ engine, config: { hz: '100' } })
  const keys = 8000
  const names = Array.from({ length: keys }, (_, i) => (i % 40 === 0 ? `stays:${i}` : `goes:${i}`))
  try {
    // Whether the place where it stopped is one at which keys come again is a matter of chance.
    for (let round = 0; round < 3; round++) {
      await run(
        other.url,
        names.map((name) => ['SET', name, 'x']),
      )
      const partial = await auditWhole(other.url, { limits: { opsPerSecond: 20_000, timeMs: 700 + 150 * round } })
      expect(partial.result.coverage.complete).toBe(false)
      await run(
        other.url,
        names.filter((name) => name.startsWith('goes')).map((name) => ['DEL', name]),
      )
      await sleep(100)
      const { result } = await auditWhole(other.url, { resume: JSON.parse(JSON.stringify(partial.audited.checkpoint)) })
      expect(contradictions(result)).toEqual([])
      expect(result.coverage.complete).toBe(true)
      expect(result.patterns.find(({ pattern }) => pattern === 'stays:<int>')?.keys.value).toBe(keys / 40)
      expect(result.totals.keys.value).toBeLessThanOrEqual(keys)
    }
  } finally {
    await other.stop()
  }
})
