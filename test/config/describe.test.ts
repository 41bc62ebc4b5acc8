import { expect, test } from 'vitest'
import { describeScenario } from '#redline/config/describe.js'
import { loadScenarioFile } from '#redline/config/scenario-file.js'

const describeText = (text: string) => describeScenario(loadScenarioFile('mine.yaml', text))

test('the facts of a scenario', () => {
  const facts = describeText(`name: mine
claim: it works
about: because
dataset:
  - { key: "user:{i}", count: 10, size: 3, ttl: 2m, hash: { "a{j}": "1", "b{j}": "2" } }
  - { key: log, size: 5, stream: { a: "1", b: "2" } }
  - { key: all, size: 9, set: "{j}" }
variants:
  get: { commands: ["HGET user:{key} a0"] }
  mixed: { commands: [{ run: PING, weight: 3 }, { run: TIME, weight: 1 }], network: { delay: 2ms } }
  work: { workload: queue }
matrix: { load.pipeline: [1, 4] }
load: { duration: 4s, warmup: 1s }
rounds: 2
expect:
  - get[pipeline=4].throughput > 2 * get[pipeline=1].throughput
  - get[pipeline=4].p99 < 50ms
`)
  expect(facts).toMatchObject({
    id: 'mine',
    claim: 'it works',
    about: 'because',
    reload: 'once',
    dataset: [
      { key: 'user:{i}', type: 'hash', keys: 10, elementsPerKey: 6, ttlMs: 120_000 },
      { key: 'log', type: 'stream', keys: 1, elementsPerKey: 5, ttlMs: undefined },
      { key: 'all', type: 'set', keys: 1, elementsPerKey: 9, ttlMs: undefined },
    ],
    variants: [
      { variant: 'get', delayMs: 0, loads: [{ sends: ['HGET user:{key} a0'], pipeline: 1, keys: 10 }] },
      { variant: 'mixed', delayMs: 2, loads: [{ sends: ['3 x PING', '1 x TIME'] }] },
      { variant: 'work', loads: [{ sends: ['workload queue'] }] },
    ],
    full: {
      axes: [{ name: 'pipeline', values: ['1', '4'] }],
      rounds: 2,
      roundsInAll: 12,
      plannedMs: 60_000,
      expectations: ['get[pipeline=4].throughput > 2 * get[pipeline=1].throughput', 'get[pipeline=4].p99 < 50ms'],
    },
    quick: { axes: [{ name: 'pipeline', values: ['1', '4'] }], rounds: 2, roundsInAll: 12, plannedMs: 3000 },
    metrics: [
      { name: 'throughput', unit: 'ops/s', better: 'higher' },
      { name: 'p99', unit: 'us', better: 'lower' },
    ],
  })
})

test('a load that ends after a count has no planned time', () => {
  expect(describeText('name: a\nclaim: b\nvariants: { one: { commands: [PING], load: { count: 5 } } }').full.plannedMs).toBeUndefined()
})

test('loads at once take the time of the longest', () => {
  const facts = describeText(
    'name: a\nclaim: b\nrounds: 1\nvariants: { one: { loads: { x: { commands: [PING], duration: 3s }, y: { commands: [PING], duration: 1s, warmup: 9s } } } }',
  )
  expect(facts.full.plannedMs).toBe(10_000)
})
