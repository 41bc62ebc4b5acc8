import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { roundOf } from '../support/workloads.js'

describe.each(availableEngines())('on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ engine })
  })
  afterAll(() => server.stop())

  const measure = async (method: string, keys: number) =>
    (await roundOf(server.url, 'compare-and-set', { method, keys }, { connections: 8, duration: '300ms' })).measures

  test('unchecked updates get lost where clients meet, and are counted', async () => {
    expect((await measure('get-then-set', 1))['lost']).toBeGreaterThan(0)
  })

  test.each(['watch', 'script', 'compare-and-set'])('%s loses none', async (method) => {
    expect((await measure(method, 1))['lost']).toBe(0)
  })

  test('what retries where all meet hardly does where they do not, and a script never', async () => {
    expect((await measure('watch', 1))['retries_per_operation']).toBeGreaterThan(0.5)
    expect((await measure('watch', 1000))['retries_per_operation']).toBeLessThan(0.1)
    expect(await measure('script', 1)).toMatchObject({ retries_per_operation: 0, commands_per_operation: 1 })
  })
})
