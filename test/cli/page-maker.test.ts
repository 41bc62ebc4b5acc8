import { expect, test } from 'vitest'
import { renderPage } from '#redline/cli/outputs.js'
import { PageMaker } from '#redline/cli/page-maker.js'
import { auditResult, finding } from '../support/audits.js'
import { latency, load, round, runResult, scenario, variant } from '../support/results.js'

const audit = { kind: 'audit', document: auditResult({ findings: [finding()] }) } as const
const broken = latency({ hdr: 'no histogram' })
const run = {
  kind: 'run',
  document: runResult({ scenarios: [scenario({ variants: [variant({ rounds: [round({ loads: [load({ latency: broken })] })] })] })] }),
} as const

test('a page that a thread made is the page that is made here', async () => {
  const here = await renderPage(audit)
  const pages = new PageMaker()
  try {
    expect(await pages.render(audit)).toBe(here)
    pages.prepare()
    expect(await pages.render(audit)).toBe(here)
    expect(await pages.render(audit)).toBe(here)
  } finally {
    await pages.stop()
  }
})

test('what can not be made says why, in the thread as here, and the thread goes on', async () => {
  const pages = new PageMaker()
  const failure = await pages.render(run).catch((error: unknown) => String(error))
  expect(failure).toContain('histogram')
  try {
    pages.prepare()
    await expect(pages.render(run)).rejects.toThrow(failure.replace(/^\w+: /, ''))
    expect(await pages.render(audit)).toContain('<!doctype html>')
  } finally {
    await pages.stop()
  }
})

test('a thread that is stopped before it answers is an error, not a page that never comes', async () => {
  const pages = new PageMaker()
  pages.prepare()
  const page = pages.render(audit)
  await Promise.all([expect(page).rejects.toThrow('the thread of pages ended'), pages.stop()])
})
