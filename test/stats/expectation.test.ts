import { expect, test } from 'vitest'
import { Rng } from '#redline/core/rng.js'
import type { ExpectationResult, Round } from '#redline/schema/result.js'
import type { ExpectationPlan } from '#redline/schema/scenario.js'
import { judgeAll } from '#redline/stats/expectation.js'
import { invalidity, latency, load, round, server, validity } from '../support/results.js'

test.each([
  ['>', [1.3, 1.4, 1.35], 'holds'],
  ['>', [1.0, 1.1, 1.05], 'refuted'],
  ['>', [0.9, 1.6, 1.3], 'inconclusive'],
  ['>=', [1.3, 1.4, 1.35], 'holds'],
  ['>=', [1.0, 1.1, 1.05], 'refuted'],
  ['<', [1.0, 1.1, 1.05], 'holds'],
  ['<', [1.3, 1.4, 1.35], 'refuted'],
  ['<', [0.9, 1.6, 1.3], 'inconclusive'],
  ['<=', [1.0, 1.1, 1.05], 'holds'],
  ['<=', [1.3, 1.4, 1.35], 'refuted'],
] as const)('asked for a ratio %s 1.2, rounds of %j: %s', (comparison, ratios, verdict) => {
  const right = [70_000, 90_000, 80_000]
  const left = ratios.map((ratio, i) => ratio * right[i]!)
  expect(answer(ratioPlan({ comparison }), left, right).verdict).toBe(verdict)
})

test('an answer carries what was asked, what was seen and how sure it is', () => {
  expect(answer(ratioPlan({}), [96_000, 97_000, 95_000], [71_000, 71_500, 70_500])).toEqual({
    expression: 'a.throughput > 1.2 * b.throughput',
    left: { variant: 'a', load: null, metric: 'throughput' },
    over: null,
    comparison: '>',
    right: { variant: 'b', load: null, metric: 'throughput' },
    verdict: 'holds',
    observed: expect.closeTo(1.352, 3),
    asked: 1.2,
    low: expect.closeTo(1.341, 3),
    high: expect.closeTo(1.363, 3),
    why: '',
  })
})

test('what an interval too wide would need is said with its figures', () => {
  expect(answer(ratioPlan({}), [90_000, 80_000, 100_000], [70_000, 70_000, 70_000]).why).toBe(
    '3 rounds are too few: the interval 0.97 to 1.69 contains 1.2; add --rounds',
  )
  expect(answer(constantPlan({ factor: 95_000 }), [90_000, 100_000]).why).toBe(
    '2 rounds are too few: the interval 31.5k ops/s to 159k ops/s contains 95k ops/s; add --rounds',
  )
})

test.each([
  ['>', 90_000, 'holds'],
  ['>', 110_000, 'refuted'],
  ['<', 110_000, 'holds'],
  ['<=', 100_000, 'inconclusive'],
] as const)('a metric %s the constant %d: %s', (comparison, factor, verdict) => {
  const { right, observed, asked, ...rest } = answer(constantPlan({ comparison, factor }), [99_000, 101_000, 100_000])
  expect(rest.verdict).toBe(verdict)
  expect({ right, observed, asked }).toEqual({ right: null, observed: 100_000, asked: factor })
})

test('rounds that agree on the very value that was asked for are on one side', () => {
  const same = [100_000, 100_000, 100_000]
  const verdicts = (['>', '>=', '<', '<='] as const).map((comparison) => [
    answer(constantPlan({ comparison, factor: 100_000 }), same).verdict,
    answer(
      ratioPlan({ comparison, factor: 2 }),
      same.map((value) => 2 * value),
      same,
    ).verdict,
  ])
  expect(verdicts).toEqual([
    ['refuted', 'refuted'],
    ['holds', 'holds'],
    ['refuted', 'refuted'],
    ['holds', 'holds'],
  ])
})

