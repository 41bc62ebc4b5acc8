import { expect, test } from 'vitest'
import { SaveReferee } from '#redline/workloads/background-save.js'
import { look, planOf, runPlans } from '../support/scenarios.js'
import { availableEngines, startServer } from '../support/servers.js'

test.each(availableEngines())(
  'on %s the data are saved again and again beside a load, and nobody takes the forks amiss',
  async (engine) => {
    const plan = planOf(`
name: test/saving
claim: none
dataset: [{ key: 'item:{i}', count: 1000, string: '{bytes 100}' }]
loads:
  main: { commands: ['SET item:{key} x'], connections: 2, duration: 400ms, warmup: 0s }
  saver: { workload: background-save, connections: 1, duration: 400ms, warmup: 0s }
variants: { it: {} }
rounds: 1
`)
    const { scenarios } = await runPlans([plan], { target: { engines: [engine] } })
    const round = scenarios[0]!.variants[0]!.rounds[0]!
    expect(round.server.forks).toBeGreaterThan(0)
    expect(round.measures['fork_us']).toBeGreaterThan(0)
    expect(round.checks).toMatchObject([{ name: 'background saves', ok: true }])
    expect(round.validity.reasons.filter(({ code }) => code === 'fork').map(({ severity }) => severity)).toEqual(['note'])
  },
)

test('a round in which nothing was saved is no round beside a save', async () => {
  const server = await startServer()
  const client = await look(server.url)
  const referee = new SaveReferee()
  referee.saved()
  referee.begin()
  expect((await referee.settle(client)).checks).toMatchObject([{ observed: '0', ok: false }])
  referee.saved()
  expect((await referee.settle(client)).checks).toMatchObject([{ observed: '1', ok: true }])
  client.close()
  await server.stop()
})
