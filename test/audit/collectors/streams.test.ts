import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readStreams, type StreamKey } from '#redline/audit/collectors/streams.js'
import type { StreamFacts } from '#redline/audit/facts.js'
import { has } from '#redline/audit/versions.js'
import { readServer, type ServerFacts } from '#redline/redis/server-facts.js'
import type { Client } from '#redline/wire/client.js'
import { connect } from '../../redis/connect.js'
import { availableEngines, startServer, type TestServer } from '../../support/servers.js'

function stream(name: string, fields: Partial<StreamKey> = {}): StreamKey {
  return { name: Buffer.from(name), db: 0, pattern: name, bytes: 1000, entries: undefined, ...fields }
}

describe.each(availableEngines())('%s', (engine) => {
  let server: TestServer
  let client: Client
  let facts: ServerFacts
  const now = () => Date.now() / 1000
  const read = async (...streams: StreamKey[]): Promise<StreamFacts[]> => {
    const reading = await readStreams(client, streams, { now: now(), mayTouch: true })
    if (!reading.known) throw new Error(reading.why)
    return reading.value
  }

  beforeAll(async () => {
    server = await startServer({ engine })
    client = await connect(server.url)
    facts = await readServer(client)
    const hourAgo = Date.now() - 3_600_000
    await client.callAll([
      ...[1, 2, 3].map((i) => ['XADD', 'orders', `${hourAgo}-${i}`, 'field', 'value']),
      ['XGROUP', 'CREATE', 'orders', 'workers', '0'],
      ['XGROUP', 'CREATE', 'orders', 'nobody\u001b', '0'],
      ['XREADGROUP', 'GROUP', 'workers', 'one', 'COUNT', '2', 'STREAMS', 'orders', '>'],
      ['XADD', 'chosen-ids', '7-1', 'field', 'value'],
      ['XGROUP', 'CREATE', 'chosen-ids', 'workers', '0'],
      ['XREADGROUP', 'GROUP', 'workers', 'one', 'STREAMS', 'chosen-ids', '>'],
      ['SET', 'string', 'x'],
      ['SELECT', '3'],
      ['XADD', 'elsewhere', '*', 'field', 'value'],
      ['SELECT', '0'],
    ])
  })
  afterAll(async () => {
    client.close()
    await server.stop()
  })

  test('tells the groups of a stream, what waits in them and since when', async () => {
    const [orders] = await read(stream('orders'))
    expect(orders).toMatchObject({ key: 'orders', pattern: 'orders', entries: 3, bytes: 1000, growing: false })
    expect(orders?.added).toBe(has(facts, { redis: '7.0', valkey: '7.2' }) ? 3 : 0)
    expect(orders?.groups).toMatchObject([
      { name: 'nobody\\x1b', consumers: 0, pending: 0, oldestPendingSeconds: undefined, members: [] },
      { name: 'workers', consumers: 1, pending: 2, members: [{ name: 'one', pending: 2 }] },
    ])
    expect(Math.round((orders?.groups[1]?.oldestPendingSeconds ?? 0) / 60)).toBe(60)
    expect(orders?.groups[1]?.lag).toBe(has(facts, { redis: '7.0', valkey: '7.2' }) ? 1 : undefined)
  })

  test('tells the age of what waits also where ids are no times', async () => {
    const [chosen] = await read(stream('chosen-ids'))
    expect(chosen?.groups[0]?.oldestPendingSeconds).toBeLessThan(60)
  })

  test('tells a stream that grew since it was scanned', async () => {
    expect(await read(stream('orders', { entries: 2 }))).toMatchObject([{ growing: true }])
    expect(await read(stream('orders', { entries: 3 }))).toMatchObject([{ growing: false }])
  })

  test('leaves out what is gone or is no stream, and finds what is in other databases', async () => {
    const streams = [stream('missing'), stream('string'), stream('elsewhere', { db: 3, bytes: 5 }), stream('orders', { bytes: 9 })]
    expect((await read(...streams)).map(({ key }) => key)).toEqual(['orders', 'elsewhere'])
    expect(await read(stream('orders'))).toHaveLength(1)
  })

  test('is asked about the largest only', async () => {
    const reading = await readStreams(client, [stream('orders', { bytes: 1 }), stream('chosen-ids', { bytes: 2 })], {
      now: now(),
      mayTouch: true,
      limit: 1,
    })
    expect(reading.known && reading.value.map(({ key }) => key)).toEqual(['chosen-ids'])
  })

  test('is not asked for the consumers of a group that has a thousand', async () => {
    await client.callAll([
      ['XGROUP', 'CREATE', 'crowded', 'crowd', '0', 'MKSTREAM'],
      ['XADD', 'crowded', '*', 'field', 'value'],
      ['XADD', 'crowded', '*', 'field', 'value'],
      ['XREADGROUP', 'GROUP', 'crowd', 'first', 'COUNT', '1', 'STREAMS', 'crowded', '>'],
      ...Array.from({ length: 1000 }, (_, i) => ['XREADGROUP', 'GROUP', 'crowd', `c${i}`, 'COUNT', '1', 'STREAMS', 'crowded', '>']),
    ])
    const [crowded] = await read(stream('crowded'))
    // 7.2 and later make no consumer of one that got nothing.
    const [group] = crowded!.groups
    expect(group?.members === undefined).toBe((group?.consumers ?? 0) >= 1000)
    expect(group?.pending).toBe(2)
  })

  test('is not asked at all where that would set back idle times', async () => {
    const reading = await readStreams(client, [stream('orders')], { now: now(), mayTouch: false })
    expect(reading).toMatchObject({ known: false, why: expect.stringContaining('--allow touch') })
  })

  test('that refuses is not assessed', async () => {
    await client.call('ACL', 'SETUSER', 'guest', 'on', 'nopass', '~*', '+@all', '-xinfo')
    const guest = await connect(`redis://guest:x@127.0.0.1:${server.port}`)
    const reading = await readStreams(guest, [stream('orders')], { now: now(), mayTouch: true })
    guest.close()
    expect(reading).toMatchObject({ known: false, why: expect.stringMatching(/^XINFO GROUPS was refused \(NOPERM/) })
  })
})
