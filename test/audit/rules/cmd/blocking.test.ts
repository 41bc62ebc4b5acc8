import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cmd/blocking.js'
import { connect } from '../../../redis/connect.js'
import { onServer } from '../../../support/live.js'
import { untilInfo } from '../../../support/deployments.js'
import { checkRule, counters, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: clients that wait for a list are found, those that are idle are not', async (engine) => {
  await onServer({ engine }, async ({ server, audit }) => {
    const workers = await Promise.all(Array.from({ length: 6 }, () => connect(server.url)))
    const options = { clients: 5 }
    expect((await audit(rule, options)).passed).toEqual(['cmd/blocking'])

    const waits = workers.map((worker) => worker.call('BLPOP', 'jobs', '0').catch(() => null))
    await untilInfo(server, 'blocked_clients', '6')
    const { findings } = await audit(rule, options)
    expect(findings).toMatchObject([{ about: 'blocked clients', severity: 'note', evidence: { blocked: 6, connected: 8, share: 0.75 } }])
    // A command is counted when it has been served, on some versions.
    expect(findings[0]!.message).toMatch(/^6 clients \(75%\) wait( for 1 key)?(; BLPOP are in use)?$/)
    for (const worker of workers) worker.close()
    await Promise.all(waits)
  })
})

const facts = (blocked: number, connected: number, commands: Record<string, number> = {}) => ({
  info: infoFacts({ blocked_clients: blocked, connected_clients: connected }),
  counters: counters({ commands }),
})

test('needs more than the share and more than the floor', () => {
  expect(checkRule(rule, facts(11, 109))).toHaveLength(1)
  expect(checkRule(rule, facts(11, 110))).toEqual([])
  expect(checkRule(rule, facts(10, 12))).toEqual([])
  expect(checkRule(rule, facts(11, 0))).toEqual([])
})

test('names the blocking commands in use, the most used first, and how many keys are waited for', () => {
  const known = facts(45, 60, { blpop: 100, xreadgroup: 5000, get: 90_000, bzpopmin: 0 })
  const info = infoFacts({ blocked_clients: 45, connected_clients: 60, total_blocking_keys: 3 })
  const [finding] = checkRule(rule, { ...known, info })
  expect(finding!.message).toBe('45 clients (75%) wait for 3 keys; XREADGROUP and BLPOP are in use')
  expect(finding!.evidence).toEqual({ blocked: 45, connected: 60, share: 0.75, blockingKeys: 3 })
})

test('can do without knowing the commands, and is the same finding then', () => {
  const { info } = facts(45, 60)
  const [finding] = checkRule(rule, { info })
  expect(finding!.message).toBe('45 clients (75%) wait')
  expect(identity(finding!)).toBe(identity(checkRule(rule, facts(20, 30, { blpop: 1 }))[0]!))
})
