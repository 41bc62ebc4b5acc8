import { expect, test } from 'vitest'
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { InputError } from '#redline/core/errors.js'

/** The message that a file is refused with. */
function refusal(text: string): string {
  try {
    loadScenarioFile('mine.yaml', text)
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  return 'accepted'
}

/** The mistakes of a file, one by line, without heading and alignment. */
const mistakes = (text: string) =>
  refusal(text)
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^ {2}(\d+:\d+) +/, '$1 '))

/** A scenario that is right but for `extra`, which begins in line 4. */
const having = (extra: string) => `name: mine
claim: it works
variants: { one: { commands: [PING] }, two: { commands: [PING] } }
${extra}`

test('five mistakes of five kinds are told at once, each where it stands', () => {
  const text = `name: mine
claim: it works
variants:
  one: { commands: ["GET user:{kye}", PING] }
  two: { commands: [PING] }
load:
  executer: closed
  duration: 10 sec
  rate: 5
expect:
  - one.p99 < 2 * tow.p99
`
  expect(refusal(text)).toBe(
    `mine.yaml has 5 mistakes
  4:31  one.commands`.replace('  4:31  one.commands', '') +
      `  4:31  variants.one.commands[0]: unknown placeholder {kye}; did you mean {key}?
  7:3   load.executer: unknown field; did you mean executor?
  8:13  load.duration: "10 sec" is not a duration; write 10s, 500ms or 2m
  9:3   load.rate: the closed executor takes no rate; set executor to open, or leave rate out
  11:19 expect[0]: unknown variant tow; did you mean two?`,
  )
})

test('a right file is what the schema says, defaults filled in', () => {
  expect(loadScenarioFile('mine.yaml', having('dataset: [{ key: a, string: b }]'))).toMatchObject({
    name: 'mine',
    rounds: 5,
    reload: 'once',
    dataset: [{ key: 'a', count: 1, string: 'b' }],
    matrix: {},
    expect: [],
  })
})

test('a missing field is told at the place around it', () => {
  expect(mistakes('claim: x\nvariants:\n  one:\n    commands:\n      - { run: PING }\n')).toEqual([
    '1:1 name: missing',
    '5:9 variants.one.commands[0].weight: missing; share of requests, relative to the other commands',
  ])
})

test.each([
  ['load: 5', '4:7 load: expected a map of fields, got 5'],
  ['load:', '4:1 load: expected a map of fields, got nothing'],
  ['load: []', '4:7 load: expected a map of fields, got a list'],
  ['load: { connections: "50" }', '4:22 load.connections: expected a number, got "50"'],
  ['load: { connections: 1.5 }', '4:22 load.connections: expected a whole number, got 1.5'],
  ['load: { connections: 0 }', '4:22 load.connections: must be at least 1'],
  ['load: { connections: 10001 }', '4:22 load.connections: must be 10000 or less'],
  ['load: { count: 99999999999999999999 }', '4:16 load.count: too large a number'],
  ['load: { duration: 5 }', '4:19 load.duration: 5 is not a duration; write 10s, 500ms or 2m'],
  ['load: { duration: 0s }', '4:19 load.duration: 0s is too short; write 1ms or more'],
  ['load: { duration: 8d }', '4:19 load.duration: 8d is too long; write 7d or less'],
  ['load: { driver: wird }', '4:17 load.driver: expected wire or ioredis, got "wird"; did you mean wire?'],
  ['load: { protocol: 4 }', '4:19 load.protocol: expected 2 or 3, got 4'],
  ['load: { executor: open, rate: 0 }', '4:31 load.rate: must be more than 0'],
  ['load: { executor: open, rate: .inf }', '4:31 load.rate: expected a number, got null'],
  ['reload: never', '4:9 reload: expected once or round, got "never"'],
  ['claims: x', '4:1 claims: unknown field; did you mean claim?'],
  ['about: 7', '4:8 about: expected text, got 7; put it in quotes'],
  ['rounds: 0', '4:9 rounds: must be at least 1'],
  ['expect: [""]', '4:10 expect[0]: must not be empty'],
  ['server: {}', '4:9 server.config: missing; redis.conf directives'],
  ['network: { delay: 2h }', '4:19 network.delay: 2h is too long; write 1m or less'],
])('%s is refused: %s', (extra, mistake) => {
  expect(mistakes(having(extra))).toEqual([mistake])
})

