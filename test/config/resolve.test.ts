import { describe, expect, test } from 'vitest'
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { resolveScenario } from '#redline/config/resolve.js'
import type { Overrides } from '#redline/config/overrides.js'
import { InputError } from '#redline/core/errors.js'

const BASE = `name: mine
claim: it works
dataset: [{ key: "user:{i}", count: 200, size: 7, hash: { "f{j}": "{word}" } }]
variants:
  get: { commands: ["HGET user:{key} f0"] }
  all: { commands: ["HGETALL user:{key}"], load: { connections: 10 } }
`
const plan = (text = BASE, overrides: Overrides = {}) => resolveScenario(loadScenarioFile('mine.yaml', text), overrides)
const load = (text = BASE, overrides: Overrides = {}, variant = 0) => plan(text, overrides).variants[variant]!.loads[0]!
const mistakes = (overrides: Overrides, text = BASE): string[] => {
  try {
    plan(text, overrides)
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n').map((line) => line.trim())
    throw error
  }
  return []
}

describe('defaults', () => {
  test('are filled in for everything that nobody says', () => {
    expect(load('name: a\nclaim: b\nvariants: { one: { commands: [PING] } }')).toEqual({
      name: 'main',
      executor: 'closed',
      driver: 'wire',
      commands: [{ line: 'PING', weight: undefined }],
      workload: undefined,
      connections: 50,
      pipeline: 1,
      threads: 1,
      durationMs: 10_000,
      count: undefined,
      warmupMs: 2000,
      rate: undefined,
      arrival: 'poisson',
      keys: 100_000,
      members: 1,
      protocol: 2,
    })
  })

  test('of keys and members come from the first entry of the dataset', () => {
    expect(load()).toMatchObject({ keys: 200, members: 7 })
    expect(load(`${BASE}load: { keys: 5, members: 3 }`)).toMatchObject({ keys: 5, members: 3 })
  })

  test('of the plan', () => {
    expect(plan()).toMatchObject({
      id: 'mine',
      claim: 'it works',
      about: undefined,
      rounds: 5,
      reload: 'once',
      article: undefined,
      expectations: [],
    })
    expect(
      plan().variants.map(({ id, variant, point, delayMs, server, faults }) => ({ id, variant, point, delayMs, server, faults })),
    ).toEqual([
      { id: 'get', variant: 'get', point: {}, delayMs: 0, server: { config: {} }, faults: [] },
      { id: 'all', variant: 'all', point: {}, delayMs: 0, server: { config: {} }, faults: [] },
    ])
  })

  test('never give a thread without a connection', () => {
    expect(load(`${BASE}load: { connections: 2, threads: 4 }`)).toMatchObject({ threads: 2 })
  })
})

