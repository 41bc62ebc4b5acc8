import { describe, expect, test } from 'vitest'
import { readExpectation, type Side } from '#redline/config/expectations.js'

const side = (variant: string, point: Side['point'] = {}, loads = ['main']): Side => ({ variant, point, loads })
const plain = [side('get'), side('whole-object'), side('10x'), side('both', {}, ['reader', 'writer'])]
const swept = [1, 16].flatMap((pipeline) => ['0ms', '1ms'].map((delay) => side('get', { pipeline, delay })))

const plan = (expression: string, sides = plain) => readExpectation(expression, sides)
/** What a metric is held against. */
const asked = (expression: string) => {
  const read = plan(expression)
  return 'mistakes' in read ? read.mistakes[0]?.message : read.factor
}
const mistakes = (expression: string, sides = plain) => {
  const read = plan(expression, sides)
  return 'mistakes' in read ? read.mistakes.map(({ offset, message }) => `${offset} ${message}`) : []
}

describe('two metrics', () => {
  test('with a factor and without', () => {
    expect(plan('get.throughput > 1.2 * whole-object.throughput')).toEqual({
      expression: 'get.throughput > 1.2 * whole-object.throughput',
      left: { variant: 'get', load: undefined, metric: 'throughput' },
      comparison: '>',
      factor: 1.2,
      right: { variant: 'whole-object', load: undefined, metric: 'throughput' },
    })
    expect(plan('get.p99<=10x.p999')).toMatchObject({ comparison: '<=', factor: 1, right: { variant: '10x', metric: 'p999' } })
    expect(plan('  get.p50   >=  2*get.service_p50 ')).toMatchObject({ comparison: '>=', factor: 2, right: { metric: 'service_p50' } })
  })

  test('of named loads', () => {
    expect(plan('both.reader.p99 < 1.5 * both.writer.p99')).toMatchObject({ left: { load: 'reader' }, right: { load: 'writer' } })
  })

  test('at points of the matrix, axes in any order', () => {
    expect(plan('get[pipeline=16,delay=1ms].throughput > 5 * get[ delay = 1ms, pipeline = 1 ].throughput', swept)).toMatchObject({
      left: { variant: 'get[pipeline=16,delay=1ms]' },
      right: { variant: 'get[pipeline=1,delay=1ms]' },
    })
  })

  test('an axis with one value need not be named', () => {
    expect(
      plan('get[pipeline=16].p50 < 2ms', [side('get', { pipeline: 16, delay: '0ms' }), side('get', { pipeline: 1, delay: '0ms' })]),
    ).toMatchObject({
      left: { variant: 'get[pipeline=16,delay=0ms]' },
    })
  })
})

test.each([
  ['get.p99 < 2ms', 2000],
  ['get.p99 < 2000us', 2000],
  ['get.p99 < 1.5 s', 1_500_000],
  ['get.max < 0', 0],
  ['get.server_cpu_us < 12.5', 12.5],
  ['get.server_cpu_us < 12us', 12],
  ['get.throughput > 50k', 50_000],
  ['get.throughput > 1.2M ops/s', 1_200_000],
  ['get.throughput > 900/s', 900],
  ['get.memory_delta < 120 bytes', 120],
  ['get.memory_delta < 5MB', 5_242_880],
  ['get.memory_delta < 64', 64],
  ['get.errors <= 0.1%', 0.001],
  ['get.hit_rate > 0.95', 0.95],
  ['get.errors <= 0', 0],
])('%s asks for %f in the unit of the metric', (expression, factor) => {
  expect(asked(expression)).toBeCloseTo(factor, 9)
  expect(plan(expression)).toMatchObject({ right: undefined })
})

