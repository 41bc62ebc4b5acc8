import { afterAll, beforeAll, expect, test } from 'vitest'
import { Origin } from '#redline/workloads/cache-aside.js'
import { startServer, type TestServer } from '../support/servers.js'
import { roundOf } from '../support/workloads.js'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const measure = async (refresh: string) =>
  (
    await roundOf(
      server.url,
      'cache-aside',
      { refresh, ttl: 100, compute: 10 },
      { executor: 'open', rate: 2000, connections: 30, duration: '800ms' },
    )
  ).measures['origin_calls']

test('computations that run together belong to one refresh', async () => {
  const origin = new Origin(1)
  await Promise.all([origin.compute(), origin.compute(), origin.compute()])
  await origin.compute()
  expect((await origin.settle()).measures).toEqual({ origin_calls: 2 })
})

test('everybody computes what expired, unless a lock or an early refresh leaves it to one', async () => {
  const [naive, lock, early] = [await measure('naive'), await measure('lock'), await measure('early')]
  expect(naive).toBeGreaterThan(5)
  // A lock whose holder's value has expired before somebody looks is taken again, on a machine that is in use.
  expect(lock).toBeLessThan(1.3)
  expect(early).toBeLessThan(naive! / 2)
})