test.each([
  ['>', [1.03, 1.04, 1.035], 'holds', ''],
  ['>', [1.012, 1.01, 1.011], 'inconclusive', 'no difference that counts: the interval 1.01 to 1.01 is within 2% of 1'],
  ['>', [1.015, 1.03, 1.02], 'inconclusive', '3 rounds are too few: the interval 1 to 1.04 comes within 2% of 1; add --rounds'],
  ['>', [0.99, 0.991, 0.99], 'inconclusive', 'no difference that counts: the interval 0.989 to 0.992 is within 2% of 1'],
  ['>=', [1, 1, 1], 'inconclusive', 'no difference that counts: the interval 1 to 1 is within 2% of 1'],
  ['>', [0.95, 0.951, 0.952], 'refuted', ''],
  ['<', [0.95, 0.951, 0.952], 'holds', ''],
  ['<', [1.03, 1.04, 1.035], 'refuted', ''],
  ['<=', [0.7, 1.2, 1.1], 'inconclusive', '3 rounds are too few: the interval 0.475 to 2 contains 1; add --rounds'],
] as const)('a %s b without a factor, rounds of %j: %s; less than one in fifty is no difference', (comparison, ratios, verdict, why) => {
  const right = [70_000, 90_000, 80_000]
  const left = ratios.map((ratio, i) => ratio * right[i]!)
  expect(answer(ratioPlan({ comparison, factor: 1 }), left, right)).toMatchObject({ verdict, why })
})

test('an exponent is fitted in each round over the points of an axis, and held against a constant', () => {
  const at = (id: string, p50s: readonly number[]) => ({
    id,
    rounds: p50s.map((p50) => round({ loads: [load({ latency: latency({ p50 }) })] })),
  })
  const variants = [at('push[length=100,delay=1ms]', [10, 11, 10]), at('push[length=10000,delay=1ms]', [100, 105, 102])]
  const plan: ExpectationPlan = {
    expression: 'exponent(push.p50, length) < 0.7',
    left: {
      kind: 'exponent',
      axis: 'length',
      points: [100, 10_000].map((x) => ({ x, ref: { variant: `push[length=${x},delay=1ms]`, load: undefined, metric: 'p50' } })),
    },
    comparison: '<',
    factor: 0.7,
    right: undefined,
  }
  expect(judgeAll([plan], variants)[0]).toMatchObject({
    left: { variant: 'push[delay=1ms]', load: null, metric: 'p50' },
    over: 'length',
    right: null,
    verdict: 'holds',
    observed: expect.closeTo(0.498, 3),
  })
  expect(judgeAll([{ ...plan, factor: 0.1 }], variants)[0]!.verdict).toBe('refuted')
  const flat = judgeAll([{ ...plan, factor: 0.5 }], variants)[0]!
  expect(flat).toMatchObject({ verdict: 'inconclusive' })
  expect(flat.why).toMatch(/^3 rounds are too few: the interval 0\.4\d+ to 0\.5\d* contains 0\.5; add --rounds$/)
  const withGap = [variants[0]!, { ...variants[1]!, rounds: [variants[1]!.rounds[0]!, INVALID, variants[1]!.rounds[2]!] }]
  expect(judgeAll([plan], withGap)[0]).toMatchObject({ verdict: 'holds', observed: expect.closeTo(0.502, 3) })
  expect(judgeAll([plan], [variants[0]!])[0]).toMatchObject({ verdict: 'inconclusive', observed: null })
})

test('a round that one side lacks is left out of both, and the others keep their partners', () => {
  // A drift that only the right partner cancels.
  const right = [10_000, 20_000, 40_000, 80_000, 160_000]
  const left = right.map((value) => value * 1.5)
  const gaps = answer(ratioPlan({}), [left[0]!, 'invalid', ...left.slice(2)], [...right.slice(0, 4), 'invalid'])
  expect(gaps).toMatchObject({ verdict: 'holds', low: expect.closeTo(1.5, 9), high: expect.closeTo(1.5, 9) })
  // Dropping what is invalid from each side by itself would pair strangers.
  const strangers = answer(ratioPlan({}), [left[0]!, ...left.slice(2)], right.slice(0, 4))
  expect(strangers.observed).toBeGreaterThan(2)
})

test('rounds that the run was too short to pair are left out', () => {
  expect(answer(ratioPlan({}), [30_000, 30_000, 99_000], [20_000, 20_000])).toMatchObject({
    verdict: 'holds',
    observed: expect.closeTo(1.5, 9),
  })
  expect(answer(ratioPlan({}), [30_000, 30_000], [20_000, 20_000, 99_000])).toMatchObject({
    verdict: 'holds',
    observed: expect.closeTo(1.5, 9),
  })
})

test('a suspect round counts', () => {
  const suspect = validity({ verdict: 'suspect' })
  const variants = [{ id: 'a', rounds: [1, 2, 3].map(() => round({ validity: suspect })) }]
  expect(judgeAll([constantPlan({ factor: 90_000 })], variants)[0]).toMatchObject({ verdict: 'holds', observed: 96_000 })
})

