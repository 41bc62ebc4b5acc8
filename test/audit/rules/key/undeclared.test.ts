import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/key/undeclared.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, identity, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: keys are matched against the contracts', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    await client.call('MSET', 'session:1', 'x', 'session:2', 'x', 'tmp:1', 'x')
    expect((await auditKeys(rule)).notApplicable).toMatchObject([{ rule: 'key/undeclared' }])
    const contracts = [{ pattern: 'session:*' }]
    const { findings } = await auditKeys(rule, {}, { contracts })
    expect(findings).toMatchObject([{ severity: 'note', evidence: { keys: 1 }, examples: ['tmp:1'] }])
    expect((await auditKeys(rule, {}, { contracts: [...contracts, { pattern: 'tmp:*' }] })).passed).toEqual(['key/undeclared'])
  })
})

const declared = patternFacts({ pattern: 'session:*', contract: { owner: 'web' } })
const facts = (...patterns: ReturnType<typeof patternFacts>[]) => ({ keyspace: keyspaceFacts({ patterns }) })

test('a pattern that no contract speaks of is noted, beside those that are declared', () => {
  expect(checkRule(rule, facts(declared, patternFacts({ pattern: 'tmp:<int>', keys: 4200 })))).toMatchObject([
    { about: 'tmp:<int>', message: '4,200 keys (410 KB) match no contract', evidence: { keys: 4200, bytes: 420_000 } },
  ])
  expect(checkRule(rule, facts(declared, patternFacts({ pattern: 'tmp', keys: 1 })))[0]?.message).toBe('1 key (100 B) matches no contract')
})

test('where all is declared nothing is said, and few keys may be let pass', () => {
  expect(checkRule(rule, facts(declared))).toEqual([])
  expect(checkRule(rule, facts(declared, patternFacts({ keys: 9 })), { keys: 10 })).toEqual([])
  expect(checkRule(rule, facts(declared, patternFacts({ keys: 10 })), { keys: 10 })).toHaveLength(1)
})

test('without any contract there is nothing to be declared in', () => {
  expect(blindness(rule, facts(patternFacts()))).toEqual({ kind: 'not applicable', why: 'no contract is declared' })
  expect(blindness(rule, facts(declared))).toBeUndefined()
})

test('contracts that no key matches are contracts too', () => {
  expect(checkRule(rule, { keyspace: keyspaceFacts({ patterns: [patternFacts()], contracts: true }) })).toHaveLength(1)
})

test('it is the same finding when the numbers change', () => {
  const found = (keys: number) => checkRule(rule, facts(declared, patternFacts({ keys }))).map(identity)
  expect(found(5)).toEqual(found(5000))
})
