import { describe, expect, test } from 'vitest'
import { renderAuditHtml, renderRunHtml } from '#redline/index.js'
import { auditResult, finding, pattern } from '../../support/audits.js'
import { readPage, texts } from '../../support/pages.js'
import { roundsAt, runResult, scenario, variant } from '../../support/results.js'

const MOST_BYTES = 3 * 1000 * 1000

describe('a page stays below three megabytes', () => {
  test('with ten thousand findings, and says how many it leaves out', async () => {
    const findings = Array.from({ length: 10_000 }, (_, i) =>
      finding({
        rule: i % 2 ? 'ttl/missing' : 'key/bad-name',
        severity: i % 2 ? 'warning' : 'error',
        about: `app:${i}:${'x'.repeat(i % 300)}:<int>`,
      }),
    )
    const html = await renderAuditHtml(auditResult({ findings }))
    expect(html.length).toBeLessThan(MOST_BYTES)
    expect(texts(readPage(html), '.rest')).toEqual([
      'and 4,960 more of this rule in result.json',
      'and 4,960 more of this rule in result.json',
    ])
    expect(texts(readPage(html), 'h1')).toEqual(['5,000 errors and 5,000 warnings'])
  })

  test('with ten thousand findings of as many rules', async () => {
    const findings = Array.from({ length: 10_000 }, (_, i) => finding({ rule: `mine/rule-${i}`, about: `app:${i}` }))
    const html = await renderAuditHtml(auditResult({ findings }))
    expect(html.length).toBeLessThan(MOST_BYTES)
    expect(texts(readPage(html), '.rest')).toContain('and 9,400 more findings of further rules in result.json')
  })

  test('with five thousand patterns', async () => {
    const patterns = Array.from({ length: 5000 }, (_, i) => pattern({ pattern: `app-${i}:<int>`, owner: `team ${i}` }))
    const html = await renderAuditHtml(auditResult({ patterns }))
    expect(html.length).toBeLessThan(MOST_BYTES)
    expect(texts(readPage(html), '.rest')).toContain('and 4,785 more in result.json')
  })

  test('with five hundred variants of one scenario', async () => {
    const variants = Array.from({ length: 500 }, (_, i) =>
      variant({ id: `variant-${i}`, rounds: roundsAt([90_000 + i, 91_000 + i, 92_000 + i]) }),
    )
    const html = await renderRunHtml(runResult({ scenarios: [scenario({ variants, expectations: [] })] }))
    expect(html.length).toBeLessThan(MOST_BYTES)
    expect(texts(readPage(html), '.rest')).toContain('and 400 more variants in result.json')
    expect(texts(readPage(html), '.sub')).toContain('8 of 500 variants, from one end to the other; result.json has all.')
  })

  test('with two hundred scenarios', async () => {
    const rounds = roundsAt([90_000, 91_000, 92_000])
    const scenarios = Array.from({ length: 200 }, (_, i) =>
      scenario({ id: `mine/scenario-${i}`, variants: [variant({ rounds }), variant({ id: 'whole-object', rounds })] }),
    )
    const html = await renderRunHtml(runResult({ scenarios }))
    expect(html.length).toBeLessThan(MOST_BYTES)
    const page = readPage(html)
    const left = Number(/and (\d+) more scenarios/.exec(texts(page, '#scenarios > .rest').join())?.[1] ?? 0)
    expect(left + texts(page, 'article').length).toBe(200)
    expect(html).toContain('Its curves are left out')
  })
})
