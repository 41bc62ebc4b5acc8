import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/repl/role.js'
import { startReplicated } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { blindness, checkRule, identity, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a server with another role than expected is found', async (engine) => {
  const { primary, replicas, stop } = await startReplicated({ engine })
  try {
    const expected = { expected: { role: 'replica' as const } }
    expect((await auditRule(replicas[0]!, rule, {}, expected)).passed).toEqual(['repl/role'])
    expect((await auditRule(primary, rule, {}, expected)).findings).toMatchObject([
      { about: 'role', severity: 'error', message: 'is master, where replica was expected' },
    ])
  } finally {
    await stop()
  }
})

test('without an expectation it does not apply', () => {
  expect(blindness(rule, { server: serverFacts(), expected: { role: undefined } })).toEqual({
    kind: 'not applicable',
    why: 'no role is expected; --expect-role names one',
  })
  expect(blindness(rule, { server: serverFacts(), expected: { role: 'master' } })).toBeUndefined()
})

test('is one finding, whichever role is missing', () => {
  const found = [
    ...checkRule(rule, { server: serverFacts(), expected: { role: 'replica' } }),
    ...checkRule(rule, { server: serverFacts({ role: 'replica' }), expected: { role: 'master' } }),
  ]
  expect(found.map(identity)).toEqual(['role', 'role'])
  expect(found[1]!.remedy).toMatch(/ask the sentinels or the cluster/)
})
