import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '#redline/wire/client.js'
import { asArray, asNumber, asText } from '#redline/wire/client.js'
import { connect } from '../redis/connect.js'
import { eventually } from '../support/deployments.js'
import { monitored, run } from '../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { auditWhole, contradictions } from '../support/whole-audits.js'

/*
 * Single keys as large as servers allow: a value of 512 MB, a set of two million. Their totals are those that the server tells; neither the
 * audit nor the server is busy with them longer than with small ones.
 */

const VALUE_BYTES = 512 * 1024 ** 2
const MEMBERS = 2_000_000
const SMALL_KEYS = 500
/** More than any command of an audit takes, also on a machine that is in use; reading all of either key takes longer. */
const SLOW_MS = 100

describe.each(availableEngines())('on %s', { timeout: 120_000 }, (engine) => {
  let server: TestServer
  let client: Client
  beforeAll(async () => {
    server = await startServer({ engine, config: { 'slowlog-log-slower-than': String(SLOW_MS * 1000), 'slowlog-max-len': '128' } })
    client = await connect(server.url)
    await client.callAll(Array.from({ length: SMALL_KEYS }, (_, i) => ['SET', `small:${i}`, 'x'.repeat(i)]))
    await client.call('SETRANGE', 'huge:value', String(VALUE_BYTES - 1), 'x')
    const fill = "for i = ARGV[1], ARGV[1] + 99999 do redis.call('SADD', KEYS[1], 'member:' .. i) end"
    for (let from = 0; from < MEMBERS; from += 100_000) await client.call('EVAL', fill, '1', 'huge:set', String(from))
    // While its table is rehashed its size changes with every look at it.
    await eventually('the sizes to stay', async () => {
      const before = await sizes()
      await sleep(300)
      return (await sizes()).every((size, i) => size === before[i])
    })
  }, 120_000)
  afterAll(async () => {
    client.close()
    await server.stop()
  })

  const sizeOf = async (key: string) => asNumber(await client.call('MEMORY', 'USAGE', key))
  const sizes = () => Promise.all(['huge:value', 'huge:set'].map(sizeOf))
  /** What took the server long since the last time, as the commands' first words. */
  async function slow(): Promise<string[]> {
    const entries = asArray(await client.call('SLOWLOG', 'GET', '128'))
    await client.call('SLOWLOG', 'RESET')
    return entries.map((entry) => asArray(asArray(entry)[3]).slice(0, 2).map(asText).join(' '))
  }

  test('totals are those that the server tells, and the keys are found with their sizes', async () => {
    const small = await Promise.all(Array.from({ length: SMALL_KEYS }, (_, i) => sizeOf(`small:${i}`)))
    const [value, set] = await sizes()
    const { result } = await auditWhole(server.url)
    expect(contradictions(result)).toEqual([])
    expect(result.coverage).toMatchObject({ complete: true, keysSeen: SMALL_KEYS + 2 })
    expect(result.totals.bytes.value).toBe(small.reduce((sum, bytes) => sum + bytes, value! + set!))
    expect(result.totals.types['set']).toEqual({ keys: 1, bytes: set })
    expect(result.top.bytes.slice(0, 2)).toMatchObject([{ key: 'huge:value', bytes: value }, { key: 'huge:set', bytes: set }]) // prettier-ignore
    expect(value).toBeGreaterThan(VALUE_BYTES)
    expect(asNumber(await client.call('SCARD', 'huge:set'))).toBe(MEMBERS)
    const found = (id: string) => result.findings.find(({ rule, about }) => rule === id && about.startsWith('huge:'))
    expect(found('mem/big-string')).toMatchObject({ about: 'huge:value', severity: 'error' })
    // In bytes the set is about 100 MB, less in newer engines: an error by its members, where they are counted.
    expect(found('mem/big-collection')?.about).toBe('huge:set')
    expect(result.coverage.lengths === 'none' || found('mem/big-collection')?.severity === 'error').toBe(true)
  })

  test('nothing of them is read, nothing takes the server long, and the audit stays small', async () => {
    await slow()
    const before = process.memoryUsage().rss
    let most = before
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 10)
    const { result } = await auditWhole(server.url)
    clearInterval(watch)
    expect(await slow()).toEqual([])
    expect(most - before).toBeLessThan(100 * 1024 ** 2)
    expect(result.cost.bytesReceived).toBeLessThan(2 * 1024 ** 2)
    const sent = await monitored(server.url, () => auditWhole(server.url))
    expect(sent.filter((command) => /^(get|getrange|smembers|sscan|dump|debug|sort)\b/.test(command))).toEqual([])
  })

  test('looking at every member would have been noticed', async () => {
    await slow()
    await client.call('SUNIONSTORE', 'huge:copy', 'huge:set')
    expect(await slow()).toEqual(['SUNIONSTORE huge:copy'])
    await client.call('UNLINK', 'huge:copy')
  })

  test('a sample that meets them says how little it knows, and never less than it has seen', async () => {
    await run(server.url, Array.from({ length: 4000 }, (_, i) => ['SET', `more:${i}`, 'x'])) // prettier-ignore
    for (const seed of [1, 2, 3]) {
      const { result } = await auditWhole(server.url, { sample: 300, seed })
      const seen = result.top.bytes.reduce((sum, { bytes }) => sum + bytes, 0)
      expect(result.coverage.mode).toBe('sample')
      expect(result.totals.bytes.low).toBeGreaterThanOrEqual(seen)
      expect(result.totals.bytes.low).toBeLessThanOrEqual(result.totals.bytes.value)
      expect(result.totals.bytes.high).toBeGreaterThanOrEqual(result.totals.bytes.value)
    }
  })
})
