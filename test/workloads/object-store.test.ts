import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { asMap, asText } from '#redline/wire/client.js'
import { bindWorkload } from '#redline/workloads/registry.js'
import { Rng } from '#redline/core/rng.js'
import { look, planOf, runPlans } from '../support/scenarios.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'

const PARAMS = 'objects: 10, fields: 5, bytes: 8'

describe.each(availableEngines())('on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ engine })
  })
  afterAll(() => server.stop())

  const actor = async (params: Record<string, string | number>) => {
    const client = await look(server.url)
    const workload = await bindWorkload({ id: 'object-store', params: { objects: 1, fields: 5, bytes: 8, ...params } })
    if (workload.kind !== 'workload') throw new TypeError('a workload was asked for')
    await client.call('FLUSHALL')
    await workload.prepare(client, '')
    const connect = () => look(server.url)
    const context = {
      client,
      connect,
      actor: 0,
      actors: 1,
      rng: new Rng(1),
      prefix: '',
      referee: undefined,
      signal: new AbortController().signal,
    }
    return { client, operate: await workload.actor(context) }
  }

  test.each(['hash', 'json'])('an update of an object that is kept as %s changes one property, and a read none', async (store) => {
    for (const [action, changed] of [
      ['update', 1],
      ['read', 0],
    ] as const) {
      const { client, operate } = await actor({ store, action })
      await operate()
      const values =
        store === 'hash'
          ? [...asMap(await client.call('HGETALL', 'object:0')).values()].map(asText)
          : Object.values(z.record(z.string(), z.string()).parse(JSON.parse(asText(await client.call('GET', 'object:0')))))
      expect(values.toSorted()).toEqual([...Array<string>(changed).fill('uuuuuuuu'), ...Array<string>(5 - changed).fill('vvvvvvvv')])
      client.close()
    }
  })

  test('an object that somebody else has written over is told, and not counted as read', async () => {
    const { client, operate } = await actor({ store: 'json', action: 'read' })
    await client.call('SET', 'object:0', '42')
    await expect(operate()).rejects.toThrow('the object is no longer one: "42"')
    client.close()
  })

  test('a property of a hash takes fewer bytes of the wire than one of a JSON string, and less of the client', async () => {
    const plan = planOf(`
name: test/objects
claim: none
workload: object-store
variants:
  hash: { params: { store: hash, ${PARAMS} } }
  json: { params: { store: json, ${PARAMS} } }
load: { connections: 2, count: 200, warmup: 0s }
rounds: 1
`)
    const { scenarios } = await runPlans([plan], { url: server.url })
    const [hash, json] = scenarios[0]!.variants.map(({ summary }) => summary['bytes_per_operation']!.median)
    expect(json!).toBeGreaterThan(1.5 * hash!)
  })
})

test.each([
  ['hash', 'read'],
  ['hash', 'update'],
  ['json', 'read'],
  ['json', 'update'],
])("the client's own work for a %s %s is done without a server", async (store, action) => {
  const workload = await bindWorkload({ id: 'object-store', params: { store, action } })
  const work = workload.kind === 'workload' ? workload.micro?.(new Rng(1)) : undefined
  const [sent, ...read] = z.tuple([z.instanceof(Uint8Array)], z.unknown()).parse(work?.())
  expect(Buffer.from(sent).toString()).toContain(store === 'json' ? 'GET' : action === 'read' ? 'HGET' : 'HSET')
  expect(read).not.toContain(undefined)
})
