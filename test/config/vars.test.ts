import { describe, expect, test } from 'vitest'
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { resolveScenario } from '#redline/config/resolve.js'
import type { Overrides } from '#redline/config/overrides.js'
import { mistakesIn, mistakesOf } from '../support/mistakes.js'

const plan = (text: string, overrides: Overrides = {}) => resolveScenario(loadScenarioFile('mine.yaml', text), overrides)
const linesOf = (text: string, overrides: Overrides = {}) =>
  plan(text, overrides).variants.map(({ id, loads }) => [id, ...loads[0]!.commands!.map(({ line }) => line)])

const head = 'name: mine\nclaim: x\n'

describe('{$name} in commands', () => {
  test('is what scenario, variant and point say, the narrower winning', () => {
    const text = `${head}vars: { size: 8, field: name }
commands: ["SET k:{key} {bytes {$size}}", "HGET h {$field}"]
variants: { usual: {}, big: { vars: { size: 1KB } } }
`
    expect(linesOf(text)).toEqual([
      ['usual', 'SET k:{key} {bytes 8}', 'HGET h name'],
      ['big', 'SET k:{key} {bytes 1KB}', 'HGET h name'],
    ])
    expect(linesOf(`${text}matrix: { vars.field: [a, b] }\n`).map(([id, , line]) => [id, line])).toEqual([
      ['usual[field=a]', 'HGET h a'],
      ['usual[field=b]', 'HGET h b'],
      ['big[field=a]', 'HGET h a'],
      ['big[field=b]', 'HGET h b'],
    ])
  })

  test('works where commands have weights, and for named loads', () => {
    const text = `${head}variants: { one: { vars: { n: 7 }, loads: { a: { commands: [{ run: "GET k{$n}", weight: 2 }] }, b: { commands: [PING] } } } }`
    expect(plan(text).variants[0]!.loads[0]!.commands).toEqual([{ line: 'GET k7', weight: 2 }])
  })

  test('other braces stay: hash tags, JSON, placeholders, {{ and {$ that names nothing', () => {
    const line = `'SET {user{$n}}:{key} "{{\\"$a\\":{\\"b\\":1}}" {$} {{$n}} {$ n}'`
    expect(linesOf(`${head}vars: { n: 1 }\nvariants: { one: { commands: [${line}] } }`)).toEqual([
      ['one', String.raw`SET {user1}:{key} "{{\"$a\":{\"b\":1}}" {$} {{$n}} {$ n}`],
    ])
  })

  test('is set for one run, above all that the file says', () => {
    const text = `${head}vars: { n: 1 }\ncommands: ["GET k{$n}"]\nvariants: { a: {}, b: { vars: { n: 2 } } }`
    expect(linesOf(text, { set: ['vars.n=9'] })).toEqual([
      ['a', 'GET k9'],
      ['b', 'GET k9'],
    ])
    expect(mistakesOf(() => plan(text, { set: ['vars.m=9'] }))).toEqual(['--set "vars.m=9": no var has this name'])
    expect(mistakesOf(() => plan(`${text}\nmatrix: { vars.n: [1, 2] }`, { set: ['vars.n=9'] }))).toEqual([
      '--set "vars.n=9": the matrix sweeps it',
    ])
  })

  test('shapes the measurement, so that the hash sees it', () => {
    const text = (n: number) => `${head}vars: { n: ${n} }\nvariants: { a: { commands: ["GET k{$n}"] } }`
    expect(plan(text(1)).hash).not.toBe(plan(text(2)).hash)
  })
})

test('a param that is a var is its value, with its type; within other text it is text', () => {
  const text = `${head}vars: { n: 7, on: true }
variants: { one: { workload: queue, params: { size: "{$n}", flag: "{$on}", key: "q:{$n}", plain: 3 } } }`
  expect(plan(text).variants[0]!.loads[0]!.workload!.params).toEqual({ size: 7, flag: true, key: 'q:7', plain: 3 })
})

test('vars that nobody gives are told in their place, wherever the text stands', () => {
  expect(
    mistakesIn(`${head}vars: { size: 8 }
commands: ["SET k {bytes {$sise}}"]
variants:
  usual: {}
  weighted: { commands: [{ run: "GET a{$other}", weight: 1 }] }
  params: { workload: queue, params: { n: "x{$size}{$missing}" } }
  only-here: { vars: { mine: 1 }, commands: ["GET {$mine}{$size}"] }
  not-here: { commands: ["GET {$mine}"] }
`),
  ).toEqual([
    '4:26 commands[0]: unknown {$sise}; did you mean {$size}?',
    '7:39 variants.weighted.commands[0].run: unknown {$other}; give it a value in vars, or write {{$other}} for the text itself',
    '8:52 variants.params.params.n: unknown {$missing}; give it a value in vars, or write {{$missing}} for the text itself',
    '10:31 variants.not-here.commands[0]: no {$mine} for not-here; give it one in its vars',
  ])
})

test('a command is read with its vars replaced, and its mistakes are told in what was written', () => {
  expect(
    mistakesIn(`${head}variants: { one: { commands: ["SET k {bytes {$size}} {kye}", "GET {int {$from}..9}", "{$cmd} k"] } }
vars: { from: 10, cmd: GET }
matrix: { vars.size: [many, 8, lots] }
`),
  ).toEqual([
    '3:38 variants.one.commands[0]: "many" is not a size; write 64, 100KB or 5MB ({$size} is many)',
    '3:67 variants.one.commands[1]: the range 10..9 ends before it starts ({$from} is 10)',
  ])
  expect(mistakesIn(`${head}variants: { one: { commands: ["GET {kye} {$a}"] } }\nvars: { a: 1 }`)).toEqual([
    '3:36 variants.one.commands[0]: unknown placeholder {kye}; did you mean {key}? ({$a} is 1)',
  ])
})

test('vars without an effect are told: unused ones, and ones in data that all variants share', () => {
  expect(
    mistakesIn(`${head}vars: { unused: 1 }
dataset: [{ key: "k:{$unused}", count: 1, hash: { "f{$unused}": "{$unused}" } }]
variants: { one: { commands: [PING], vars: { also: 1 } } }
matrix: { vars.swept: [1, 2] }
`),
  ).toEqual([
    '3:9 vars.unused: nothing uses it; write {$unused} in a command or a param',
    '4:21 dataset[0].key: vars are for commands and params: all variants share the data; write {{$unused}} for the text itself',
    '4:51 dataset[0].hash.f{$unused}: vars are for commands and params: all variants share the data; write {{$unused}} for the text itself',
    '4:66 dataset[0].hash.f{$unused}: vars are for commands and params: all variants share the data; write {{$unused}} for the text itself',
    '5:46 variants.one.vars.also: nothing uses it; write {$also} in a command or a param',
    '6:11 matrix.vars.swept: nothing uses it; write {$swept} in a command or a param',
  ])
})

test('names are checked, values are single, and none names another', () => {
  expect(mistakesIn(`${head}vars: { Size: 1, list: [1], a: "{$b}" }\nvariants: { one: { commands: ["GET {$a}{$list}"] } }`)).toEqual([
    '3:9 vars.Size: use lower-case letters, digits and dashes',
    '3:9 vars.Size: nothing uses it; write {$Size} in a command or a param',
    '3:24 vars.list: expected text, a number or true or false, got a list',
    '3:32 vars.a: a var stands for itself and names no other',
  ])
})