test.each([
  ['one round', [100_000], [50_000], 'only 1 valid round measured it'],
  ['one valid round', [100_000, 'invalid'], [50_000, 60_000], 'only 1 valid round measured it'],
  ['no valid pair', [100_000, 'invalid'], ['invalid', 60_000], 'no valid round measured both sides'],
  ['nothing at all', [], [], 'no valid round measured both sides'],
  ['a side that stood still', [100_000, 100_000], [50_000, 0], 'one side measured 0'],
] as const)('%s is inconclusive and says why', (_, left, right, why) => {
  expect(answer(ratioPlan({}), left, right)).toMatchObject({ verdict: 'inconclusive', why, low: null, high: null })
})

test('one round still shows what it observed', () => {
  expect(answer(ratioPlan({}), [100_000], [50_000]).observed).toBeCloseTo(2, 9)
  expect(answer(constantPlan({}), [100_000]).observed).toBe(100_000)
  expect(answer(constantPlan({}), ['invalid']).observed).toBeNull()
})

test('what shrinks has no ratio, but can be held against a constant', () => {
  const shrinking = [-100, -120, -110].map((deltaBytes) => round({ server: server({ memory: { deltaBytes } }) }))
  const variants = ['a', 'b'].map((id) => ({ id, rounds: shrinking }))
  const [ratio, constant] = judgeAll(
    [ratioPlan({ metric: 'memory_delta' }), constantPlan({ metric: 'memory_delta', comparison: '<', factor: 0 })],
    variants,
  )
  expect(ratio).toMatchObject({ verdict: 'inconclusive', why: 'one side measured less than 0', observed: null })
  expect(constant).toMatchObject({ verdict: 'holds', observed: -110 })
})

test('a variant, load or metric that is not there has measured nothing', () => {
  const variants = [{ id: 'a', rounds: [round(), round()] }]
  const plan = constantPlan({})
  const missing = [
    { ...plan, left: { ...plan.left, variant: 'z' } },
    { ...plan, left: { ...plan.left, load: 'z' } },
    { ...plan, left: { ...plan.left, metric: 'toString' } },
  ]
  for (const result of judgeAll(missing, variants)) {
    expect(result).toMatchObject({ verdict: 'inconclusive', observed: null, why: 'no valid round measured it' })
  }
})

test('plans are answered in their order, each from the load it names', () => {
  const rounds = [1, 2].map(() => round({ loads: [load({ name: 'main', achieved: 1000 }), load({ name: 'bystander', achieved: 50 })] }))
  const plan = constantPlan({ factor: 500 })
  const results = judgeAll([{ ...plan, left: { ...plan.left, load: 'bystander' } }, plan], [{ id: 'a', rounds }])
  expect(results.map(({ verdict, left, observed }) => [verdict, left.load, observed])).toEqual([
    ['refuted', 'bystander', 50],
    ['holds', null, 1000],
  ])
})

/*
 * The promise of a 95% interval: where the truth is exactly what was asked, one experiment in twenty comes to a conclusion, and that
 * one is wrong. With 2000 experiments three standard errors are 1.5 percentage points.
 */
const EXPERIMENTS = 2000
const KEPT = { least: 0.035, most: 0.065 }

test.each([3, 5])(
  'of experiments with %i rounds and a true ratio equal to the asked one, one in twenty comes to a conclusion',
  (rounds) => {
    const plan = ratioPlan({ factor: 1.3 })
    const share = concludingShare((rng) => {
      const { left, right } = drawPairs(rng, rounds, plan.factor)
      return answer(plan, left, right).verdict
    })
    expect(share).toBeGreaterThan(KEPT.least)
    expect(share).toBeLessThan(KEPT.most)
  },
)

test.each([3, 5])('so do experiments with %i rounds whose true mean is the constant', (rounds) => {
  const plan = constantPlan({ factor: 50_000 })
  const share = concludingShare(
    (rng) =>
      answer(
        plan,
        Array.from({ length: rounds }, () => 50_000 + 3000 * normal(rng)),
      ).verdict,
  )
  expect(share).toBeGreaterThan(KEPT.least)
  expect(share).toBeLessThan(KEPT.most)
})

test('an interval from the normal distribution would break that promise with 3 rounds', () => {
  const share = concludingShare((rng) => {
    const { left, right } = drawPairs(rng, 3, 1.3)
    const logs = left.map((value, i) => Math.log(value / right[i]!))
    const mean = logs.reduce((sum, value) => sum + value, 0) / 3
    const error = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2 / 3)
    return Math.abs(mean - Math.log(1.3)) > 1.959964 * error ? 'holds' : 'inconclusive'
  })
  expect(share).toBeGreaterThan(2 * KEPT.most)
})