describe('layers', () => {
  test('the narrower place wins, field by field', () => {
    const text = `${BASE}load: { connections: 20, pipeline: 4, duration: 3s }\n`
    expect(load(text)).toMatchObject({ connections: 20, pipeline: 4, durationMs: 3000 })
    expect(load(text, {}, 1)).toMatchObject({ connections: 10, pipeline: 4, durationMs: 3000 })
  })

  test('commands and workload, duration and count replace each other', () => {
    const text = `name: a
claim: b
commands: [PING]
load: { duration: 3s }
variants:
  sends: {}
  works: { workload: queue, params: { size: 5 }, load: { count: 100 } }
  both: { loads: { one: { workload: queue }, two: { pipeline: 2 } } }
`
    expect(load(text)).toMatchObject({ commands: [{ line: 'PING' }], workload: undefined, durationMs: 3000, count: undefined })
    expect(load(text, {}, 1)).toMatchObject({
      commands: undefined,
      workload: { id: 'queue', params: { size: 5 } },
      durationMs: undefined,
      count: 100,
    })
    expect(plan(text).variants[2]!.loads).toMatchObject([
      { name: 'one', commands: undefined, workload: { id: 'queue', params: {} } },
      { name: 'two', commands: [{ line: 'PING' }], pipeline: 2 },
    ])
  })

  test('params merge, and a variant changes a load of the scenario by its name', () => {
    const text = `name: a
claim: b
loads: { reader: { commands: [PING], pipeline: 2 }, writer: { workload: queue, params: { a: 1, b: 1 } } }
variants:
  usual: {}
  slow: { loads: { writer: { params: { b: 2 } }, reader: { executor: open, rate: 100 } } }
  deep: { load: { pipeline: 8 } }
`
    expect(plan(text).variants.map(({ loads }) => loads.map(({ name, pipeline, rate }) => [name, pipeline, rate]))).toEqual([
      [
        ['reader', 2, undefined],
        ['writer', 1, undefined],
      ],
      [
        ['reader', 2, 100],
        ['writer', 1, undefined],
      ],
      [
        ['reader', 8, undefined],
        ['writer', 8, undefined],
      ],
    ])
    expect(plan(text).variants[1]!.loads[1]!.workload).toEqual({ id: 'queue', params: { a: 1, b: 2 } })
  })

  test('weights go with their commands', () => {
    const text = 'name: a\nclaim: b\nvariants: { one: { commands: [{ run: GET a, weight: 9 }, { run: SET a b, weight: 1 }] } }'
    expect(load(text).commands).toEqual([
      { line: 'GET a', weight: 9 },
      { line: 'SET a b', weight: 1 },
    ])
  })

  test('an open load has its rate', () => {
    expect(load(`${BASE}load: { executor: open, rate: 500, arrival: constant }`)).toMatchObject({
      executor: 'open',
      rate: 500,
      arrival: 'constant',
    })
  })

  test('what the server needs is text, as redis.conf is', () => {
    expect(plan(`${BASE}server: { config: { maxmemory: 100mb, io-threads: 2 } }`).variants[1]!.server.config).toEqual({
      maxmemory: '100mb',
      'io-threads': '2',
    })
  })
})

describe('servers', () => {
  const text = `${BASE}server: { config: { maxmemory: 100mb, io-threads: 2 } }
`
  const configs = (more: string, overrides: Overrides = {}) =>
    plan(text + more, overrides).variants.map(({ id, server }) => [id, server.config])

  test('are configured by scenario, variant, point and command line, directive by directive', () => {
    const own = text.replace('all: {', 'all: { server: { config: { maxmemory: 0, appendonly: yes } },')
    expect(plan(own).variants.map(({ server }) => server.config)).toEqual([
      { maxmemory: '100mb', 'io-threads': '2' },
      { maxmemory: '0', 'io-threads': '2', appendonly: 'yes' },
    ])
    expect(plan(own, { set: ['server.config.maxmemory=1gb'] }).variants.map(({ server }) => server.config['maxmemory'])).toEqual([
      '1gb',
      '1gb',
    ])
  })

  test('are swept by directive, numbers becoming text', () => {
    expect(configs('matrix: { server.config.hash-max-listpack-entries: [64, 512] }\n').slice(0, 2)).toEqual([
      ['get[hash-max-listpack-entries=64]', { maxmemory: '100mb', 'io-threads': '2', 'hash-max-listpack-entries': '64' }],
      ['get[hash-max-listpack-entries=512]', { maxmemory: '100mb', 'io-threads': '2', 'hash-max-listpack-entries': '512' }],
    ])
    expect(mistakes({ set: ['server.config.maxmemory=1'] }, `${text}matrix: { server.config.maxmemory: [1mb, 2mb] }`)).toEqual([
      'this run of mine has 1 mistake',
      '--set "server.config.maxmemory=1": the matrix sweeps it',
    ])
  })

  test('shape the measurement', () => {
    const swept = (value: string) => plan(`${BASE}matrix: { server.config.maxmemory: [${value}] }`).hash
    expect(swept('1mb')).not.toBe(swept('2mb'))
  })
})

