import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/repl/lag.js'
import { eventually, startReplicated } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { blindness, checkRule, identity, replicationFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a replica that hangs is found, one that follows is not', async (engine) => {
  const { primary, replicas, stop } = await startReplicated({ engine })
  const [replica] = replicas
  try {
    await eventually('an acknowledgement', async () => (await auditRule(primary, rule, { warn: '3s' })).passed.length > 0)
    expect((await auditRule(replica!, rule)).passed).toEqual(['repl/lag'])
    process.kill(replica!.pid, 'SIGSTOP')
    await eventually('the replica to fall behind', async () => (await auditRule(primary, rule, { warn: '2s' })).failed.length > 0)
    const { findings } = await auditRule(primary, rule, { warn: '2s' })
    expect(findings).toMatchObject([{ about: 'replicas', severity: 'warning', evidence: { replicas: 1, of: 1 } }])
    expect(findings[0]!.message).toMatch(/^1 of 1 behind: 127\.0\.0\.1:\d+ last acknowledged \d+s ago and misses [\d.]+ (B|KB)$/)
  } finally {
    process.kill(replica!.pid, 'SIGCONT')
    await stop()
  }
})

const MB = 1024 ** 2
const replica = (fields = {}) => ({ address: '10.0.0.2:6379', state: 'online', lagSeconds: 0, offsetBehindBytes: 0, ...fields })
const ofReplicas = (...fields: object[]) => checkRule(rule, { replication: replicationFacts({ replicas: fields.map(replica) }) })

test('warns after 30 s of silence and errs after 120 s', () => {
  expect(ofReplicas({ lagSeconds: 29 })).toEqual([])
  expect(ofReplicas({ lagSeconds: 30 })).toMatchObject([{ severity: 'warning' }])
  expect(ofReplicas({ lagSeconds: 120 })).toMatchObject([{ severity: 'error' }])
})

test('warns of one that answers and stays far behind', () => {
  expect(ofReplicas({ offsetBehindBytes: 100 * MB - 1 })).toEqual([])
  expect(ofReplicas({ offsetBehindBytes: 100 * MB })).toMatchObject([{ severity: 'warning', evidence: { behindBytes: 100 * MB } }])
})

test('leaves replicas alone that still copy everything', () => {
  expect(ofReplicas({ state: 'wait_bgsave', lagSeconds: 500 })).toEqual([])
})

test('names the worst of several', () => {
  expect(ofReplicas({ lagSeconds: 40 }, { address: '10.0.0.3:6379', lagSeconds: 90, offsetBehindBytes: 5 * MB }, {})[0]!.message).toBe(
    '2 of 3 behind: 10.0.0.3:6379 last acknowledged 1m 30s ago and misses 5 MB',
  )
})

const ofLink = (lastIoSeconds: number, up = true) =>
  checkRule(rule, {
    replication: replicationFacts({ role: 'replica', replicas: [], link: { up, downSeconds: 0, lastIoSeconds, syncing: false } }),
  })

test('sees silence from the replica, too; a link that is down is another rule', () => {
  expect(ofLink(29)).toEqual([])
  expect(ofLink(30)).toMatchObject([
    { about: 'link to the primary', severity: 'warning', message: 'has been silent for 30s, though it is up' },
  ])
  expect(ofLink(120)).toMatchObject([{ severity: 'error' }])
  expect(ofLink(500, false)).toEqual([])
})

test('does not apply without replication', () => {
  expect(blindness(rule, { replication: replicationFacts({ replicas: [] }) })).toMatchObject({ kind: 'not applicable' })
  expect(blindness(rule, { replication: replicationFacts() })).toBeUndefined()
})

test('is the same finding whoever is behind', () => {
  expect([...ofReplicas({ lagSeconds: 40 }), ...ofReplicas({ address: '10.0.0.9:1', lagSeconds: 400 })].map(identity)).toEqual([
    'replicas',
    'replicas',
  ])
})
