import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planOf, runPlans } from '../support/scenarios.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { TornReads } from '#redline/workloads/two-keys.js'

test('keys that differ are a torn read, of the measured part only', async () => {
  const referee = new TornReads('read', 4, 1)
  referee.saw(['1', '2'])
  referee.begin()
  referee.saw(['2', '2'])
  referee.saw(['3', '3', '2'])
  expect(await referee.settle()).toEqual({ measures: { torn_reads: 1 } })
})

test('two writers of one group would tear what each of them left whole, and are no experiment', async () => {
  expect((await new TornReads('write', 4, 4).settle()).checks).toMatchObject([{ ok: true }])
  expect((await new TornReads('write', 4, 5).settle()).checks).toMatchObject([{ ok: false, observed: '5 writers' }])
  expect(await new TornReads('both', 4, 8).settle()).toMatchObject({
    measures: { torn_reads: 0 },
    checks: [{ ok: true, observed: '4 writers' }],
  })
  expect((await new TornReads('both', 4, 9).settle()).checks).toMatchObject([{ ok: false }])
})

describe.each(availableEngines())('on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ engine })
  })
  afterAll(() => server.stop())

  const tornReads = async (method: string, keys: number) => {
    const plan = planOf(`name: test/two-keys
claim: none
workload: two-keys
load: { connections: 8, duration: 500ms, warmup: 50ms }
params: { role: both, method: ${method}, keys: ${keys}, bytes: 512 }
variants: { only: {} }
rounds: 1
`)
    const result = await runPlans([plan], { url: server.url })
    return result.scenarios[0]!.variants[0]!.rounds[0]!.measures['torn_reads']
  }

  test.each([
    ['commands', 2],
    ['pipeline', 64],
  ])('%s over %i keys are seen half done', async (method, keys) => {
    expect(await tornReads(method, keys)).toBeGreaterThan(0)
  })

  test('writers and readers may be loads of their own', async () => {
    const plan = planOf(`name: test/two-keys
claim: none
loads:
  writers: { workload: two-keys, params: { method: commands }, connections: 4, duration: 300ms, warmup: 50ms }
  readers: { workload: two-keys, params: { role: read }, connections: 4, duration: 300ms, warmup: 50ms }
variants: { only: {} }
rounds: 1
`)
    const result = await runPlans([plan], { url: server.url })
    expect(result.scenarios[0]!.variants[0]!.rounds[0]!.measures['torn_reads']).toBeGreaterThan(0)
  })

  test.each([
    ['multi', 2],
    ['multi', 64],
    ['script', 2],
    ['script', 64],
  ])('%s over %i keys is not', async (method, keys) => {
    expect(await tornReads(method, keys)).toBe(0)
  })
})
