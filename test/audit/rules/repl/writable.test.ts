import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/repl/writable.js'
import { ask, startReplicated } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity, replicationFacts, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())(
  '%s: a replica that takes writes is found, and what is written there is on no other server',
  async (engine) => {
    const { primary, replicas, stop } = await startReplicated({ engine })
    try {
      const [replica] = replicas
      expect((await auditRule(replica!, rule)).passed).toEqual(['repl/writable'])
      await ask(replica!, ['CONFIG', 'SET', 'replica-read-only', 'no'])
      expect((await auditRule(replica!, rule)).findings).toMatchObject([
        { about: 'replica-read-only', severity: 'error', evidence: { role: 'replica' } },
      ])
      await ask(replica!, ['SET', 'here', 'only'])
      expect(await ask(primary, ['EXISTS', 'here'])).toBe(0)
      await ask(primary, ['CONFIG', 'SET', 'replica-read-only', 'no'])
      expect((await auditRule(primary, rule)).findings).toMatchObject([{ severity: 'warning', evidence: { role: 'master' } }])
    } finally {
      await stop()
    }
  },
)

const config = configFacts({ 'replica-read-only': 'no' })
const severity = (facts: Parameters<typeof checkRule>[1]) => checkRule(rule, { config, ...facts })[0]!.severity

test('is as severe as it is likely that somebody writes there', () => {
  expect(severity({ server: serverFacts({ role: 'replica' }) })).toBe('error')
  expect(severity({ server: serverFacts(), replication: replicationFacts() })).toBe('warning')
  expect(severity({ server: serverFacts({ topology: 'cluster' }), replication: replicationFacts({ replicas: [] }) })).toBe('warning')
  expect(severity({ server: serverFacts(), replication: replicationFacts({ replicas: [] }) })).toBe('note')
})

test('reads files, where it may be that of any server', () => {
  const files = configFacts({ 'replica-read-only': 'no' }, 'files')
  expect(checkRule(rule, { config: files })).toMatchObject([{ severity: 'warning', at: { parameter: 'replica-read-only' } }])
  expect(checkRule(rule, { config: configFacts({ 'replica-read-only': undefined }, 'files') })).toEqual([])
})

test('passes nothing that it may not read', () => {
  expect(blindness(rule, { config: configFacts({ 'replica-read-only': undefined }) })).toMatchObject({ kind: 'not assessed' })
  expect(blindness(rule, { config: configFacts() })).toBeUndefined()
})

test('is the same finding on primary and replica', () => {
  const found = (['master', 'replica'] as const).flatMap((role) => checkRule(rule, { config, server: serverFacts({ role }) }))
  expect(found.map(identity)).toEqual(['replica-read-only', 'replica-read-only'])
})
