import { describe, expect, test } from 'vitest'
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { resolveScenario } from '#redline/config/resolve.js'
import type { Overrides } from '#redline/config/overrides.js'
import { mistakesIn } from '../support/mistakes.js'

const SWEPT = `name: mine
claim: x
load: { duration: 5s, warmup: 1s }
variants:
  get: { commands: ["GET k:{$n}"] }
  work: { workload: queue, params: { size: 100, key: "k{$n}" } }
matrix: { vars.n: [1, 10, 100], load.pipeline: [1, 4] }
`
const plan = (text: string, overrides: Overrides = { profile: 'quick' }) => resolveScenario(loadScenarioFile('mine.yaml', text), overrides)

describe('what a scenario says of its quick form', () => {
  const text = `${SWEPT}quick:
  rounds: 3
  load: { duration: 400ms }
  params: { size: 5 }
  matrix: { vars.n: [1, 100], load.pipeline: [1] }
`
  test('is what --quick runs, beyond the shorter rounds', () => {
    const quick = plan(text)
    expect(quick.rounds).toBe(3)
    expect(quick.variants.map(({ id }) => id)).toEqual(
      ['get', 'work'].flatMap((name) => [`${name}[n=1,pipeline=1]`, `${name}[n=100,pipeline=1]`]),
    )
    expect(quick.variants[3]!.loads[0]).toMatchObject({ durationMs: 400, warmupMs: 50, workload: { params: { size: 5, key: 'k100' } } })
  })

  test('changes nothing of the full form, nor its hash', () => {
    expect(plan(text, {})).toEqual(plan(SWEPT, {}))
    expect(plan(text).hash).not.toBe(plan(SWEPT).hash)
  })

  test('gives way to the command line', () => {
    expect(plan(text, { profile: 'quick', rounds: 9, set: ['load.duration=2s', 'params.size=7'] })).toMatchObject({
      rounds: 9,
      variants: [{}, {}, {}, { loads: [{ durationMs: 2000, workload: { params: { size: 7 } } }] }],
    })
  })

  test('may be about named loads, and about vars', () => {
    const quick = plan(`name: mine
claim: x
vars: { n: 10 }
loads: { a: { commands: ["GET {$n}"], count: 500 }, b: { commands: [PING] } }
variants: { one: {} }
quick: { loads: { a: { duration: 1s } }, vars: { n: 2 } }
`)
    expect(quick.variants[0]!.loads).toMatchObject([
      { name: 'a', durationMs: 1000, count: undefined, commands: [{ line: 'GET 2' }] },
      { name: 'b', durationMs: 200 },
    ])
  })

  test('may have expectations of its own', () => {
    const own = `${SWEPT}expect: ["get[n=10,pipeline=4].p50 < 1s"]
quick: { matrix: { vars.n: [1, 100] }, expect: ["get[n=100,pipeline=4].p50 < 2s"] }`
    expect(plan(own).expectations).toMatchObject([{ factor: 2e6 }])
    expect(plan(own, {}).expectations).toMatchObject([{ factor: 1e6 }])
  })
})

test('expectations of points that quick leaves out are told, unless quick has its own', () => {
  const expected = `expect:
  - get[n=10,pipeline=4].p50 < 1s
  - get[n=1,pipeline=4].p50 < 1s
  - exponent(get[pipeline=4].p50 over n) < 1
  - git.p50 < 1s
`
  expect(mistakesIn(`${SWEPT}quick: { matrix: { vars.n: [1] } }\n${expected}`)).toEqual([
    '10:8 expect[0]: with --quick, n is never 10; it is 1: give quick an expect of its own',
    '12:39 expect[2]: with --quick, n is only 1 here; an exponent takes two values or more: give quick an expect of its own',
    '13:5 expect[3]: unknown variant git; did you mean get?',
  ])
  expect(mistakesIn(`${SWEPT}quick: { matrix: { vars.n: [1] }, expect: [] }\n${expected.replace(/.*git.*\n/, '')}`)).toEqual([])
})

test('mistakes of quick are told in their place', () => {
  expect(
    mistakesIn(`${SWEPT}quick:
  rounds: 0
  load: { duration: 1s, count: 5, pipeline: 2, rate: 5 }
  loads: { man: { connections: 3 } }
  vars: { n: 3, m: 4 }
  matrix: { vars.n: [1, "a b"], vars.nn: [1], load.pipeline: [0] }
  expect: ["get.p50 < 1s"]
  commands: [PING]
`),
  ).toEqual([
    '9:11 quick.rounds: must be at least 1',
    '10:25 quick.load.count: stands beside duration; keep one of them',
    '10:35 quick.load.pipeline: the matrix sweeps it; give quick a matrix with fewer values',
    '10:48 quick.load.rate: the closed executor takes no rate; set executor to open, or leave rate out',
    '11:12 quick.loads.man: no load has this name',
    '12:11 quick.vars.n: the matrix sweeps it; give quick a matrix with fewer values',
    '12:17 quick.vars.m: nothing uses it; write {$m} in a command or a param',
    '13:25 quick.matrix.vars.n[1]: must be without spaces, commas, =, <, > and brackets',
    '13:33 quick.matrix.vars.nn: the matrix does not sweep it; did you mean vars.n?',
    '13:63 quick.matrix.load.pipeline[0]: must be at least 1',
    '14:16 quick.expect[0]: say which n: [n=1]',
    '15:3 quick.commands: unknown field',
  ])
})
