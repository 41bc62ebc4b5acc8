import { describe, expect, test } from 'vitest'
import { renderCompareHtml, renderGateHtml } from '#redline/index.js'
import { since } from '../../support/audits.js'
import {
  better,
  comparedAudits,
  comparedMetric,
  comparedRuns,
  difference,
  failedGate,
  gateDocument,
  mixedComparison,
  open,
  unmeasured,
  worse,
} from '../../support/comparisons.js'
import { largeComparison } from '../../support/large-results.js'
import { all, obstacles, type PageElement, readPage, tableOf, texts } from '../../support/pages.js'

/** Where a drawing has something, in percent of its width. */
const at = (element: PageElement | null, attribute: string) => Number(element!.getAttribute(attribute)!.replace('%', ''))

describe('the page of two runs', () => {
  test('says the verdict first, then worse, better, what could not be told, and the same', async () => {
    const page = readPage(await renderCompareHtml(mixedComparison()))
    expect(texts(page, 'h1')).toEqual(['2 metrics are worse, 1 is better'])
    expect(texts(page, '.tally li')).toEqual(['2 worse', '1 better', '2 inconclusive', '2 the same', 'unlike things'])
    expect(texts(page, '#metrics h3')).toEqual(['Worse 2 metrics', 'Better 1 metric', 'Could not be told 2 metrics', 'The same 2 metrics'])
    expect(texts(page, '.ratios .what').slice(0, 2)).toEqual(['p99 hashes/profile-read one-field', 'p99 hashes/profile-read whole-object'])
    expect(texts(page, '.doubt .remedy')[0]).toMatch(/^What to do Measure both sides in turns/)
    expect(texts(page, '#differences tbody tr')).toEqual(['version of hashes/profile-read 7.0.15 8.0.2 unlike', 'kernel 6.1.0 6.2.0 '])
    expect(texts(page, '#differences .found li')).toEqual(['lists/queue push'])
    expect(all(tableOf(page, 'All metrics'), 'tbody tr')).toHaveLength(7)
    expect(obstacles(page)).toEqual([])
  })

  test('draws each interval beside the band of the limit, on one scale', async () => {
    const metrics = [
      worse({ low: 1.31, estimate: 1.42, high: 1.55 }),
      comparedMetric({ metric: 'p50', low: 0.99, estimate: 1, high: 1.01 }),
    ]
    const plots = all(readPage(await renderCompareHtml(comparedRuns({ metrics }))), '.plotted svg')
    const bands = plots.map((plot) => plot.querySelector('rect'))
    const [left, right] = [at(bands[0]!, 'x'), at(bands[0]!, 'x') + at(bands[0]!, 'width')]
    expect(at(bands[1]!, 'x')).toBe(left)
    const whole = plots.map((plot) => all(plot, 'line')[1]!)
    expect(at(whole[0]!, 'x1')).toBeGreaterThan(right)
    expect(at(whole[1]!, 'x1')).toBeGreaterThan(left)
    expect(at(whole[1]!, 'x2')).toBeLessThan(right)
    // The middle of the band is no change, and a point lies between its ends.
    expect(at(plots[1]!.querySelector('circle'), 'cx')).toBeCloseTo((left + right) / 2, 1)
    expect(plots[0]!.getAttribute('aria-label')).toBe('1.42x (1.31 to 1.55); worse')
  })

  test('tells what the rounds say from what the machine may add', async () => {
    const page = readPage(await renderCompareHtml(comparedRuns({ metrics: [open()] })))
    const [, thin, thick] = all(page.querySelector('.plotted svg')!, 'line')
    expect(at(thick!, 'x1')).toBeGreaterThan(at(thin!, 'x1'))
    expect(at(thick!, 'x2')).toBeLessThan(at(thin!, 'x2'))
    expect(texts(page, '.legendary')[0]).toContain('what the speed of the machine may add')
    const paired = readPage(await renderCompareHtml(comparedRuns({ design: 'paired' })))
    expect(texts(paired, '.legendary')[0]).not.toContain('machine')
  })

  test('draws what has no ratio on a scale of its own, and nothing of what is not known', async () => {
    const page = readPage(
      await renderCompareHtml(comparedRuns({ metrics: [difference(), unmeasured(), open({ low: null, high: null, allowance: null })] })),
    )
    const [unbounded, nothing, same] = all(page, '.plotted svg').toSorted((a, b) => all(b, 'text').length - all(a, 'text').length)
    expect(texts(unbounded!, 'text')).toEqual(['◂', '▸'])
    expect([all(nothing!, 'circle').length + all(same!, 'circle').length, all(page, '.plotted rect').length]).toEqual([1, 3])
    expect(texts(page, '.num')).toContain('0.92 ms → nothing')
  })

  test('says so when nothing was compared, or all is the same', async () => {
    expect(texts(readPage(await renderCompareHtml(comparedRuns({ metrics: [] }))), 'h1')[0]).toMatch(/^Nothing to compare/)
    const many = Array.from({ length: 20 }, (_, i) => comparedMetric({ variant: `v${i}` }))
    const page = readPage(await renderCompareHtml(comparedRuns({ metrics: many })))
    expect(texts(page, 'h1')).toEqual(['All 20 metrics are the same'])
    expect(texts(page, '#metrics summary')).toEqual(['Show them'])
    expect(texts(readPage(await renderCompareHtml(comparedRuns({ metrics: [better(), open()] }))), 'h1')).toEqual([
      '1 metric is better, nothing is known to be worse, 1 could not be told',
    ])
  })

  test('does not call two engines unlike things that were compared on purpose', async () => {
    const page = readPage(await renderCompareHtml(mixedComparison({ design: 'paired' })))
    expect(texts(page, '.tally li')).not.toContain('unlike things')
    expect(texts(page, '.kicker')[0]).toMatch(/^redline ab · two sides in turns/)
  })

  test('stays below three megabytes with 500 variants of five metrics, and counts what it leaves out', async () => {
    const comparison = largeComparison(2500)
    for (const html of [
      await renderCompareHtml(comparison),
      await renderGateHtml(gateDocument({ baselines: [{ file: 'b.json', comparison }] })),
    ]) {
      expect(html.length).toBeLessThan(3_000_000)
      const page = readPage(html)
      expect(texts(page, '#metrics > .card .rest, #baseline-1 > .card .rest')).toContain('and 525 more metrics in result.json')
    }
  })
})

