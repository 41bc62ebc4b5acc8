import { expect, test } from 'vitest'
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { resolveScenario } from '#redline/config/resolve.js'
import { mistakesIn } from '../support/mistakes.js'

const having = (extra: string) => `name: mine
claim: it works
load: { duration: 3s }
quick: { load: { duration: 3s } }
variants: { one: { commands: [PING] }, two: { commands: [PING], faults: [{ at: 1s, do: cut }] }, none: { commands: [PING], faults: [] } }
${extra}`
const plan = (text: string) => resolveScenario(loadScenarioFile('mine.yaml', text))

test('faults come in the order of their times; those of a variant stand instead of those of the scenario', () => {
  const text = having('faults: [{ at: 2s, do: kill, for: 500ms }, { at: 0s, do: pause, for: 100ms }, { at: 2900ms, do: restart }]')
  expect(plan(text).variants.map(({ faults }) => faults)).toEqual([
    [
      { atMs: 0, kind: 'pause', forMs: 100 },
      { atMs: 2000, kind: 'kill', forMs: 500 },
      { atMs: 2900, kind: 'restart' },
    ],
    [{ atMs: 1000, kind: 'cut' }],
    [],
  ])
})

test('the hash sees them', () => {
  expect(plan(having('faults: [{ at: 1s, do: kill }]')).hash).not.toBe(plan(having('faults: [{ at: 2s, do: kill }]')).hash)
  expect(plan(having('faults: [{ at: 1s, do: kill }]')).hash).not.toBe(plan(having('')).hash)
})

test('what makes no sense is told', () => {
  expect(
    mistakesIn(
      having(`faults:
  - { at: 1s, do: kil }
  - { at: 1 s, do: cut }
  - { at: 3s, do: cut, for: 1s }
  - { at: 1s, do: pause, for: 0s }
  - { do: cut }
  - { at: 100ms, do: kill }
  - { at: 200ms, do: pause }
  - { at: 300ms, do: restart, for: 1s }
  - { at: 400ms, do: pause }
`),
    ),
  ).toEqual([
    '7:19 faults[0].do: expected pause, kill, restart or cut, got "kil"; did you mean kill?',
    '8:11 faults[1].at: "1 s" is not a duration; write 10s, 500ms or 2m',
    '9:7 faults[2].at: it comes after the measured part, which takes 3s',
    '9:24 faults[2].for: a cut takes no time',
    '10:31 faults[3].for: 0s is too short; write 1ms or more',
    '11:5 faults[4].at: missing; since the measured part of the round began',
    '13:18 faults[6].do: the server is down then; restart it before',
    '14:31 faults[7].for: a restart takes no time',
  ])
})

test('faults that the shorter rounds of --quick would leave out are told', () => {
  expect(mistakesIn(having('faults: [{ at: 1s, do: cut }]').replace(/^quick.*\n/m, ''))).toEqual([
    '4:76 variants.two.faults[0].at: with --quick, it comes after the measured part, which takes 200ms',
    '5:12 faults[0].at: with --quick, it comes after the measured part, which takes 200ms',
  ])
})

test('a load that ends after a count has no end that could be told', () => {
  expect(
    mistakesIn('name: mine\nclaim: x\nvariants: { one: { commands: [PING] } }\nload: { count: 5 }\nfaults: [{ at: 1m, do: cut }]'),
  ).toEqual([])
})

test('a point of the matrix has none', () => {
  expect(mistakesIn(having('matrix: { faults.0.at: [1s, 2s] }'))).toEqual(['6:11 matrix.faults.0.at: unknown field'])
})
