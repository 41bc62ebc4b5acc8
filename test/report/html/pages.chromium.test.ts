import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderAuditHtml, renderCompareHtml, renderGateHtml, renderRunHtml } from '#redline/index.js'
import { auditResult, distribution, finding, pattern, since, topKey, userPattern } from '../../support/audits.js'
import { Browser } from '../../support/chromium.js'
import { comparedAudits, failedGate, mixedComparison, open, worse } from '../../support/comparisons.js'
import { findChromium } from '../../support/find-chromium.js'
import { round, roundsAt, runResult, scenario, server, target, variant } from '../../support/results.js'

let browser: Browser
beforeAll(async () => {
  browser = await Browser.start(findChromium()!)
})
afterAll(async () => browser.stop())

const LONG = `app:${'very-long-name-without-a-space'.repeat(9)}:<int>`
const HOSTILE = '</text></svg><script>document.title="owned"</script><img src=http://127.0.0.1:9/x onerror="document.title=\'owned\'">'

const PAGES: [string, () => Promise<string>][] = [
  [
    'a run',
    () => {
      const points = [1, 4, 16, 64].map((depth) =>
        variant({
          id: `${HOSTILE}[pipeline=${depth}]`,
          variant: HOSTILE,
          point: { pipeline: depth },
          rounds: roundsAt([depth * 9000, depth * 9900]),
        }),
      )
      const busy = variant({ id: LONG, rounds: [round({ server: server({ forks: 1 }) }), round()] })
      return renderRunHtml(
        runResult({
          scenarios: [
            scenario(),
            scenario({ id: LONG, claim: HOSTILE, variants: points }),
            scenario({ variants: [busy], expectations: [] }),
          ],
          targets: [target({ config: { maxmemory: '0' } })],
        }),
      )
    },
  ],
  [
    'an audit',
    () =>
      renderAuditHtml(
        auditResult({
          findings: [
            finding(),
            finding({ rule: 'key/long-name', severity: 'warning', about: LONG, commands: [`redis-cli GET ${LONG}`] }),
            finding({ about: HOSTILE }),
          ],
          patterns: [
            pattern({
              ttl: distribution({
                unit: 'seconds',
                buckets: [
                  [30, 9],
                  [90_000, 7],
                ],
              }),
            }),
            userPattern(),
            pattern({ pattern: LONG }),
            pattern({ pattern: HOSTILE }),
          ],
          top: { bytes: [topKey({ key: LONG }), topKey({ key: HOSTILE })], elements: [], idle: [] },
          since: since(),
        }),
      ),
  ],
]

/** Pages without charts beside each other. */
const VERDICTS: [string, () => Promise<string>][] = [
  [
    'a comparison of runs',
    () => {
      const long = worse({ scenario: LONG, variant: HOSTILE })
      const { metrics } = mixedComparison()
      return renderCompareHtml(
        mixedComparison({ metrics: [...metrics, long, open({ why: LONG })], base: { ...mixedComparison().base, name: LONG } }),
      )
    },
  ],
  ['a comparison of audits', () => renderCompareHtml(comparedAudits({ since: since({ added: [{ rule: 'ttl/missing', about: LONG }] }) }))],
  ['a gate', () => renderGateHtml(failedGate({ reasons: [{ verdict: 'fail', message: LONG }] }))],
]

describe.each(VERDICTS)('the page of %s', (_, render) => {
  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('at %i pixels in %s: nothing is fetched, refused, wider than the page or beyond its plot', async (width, scheme) => {
    const { page, complaints } = await browser.open(await render(), { width, scheme })
    expect(complaints).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    const [paper, ink, dim] = [
      await styleOf(page, '.card', 'background-color'),
      await styleOf(page, 'main', 'color'),
      await styleOf(page, 'footer', 'color'),
    ]
    expect(contrast(paper, ink)).toBeGreaterThan(7)
    expect(contrast(paper, dim)).toBeGreaterThan(4.5)
    for (const box of await boxesOf(page.locator('.plotted'))) {
      expect(box.x).toBeGreaterThanOrEqual(0)
      expect(box.x + box.width).toBeLessThanOrEqual(width)
      expect(box.height).toBeGreaterThan(30)
    }
    await page.close()
  })
})

test('the plots of a comparison stand below each other, beside their numbers where there is room and below them where there is not', async () => {
  const html = await renderCompareHtml(mixedComparison())
  for (const [width, beside] of [
    [1280, true],
    [390, false],
  ] as const) {
    const { page } = await browser.open(html, { width })
    const [plots, words] = [await boxesOf(page.locator('.plotted')), await boxesOf(page.locator('.ratios .what'))]
    expect(plots).toHaveLength(7)
    expect(new Set(plots.map(({ x }) => Math.round(x))).size).toBe(1)
    for (const [index, plot] of plots.entries()) {
      const word = words[index]!
      const [isBeside, isBelow] = [plot.x > word.x + word.width, plot.y >= word.y + word.height]
      expect([isBeside, isBelow]).toEqual([beside, !beside])
    }
    await page.close()
  }
})

