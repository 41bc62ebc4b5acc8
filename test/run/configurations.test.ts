import { describe, expect, test } from 'vitest'
import { InapplicableError } from '#redline/core/errors.js'
import type { ScenarioPlan } from '#redline/schema/scenario.js'
import { planOf, runPlans } from '../support/scenarios.js'
import { alive, watchServers } from '../support/watched.js'

/** Each variant on a server of its own configuration. */
function configured(configs: Record<string, string>[], id = 'test/configurations'): ScenarioPlan {
  const names = configs.map((_, index) => `v${index}`)
  const plan = planOf(`
name: ${id}
claim: none
dataset: [{ key: 'user:{i}', count: 40, string: x }]
variants: { ${names.map((name) => `${name}: {}`).join(', ')} }
commands: ['GET user:{key}']
load: { connections: 2, count: 200, warmup: 0s }
rounds: 3
`)
  return { ...plan, variants: plan.variants.map((variant, index) => ({ ...variant, server: { config: configs[index]! } })) }
}

test('variants of other configurations run on servers of their own, each with the dataset, round by round in turn', async () => {
  const watched = watchServers()
  const result = await runPlans([configured([{ maxmemory: '64mb' }, { maxmemory: '128mb' }, { maxmemory: '64mb' }])], {
    onProgress: watched.onProgress,
  })
  const [scenario] = result.scenarios
  const limits = scenario!.variants.map(({ rounds }) => rounds.map(({ server }) => server.memory.maxBytes / 1024 / 1024))
  expect(limits).toEqual([
    [64, 64, 64],
    [128, 128, 128],
    [64, 64, 64],
  ])
  for (const { rounds } of scenario!.variants)
    for (const { server } of rounds) expect(server.keyspace).toMatchObject({ hits: 200, misses: 0, keys: 40 })
  const inOrder = [0, 1, 2].flatMap((round) => scenario!.variants.map(({ rounds }) => rounds[round]!.startedAt))
  expect(inOrder).toEqual(inOrder.toSorted())
  expect(watched.urls).toHaveLength(2)
  expect(result.targets.map(({ config }) => config['maxmemory'])).toEqual(['67108864', '134217728'])
  expect(scenario!.target).toBe(0)
  expect(scenario!.variants.map(({ target }) => target)).toEqual([0, 1, 0])
  expect(alive(await watched.pids())).toEqual([])
})

test('no more than two servers idle while other scenarios run, and the target of each is kept', async () => {
  const seen: number[] = []
  const watched = watchServers((event) => {
    if (event.kind === 'scenario') seen.push(watched.urls.length)
  })
  let most = 0
  const plans = ['10mb', '20mb', '30mb', '40mb'].map((maxmemory, index) => configured([{ maxmemory }], `test/number-${index}`))
  const result = await runPlans(plans, {
    onProgress: (event) => {
      watched.onProgress(event)
      if (event.kind === 'round-end') void watched.pids().then((pids) => (most = Math.max(most, alive(pids).length)))
    },
  })
  expect(result.scenarios.map(({ target }) => result.targets[target]!.config['maxmemory'])).toEqual(
    [10, 20, 30, 40].map((mb) => String(mb * 1024 * 1024)),
  )
  expect(most).toBe(3)
  expect(alive(await watched.pids())).toEqual([])
})

describe('a directive that an engine does not know', () => {
  test('ends no run: its scenario is not applicable there, and others are run', async () => {
    const unknown = configured([{ maxmemory: '64mb' }, { 'no-such-directive': 'yes' }], 'test/unknown')
    const warnings: string[] = []
    const result = await runPlans([configured([{}], 'test/before'), unknown, configured([{}], 'test/after')], {
      onProgress: (event) => {
        if (event.kind === 'warning') warnings.push(event.message)
      },
    })
    expect(result.failure).toBeNull()
    expect(result.scenarios.map(({ id }) => id)).toEqual(['test/before', 'test/after'])
    const { engine, version } = result.targets[0]!
    const reason = expect.stringMatching(/ refuses its configuration at no-such-directive/)
    expect(result.inapplicable).toEqual([{ scenario: 'test/unknown', engine: `${engine} ${version}`, reason }])
    expect(warnings).toEqual([expect.stringMatching(/^test\/unknown is not run: .*no-such-directive/)])
  })

  test('is an error where nothing else is run', async () => {
    await expect(runPlans([configured([{ 'no-such-directive': 'yes' }])])).rejects.toThrow(InapplicableError)
  })
})
