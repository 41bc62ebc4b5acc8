import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderRun } from '#redline/report/terminal.js'
import { displayWidth } from '#redline/report/wrap.js'
import type { RunResult, ScenarioResult } from '#redline/schema/result.js'
import {
  expectation,
  generator,
  invalidity,
  latency,
  load,
  openLoad,
  round,
  roundsAt,
  runResult,
  scenario,
  server,
  thread,
  validity,
  variant,
} from '../support/results.js'

const NARROW = { width: 80, color: false, unicode: true }
const WIDEST = { width: 160, color: false, unicode: true }
const WIDE = { width: 130, color: false, unicode: true }

const resultOf = (...scenarios: Partial<ScenarioResult>[]): RunResult =>
  runResult({ scenarios: scenarios.map((fields) => ({ ...scenario(), ...fields, target: 0 })) })
const show = (scenarios: Partial<ScenarioResult>[], style = NARROW) => renderRun(resultOf(...scenarios), style)

const starved = (share: number, severity: 'suspect' | 'invalid') =>
  validity({
    reasons: [
      {
        code: 'generator-starved',
        severity,
        message: `the generator was ready and had no core for ${share}% of the time; free a core, or use fewer --threads`,
      },
    ],
  })

const sweep = () =>
  [1, 4, 16, 64].flatMap((pipeline) =>
    ['0ms', '1ms'].map((delay) =>
      variant({
        id: `get[pipeline=${pipeline},delay=${delay}]`,
        point: { pipeline, delay },
        rounds: roundsAt([1, 1.02, 0.98].map((factor) => factor * pipeline * (delay === '0ms' ? 30_000 : 5000))),
      }),
    ),
  )

