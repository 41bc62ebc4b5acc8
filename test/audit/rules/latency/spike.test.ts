import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/latency/spike.js'
import { holdServer, onServer } from '../../../support/live.js'
import { blindness, checkRule, identity, latencyFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const NOW = 1_790_000_000

test.each(availableEngines())('%s: a command that held the server is found in its latency monitor', async (engine) => {
  await onServer({ engine, config: { 'latency-monitor-threshold': '100' } }, async ({ client, audit }) => {
    await client.call('EVAL', 'return 1', '0')
    expect((await audit(rule)).passed).toEqual(['latency/spike'])

    await holdServer(client, 'job:1', async () => (await audit(rule)).findings.some(({ about }) => about === 'command'))
    const { findings } = await audit(rule)
    const [finding] = findings.filter(({ about }) => about === 'command')
    expect(finding!.message).toMatch(/^took up to \d.*s, .+: running a slow command$/)
    expect(finding!.evidence['maxSeconds']).toBeGreaterThanOrEqual(0.1)
    expect(finding!.commands).toContain('redis-cli LATENCY HISTORY command')
  })
})

test.each(availableEngines())('%s: while the monitor is off it is not assessed', async (engine) => {
  await onServer({ engine, config: { 'latency-monitor-threshold': '0' } }, async ({ audit }) => {
    expect((await audit(rule)).notAssessed).toEqual([{ rule: 'latency/spike', why: 'nothing is recorded: latency-monitor-threshold is 0' }])
  })
})

const event = (name: string, fields: object = {}) => ({ event: name, at: NOW - 7200, latestMs: 130, maxMs: 1200, ...fields })
const find = (...events: ReturnType<typeof event>[]) => checkRule(rule, { latency: latencyFacts({ events }), now: NOW })

test('says the longest, the last and when', () => {
  const [finding] = find(event('fork'))
  expect(finding).toMatchObject({
    about: 'fork',
    message: 'took up to 1.2s, the last time 130ms, 2h ago: forking for a snapshot, an AOF rewrite or a replica',
    evidence: { maxSeconds: 1.2, latestSeconds: 0.13, agoSeconds: 7200 },
  })
  expect(find(event('fork', { latestMs: 1200 }))[0]!.message).toBe(
    'took up to 1.2s, 2h ago: forking for a snapshot, an AOF rewrite or a replica',
  )
})

test('needs a long event, and a recent one', () => {
  expect(find(event('fork', { maxMs: 99, latestMs: 99 }))).toEqual([])
  expect(find(event('fork', { maxMs: 100, latestMs: 1 }))).toHaveLength(1)
  expect(find(event('fork', { at: NOW - 7 * 86_400 }))).toHaveLength(1)
  expect(find(event('fork', { at: NOW - 7 * 86_400 - 1 }))).toEqual([])
})

test('each kind has a finding of its own with its own advice', () => {
  const kinds = [
    ...['command', 'fast-command', 'fork', 'aof-fsync-always', 'aof-write', 'aof-write-active-child', 'expire-cycle'],
    ...['eviction-cycle', 'active-defrag-cycle', 'rdb-unlink-temp-file', 'cluster-config-fsync', 'module-acquire-GIL'],
  ]
  const findings = find(...kinds.map((kind) => event(kind)))
  expect(findings.map(identity)).toEqual(kinds)
  expect(new Set(findings.map(({ remedy }) => remedy)).size).toBe(kinds.length)
  expect(findings.every(({ commands = [] }, i) => commands[0] === `redis-cli LATENCY HISTORY ${kinds[i]}`)).toBe(true)
})

test('an event that nobody knows is reported with the server’s own advice, and not put into a line to copy unless it is a word', () => {
  const [finding] = find(event('$(reboot)'))
  expect(finding).toMatchObject({ about: '$(reboot)', commands: ['redis-cli LATENCY HISTORY <event>', 'redis-cli LATENCY DOCTOR'] })
  expect(find(event('toString'))[0]!.message).toContain('an event of its own kind')
})

test('a monitor that records only longer events, or none any more, has not seen that there were none', () => {
  const blind = (thresholdMs: number | undefined) => blindness(rule, { latency: latencyFacts({ thresholdMs }), now: NOW })
  expect(blind(100)).toBeUndefined()
  expect(blind(undefined)).toBeUndefined()
  expect(blind(101)).toEqual({ kind: 'not assessed', why: 'shorter events are not recorded: latency-monitor-threshold is 101' })
  expect(blind(0)?.why).toBe('nothing is recorded any more: latency-monitor-threshold is 0')
})