test('a union is told by the alternative that was meant', () => {
  const commands = (list: string) => mistakes(`name: mine\nclaim: x\nvariants: { one: { commands: [${list}] } }`)
  expect(commands('5')).toEqual(['3:31 variants.one.commands[0]: expected text or a map of fields, got 5; put it in quotes'])
  expect(commands('""')).toEqual(['3:31 variants.one.commands[0]: must not be empty'])
  expect(commands('{ run: "GET {kye}", weight: 0 }')).toEqual([
    '3:43 variants.one.commands[0].run: unknown placeholder {kye}; did you mean {key}?',
    '3:59 variants.one.commands[0].weight: must be more than 0',
  ])
  expect(commands('{ rum: PING, weight: 1 }')).toEqual([
    '3:31 variants.one.commands[0].run: missing',
    '3:33 variants.one.commands[0].rum: unknown field; did you mean run?',
  ])
  expect(mistakes(having('dataset: [{ key: a, hash: { f: [1] } }]'))).toEqual([
    '4:32 dataset[0].hash.f: expected text, a number or true or false, got a list',
  ])
})

test('names of variants and loads are checked, and what stands behind them too', () => {
  expect(mistakes('name: mine\nclaim: x\nvariants:\n  Get_It: { commands: ["GET {kye}"], lod: {} }')).toEqual([
    '4:3 variants.Get_It: use lower-case letters, digits and dashes',
    '4:29 variants.Get_It.commands[0]: unknown placeholder {kye}; did you mean {key}?',
    '4:38 variants.Get_It.lod: unknown field; did you mean load?',
  ])
  expect(mistakes('name: Mine\nclaim: x\nvariants: {}')).toEqual([
    '1:7 name: use lower-case letters, digits, dashes and slashes',
    '3:11 variants: name at least one variant',
  ])
})

test('the place of a placeholder is told in plain, quoted and folded text', () => {
  const where = (scalar: string) =>
    mistakes(`name: mine\nclaim: x\nvariants:\n  one:\n    commands:\n      - ${scalar}`)[0]!.trim().split(' ')[0]
  expect(where('GET a:{kye}')).toBe('6:15')
  expect(where(`'GET a:{kye}'`)).toBe('6:16')
  expect(where('"GET a:{kye}"')).toBe('6:16')
  // In these the text is not what stands in the file: the place of the whole is as near as it gets.
  expect(where(String.raw`"GET \"a\" {kye}"`)).toBe('6:9')
  expect(where('>-\n        GET\n        {kye}')).toBe('6:9')
})

test('placeholders of datasets are checked in names of fields and in values, and scores are numbers', () => {
  expect(
    mistakes(
      having(`dataset:
  - { key: "a:{key}", hash: { "f{k}": "{oneof}" } }
  - { key: "b:{i", count: 2, list: "{word" }
  - { key: c, zset: { "m{j}": "{word}", a: ten, b: "1e3", c: "{int 1..5}", d: true } }`),
    ),
  ).toEqual([
    '5:15 dataset[0].key: {key} belongs to commands; a dataset counts with {i}',
    '5:31 dataset[0].hash.f{k}: unknown placeholder {k}; write {{k}} for the text itself',
    '5:40 dataset[0].hash.f{k}: {oneof} needs values: {oneof free pro}',
    '6:12 dataset[1].key: names one key 2 times; put {i} into it',
    '7:32 dataset[2].zset.m{j}: a score is a number: 42 or {int 0..1000}',
    '7:44 dataset[2].zset.a: a score is a number: 42 or {int 0..1000}',
    '7:79 dataset[2].zset.d: expected text or a number, got true; put it in quotes',
  ])
})

