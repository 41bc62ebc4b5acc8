import { expect, test } from 'vitest'
import { RedlineError } from '#redline/core/errors.js'
import { planOf, runPlans } from '../support/scenarios.js'
import { availableEngines } from '../support/servers.js'
import { alive, watchServers } from '../support/watched.js'

const plan = (id: string) =>
  planOf(`
name: ${id}
claim: none
variants: { it: { commands: ['INCR hits'], load: { connections: 2, count: 100, warmup: 0s } } }
rounds: 1
`)

/** An engine, and the same or another one by its name alone. */
const [first] = availableEngines()
const engines = [first!, first!.replace(/@.*/, '')]

test('all scenarios run once on each engine, each with its target', { timeout: 60_000 }, async () => {
  const order: string[] = []
  const watched = watchServers((event) => {
    if (event.kind === 'scenario') order.push(`${event.id} ${event.index + 1}/${event.of}`)
  })
  const result = await runPlans([plan('test/a'), plan('test/b')], { target: { engines }, onProgress: watched.onProgress })
  expect(result.scenarios.map(({ id, target }) => [id, target])).toEqual([
    ['test/a', 0],
    ['test/b', 0],
    ['test/a', 1],
    ['test/b', 1],
  ])
  expect(order).toEqual(['test/a 1/4', 'test/b 2/4', 'test/a 3/4', 'test/b 4/4'])
  expect(result.targets.map(({ engine }) => engine)).toEqual(engines.map((name) => name.replace(/@.*/, '')))
  expect(watched.urls).toHaveLength(2)
  expect(alive(await watched.pids())).toEqual([])
})

test('an engine that can not be had ends the run, and what was measured before is kept', { timeout: 60_000 }, async () => {
  // No Docker and no packages: the search ends at once.
  const env = { ...process.env, DOCKER_HOST: 'unix:///nowhere', PATH: '/nowhere' }
  const result = await runPlans([plan('test/a')], { target: { engines: [first!, 'redis@1.2'] }, env })
  expect(result.scenarios).toHaveLength(1)
  expect(result.failure).toContain('found no way to a redis@1.2 server')
  await expect(runPlans([plan('test/a')], { target: { engines: ['redis@1.2'] }, env })).rejects.toThrow(RedlineError)
})
