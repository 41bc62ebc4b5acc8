import { describe, expect, test } from 'vitest'
import { renderRunHtml } from '#redline/index.js'
import {
  expectation,
  invalidity,
  latency,
  load,
  round,
  roundsAt,
  runResult,
  scenario,
  server,
  target,
  validity,
  variant,
} from '../../support/results.js'
import { all, dangers, obstacles, type PageElement, readPage, tableOf, texts } from '../../support/pages.js'

const page = async (...args: Parameters<typeof runResult>) => readPage(await renderRunHtml(runResult(...args)))
const figures = (page: PageElement) => texts(page, 'figcaption')

/** A matrix of depths and delays, each point in three rounds. */
function sweep() {
  const points = [1, 4, 16, 64].flatMap((pipeline) => ['0ms', '1ms'].map((delay) => ({ pipeline, delay })))
  const variants = points.map(({ pipeline, delay }) => {
    const speed = (delay === '0ms' ? 60_000 : 6000) * Math.sqrt(pipeline)
    return variant({
      id: `get-set[pipeline=${pipeline},delay=${delay}]`,
      variant: 'get-set',
      point: { pipeline, delay },
      rounds: roundsAt([speed * 0.95, speed, speed * 1.05]),
    })
  })
  const expected = expectation({
    left: { variant: 'get-set[pipeline=16,delay=0ms]', load: null, metric: 'throughput' },
    right: { variant: 'get-set[pipeline=1,delay=0ms]', load: null, metric: 'throughput' },
  })
  return scenario({ id: 'operations/pipelining', variants, expectations: [expected] })
}

test('servers that are alike are told once', async () => {
  const [lead = ''] = texts(await page({ targets: [target(), target(), target({ version: '6.0.16' })] }), 'p.lead')
  expect(lead.match(/redis 7\.0\.15/g)).toHaveLength(1)
  expect(lead).toContain('6.0.16')
})