test.each([
  ['get.p99 < 2', '2 needs a unit: 2ms or 2us'],
  ['get.p99 < 2 bytes', '"2bytes" is not a duration; write 10s, 500ms or 2m'],
  ['get.throughput > 5ms', '"5ms" is not a rate; write 50k or 1.2M'],
  ['get.memory_delta < 5ms', '"5ms" is not a size; write 64, 100KB or 5MB'],
  ['get.hit_rate > 95', '"95" is not a share; write 0.95 or 95%'],
  ['get.hit_rate > 2ms', '"2ms" is not a share; write 0.95 or 95%'],
  ['get.throughput > 0 * get.throughput', 'the factor must be more than 0'],
])('%s is refused: %s', (expression, message) => {
  expect(asked(expression)).toBe(message)
})

test('both sides are checked, each mistake in its place', () => {
  expect(mistakes('gt.throughput > 2 * whole-objekt.throughput')).toEqual([
    '0 unknown variant gt; did you mean get?',
    '20 unknown variant whole-objekt; did you mean whole-object?',
  ])
  expect(mistakes('  get.throughptu > get.p5')).toEqual([
    '6 unknown metric throughptu; did you mean throughput?',
    '23 unknown metric p5; did you mean p50?',
  ])
  expect(mistakes('nobody.nothing > 1ms')[0]).toMatch(/^7 unknown metric nothing; there are throughput, p50, /)
})

test('metrics of different units are not compared', () => {
  expect(mistakes('get.throughput > get.p50')).toEqual(['17 p50 is in us, throughput in ops/s'])
})

test('a point that is no point of the matrix is told', () => {
  expect(mistakes('get.p50 < 2ms', swept)).toEqual(['3 say which pipeline: [pipeline=1]'])
  expect(mistakes('get[pipeline=16].p50 < 2ms', swept)).toEqual(['3 say which delay: [delay=0ms]'])
  expect(mistakes('get[pipeline=4,delay=0ms].p50 < 2ms', swept)).toEqual(['3 pipeline is never 4; it is 1, 16'])
  expect(mistakes('get[pipelin=1].p50 < 2ms', swept)).toEqual(['3 unknown axis pipelin; did you mean pipeline?'])
  expect(mistakes('get[pipeline=1].p50 < 2ms')).toEqual(['3 unknown axis pipeline; nothing is swept'])
  expect(mistakes('get[pipeline].p50 < 2ms', swept)).toEqual(['3 pipeline is never that; it is 1, 16'])
})

test('loads that are not there, and metrics that no load has', () => {
  expect(mistakes('both.readers.p50 < 2ms')).toEqual(['0 both has no load readers; did you mean reader?'])
  expect(mistakes('both.reader.memory_delta < 1MB')).toEqual(['12 memory_delta is of the whole server; leave out .reader'])
})

test.each(['get is fast', 'get.p50', '> 5', 'get.p50 = 5ms', 'a < b < c', ''])('%j is no expectation', (expression) => {
  expect(mistakes(expression).length).toBeGreaterThan(0)
})

test.each([
  'get.p50 < ',
  'get.p50 < ms',
  'get.p50 < 2 * ',
  'get.p50 < 2ms * 3',
  'get.a.b.p50 < 1ms',
  'get[pipeline=1.p50 < 1ms',
  'get\x1b.p50 < 1ms',
])('%j names neither a metric nor a quantity', (expression) => {
  expect(mistakes(expression).join()).toContain('is neither a metric nor a quantity; write variant.metric')
})