describe('the page of two audits', () => {
  test('says what is new, what is fixed, and how the keyspace grew', async () => {
    const page = readPage(await renderCompareHtml(comparedAudits()))
    expect(texts(page, 'h1')).toEqual(['1 new finding, 1 fixed'])
    expect(texts(page, '#findings li')).toEqual(['ttl/missing session:<int>', 'lock/no-ttl lock:<int>'])
    expect(texts(page, '#growth tbody tr')[0]).toMatch(/^session:user:<int> grown \+60k/)
    const quiet = readPage(await renderCompareHtml(comparedAudits({ since: since({ added: [], fixed: [] }), complete: false })))
    expect(texts(quiet, 'h1')).toEqual(['No new finding in what was seen'])
    expect(obstacles(page)).toEqual([])
  })
})

describe('the page of a gate', () => {
  test('says what decided, then thresholds with broken ones first, the history and the baselines', async () => {
    const page = readPage(await renderGateHtml(failedGate()))
    expect(texts(page, 'h1')[0]).toBe(
      'The gate fails: 2 thresholds broken, 2 metrics worse than the baseline, 1 change for the worse in the history, 1 other reason',
    )
    expect(all(page, 'main > section').map((section) => section.getAttribute('id'))).toEqual([
      'reasons',
      'thresholds',
      'history',
      'baseline-1',
    ])
    expect(texts(page, '#reasons li')[0]).toBe('fail audit/: 2 findings of severity error')
    expect(texts(page, '#thresholds tbody .badge')).toEqual(['broken', 'broken', 'left open', 'kept'])
    expect(texts(page, '#thresholds tbody tr')[2]).toContain('96k ops/s (94k to 98k)')
    // 2.31 ms where less than 2 were asked for, 920 us where they were, and 96k/s where more than 95k were.
    const plots = all(page, '#thresholds svg.interval').map((plot) => plot.getAttribute('aria-label'))
    expect(plots).toContain('0.866 times what was asked for; broken')
    expect(plots).toContain('2.17 times what was asked for; kept')
    expect(plots).toContain('1.01 times what was asked for; left open')
    expect(texts(page, '#history tbody tr')[0]).toContain('96.3k → 70.5k ops/s 0.732x')
    expect(all(page, '#baseline-1 .ratios .what')).toHaveLength(7)
    expect(obstacles(page)).toEqual([])
  })

  test('that passes is good news, and says what was judged', async () => {
    const page = readPage(await renderGateHtml(gateDocument({ thresholds: [] })))
    expect(texts(page, 'h1')).toEqual(['The gate passes'])
    expect(all(page, '.banner.good')).toHaveLength(1)
    expect(texts(page, '#reasons h2')).toEqual(['What was judged'])
  })
})