describe('the page of a run', () => {
  test('says the verdict first, as its heading and in its title', async () => {
    const holds = await page()
    expect(texts(holds, 'h1')).toEqual(['The claim holds'])
    expect(texts(holds, 'title')).toEqual(['The claim holds - redline run'])
    const refuted = await page({ scenarios: [scenario(), scenario({ id: 'b', expectations: [expectation({ verdict: 'refuted' })] })] })
    expect(texts(refuted, 'h1')).toEqual(['1 of 2 claims holds, 1 refuted'])
    expect(all(refuted, 'header.banner.bad')).toHaveLength(1)
    const bad = variant({ rounds: [round({ validity: invalidity() })] })
    const invalid = await page({ scenarios: [scenario({ variants: [bad], expectations: [] })] })
    expect(texts(invalid, 'h1')).toEqual(['Nothing valid was measured'])
    expect(texts(await page({ failure: 'the server went away' }), '.lead').join()).toContain('the server went away')
  })

  test('has landmarks, headings in order, labels and scopes', async () => {
    const result = await page({ scenarios: [scenario(), sweep()], targets: [target({ config: { 'io-threads': '4' } })] })
    expect(obstacles(result)).toEqual([])
    expect(texts(result, 'h2')).toEqual(['What was claimed, and what was measured', 'Scenarios', 'Where it was measured'])
  })

  test('has nothing that runs, loads or leaves the page', async () => {
    expect(dangers(await page({ scenarios: [scenario(), sweep()] }))).toEqual([])
  })

  test('shows each expectation with its interval on one scale', async () => {
    const result = await page()
    const [interval] = all(result, '.forest .interval')
    expect(interval!.getAttribute('aria-label')).toBe('1.13 times what was asked for; holds')
    const [x1, x2] = [...interval!.querySelectorAll('line')]
      .slice(1, 2)
      .flatMap((line) => [line.getAttribute('x1'), line.getAttribute('x2')])
      .map((text) => parseFloat(text ?? ''))
    const asked = parseFloat(interval!.querySelector('line')!.getAttribute('x1')!)
    expect(x1!).toBeGreaterThan(asked)
    expect(x2!).toBeGreaterThan(x1!)
    expect(texts(result, '.forest .sub')).toContain('one-field does 1.35x whole-object (1.31 to 1.39), asked for more than 1.2x')
  })

  test('puts what is better on the right, also where less is better', async () => {
    const less = expectation({ comparison: '<', asked: 2, observed: 1, low: 0.9, high: 1.1 })
    const result = await page({ scenarios: [scenario({ expectations: [less] })] })
    expect(all(result, '.interval')[0]!.getAttribute('aria-label')).toBe('2 times what was asked for; holds')
  })

  test('draws latency by percentile and both over time, each with its numbers', async () => {
    const result = await page()
    expect(figures(result)).toEqual(['Latency by percentile', 'Throughput over time', 'p99 over time'])
    const [percentiles, throughput] = all(result, 'figure')
    expect(percentiles!.querySelector('svg')!.getAttribute('aria-label')).toMatch(/one-field, 99% within 4\.2\d* ms; whole-object/)
    expect(texts(percentiles!, 'thead th')).toEqual(['Variant', 'p50', 'p90', 'p99', 'max'])
    // Three rounds of ten seconds.
    expect(texts(throughput!, 'tbody tr')).toHaveLength(30)
    expect(texts(throughput!, 'tbody tr')[0]).toBe('1 1 95k 70.5k')
  })

  test('draws sweeps as curves along the longest axis, what is expected first', async () => {
    const result = await page({ scenarios: [sweep()] })
    expect(figures(result).slice(0, 3)).toEqual(['Throughput by pipeline', 'p99 by pipeline', 'Server CPU per operation by pipeline'])
    expect(texts(all(result, '.legend')[0]!, 'li')).toEqual(['delay 0ms', 'delay 1ms'])
    expect(texts(all(result, 'figure')[0]!, 'tbody tr')[2]).toBe('16 240k (228k to 252k) 24k (22.8k to 25.2k)')
  })

  test('marks forks, evictions and expirations in their rounds', async () => {
    const quiet = round()
    const busy = round({ server: server({ forks: 1, evicted: 1200, expired: 7 }) })
    const result = await page({ scenarios: [scenario({ variants: [variant({ rounds: [quiet, busy, quiet] })] })] })
    expect(texts(result, '.lines li').filter((text) => text.endsWith('round 2'))).toEqual([
      'F one-field: 1 fork in round 2',
      'E one-field: 1,200 keys evicted in round 2',
      'X one-field: 7 keys expired in round 2',
    ])
    expect(texts(all(result, 'figure')[1]!, 'svg text')).toContain('FEX')
    expect(texts(all(await page(), 'figure')[1]!, 'svg text')).not.toContain('FEX')
  })

  test('marks faults when they happened, and says which failed', async () => {
    const faulty = round({ faults: [{ atMs: 4000, kind: 'pause', ok: false }] })
    const result = await page({ scenarios: [scenario({ variants: [variant({ rounds: [faulty] })] })] })
    expect(texts(result, '.lines li').join()).toContain('pause at 4s, which failed')
    expect(texts(all(result, 'figure')[1]!, 'svg text')).toContain('!')
  })

  test('shows what limited each round, and why one does not count', async () => {
    const suspect = validity({ reasons: [{ code: 'steal', severity: 'suspect', message: 'the hypervisor took 8% of the time' }] })
    const rounds = [round(), round({ validity: invalidity() }), round({ validity: suspect })]
    const result = await page({ scenarios: [scenario({ variants: [variant({ rounds })], expectations: [] })] })
    const table = tableOf(result, 'What limited each round')
    expect(texts(table, 'td')).toEqual(['server 96k', 'invalid generator-saturated', 'server 96k suspect: steal'])
    expect(texts(result, '.lines li').join()).toContain('the hypervisor took 8% of the time')
  })

  test('gives no number of a variant that measured nothing valid', async () => {
    const result = await page({
      scenarios: [scenario({ variants: [variant(), variant({ id: 'broken', rounds: [round({ validity: invalidity() })] })] })],
    })
    const row = all(result, 'tbody tr').find((one) => one.querySelector('th')?.textContent === 'broken')!
    expect(texts(row, 'td').slice(0, 2)).toEqual(['', ''])
    expect(row.textContent).toContain('the generator used 98% of its core')
    expect(texts(result, '.legend li')).not.toContain('broken')
  })

  test('says which scenarios an engine can not run, and why', async () => {
    const inapplicable = [{ scenario: 'only/<there>', engine: 'redis 6.0.16', reason: 'Bad directive' }]
    const result = await page({ inapplicable })
    expect(texts(result, '#scenarios h3').at(-1)).toBe('only/<there>not applicable')
    expect(texts(result, '.sub')).toContain('on redis 6.0.16: Bad directive')
    expect(obstacles(result)).toEqual([])
  })

  test('tells which checks failed', async () => {
    const checks = [
      { name: 'no two holders', expected: '0', observed: '3 overlaps', ok: false },
      { name: 'all released', expected: '0', observed: '0', ok: true },
    ]
    const result = await page({ scenarios: [scenario({ variants: [variant({ rounds: [round({ checks })] })] })] })
    expect(texts(result, '.lines li')).toContain('failed one-field, round 1: no two holders: expected 0, observed 3 overlaps')
    expect(texts(result, '.lines li')).toContain('passed 1 check: all released')
  })

  test('a study without requests has its measures and no curves of requests', async () => {
    const nothing = latency({ count: 0, hdr: '' })
    const idle = load({ operations: 0, latency: nothing, service: nothing })
    const rounds = [round({ loads: [], series: [], measures: { switch_at: 128 } })]
    const study = variant({ rounds, summary: { switch_at: { median: 128, low: 128, high: 128, unit: 'count' } } })
    expect(idle.latency.count).toBe(0)
    const result = await page({ scenarios: [scenario({ variants: [study], expectations: [] })] })
    expect(figures(result)).toEqual([])
    expect(texts(tableOf(result, 'Further measures'), 'tbody tr')).toEqual(['one-field 128'])
  })

  test('says where it was measured', async () => {
    const result = await page({ targets: [target({ config: { 'maxmemory-policy': 'allkeys-lru' } })] })
    expect(texts(result, '#environment dd')).toEqual(expect.arrayContaining(['AMD EPYC 7763', 'redis 7.0.15', '127.0.0.1:7001']))
    expect(texts(result, '#environment td')).toContain('allkeys-lru')
  })

  test('is the same whenever it is made', async () => {
    const result = runResult({ scenarios: [scenario(), sweep()] })
    expect(await renderRunHtml(result)).toBe(await renderRunHtml(structuredClone(result)))
  })

  test('a histogram that can not be decoded is named', async () => {
    const broken = load({ latency: latency({ hdr: 'AAAA' }) })
    await expect(page({ scenarios: [scenario({ variants: [variant({ rounds: [round({ loads: [broken] })] })] })] })).rejects.toThrow(
      'the histogram of the latency of main in one-field can not be decoded',
    )
  })
})