test('the sentence of the article is no part of the measurement', () => {
  const said = plan(`${BASE}article: Hashes are good\n`)
  expect(said.article).toBe('Hashes are good')
  expect(said.hash).toBe(plan().hash)
})

test('the micro executor calls a workload', () => {
  expect(load('name: a\nclaim: b\nload: { executor: micro }\nvariants: { one: { workload: codec } }')).toMatchObject({
    executor: 'micro',
    workload: { id: 'codec' },
  })
})

describe('matrix', () => {
  const text = `${BASE}load: { pipeline: 3, connections: 7 }
matrix: { load.pipeline: [1, 16], network.delay: [0ms, 1ms] }
expect: ["get[pipeline=16,delay=1ms].throughput > 5 * get[pipeline=1,delay=1ms].throughput"]
`

  test('every variant runs at every point, the last axis turning fastest', () => {
    expect(plan(text).variants.map(({ id }) => id)).toEqual(
      ['get', 'all'].flatMap((variant) =>
        ['1,delay=0ms', '1,delay=1ms', '16,delay=0ms', '16,delay=1ms'].map((point) => `${variant}[pipeline=${point}]`),
      ),
    )
  })

  test('a point wins over variant and scenario', () => {
    expect(plan(text).variants[3]).toMatchObject({
      point: { pipeline: 16, delay: '1ms' },
      delayMs: 1,
      loads: [{ pipeline: 16, connections: 7 }],
    })
  })

  test('params and named loads are swept too', () => {
    const swept = `name: a
claim: b
matrix: { params.batch: [1, 10], loads.noise.rate: [5, 50] }
params: { mode: fast }
variants:
  one: { loads: { work: { workload: queue }, noise: { commands: [PING], executor: open } } }
`
    const variants = plan(swept).variants
    expect(variants.map(({ id }) => id)).toEqual([
      'one[batch=1,rate=5]',
      'one[batch=1,rate=50]',
      'one[batch=10,rate=5]',
      'one[batch=10,rate=50]',
    ])
    expect(variants[3]!.loads).toMatchObject([
      { name: 'work', workload: { params: { batch: 10, mode: 'fast' } } },
      { name: 'noise', rate: 50 },
    ])
  })

  test('expectations name the points', () => {
    expect(plan(text).expectations).toMatchObject([
      { left: { variant: 'get[pipeline=16,delay=1ms]' }, factor: 5, right: { variant: 'get[pipeline=1,delay=1ms]' } },
    ])
  })
})

describe('the quick profile', () => {
  test('shortens rounds and nothing else', () => {
    const full = plan()
    const quick = plan(BASE, { profile: 'quick' })
    const lengthened = {
      ...quick,
      rounds: 5,
      hash: full.hash,
      variants: quick.variants.map((variant) => ({
        ...variant,
        loads: variant.loads.map((one) => ({ ...one, durationMs: 10_000, warmupMs: 2000 })),
      })),
    }
    expect(lengthened).toEqual(full)
    expect(quick).toMatchObject({
      rounds: 5,
      variants: [{ loads: [{ durationMs: 200, warmupMs: 50 }] }, { loads: [{ durationMs: 200, warmupMs: 50 }] }],
    })
  })

  test('takes a tenth of a count', () => {
    expect(load(`${BASE}load: { count: 1001 }`, { profile: 'quick' })).toMatchObject({ count: 101, durationMs: undefined, warmupMs: 50 })
  })

  test('never lengthens what is shorter', () => {
    expect(plan(`${BASE}load: { duration: 100ms, warmup: 0s }\nrounds: 2`, { profile: 'quick' })).toMatchObject({
      rounds: 2,
      variants: [{ loads: [{ durationMs: 100, warmupMs: 0 }] }, {}],
    })
  })

  test('gives way to what is set', () => {
    expect(plan(BASE, { profile: 'quick', rounds: 9, set: ['load.duration=2s'] })).toMatchObject({
      rounds: 9,
      variants: [{ loads: [{ durationMs: 2000, warmupMs: 50 }] }, {}],
    })
    expect(load(`${BASE}load: { count: 1000 }`, { profile: 'quick', set: ['load.count=50'] })).toMatchObject({ count: 50 })
  })
})