describe('a run in a terminal', () => {
  test('of 80 columns: verdict, numbers that line up, units once', () => {
    expect(show([{}])).toMatchInlineSnapshot(`
      "redline · redis 7.0.15, unpacked for this run · 2 cores · quick, 3 rounds each

      hashes/profile-read
        Reading one field is cheaper than fetching the whole object
                        ops/s         p50 ms    p99  p99.9  limited by
          one-field       96k    ±1%   0.410  0.920   1.80  server
          whole-object    71k  ±0.7%   0.410  0.920   1.80  server
        holds         one-field does 1.35x whole-object (1.31 to 1.39), asked for more
                      than 1.2x

      1 claim: 1 holds, 0 refuted, 0 inconclusive · 6 rounds, all valid · took 1m 13s
      "
    `)
  })

  test('of 130 columns shows more', () => {
    expect(show([{}], WIDE)).toMatchInlineSnapshot(`
      "redline · redis 7.0.15, unpacked for this run · 2 cores · quick, 3 rounds each

      hashes/profile-read
        Reading one field is cheaper than fetching the whole object
                        ops/s         p50 ms    p90    p99  p99.9   max  server CPU  generator CPU  limited by
          one-field       96k    ±1%   0.410  0.600  0.920   1.80  4.20         96%            70%  server
          whole-object    71k  ±0.7%   0.410  0.600  0.920   1.80  4.20         96%            70%  server
        holds         one-field does 1.35x whole-object (1.31 to 1.39), asked for more than 1.2x

      1 claim: 1 holds, 0 refuted, 0 inconclusive · 6 rounds, all valid · took 1m 13s
      "
    `)
  })

  test('a sweep has its points as columns and its shape as bars', () => {
    expect(show([{ variants: sweep(), expectations: [] }])).toMatchInlineSnapshot(`
      "redline · redis 7.0.15, unpacked for this run · 2 cores · quick, 3 rounds each

      hashes/profile-read
        Reading one field is cheaper than fetching the whole object
          pipeline     1     4    16     64  ops/s
          delay 0ms  30k  120k  480k  1.92M  ▁▁▂█
          delay 1ms   5k   20k   80k   320k  ▁▁▂█

      24 rounds, all valid · took 1m 13s
      "
    `)
    expect(show([{ variants: sweep(), expectations: [] }], { ...NARROW, unicode: false })).not.toMatch(/[▁-█±·]/)
  })

  test('a variant without a valid round shows the reason in place of numbers, a doubtful one is marked', () => {
    const invalid = variant({ id: 'one-field', rounds: [round({ validity: invalidity() }), round({ validity: invalidity() })] })
    const doubtful = variant({
      id: 'whole-object',
      rounds: [round({ validity: starved(12, 'suspect') }), round({ validity: starved(31, 'invalid') }), round()],
    })
    const text = show([
      {
        variants: [invalid, doubtful],
        expectations: [
          expectation({ verdict: 'inconclusive', observed: null, low: null, high: null, why: 'no valid round measured both sides' }),
        ],
      },
    ])
    expect(text).toMatchInlineSnapshot(`
      "redline · redis 7.0.15, unpacked for this run · 2 cores · quick, 3 rounds each

      hashes/profile-read
        Reading one field is cheaper than fetching the whole object
                        ops/s       p50 ms    p99  p99.9  limited by
          one-field     invalid: the generator used 98% of its core while the server …
          whole-object    96k  ±0%   0.410  0.920   1.80  server (2/3 in doubt)
        invalid       2 rounds of one-field: at worst the generator used 98% of its
                      core while the server used 40%; try --threads 2
        suspect       1 round of whole-object: the generator was ready and had no core
                      for 12% of the time; free a core, or use fewer --threads
        invalid       1 round of whole-object: the generator was ready and had no core
                      for 31% of the time; free a core, or use fewer --threads
        inconclusive  one-field.throughput > 1.2 * whole-object.throughput was not
                      measured: no valid round measured both sides

      1 claim: 0 hold, 0 refuted, 1 inconclusive
      5 rounds, 1 suspect and 3 invalid
      took 1m 13s
      "
    `)
    expect(text).not.toMatch(/one-field +\d/)
  })

  test('an open loop says what a closed one would have hidden', () => {
    const waited = openLoad({ latency: latency({ p99: 450_000 }), service: latency({ p99: 2100 }), delayed: 480 })
    const text = show(
      [
        {
          variants: [variant({ rounds: [round({ loads: [waited], validity: validity({ limiter: 'offered rate' }) })] })],
          expectations: [],
        },
      ],
      WIDEST,
    )
    expect(text).toContain('p99 is 450ms from when a request was due, 2.1ms from when it was sent')
    expect(text).toContain('480 arrivals of one-field found every connection taken and waited')
  })

  test('several loads have a row each', () => {
    const rounds = [round({ loads: [load({ name: 'bystander', achieved: 1000 }), load({ name: 'disturber', achieved: 50 })] })]
    const text = show([{ variants: [variant({ id: 'scan', rounds })], expectations: [] }])
    expect(text).toMatch(/scan · bystander +1k/)
    expect(text).toMatch(/scan · disturber +50/)
  })

  test('expectations say what was observed in the metric they are about', () => {
    const cpu = { variant: 'b', load: null, metric: 'server_cpu_us' }
    const text = show(
      [
        {
          expectations: [
            expectation({
              verdict: 'refuted',
              left: { ...cpu, variant: 'a' },
              right: cpu,
              over: null,
              comparison: '<',
              observed: 3.31,
              low: 3,
              high: 3.6,
              asked: 2,
            }),
            expectation({
              left: { variant: 'a', load: null, metric: 'p99' },
              right: null,
              over: null,
              comparison: '<',
              observed: 920,
              low: 800,
              high: 1100,
              asked: 2000,
            }),
          ],
        },
      ],
      WIDEST,
    )
    expect(text).toContain('refuted       server_cpu_us of a is 3.31x that of b (3 to 3.6), asked for less than 2x')
    expect(text).toContain('holds         p99 of a is 0.92 ms (0.8 ms to 1.1 ms), asked for less than 2 ms')
    expect(text).toContain('1 claim: 0 hold, 1 refuted, 0 inconclusive')
  })

  test('the relay, an interruption and a failure are told', () => {
    const network = { delayMs: 1, holdP50Ms: 1.06, holdP99Ms: 1.52 }
    const far = { variants: [variant({ rounds: [round({ network })] })], expectations: [] }
    expect(show([far])).toContain('the relay added a round trip of 1.06 ms (p50) and 1.52 ms (p99)')
    expect(renderRun({ ...resultOf(far), interrupted: true }, NARROW)).toContain('interrupted')
    expect(renderRun({ ...resultOf(far), failure: 'the server went away' }, NARROW)).toContain('ended early: the server went away')
  })

  test('colour means severity and is absent when it is not wanted', () => {
    const doubtful = variant({ rounds: [round({ validity: starved(12, 'suspect') })] })
    const coloured = show([{ variants: [doubtful] }], { ...NARROW, color: true })
    expect(coloured).toContain('\u001b[32mholds\u001b[39m')
    expect(coloured).toContain('\u001b[33msuspect\u001b[39m')
    expect(show([{ variants: [doubtful] }])).not.toContain('\u001b')
  })
})

describe('hostile results', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('\u001b[2J\u001b]0;owned\u0007', 'a\nb\rc', '\u202egnp.exe', '<script>', '   '),
  )

  test('show no control character and no line that is much too wide, always the same', () => {
    fc.assert(
      fc.property(text, text, text, fc.integer({ min: 40, max: 160 }), (name, claim, reason, width) => {
        const bad = validity({ reasons: [{ code: 'errors', severity: 'suspect', message: reason }] })
        const result = resultOf({
          id: name,
          claim,
          variants: [
            variant({ id: name, rounds: [round({ validity: bad, generator: generator({ threads: [thread()] }), server: server() })] }),
          ],
          expectations: [expectation({ left: { variant: name, load: claim, metric: 'throughput' }, why: reason })],
        })
        const rendered = renderRun(result, { width, color: false, unicode: true })
        expect(rendered).not.toMatch(/(?!\n)[\p{Cc}\p{Cs}\u202a-\u202e]/u)
        expect(renderRun(result, { width, color: false, unicode: true })).toBe(rendered)
      }),
      { numRuns: 200 },
    )
  })

  test('words without end are not broken, everything else is', () => {
    const claim = Array.from({ length: 50 }, (_, i) => `word${i}`).join(' ')
    const lines = show([{ claim }]).split('\n')
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80)
  })
})
