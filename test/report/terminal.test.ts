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
  target,
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

/** A variant of a study: no rate, but counts and words. */
const counting = (id: string, lost: number, remark: string, fields: Partial<Parameters<typeof round>[0]> = {}) =>
  variant({
    id,
    rounds: [1, 2, 3].map(() =>
      round({
        loads: [load({ executor: 'study', operations: 0, achieved: 0, latency: latency({ count: 0 }), service: latency({ count: 0 }) })],
        measures: { lost, repeated: 2 },
        remarks: [remark],
        validity: validity({ limiter: 'unknown' }),
        ...fields,
      }),
    ),
  })

const lostOf = (id: string, observed: number, verdict: 'holds' | 'refuted' = 'holds') =>
  expectation({
    left: { variant: id, load: null, metric: 'lost' },
    right: null,
    comparison: verdict === 'holds' ? '<=' : '>',
    verdict,
    observed,
    low: observed,
    high: observed,
    asked: 0,
  })

describe('what workloads count and say', () => {
  test('stands where the expectation asks for it: no column without numbers, words below the verdict with the engine', () => {
    const queue = {
      variants: [counting('pop', 31, '31 jobs lost (RPOP)'), counting('move', 0, 'none of 1000 jobs was lost (LMOVE)')],
      expectations: [lostOf('move', 0), lostOf('pop', 31, 'refuted')],
    }
    expect(show([queue])).toMatchInlineSnapshot(`
      "redline · redis 7.0.15, unpacked for this run · 2 cores · quick, 3 rounds each

      hashes/profile-read
        Reading one field is cheaper than fetching the whole object
                lost
          pop     31
          move     0
        holds         lost of move is 0 (0 to 0), asked for at most 0
                      move: none of 1000 jobs was lost on redis 7.0.15 (LMOVE)
        refuted       lost of pop is 31 (31 to 31), asked for more than 0
                      pop: 31 jobs lost on redis 7.0.15 (RPOP)

      1 claim: 0 hold, 1 refuted, 0 inconclusive · 6 rounds, all valid · took 1m 13s
      "
    `)
  })

  test('a doubt about a round is told, although nothing limits it', () => {
    const suspect = validity({
      verdict: 'suspect',
      limiter: 'unknown',
      reasons: [{ code: 'steal', severity: 'suspect', message: 'the hypervisor took 12% of this machine' }],
    })
    const text = show([{ variants: [counting('pop', 31, 'lost', { validity: suspect })], expectations: [lostOf('pop', 31)] }])
    expect(text).toMatch(/pop +31 +\(suspect\)/)
    expect(text).toContain('the hypervisor took 12%')
  })

  test('beside times and rates it makes the table no wider than the terminal', () => {
    const rounds = roundsAt([9000, 9100, 9200]).map((one) => ({
      ...one,
      measures: { overlaps: 3, fairness: 0.987, commands_per_operation: 2.5 },
    }))
    const about = (metric: string) =>
      expectation({ left: { variant: 'lua', load: null, metric }, right: null, observed: 3, low: 3, high: 3, asked: 0 })
    const contention = {
      variants: [variant({ id: 'lua-with-jittered-backoff', rounds }), variant({ id: 'lua', rounds })],
      expectations: ['overlaps', 'fairness', 'commands_per_operation'].map(about),
    }
    const lines = show([contention]).split('\n')
    expect(lines[4]).toMatch(/overlaps +fairness +commands_per_operation/)
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80)
    expect(show([contention], WIDEST).split('\n')[4]).toMatch(/ops\/s.*p50 ms.*p99.9.*overlaps/)
  })

  test('of a scenario that expects nothing stands by itself', () => {
    expect(show([{ variants: [counting('pop', 31, '31 jobs lost')], expectations: [] }])).toContain('\n  31 jobs lost on redis 7.0.15\n')
  })
})