describe('overrides', () => {
  test('win over every place', () => {
    const set = ['load.connections=3', 'load.duration=2s', 'network.delay=5ms']
    expect(plan(BASE, { set, rounds: 2, threads: 2 })).toMatchObject({
      rounds: 2,
      variants: [1, 2].map(() => ({ delayMs: 5, loads: [{ connections: 3, durationMs: 2000, threads: 2 }] })),
    })
  })

  test('are read by the type of their field', () => {
    const text = 'name: a\nclaim: b\nserver: { config: { a: b } }\nvariants: { one: { workload: queue } }'
    const set = [
      'params.size=5',
      'params.ratio=0.5',
      'params.fast=true',
      'params.mode=fast',
      'params.name=5x',
      'load.driver=ioredis',
      'server.config.maxmemory=100mb',
      'load.protocol=3',
    ]
    expect(plan(text, { set })).toMatchObject({
      variants: [
        {
          server: { config: { a: 'b', maxmemory: '100mb' } },
          loads: [{ driver: 'ioredis', protocol: 3, workload: { params: { size: 5, ratio: 0.5, fast: true, mode: 'fast', name: '5x' } } }],
        },
      ],
    })
  })

  test('reach the dataset, which the defaults follow', () => {
    const changed = plan(BASE, { set: ['dataset[0].count=50', 'dataset.0.ttl=1m', 'reload=round'] })
    expect(changed).toMatchObject({
      reload: 'round',
      dataset: [{ count: 50, ttl: '1m', size: 7 }],
      variants: [{ loads: [{ keys: 50 }] }, {}],
    })
  })

  test('turn a closed load into an open one', () => {
    expect(load(BASE, { set: ['load.executor=open', 'load.rate=2e3'] })).toMatchObject({ executor: 'open', rate: 2000 })
  })

  test('reach one named load', () => {
    const text = 'name: a\nclaim: b\nloads: { x: { commands: [PING] }, y: { commands: [PING] } }\nvariants: { one: {} }'
    expect(plan(text, { set: ['loads.y.pipeline=9'] }).variants[0]!.loads.map(({ pipeline }) => pipeline)).toEqual([1, 9])
    expect(mistakes({ set: ['loads.yy.pipeline=9'] }, text)).toEqual([
      'this run of a has 1 mistake',
      '--set "loads.yy.pipeline=9": no load has this name; did you mean y?',
    ])
  })

  test('with mistakes are told all at once', () => {
    const set = [
      'load.duraton=2s',
      'load.duration=10 sec',
      'load.connections=many',
      'load.connections=0',
      'pipeline=4',
      'nonsense',
      'rounds=4',
      'claim=x',
      'load=5',
      'dataset[3].count=5',
      'load.driver=wird',
    ]
    expect(mistakes({ set, rounds: 0, threads: 1.5 })).toEqual([
      'this run of mine has 13 mistakes',
      '--set "load.duraton=2s": unknown field; did you mean duration?',
      '--set "load.duration=10 sec": "10 sec" is not a duration; write 10s, 500ms or 2m',
      '--set "load.connections=many": expected a number, got "many"',
      '--set "load.connections=0": must be at least 1',
      '--set "pipeline=4": unknown field; did you mean load.pipeline?',
      '--set "nonsense": write it as load.duration=2s',
      '--set "rounds=4": use --rounds',
      '--set "claim=x": not for one run to change; there are load, loads, network, workload, params, vars, dataset, reload, server',
      '--set "load=5": stands for several values; name one of them',
      '--set "dataset[3].count=5": the dataset has 1 entries',
      '--set "load.driver=wird": expected wire or ioredis, got "wird"; did you mean wire?',
      '--rounds: must be a whole number from 1 to 1000',
      '--threads: must be a whole number from 1 to 64',
    ])
  })

  test('that contradict the scenario are told by their own name', () => {
    expect(mistakes({ set: ['load.rate=100'] })[1]).toBe(
      '--set load.rate: the closed executor takes no rate; set executor to open, or leave rate out',
    )
    expect(mistakes({ set: ['load.executor=open'] })[1]).toBe('--set load.executor: the open executor needs a rate')
    expect(mistakes({ set: ['params.batch=5'] })[1]).toBe('--set params: only a workload takes params')
    expect(mistakes({ set: ['load.pipeline=4'] }, `${BASE}matrix: { load.pipeline: [1, 2] }`)[1]).toBe(
      '--set "load.pipeline=4": the matrix sweeps it',
    )
    expect(mistakes({ set: ['dataset[0].count=5'] }, BASE.replace('user:{i}", count: 200', 'user"'))[1]).toBe(
      'dataset[0].key: names one key 5 times; put {i} into it',
    )
  })

  test('that are hostile are escaped', () => {
    expect(mistakes({ set: ['a\x1b[2J=1'] })[1]).toBe(String.raw`--set "a\x1b[2J=1": unknown field`)
    expect(mistakes({ set: ['__proto__.x=1', 'load.__proto__=1', 'constructor=1'] }).slice(1)).toEqual([
      '--set "__proto__.x=1": unknown field',
      '--set "load.__proto__=1": unknown field',
      '--set "constructor=1": unknown field',
    ])
  })
})

