import { expect, test } from 'vitest'
import { planOf, runPlans } from '../support/scenarios.js'
import { availableEngines, startServer } from '../support/servers.js'

const COUNTER = `
name: test/counter
claim: none
variants:
  incr: { workload: atomic-counter, params: { how: incr } }
  get-then-set: { workload: atomic-counter, params: { how: get-then-set } }
load: { connections: 8, threads: 2, duration: 300ms, warmup: 100ms }
rounds: 2
`

test.each(availableEngines())('on %s INCR counts every update, and GET with SET loses some', { timeout: 120_000 }, async (engine) => {
  const [scenario] = (await runPlans([planOf(COUNTER)], { target: { engines: [engine] } })).scenarios
  const [incr, getThenSet] = scenario!.variants.map(({ rounds }) => rounds)
  for (const round of incr!) {
    expect(round.measures).toEqual({ lost: 0 })
    expect(round.remarks[0]).toMatch(/^all of \S+ updates were counted$/)
    // The warm-up counts somewhere else, so that the counter shows the measured part alone; one thread has all actors.
    expect(round.loads[0]!.operations).toBe(round.server.commands['incr']!.calls)
    expect(round.generator.threads).toHaveLength(1)
    expect(round.loads[0]!.threads).toBe(1)
  }
  for (const round of getThenSet!) {
    expect(round.measures['lost']).toBeGreaterThan(0)
    expect(round.measures['lost']).toBeLessThan(round.loads[0]!.operations)
    expect(round.remarks[0]).toMatch(/^\S+ of \S+ updates were lost$/)
  }
})

test('one client alone loses nothing, whichever way it counts', async () => {
  const alone = planOf(COUNTER.replace('connections: 8', 'connections: 1').replace('threads: 2, ', ''))
  const [scenario] = (await runPlans([alone])).scenarios
  for (const { rounds } of scenario!.variants) expect(rounds.map(({ measures }) => measures['lost'])).toEqual([0, 0])
})

test('on a server of others it counts under the prefix of the run', async () => {
  const foreign = await startServer()
  try {
    const [scenario] = (await runPlans([planOf(COUNTER)], { url: foreign.url })).scenarios
    expect(scenario!.variants[0]!.rounds.map(({ measures }) => measures['lost'])).toEqual([0, 0])
  } finally {
    await foreign.stop()
  }
})
