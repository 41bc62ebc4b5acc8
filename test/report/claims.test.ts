import { describe, expect, test } from 'vitest'
import { renderClaims } from '#redline/report/claims.js'
import { environment, expectation, round, runResult, scenario, target, variant } from '../support/results.js'

const scenarios = [
  { id: 'operations/pipelining', claim: 'Pipelining saves round trips', article: 'Use pipelines.' },
  { id: 'hashes/encoding', claim: 'Hashes are compact below 128 fields', article: 'Redis uses a compact encoding below 128 fields.' },
  { id: 'strings/counter', claim: 'INCR is fast', article: undefined },
]
const remarked = variant({ rounds: [round({ remarks: ['the switch is at 512 fields (hash-max-listpack-entries 512)'] })] })
const refuted = expectation({
  left: { variant: 'hash', load: null, metric: 'switch_at' },
  right: null,
  verdict: 'refuted',
  observed: 512,
  asked: 128,
  low: 512,
  high: 512,
})
const result = runResult({
  profile: 'full',
  environment: environment({ memoryBytes: 8 * 1024 ** 3 }),
  targets: [target({ version: '6.0.16' }), target({ engine: 'valkey', version: '9.1.0' })],
  scenarios: [
    scenario({ id: 'hashes/encoding', variants: [remarked], expectations: [refuted], target: 0 }),
    scenario({ id: 'hashes/encoding', variants: [remarked], expectations: [refuted], target: 1 }),
    scenario({ id: 'strings/counter', expectations: [expectation({})], target: 0 }),
    scenario({ id: 'strings/counter', expectations: [expectation({})], target: 1 }),
    scenario({ id: 'operations/pipelining', expectations: [expectation({})], target: 0 }),
    scenario({ id: 'operations/pipelining', expectations: [expectation({}), expectation({ verdict: 'inconclusive' })], target: 1 }),
  ],
})
const page = renderClaims(scenarios, [result])

test('the page begins with what holds and what does not, and says where its figures come from', () => {
  expect(page.split('\n\n').slice(0, 3)).toEqual([
    '# What of the article holds',
    'Of 3 claims 1 hold on all of 2 engines. What the field says does not hold in `hashes/encoding`. Engines, or versions, differ in `operations/pipelining`.',
    expect.stringMatching(
      /^Measured on 2 cores of .* with 8 GB .*, on 2026-11-22, with `redline run all --engine redis@6\.0,valkey@9\.1`\. Figures stand/,
    ),
  ])
})

test('a run of some scenarios is not taken for one of all', () => {
  const some = { ...result, scenarios: result.scenarios.filter(({ id }) => id !== 'strings/counter') }
  expect(renderClaims(scenarios, [result, some])).toContain(
    'with `redline run all --engine redis@6.0,valkey@9.1` and `redline run hashes/encoding operations/pipelining --engine redis@6.0,valkey@9.1`.',
  )
})

test('claims stand in their groups, structures before patterns before operations', () => {
  expect(page.match(/^##+ .*/gm)).toEqual([
    '## Structures',
    '### strings/counter',
    '### hashes/encoding',
    '## Operations',
    '### operations/pipelining',
  ])
})

test('each has the sentence, the claim, and the answer of each engine with effect, interval and remark', () => {
  expect(page).toContain(`### hashes/encoding

> Redis uses a compact encoding below 128 fields.

Hashes are compact below 128 fields: refuted on all 2 engines.

| engine | answer | what was seen |
| --- | --- | --- |
| redis 6.0.16 | **refuted** | switch\\_at of hash is 512 (512 to 512), asked for more than 128; the switch is at 512 fields (hash-max-listpack-entries 512) |
| valkey 9.1.0 | **refuted** |`)
  expect(page).toContain('INCR is fast: holds on all 2 engines.')
  expect(page).toContain('| redis 6.0.16 | holds | one-field does 1.35x whole-object (1.31 to 1.39), asked for more than 1.2x |')
  expect(page).toContain('Pipelining saves round trips: holds on redis 6.0.16; inconclusive on valkey 9.1.0.')
})

describe('what was not asked, asked again or broken off', () => {
  test('is left out, answered by the later result, and said', () => {
    const later = runResult({
      interrupted: true,
      targets: [target({ version: '6.0.16' })],
      scenarios: [scenario({ id: 'strings/counter', expectations: [expectation({ verdict: 'refuted' })] })],
    })
    const both = renderClaims(scenarios, [result, later])
    expect(both).toContain('INCR is fast: holds on valkey 9.1.0; refuted on redis 6.0.16.')
    expect(both).toContain('One of the runs ended early.')
    expect(renderClaims(scenarios, [later])).not.toContain('hashes/encoding')
  })
})

test('an engine that can not run a scenario answers so, with the reason', () => {
  const inapplicable = [{ scenario: 'strings/counter', engine: 'valkey 9.1.0', reason: 'refuses it at new: Bad directive' }]
  const only = result.scenarios.filter(({ id, target: at }) => id !== 'strings/counter' || at === 0)
  const text = renderClaims(scenarios, [{ ...result, scenarios: only, inapplicable }])
  expect(text).toContain('INCR is fast: holds on redis 6.0.16; not applicable on valkey 9.1.0.')
  expect(text).toContain('| valkey 9.1.0 | not applicable | refuses it at new: Bad directive |')
})

test('an exponent reads as one', () => {
  const fit = expectation({
    left: { variant: 'push', load: null, metric: 'server_cpu_us' },
    over: 'length',
    right: null,
    comparison: '<',
    observed: 0.0213,
    low: 0.01,
    high: 0.031,
    asked: 0.1,
  })
  const text = renderClaims(scenarios, [runResult({ scenarios: [scenario({ id: 'strings/counter', expectations: [fit] })] })])
  expect(text).toContain('of push grows with length to the power of 0.021 (0.01 to 0.031), asked for less than 0.1')
})

test('hostile text stays text', () => {
  const hostile = target({ version: '6|</td><script>\u202e' })
  const text = renderClaims(scenarios, [
    runResult({
      targets: [hostile],
      scenarios: [scenario({ id: 'strings/counter', variants: [variant({ rounds: [round({ remarks: ['a|b [x](y)'] })] })] })],
    }),
  ])
  expect(text).toContain('6\\|\\</td\\>\\<script\\>')
  expect(text).toContain('a\\|b \\[x\\](y)')
  expect(text).not.toContain('\u202e')
})
