import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { isRuleId, loadRules, RULE_IDS } from '#redline/audit/rules/registry.js'
import { redline } from '../../support/cli.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const RULES = `${ROOT}src/audit/rules/`

/** `ttl/missing` for each `ttl/missing<ending>` below a folder. */
function idsBelow(folder: string, ending: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files.filter((file) => file.endsWith(ending) && file.includes('/')).map((file) => file.slice(0, -ending.length))
}

describe('the registry of rules', () => {
  test('names every page, and every file that exports a rule, in order', () => {
    const sources = idsBelow(RULES, '.ts').filter((id) =>
      readFileSync(`${RULES}${id}.ts`, 'utf8').includes('export const rule = defineRule('),
    )
    const sorted = (ids: readonly string[]) => ids.toSorted((a, b) => a.localeCompare(b))
    expect(sorted(sources)).toEqual(sorted(RULE_IDS))
    expect(sorted(idsBelow(RULES, '.md'))).toEqual(sorted(RULE_IDS))
    expect(RULE_IDS).toEqual(RULE_IDS.toSorted())
  })

  test('loads the rules that it names, in their order', async () => {
    expect((await loadRules()).map(({ id }) => id)).toEqual(RULE_IDS)
  })

  test('is what `redline list rules` shows and what docs/rules.md lists (npm run schemas writes it)', async () => {
    const { stdout } = await redline(['list', 'rules'])
    expect(stdout.trimEnd().split('\n').map((line) => line.split(' ', 1)[0])).toEqual(RULE_IDS) // prettier-ignore
    const listed = readFileSync(`${ROOT}docs/rules.md`, 'utf8').matchAll(
      /^- \[`([^`]+)`\]\(..\/src\/audit\/rules\/\1\.md\) \((\w+)\): (.+)$/gm,
    )
    const rules = (await loadRules()).map(({ id, severity, summary }) => [id, severity, summary])
    expect(Array.from(listed, ([, id, severity, summary = '']) => [id, severity, summary.replaceAll('\\*', '*')])).toEqual(rules)
  })

  test('knows an id from anything else', () => {
    expect([isRuleId('ttl/missing'), isRuleId('ttl/mising'), isRuleId('__proto__')]).toEqual([true, false, false])
  })
})

describe('the page of a rule', () => {
  test.each(RULE_IDS)('%s says what is wrong, how it is measured, how to fix it and when to ignore it', (id) => {
    const page = readFileSync(`${RULES}${id}.md`, 'utf8')
    expect(page.startsWith(`# ${id}\n`)).toBe(true)
    const headings = page.split('\n').filter((line) => line.startsWith('## '))
    expect(headings).toEqual(['## Problem', '## How it is measured', '## How to fix', '## When to ignore it'])
  })
})
