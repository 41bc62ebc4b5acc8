import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { roundOf } from '../support/workloads.js'

describe.each(availableEngines())('on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ engine })
  })
  afterAll(() => server.stop())

  const measure = async (params: object) =>
    (
      await roundOf(
        server.url,
        'rate-limiter',
        { limit: 20, window: 200, clients: 4, ...params },
        { executor: 'open', rate: 1000, connections: 10, duration: '800ms', warmup: '250ms' },
      )
    ).measures

  test('the sliding window in a script admits what it promises, and every key of it expires', async () => {
    expect(await measure({ algorithm: 'sliding-window' })).toMatchObject({ over_admitted: 0, under_admitted: 0, keys_without_ttl: 0 })
  })

  test('the one of the article starves whoever asks too often', async () => {
    const measures = await measure({ algorithm: 'article' })
    expect(measures['under_admitted']).toBeGreaterThan(100)
    expect(measures['keys_without_ttl']).toBe(0)
  })

  test('a fixed window admits more than its limit around an edge', async () => {
    const measures = await measure({ algorithm: 'fixed-window' })
    expect(measures['over_admitted']).toBeGreaterThan(0)
    expect(measures['edge_burst']).toBeGreaterThan(1)
    expect(measures['keys_without_ttl']).toBe(0)
  })

  test('where processes die between INCR and EXPIRE, clients are counted for ever', async () => {
    expect((await measure({ algorithm: 'fixed-window', deaths: 0.5 }))['keys_without_ttl']).toBeGreaterThan(0)
  })

  test('a token bucket lets a burst through on top of its rate, up to twice the limit', async () => {
    const measures = await measure({ algorithm: 'token-bucket' })
    expect(measures['keys_without_ttl']).toBe(0)
    expect(measures['edge_burst']).toBeLessThan(2.1)
  })
})