describe('exponents', () => {
  const lengths = [100, 1000, 10_000].flatMap((length) => ['0ms', '1ms'].map((delay) => side('push', { length, delay }, ['main', 'noise'])))

  test('are of a metric at every point of an axis', () => {
    expect(plan('exponent(push[delay=1ms].server_cpu_us over length) < 0.1', lengths)).toEqual({
      expression: 'exponent(push[delay=1ms].server_cpu_us over length) < 0.1',
      left: {
        kind: 'exponent',
        axis: 'length',
        points: [100, 1000, 10_000].map((x) => ({
          x,
          ref: { variant: `push[length=${x},delay=1ms]`, load: undefined, metric: 'server_cpu_us' },
        })),
      },
      comparison: '<',
      factor: 0.1,
      right: undefined,
    })
    expect(plan(' exponent( push[ delay = 0ms ].noise.p50  over  length ) >= -0.5 ', lengths)).toMatchObject({
      left: { points: [{ ref: { load: 'noise', metric: 'p50' } }, {}, {}] },
      comparison: '>=',
      factor: -0.5,
    })
  })

  test('are fitted over sizes and durations as over numbers', () => {
    const sizes = ['16', '4KB', '1MB'].map((size) => side('get', { size }))
    expect(plan('exponent(get.p50 over size) < 1', sizes)).toMatchObject({ left: { points: [{ x: 16 }, { x: 4096 }, { x: 1_048_576 }] } })
    const delays = ['1ms', '2s'].map((delay) => side('get', { delay }))
    expect(plan('exponent(get.p50 over delay) < 1', delays)).toMatchObject({ left: { points: [{ x: 1 }, { x: 2000 }] } })
  })

  test.each([
    ['exponent(push.p50 over length) < 1', ['13 say which delay: [delay=0ms]']],
    ['exponent(push[delay=0ms].p50 over lenth) < 1', ['34 unknown axis lenth; did you mean length?']],
    ['exponent(push[delay=0ms,length=100].p50 over length) < 1', ['45 length is only 100 here; an exponent takes two values or more']],
    ['exponent(push[length=100].p50 over delay) < 1', ['35 delay is 0ms at one point; an exponent takes numbers above 0']],
    ['exponent(psh.p5 over length) < 1', ['9 unknown variant psh; did you mean push?', '13 unknown metric p5; did you mean p50?']],
    [
      'exponent(push[delay=0ms].p50 over length) < 2ms',
      ['44 "2ms" is no number; an exponent is held against one: 0 where nothing grows, 1 where all grows alike'],
    ],
    [
      'exponent(push[delay=0ms].p50 over length) < push[length=100,delay=0ms].p50',
      [expect.stringMatching(/^44 .* is no number; an exponent/)],
    ],
    ['exponent(push.p50) < 1', ['0 "exponent(push.p50)" is no exponent; write exponent(variant.metric over axis)']],
    ['exponent(push.p50 over length < 1', ['0 "exponent(push.p50 over length" is no exponent; write exponent(variant.metric over axis)']],
    ['exponent(nonsense over length) < 1', ['9 "nonsense" is neither a metric nor a quantity; write variant.metric']],
  ])('%s is told', (expression, told) => {
    expect(mistakes(expression, lengths)).toEqual(expect.arrayContaining(told))
    expect(mistakes(expression, lengths)).toHaveLength(told.length)
  })

  test('of what is not swept, or swept without numbers', () => {
    expect(mistakes('exponent(get.p50 over size) < 1')).toEqual(['22 unknown axis size; nothing is swept'])
    const policies = ['allkeys-lru', 'noeviction'].map((policy) => side('get', { policy }))
    expect(mistakes('exponent(get.p50 over policy) < 1', policies)).toEqual([
      '22 policy is allkeys-lru at one point; an exponent takes numbers above 0',
    ])
    const flags = [true, false].map((flag) => side('get', { flag }))
    expect(mistakes('exponent(get.p50 over flag) < 1', flags)).toEqual(['22 flag is true at one point; an exponent takes numbers above 0'])
  })

  test('a variant may be called exponent', () => {
    expect(plan('exponent.p50 < 2ms', [side('exponent')])).toMatchObject({ left: { variant: 'exponent' } })
  })
})

test.each([
  ['get.lost <= 0', 0],
  ['get.lost < 12', 12],
  ['get.fairness > 0.9', 0.9],
])('%s asks for a plain number', (expression, factor) => {
  expect(plan(expression)).toMatchObject({ factor, right: undefined })
})

test.each([
  ['get.lost < 2ms', '"2ms" is not a plain number'],
  ['get.fairness > 95%', '"95%" is not a plain number'],
])('%s is refused: %s', (expression, message) => {
  expect(asked(expression)).toBe(message)
})
