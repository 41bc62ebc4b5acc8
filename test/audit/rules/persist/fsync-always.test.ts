import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/persist/fsync-always.js'
import { onServer } from '../../../support/live.js'
import { checkRule, configFacts, identity, latencyFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const NOW = 1_790_000_000
const ALWAYS = { appendonly: 'yes', appendfsync: 'always' }

test.each(availableEngines())(
  '%s: always is a note while its cost is not recorded, and none when it is seen to be small',
  async (engine) => {
    await onServer({ engine, config: { ...ALWAYS, 'latency-monitor-threshold': '0' } }, async ({ client, audit }) => {
      await client.call('SET', 'a', '1')
      expect((await audit(rule)).findings).toMatchObject([{ about: 'appendfsync', severity: 'note' }])
      await client.call('CONFIG', 'SET', 'latency-monitor-threshold', '20')
      expect((await audit(rule, { fsync: '1h' })).passed).toEqual(['persist/fsync-always'])
      await client.call('CONFIG', 'SET', 'latency-monitor-threshold', '0')
      await client.call('CONFIG', 'SET', 'appendfsync', 'everysec')
      expect((await audit(rule)).passed).toEqual(['persist/fsync-always'])
    })
  },
)

const event = (fields: object = {}) => ({ event: 'aof-fsync-always', at: NOW - 60, latestMs: 10, maxMs: 240, ...fields })
const find = (events: ReturnType<typeof event>[] | undefined, parameters: Record<string, string> = ALWAYS) =>
  checkRule(rule, { config: configFacts(parameters), now: NOW, ...(events ? { latency: latencyFacts({ events }) } : {}) })

test('says for how long everybody waited', () => {
  expect(find([event(), event({ event: 'aof-write', maxMs: 90 }), event({ event: 'fork', maxMs: 9000 })])).toMatchObject([
    {
      about: 'appendfsync',
      severity: 'warning',
      message: 'is always, and everybody waited for the disk for up to 240ms',
      evidence: { longestSeconds: 0.24, kinds: 'aof-fsync-always, aof-write' },
      at: { parameter: 'appendfsync' },
    },
  ])
})

test('needs a slow and recent event of the AOF', () => {
  expect(find([])).toEqual([])
  expect(find([event({ maxMs: 19 })])).toEqual([])
  expect(find([event({ maxMs: 20 })])).toHaveLength(1)
  expect(find([event({ at: NOW - 7 * 86_400 - 1 })])).toEqual([])
  expect(find([event({ event: 'fork' })])).toEqual([])
})

test('needs both an AOF and always', () => {
  expect(find([event()], { ...ALWAYS, appendfsync: 'everysec' })).toEqual([])
  expect(find([event()], { ...ALWAYS, appendonly: 'no' })).toEqual([])
  expect(find([event()], { appendonly: 'YES', appendfsync: 'Always' })).toHaveLength(1)
})

test('in a file, or without the monitor, it is a note about the same thing', () => {
  const [file] = checkRule(rule, { config: configFacts(ALWAYS, 'files') })
  expect(file).toMatchObject({ severity: 'note', message: 'is always: every write waits for the disk; for how long is not recorded' })
  expect(identity(file!)).toBe(identity(find([event()])[0]!))
  expect(checkRule(rule, { config: configFacts({ appendonly: 'yes', appendfsync: undefined }, 'files') })).toEqual([])
})