describe('the hash', () => {
  const hash = (text = BASE, overrides: Overrides = {}) => plan(text, overrides).hash

  test('is a SHA-256 that stays the same', () => {
    expect(hash()).toMatch(/^[0-9a-f]{64}$/)
    expect(hash()).toBe(hash())
  })

  test('does not see wording, order, comments, defaults written out, expectations or rounds', () => {
    const reworded = `# a comment
variants:
  all: { load: { connections: 10 }, commands: ["HGETALL user:{key}"] }
  get: { commands: ["HGET user:{key} f0"] }
claim: other words
about: more words
dataset: [{ hash: { "f{j}": "{word}" }, size: 7, key: "user:{i}", count: 200 }]
load: { pipeline: 1, executor: closed }
rounds: 9
expect: [get.throughput > all.throughput]
name: other-name
`
    expect(hash(reworded)).toBe(hash())
    expect(hash(BASE, { rounds: 2 })).toBe(hash())
  })

  test.each([
    ['a command', BASE.replace('f0', 'f1')],
    ['the name of a variant', BASE.replace('get:', 'got:')],
    ['the size of the dataset', BASE.replace('count: 200', 'count: 201')],
    ['a value of the dataset', BASE.replace('{word}', '{uuid}')],
    ['connections', BASE.replace('connections: 10', 'connections: 11')],
    ['the duration', `${BASE}load: { duration: 9s }`],
    ['a count', `${BASE}load: { count: 9 }`],
    ['the network', `${BASE}network: { delay: 1ms }`],
    ['when the dataset is written', `${BASE}reload: round`],
    ['what the server needs', `${BASE}server: { config: { maxmemory: 1gb } }`],
    ['the driver', `${BASE}load: { driver: ioredis }`],
  ])('sees %s', (_, text) => {
    expect(hash(text)).not.toBe(hash())
  })

  test('sees the order of commands, which take turns', () => {
    const two = (list: string) => hash(`name: a\nclaim: b\nvariants: { one: { commands: [${list}] } }`)
    expect(two('GET a, GET b')).not.toBe(two('GET b, GET a'))
  })
})
