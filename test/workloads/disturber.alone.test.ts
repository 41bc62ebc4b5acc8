import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { look, planOf, runPlans } from '../support/scenarios.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'

describe.each(availableEngines())('on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ engine })
  })
  afterAll(() => server.stop())

  const roundOf = async (action: string) => {
    const plan = planOf(`name: test/disturber
claim: none
dataset: [{ key: 'item:{i}', count: 10, string: x }]
loads:
  bystander: { commands: ['GET item:{key}'], connections: 1, count: 10, warmup: 0s }
  other: { workload: disturber, connections: 1, count: 2, warmup: 0s, params: { action: ${action}, keys: 100, elements: 50, big: 2 } }
variants: { only: {} }
rounds: 1
`)
    const result = await runPlans([plan], { url: server.url, allow: ['busy', 'dangerous'] })
    return result.scenarios[0]!.variants[0]!.rounds[0]!
  }

  test.each([
    ['keys', 'keys', 2],
    ['scan', 'scan', 2],
    ['hgetall', 'hgetall', 2],
    ['smembers', 'smembers', 2],
    ['lrange', 'lrange', 2],
    ['unlink', 'unlink', 2],
  ])('%s is what the server is asked for', async (action, command, calls) => {
    const round = await roundOf(action)
    expect(round.server.commands[command]?.calls).toBe(calls)
    expect(round.loads[1]).toMatchObject({ name: 'other', errors: {} })
  })

  test('whoever deletes is told how the server frees memory, by its configuration', async () => {
    const client = await look(server.url)
    for (const [value, how] of [
      ['yes', 'frees in the background'],
      ['no', 'frees before it answers'],
    ] as const) {
      await client.call('CONFIG', 'SET', 'lazyfree-lazy-user-del', value)
      expect((await roundOf('del')).remarks).toEqual([`DEL ${how} (lazyfree-lazy-user-del ${value})`])
    }
    client.close()
    expect((await roundOf('unlink')).remarks).toEqual([])
  })
})