test('a true ratio well beyond the asked one is found in nearly every experiment, and never taken for the opposite', () => {
  const plan = ratioPlan({ factor: 1.2 })
  const verdicts = experiments((rng) => {
    const { left, right } = drawPairs(rng, 5, 1.5)
    return answer(plan, left, right).verdict
  })
  expect(verdicts.filter((verdict) => verdict === 'holds').length / EXPERIMENTS).toBeGreaterThan(0.97)
  expect(verdicts).not.toContain('refuted')
})

test.each([0.005, 0.01, 0.03])('two sides that are the same have no winner, with %d of noise on each round', (noise) => {
  const plan = ratioPlan({ factor: 1 })
  const verdicts = Array.from({ length: 1000 }, (_, i) => {
    const rng = new Rng(77).fork(`A/A ${i}`)
    const rounds = () => Array.from({ length: 5 }, () => 70_000 * Math.exp(noise * normal(rng)))
    return answer(plan, rounds(), rounds()).verdict
  })
  expect(verdicts.filter((verdict) => verdict !== 'inconclusive').length).toBeLessThan(noise < 0.02 ? 2 : 25)
})

type Verdict = ExpectationResult['verdict']

function experiments(run: (rng: Rng) => Verdict): Verdict[] {
  const rng = new Rng(2026)
  return Array.from({ length: EXPERIMENTS }, (_, i) => run(rng.fork(`experiment ${i}`)))
}

function concludingShare(run: (rng: Rng) => Verdict): number {
  return experiments(run).filter((verdict) => verdict !== 'inconclusive').length / EXPERIMENTS
}

/** Rounds on a machine that drifts, both sides of a round together, with 3% of noise on each. */
function drawPairs(rng: Rng, rounds: number, ratio: number): { left: number[]; right: number[] } {
  const drift = Array.from({ length: rounds }, () => 70_000 * Math.exp(0.3 * normal(rng)))
  const noisy = (value: number) => value * Math.exp(0.03 * normal(rng))
  return { left: drift.map((value) => noisy(ratio * value)), right: drift.map(noisy) }
}

/** Box and Muller's method. */
function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.float())) * Math.cos(2 * Math.PI * rng.float())
}

test('what is said to happen, or never to, is answered by whether it was seen: once is proof', () => {
  const lost = (counts: number[]) => [{ id: 'a', rounds: counts.map((count) => round({ measures: { lost: count } })) }]
  const answerOf = (comparison: '>' | '<=', counts: number[]) =>
    judgeAll([constantPlan({ comparison, factor: 0, metric: 'lost' })], lost(counts))[0]!.verdict
  expect(answerOf('>', [0, 1, 0])).toBe('holds')
  expect(answerOf('<=', [0, 1, 0])).toBe('refuted')
  expect(answerOf('>', [0, 0, 0])).toBe('refuted')
  expect(answerOf('<=', [0, 0, 0])).toBe('holds')
  expect(answerOf('<=', [])).toBe('inconclusive')
  // How often it happens is a matter of chance again.
  expect(judgeAll([constantPlan({ comparison: '>', factor: 1, metric: 'lost' })], lost([0, 9, 0]))[0]!.verdict).toBe('inconclusive')
})

type Measured = readonly (number | 'invalid')[]

/** Answers a plan about the throughput of variants a and b, from the rounds of each. */
function answer(plan: ExpectationPlan, left: Measured, right: Measured = []): ExpectationResult {
  const variants = [
    { id: 'a', rounds: left.map(roundThatDid) },
    { id: 'b', rounds: right.map(roundThatDid) },
  ]
  return judgeAll([plan], variants)[0]!
}

const USUAL = round()
const INVALID = round({ validity: invalidity() })

/** Cheaper than a builder: there are thousands of them. */
function roundThatDid(achieved: number | 'invalid'): Round {
  return achieved === 'invalid' ? INVALID : { ...USUAL, loads: [{ ...USUAL.loads[0]!, achieved }] }
}

type Choice = Partial<Pick<ExpectationPlan, 'comparison' | 'factor'>> & { metric?: string }

function ratioPlan({ comparison = '>', factor = 1.2, metric = 'throughput' }: Choice): ExpectationPlan {
  const side = (variant: string) => ({ variant, load: undefined, metric })
  return { expression: `a.${metric} ${comparison} ${factor} * b.${metric}`, left: side('a'), comparison, factor, right: side('b') }
}

function constantPlan({ comparison = '>', factor = 90_000, metric = 'throughput' }: Choice): ExpectationPlan {
  return { ...ratioPlan({ comparison, factor, metric }), expression: `a.${metric} ${comparison} ${factor}`, right: undefined }
}