test('an entry of the dataset is of exactly one type, with elements where that type has them', () => {
  expect(
    mistakes(
      having(`dataset:
  - { key: a, cuont: 3 }
  - { key: b, string: x, list: y }
  - { key: c, string: "{j}", size: 3 }
  - { key: "d:{j}", list: x, size: 3 }
  - { key: e, string: 5 }`),
    ),
  ).toEqual([
    '5:5 dataset[0]: holds nothing; give it one of string, hash, list, set, zset, stream',
    '5:15 dataset[0].cuont: unknown field; did you mean count?',
    '6:5 dataset[1]: holds string and list; a key is of one type',
    '7:23 dataset[2].string: {j} counts the elements of a key; use {i}',
    '7:30 dataset[2].size: a string has no elements',
    '8:12 dataset[3].key: {j} counts the elements of a key; use {i}',
    '9:23 dataset[4].string: expected text, got 5; put it in quotes',
  ])
})

test('fields that exclude each other are told, in each place they meet', () => {
  expect(
    mistakes(`name: mine
claim: x
load: { duration: 2s, count: 5 }
workload: queue
variants:
  one: { commands: [PING], workload: queue, params: { a: 1 } }
  two: { commands: [PING, { run: PING, weight: 2 }] }
  three: { loads: { a: { commands: [PING], duration: 1s, count: 1 } }, load: { pipeline: 2 }, commands: [PING] }
`),
  ).toEqual([
    '3:23 load.count: stands beside duration; keep one of them',
    '6:28 variants.one.workload: stands beside commands; keep one of them',
    '6:45 variants.one.params: only a workload takes params',
    '7:10 variants.two.commands: give every command a weight, or none',
    '8:58 variants.three.loads.a.count: stands beside duration; keep one of them',
    '8:72 variants.three.load: stands beside loads; move it into each of them',
    '8:95 variants.three.commands: stands beside loads; move it into each of them',
  ])
})

test('what only the merged layers show is told once, where the deciding field stands', () => {
  expect(
    mistakes(`name: mine
claim: x
load: { executor: open }
variants:
  one: { commands: [PING] }
  two: { commands: [PING] }
  three: { load: { executor: closed, rate: 5, arrival: constant }, commands: [PING] }
  four: { load: { rate: 100 } }
`),
  ).toEqual([
    '3:9 load.executor: the open executor needs a rate',
    '7:38 variants.three.load.rate: the closed executor takes no rate; set executor to open, or leave rate out',
    '7:47 variants.three.load.arrival: the closed executor takes no arrival; set executor to open, or leave arrival out',
    '8:3 variants.four: sends nothing; give it commands or a workload',
  ])
})

test('the micro executor is told what it does not take', () => {
  expect(
    mistakes(`name: mine
claim: x
variants:
  one: { commands: [PING], load: { executor: micro } }
  two: { workload: codec, load: { executor: micro, rate: 5 } }
`),
  ).toEqual([
    '4:36 variants.one.load.executor: the micro executor measures the work of a workload on the client; give it one instead of commands',
    '5:52 variants.two.load.rate: the micro executor takes no rate; set executor to open, or leave rate out',
  ])
})

test('params that no variant hands to a workload are told', () => {
  expect(mistakes(having('params: { batch: 2 }'))).toEqual(['4:1 params: only a workload takes params'])
  expect(refusal('name: mine\nclaim: x\nparams: { batch: 2 }\nvariants: { one: { workload: queue }, two: { commands: [PING] } }')).toBe(
    'accepted',
  )
})

