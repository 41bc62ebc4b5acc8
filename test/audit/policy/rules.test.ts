import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadRules } from '#redline/audit/rules/registry.js'
import { resolvePolicy } from '#redline/audit/policy/policy.js'
import { parseProjectFile } from '#redline/config/project-text.js'

const rules = await loadRules()
const guide = readFileSync(new URL('../../../docs/audit.md', import.meta.url), 'utf8')

test('no option of a rule is called what every rule takes', () => {
  const clashes = rules.filter(({ options }) => 'severity' in options.shape || 'patterns' in options.shape)
  expect(clashes.map(({ id }) => id)).toEqual([])
})

test('every rule is on without a word, with defaults that its own schema takes', () => {
  const policy = resolvePolicy(rules, undefined)
  expect(policy.rules.map(({ rule }) => rule.id)).toEqual(rules.map(({ id }) => id))
})

test('the project file of the guide is right, and does what the guide says', () => {
  const text = /```yaml\n(# yaml-language-server[\s\S]*?)```/.exec(guide)?.[1] ?? ''
  const file = parseProjectFile('docs/audit.md', text, { rules, maxImpact: (limits) => limits })
  const policy = resolvePolicy(rules, file)
  expect(policy.off).toEqual(['client/unnamed'])
  expect(policy.severityOf('latency/spike', 'fork', 'warning')).toBe('note')
  expect(['tmp:<int>', 'user:<int>'].map((about) => policy.severityOf('ttl/missing', about, 'warning'))).toEqual(['off', 'error'])
  expect(policy.rules.find(({ rule }) => rule.id === 'ttl/missing')!.options).toMatchObject({ share: 0.1 })
  expect([...policy.required].every((id) => id.startsWith('sec/'))).toBe(true)
})
