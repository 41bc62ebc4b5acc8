import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/repl/resync-loop.js'
import { ask, startReplicated, untilInfo } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { checkRule, configFacts, counters, identity, replicationFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a replica that has to copy everything again is found, its first copy is not', async (engine) => {
  const { primary, replicas, stop } = await startReplicated({ engine, config: { 'repl-backlog-size': '1mb' } })
  const [replica] = replicas
  try {
    expect((await auditRule(primary, rule, { syncs: 1 })).passed).toEqual(['repl/resync-loop'])
    // What it wrote itself, nobody else has: it can't take up where it stopped.
    await ask(replica!, ['REPLICAOF', 'NO', 'ONE'])
    await ask(replica!, ['SET', 'own', 'value'])
    await ask(replica!, ['REPLICAOF', primary.host, String(primary.port)])
    await untilInfo(replica!, 'master_link_status', 'up')
    const { findings } = await auditRule(primary, rule, { syncs: 1 })
    expect(findings).toMatchObject([
      { about: 'full synchronisations', severity: 'warning', evidence: { fullSyncs: 2, replicas: 1, backlogBytes: 1024 ** 2 } },
    ])
    expect(findings[0]!.message).toMatch(/^2 since the server started .+ for 1 replica; the backlog holds 1 MB of writes$/)
    expect((await auditRule(primary, rule, { syncs: 2 })).passed).toEqual(['repl/resync-loop'])
  } finally {
    await stop()
  }
})

const day = 86_400
const check = (fullSyncs: number, seconds: number, options = {}, basis: 'server start' | 'previous audit' = 'server start') =>
  checkRule(rule, { replication: replicationFacts({ fullSyncs }), counters: counters({ seconds, basis }) }, options)

test('needs both a number of copies and a rate', () => {
  expect(check(4, day)).toHaveLength(1)
  expect(check(3, day)).toEqual([])
  expect(check(4, 4 * day)).toEqual([])
  expect(check(5, 4 * day)).toHaveLength(1)
  expect(check(2, 4 * day, { syncs: 1, perDay: 0.1 })).toHaveLength(1)
  expect(check(0, 0, { syncs: 0, perDay: 0 })).toEqual([])
})

test('expects no first copy since the previous audit', () => {
  expect(check(3, day, {}, 'previous audit')).toMatchObject([{ message: '3 since the audit 24h ago for 1 replica' }])
})

test('proposes four times the backlog that there is, and 64 MB at least', () => {
  const commands = (backlog: number | undefined) =>
    checkRule(rule, {
      replication: replicationFacts({ fullSyncs: 9 }),
      counters: counters(),
      config: configFacts({ 'repl-backlog-size': backlog === undefined ? undefined : String(backlog) }),
    })[0]!.commands![0]
  expect(commands(1024 ** 2)).toBe(`redis-cli CONFIG SET repl-backlog-size ${64 * 1024 ** 2}`)
  expect(commands(256 * 1024 ** 2)).toBe(`redis-cli CONFIG SET repl-backlog-size ${1024 ** 3}`)
  expect(commands(undefined)).toBe(`redis-cli CONFIG SET repl-backlog-size ${64 * 1024 ** 2}`)
})

test('tells the limit on the buffers of replicas where it is known', () => {
  const [finding] = checkRule(rule, { replication: replicationFacts({ fullSyncs: 9 }), counters: counters(), config: configFacts() })
  expect(finding!.remedy).toContain("the limit on replicas' output buffers (now 256 MB)")
})

test('is the same finding while it goes on', () => {
  expect([...check(10, day), ...check(900, day)].map(identity)).toEqual(Array(2).fill('full synchronisations'))
})