describe('a sweep', () => {
  const wide = (metric: string) => {
    const lengths = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000]
    return {
      variants: ['push', 'middle'].flatMap((name) =>
        lengths.flatMap((length) =>
          ['listpack', 'quicklist'].map((encoding) =>
            variant({
              id: `${name}[length=${length},encoding=${encoding}]`,
              variant: name,
              point: { length, encoding },
              rounds: [round({ measures: { bytes_per_item: 12 + Math.log10(length) } })],
            }),
          ),
        ),
      ),
      expectations: [
        expectation({
          left: { variant: 'push[encoding=listpack]', load: null, metric },
          over: 'length',
          right: null,
          comparison: '<',
          observed: 0.021,
          low: -0.01,
          high: 0.05,
          asked: 0.1,
        }),
      ],
    }
  }

  test('of two axes stays within 80 columns, in further tables below, and shows what is in question', () => {
    const text = show([wide('bytes_per_item')])
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80)
    expect(text.match(/^ +length .*$/gm)!.length).toBeGreaterThan(1)
    expect(text).toMatch(/bytes_per_item/)
    expect(text).toMatch(/push encoding listpack +14 B/)
    expect(text).not.toMatch(/ops\/s/)
    for (const length of ['100', '1000000000']) expect(text).toMatch(new RegExp(` ${length}\\b`))
  })
})

describe('several engines', () => {
  const targets = [
    target({ version: '6.0.16' }),
    target({ version: '6.0.16', config: { maxmemory: '100' } }),
    target({ engine: 'valkey', version: '9.1.2' }),
  ]
  const on = (index: number, id: string, ...expectations: ReturnType<typeof expectation>[]) => ({
    ...scenario({ id, expectations }),
    target: index,
  })
  const slow = { verdict: 'refuted', observed: 0.8, low: 0.7, high: 0.9 } as const
  const result = runResult({
    targets,
    scenarios: [
      on(0, 'hashes/profile-read', expectation()),
      on(1, 'lists/reliable-queue', lostOf('move', 0), expectation(slow)),
      on(2, 'hashes/profile-read', expectation(slow)),
      on(2, 'lists/reliable-queue', lostOf('move', 0)),
      on(2, 'only/here'),
    ],
  })

  test('show their verdicts side by side, and the details of each below', () => {
    const text = renderRun(result, NARROW)
    expect(text.split('\n').slice(3, 8)).toEqual([
      '                      redis 6.0.16  valkey 9.1.2',
      'hashes/profile-read   holds 1.35x   refuted 0.8x',
      'lists/reliable-queue  refuted 0.8x  holds 0',
      'only/here             -             measured',
      '',
    ])
    const headings = text.split('\n').flatMap((line) => (/^(redis|valkey) [\d.]+$/.test(line) ? [line] : []))
    expect(headings).toEqual(['redis 6.0.16', 'valkey 9.1.2'])
    expect(text.indexOf('valkey 9.1.2\n\nhashes/profile-read')).toBeGreaterThan(text.indexOf('redis 6.0.16\n\nhashes/profile-read'))
  })

  test('that do not know what a scenario needs say so, and why', () => {
    const inapplicable = [
      { scenario: 'hashes/profile-read', engine: 'redis 8.0.2', reason: 'redis 8.0.2 refuses its configuration at new: Bad directive' },
      { scenario: 'only/there', engine: 'valkey 9.1.2', reason: 'valkey 9.1.2 refuses it' },
    ]
    const text = renderRun({ ...result, inapplicable }, { ...NARROW, width: 120 })
    expect(text).toMatch(/^ +redis 6.0.16 +valkey 9.1.2 +redis 8.0.2$/m)
    expect(text).toMatch(/^hashes\/profile-read +holds 1.35x +refuted 0.8x +not applicable$/m)
    expect(text).toMatch(/^only\/there +- +not applicable +-$/m)
    expect(text).toContain(
      'redis 8.0.2\n\nhashes/profile-read\n  not applicable: redis 8.0.2 refuses its configuration at new: Bad directive\n',
    )
    const one = renderRun({ ...resultOf({}), inapplicable: inapplicable.slice(0, 1) }, NARROW)
    expect(one).toContain('not applicable: redis 8.0.2 refuses')
  })

  test('that are more than fit stand below one another; one alone is not compared', () => {
    const many = runResult({
      targets: ['6.0.16', '7.0.15', '8.0.2', '8.1.1', '9.1.2'].map((version) => target({ version })),
      scenarios: [0, 1, 2, 3, 4].map((index) => on(index, 'operations/a-long-name-of-a-scenario', expectation())),
    })
    const lines = renderRun(many, NARROW).split('\n')
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80)
    expect(lines.filter((line) => line.startsWith('operations/a-long-name') && line.includes('holds'))).toHaveLength(2)
    expect(renderRun(resultOf({}), NARROW)).not.toMatch(/^ +redis 7/m)
    expect(renderRun(result, { ...NARROW, color: true })).toContain('\u001b[31mrefuted\u001b[39m 0.8x')
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