describe.each(PAGES)('the page of %s', (_, render) => {
  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('at %i pixels in %s: nothing is fetched, refused or wider than the page', async (width, scheme) => {
    const { page, complaints } = await browser.open(await render(), { width, scheme })
    expect(complaints).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    expect(await page.title()).not.toBe('owned')
    await page.close()
  })

  test('lays out what it shows: sections below each other, charts beside each other where there is room', async () => {
    const html = await render()
    for (const { width, columns } of [
      { width: 1280, columns: 3 },
      { width: 390, columns: 1 },
    ]) {
      const { page } = await browser.open(html, { width })
      const sections = await boxesOf(page.locator('main > section'))
      expect(sections.length).toBeGreaterThanOrEqual(3)
      for (const [index, box] of sections.slice(1).entries())
        expect(box.y).toBeGreaterThanOrEqual(sections[index]!.y + sections[index]!.height)
      const charts = await boxesOf(page.locator('.charts').first().locator('figure'))
      const firstRow = charts.filter(({ y }) => Math.abs(y - charts[0]!.y) < 4)
      expect(firstRow).toHaveLength(Math.min(charts.length, columns))
      for (const { x, width: chart, height } of charts) {
        expect(x).toBeGreaterThanOrEqual(0)
        expect(x + chart).toBeLessThanOrEqual(width)
        expect(height).toBeGreaterThan(100)
      }
      await page.close()
    }
  })

  test('has other colours in the dark, also in its charts, and enough contrast in both', async () => {
    const html = await render()
    const looks = []
    for (const scheme of ['light', 'dark'] as const) {
      const { page } = await browser.open(html, { width: 1280, scheme })
      const colour = (selector: string, property: string) => styleOf(page, selector, property)
      const [paper, ink, dim, line] = [
        await colour('.card', 'background-color'),
        await colour('main', 'color'),
        await colour('.sub', 'color'),
        await colour('.chart svg [fill^="var(--"], .chart svg [stroke^="var(--"]', 'stroke'),
      ]
      expect(contrast(paper, ink)).toBeGreaterThan(7)
      expect(contrast(paper, dim)).toBeGreaterThan(4.5)
      looks.push(`${paper} ${ink} ${line}`)
      await page.close()
    }
    expect(looks[0]).not.toBe(looks[1])
  })

  test('can be gone through with the keyboard, its contents first', async () => {
    const { page } = await browser.open(await render(), { width: 1280 })
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').textContent()).toBe('Skip to the report')
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').getAttribute('href')).toMatch(/^#/)
    const summary = page.locator('summary').first()
    await summary.focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('details[open]').count()).toBe(1)
    await page.close()
  })

  test('prints, on light paper', async () => {
    const { page, complaints } = await browser.open(await render(), { width: 1280, scheme: 'dark' })
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(pdf.length).toBeGreaterThan(10_000)
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    const paper = await styleOf(page, 'body', 'background-color')
    expect(paper).toBe('rgb(255, 255, 255)')
    expect(complaints).toEqual([])
    await page.close()
  })
})

test('a style that the policy does not know is refused: the check of these tests can fail', async () => {
  const html = (await PAGES[0]![1]())
    .replace('<h1>', '<h1 style="color:red">')
    .replace('</main>', '<img src="http://127.0.0.1:9/x"></main>')
  const { page, complaints } = await browser.open(html, { width: 1280 })
  expect(complaints.filter((text) => /Content Security Policy|content security policy/.test(text)).length).toBeGreaterThanOrEqual(2)
  await page.close()
})

/** Where the elements are that are shown. */
async function boxesOf(found: Locator) {
  return (await Promise.all((await found.all()).map((one) => one.boundingBox()))).filter((box) => box !== null)
}

/** A property of the first element that the selector finds, as the browser computes it. */
function styleOf(page: Page, selector: string, property: string): Promise<string> {
  return page.evaluate<string>(
    `getComputedStyle(document.querySelector(${JSON.stringify(selector)})).getPropertyValue(${JSON.stringify(property)})`,
  )
}

/** The contrast of two colours, by WCAG 2.2. */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (light! + 0.05) / (dark! + 0.05)
}

function luminance(rgb: string): number {
  const [r = 0, g = 0, b = 0] = (rgb.match(/[\d.]+/g) ?? []).map((part) => {
    const share = Number(part) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