test('axes of the matrix name single fields, take their values, and can be told apart', () => {
  expect(
    mistakes(
      having(`matrix:
  load.pipelin: [1, 2]
  pipeline: [1, 2]
  load: [1]
  commands: [GET]
  network.delay: [0ms, 1, 2m]
  load.threads: [1, 1, two]
  loads.one.threads: [1]
  params.mode: ["a b"]
  params.x: []
  params.y: 3`),
    ),
  ).toEqual([
    '5:3 matrix.load.pipelin: unknown field; did you mean pipeline?',
    '6:3 matrix.pipeline: unknown field; did you mean load.pipeline?',
    '7:3 matrix.load: stands for several values; name one of them',
    '8:3 matrix.commands: stands for several values; name one of them',
    '9:24 matrix.network.delay[1]: 1 is not a duration; write 10s, 500ms or 2m',
    '9:27 matrix.network.delay[2]: 2m is too long; write 1m or less',
    '10:21 matrix.load.threads[1]: given twice',
    '10:24 matrix.load.threads[2]: expected a number, got "two"',
    '11:3 matrix.loads.one.threads: called threads, like load.threads; only one of them can be swept',
    '12:17 matrix.params.mode[0]: must be without spaces, commas, =, <, > and brackets',
    '13:13 matrix.params.x: must not be empty',
    '14:13 matrix.params.y: expected a list, got 3',
  ])
})

test('a matrix or a list of variants that would run for days is refused at once', () => {
  const numbers = Array.from({ length: 15 }, (_, i) => i + 1).join(', ')
  expect(mistakes(having(`matrix: { load.pipeline: [${numbers}], load.connections: [${numbers}] }`))).toEqual([
    '4:1 matrix: has 225 points; at most 200',
  ])
  const variants = Array.from({ length: 60 }, (_, i) => `v${i}: { commands: [PING] }`).join(', ')
  expect(mistakes(`name: mine\nclaim: x\nvariants: { ${variants} }`)).toEqual(['3:1 variants: names 60; at most 50'])
})

test('expectations name variants, points, loads and metrics that there are', () => {
  expect(
    mistakes(`name: mine
claim: x
variants: { get: { commands: [PING] }, both: { loads: { reader: { commands: [PING] }, writer: { commands: [PING] } } } }
matrix: { load.pipeline: [1, 16] }
expect:
  - get[pipeline=16].throughputt > 5 * git[pipeline=1].throughput
  - get.throughput > 1k
  - get[pipeline=2].p50 < 2ms
  - get[depth=1].p50 < 2ms
  - both[pipeline=1].readr.p50 < 2ms
  - both[pipeline=1].reader.hit_rate > 0.5
  - get is fast
`),
  ).toEqual([
    '6:22 expect[0]: unknown metric throughputt; did you mean throughput?',
    '6:40 expect[0]: unknown variant git; did you mean get?',
    '7:8 expect[1]: say which pipeline: [pipeline=1]',
    '8:8 expect[2]: pipeline is never 2; it is 1, 16',
    '9:8 expect[3]: unknown axis depth; swept are pipeline',
    '10:5 expect[4]: both has no load readr; did you mean reader?',
    '11:29 expect[5]: hit_rate is of the whole server; leave out .reader',
    '12:5 expect[6]: not an expectation; write a.throughput > 1.2 * b.throughput, or a.p99 < 2ms',
  ])
})

test('hostile names are escaped, and a flood of mistakes is cut', () => {
  expect(mistakes(having('"bad\\x1b[31m\\u202e": 1'))).toEqual([String.raw`4:1 bad\x1b[31m\u202e: unknown field`])
  const flood = refusal(having(Array.from({ length: 80 }, (_, i) => `field${i}: 1`).join('\n'))).split('\n')
  expect(flood[0]).toBe('mine.yaml has 80 mistakes')
  expect(flood).toHaveLength(52)
  expect(flood.at(-1)).toBe('  and 30 more')
  expect(Math.max(...mistakes(having(`${'x'.repeat(5000)}: 1`)).map(({ length }) => length))).toBeLessThan(500)
})

test('one mistake is told in the singular, and a hostile path is escaped', () => {
  expect(() => loadScenarioFile('a\x1b.yaml', '')).toThrow(new InputError(String.raw`a\x1b.yaml has 1 mistake` + '\n  empty'))
})
