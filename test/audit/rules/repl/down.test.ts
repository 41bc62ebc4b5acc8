import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/repl/down.js'
import { startReplicated, untilInfo } from '../../../support/deployments.js'
import { auditRule, onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity, infoFacts, replicationFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a replica that has lost its primary is found', async (engine) => {
  const { primary, replicas, stop } = await startReplicated({ engine })
  try {
    const [replica] = replicas
    expect((await auditRule(replica!, rule, { down: '0s' })).passed).toEqual(['repl/down'])
    expect((await auditRule(primary, rule)).notApplicable).toEqual([{ rule: 'repl/down', why: 'not a replica' }])
    await primary.stop()
    await untilInfo(replica!, 'master_link_status', 'down')
    expect((await auditRule(replica!, rule)).passed).toEqual(['repl/down'])
    const { findings } = await auditRule(replica!, rule, { down: '0s' })
    expect(findings).toMatchObject([{ about: 'link to the primary', severity: 'error', evidence: { neverUp: false } }])
    expect(findings[0]!.message).toMatch(/^has been down for [\d.]+m?s; it answers with old data$/)
  } finally {
    await stop()
  }
})

test.each(availableEngines())('%s: a replica that never found its primary is found at once', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('REPLICAOF', '127.0.0.1', '1')
    expect((await audit(rule)).findings).toMatchObject([
      { message: 'has never been up since the server started; it answers with old data', evidence: { neverUp: true } },
    ])
  })
})

const link = (fields = {}) =>
  replicationFacts({ role: 'replica', replicas: [], link: { up: false, downSeconds: 60, lastIoSeconds: 0, syncing: false, ...fields } })

test('forgives a short break', () => {
  expect(checkRule(rule, { replication: link({ downSeconds: 10 }) })).toHaveLength(1)
  expect(checkRule(rule, { replication: link({ downSeconds: 9 }) })).toEqual([])
  expect(checkRule(rule, { replication: link({ downSeconds: 60 }) }, { down: '2m' })).toEqual([])
  expect(checkRule(rule, { replication: link({ up: true }) })).toEqual([])
})

test('is a warning while everything is copied', () => {
  expect(checkRule(rule, { replication: link({ syncing: true }) })).toMatchObject([
    { severity: 'warning', message: 'has been down for 1m; a full synchronisation is under way' },
  ])
})

test('says what clients get meanwhile', () => {
  const config = configFacts({ 'replica-serve-stale-data': 'no' })
  expect(checkRule(rule, { replication: link(), config })[0]!.message).toBe('has been down for 1m; it refuses to answer')
})

test('knows the marks of a link that never was, of old and new versions', () => {
  const found = (seconds: number) =>
    checkRule(rule, {
      replication: link({ downSeconds: Math.max(0, seconds) }),
      info: infoFacts({ master_link_down_since_seconds: seconds, uptime_in_seconds: 1000 }),
    }).map(({ evidence }) => evidence['neverUp'])
  expect([found(-1), found(1_795_439_347), found(900), found(5)]).toEqual([[true], [true], [false], []])
})

test('does not apply to a primary', () => {
  expect(blindness(rule, { replication: replicationFacts() })).toMatchObject({ kind: 'not applicable' })
})

test('is the same finding while it lasts', () => {
  expect([20, 90_000].flatMap((downSeconds) => checkRule(rule, { replication: link({ downSeconds }) })).map(identity)).toEqual(
    Array(2).fill('link to the primary'),
  )
})
