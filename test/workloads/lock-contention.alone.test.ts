import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ContentionReferee } from '#redline/workloads/lock-contention.js'
import { startServer, type TestServer } from '../support/servers.js'
import { roundOf } from '../support/workloads.js'

describe('the referee', () => {
  test('counts commands per acquisition, fairness, and holders that overlap', async () => {
    const referee = new ContentionReferee(2)
    referee.acquired(0)
    referee.refused()
    referee.acquired(0)
    referee.leaves()
    referee.leaves()
    expect((await referee.settle()).measures).toEqual({ acquired: 2, overlaps: 1, fairness: 0.5, commands_per_operation: 2.5 })
  })
})

describe('on a real server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  const measure = (retry: string, connections: number) => roundOf(server.url, 'lock-contention', { retry }, { connections })

  test('alone, a client needs one attempt', async () => {
    const { measures } = await measure('immediate', 1)
    expect(measures).toMatchObject({ commands_per_operation: 2, fairness: 1, overlaps: 0 })
  })

  test('among many, asking at once costs many times the commands of waiting; nobody overlaps', async () => {
    const [immediate, jittered] = [await measure('immediate', 32), await measure('jittered', 32)]
    expect(immediate.measures['commands_per_operation']).toBeGreaterThan(3 * jittered.measures['commands_per_operation']!)
    expect([immediate.measures['overlaps'], jittered.measures['overlaps']]).toEqual([0, 0])
  })
})
