import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/persist/rdb-stale.js'
import { untilInfo } from '../../../support/deployments.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const NOW = 1_790_000_000
const DAY = 86_400

test.each(availableEngines())('%s: changes that no snapshot has are found, until one is made', async (engine) => {
  await onServer({ engine, config: { save: '3600 1000000' } }, async ({ server, client, audit }) => {
    const options = { changes: 10, age: '0s' }
    await client.callAll(Array.from({ length: 10 }, (_, i) => ['SET', `a:${i}`, '1']))
    expect((await audit(rule, options)).passed).toEqual(['persist/rdb-stale'])
    await client.call('SET', 'a:10', '1')
    // A snapshot of this second is not older than nothing.
    const now = Date.now() / 1000 + 60
    expect((await audit(rule, options, { now })).findings).toMatchObject([
      { about: 'RDB snapshot', severity: 'warning', evidence: { changes: 11 } },
    ])
    await client.call('BGSAVE')
    await untilInfo(server, 'rdb_changes_since_last_save', '0')
    expect((await audit(rule, options, { now })).passed).toEqual(['persist/rdb-stale'])

    await client.call('CONFIG', 'SET', 'save', '')
    expect((await audit(rule, options, { now })).notApplicable).toEqual([{ rule: 'persist/rdb-stale', why: 'no snapshots are made' }])
  })
})

const stale = (fields: Record<string, string | number> = {}) =>
  infoFacts({ rdb_changes_since_last_save: 2_000_000, rdb_last_save_time: NOW - 3 * DAY, ...fields })
const find = (info = stale(), config: Record<string, string | undefined> = {}) =>
  checkRule(rule, { info, now: NOW, config: configFacts(config) })

test('says how much is newer than what is on disk', () => {
  const [finding] = find()
  expect(finding).toMatchObject({
    about: 'RDB snapshot',
    severity: 'warning',
    message: '2M changes are newer than the last one, 3d ago',
    evidence: { changes: 2_000_000, ageSeconds: 3 * DAY, aof: false },
  })
})

test('needs both many changes and an old snapshot', () => {
  expect(find(stale({ rdb_changes_since_last_save: 1_000_000 }))).toEqual([])
  expect(find(stale({ rdb_changes_since_last_save: 1_000_001 }))).toHaveLength(1)
  expect(find(stale({ rdb_last_save_time: NOW - DAY }))).toEqual([])
  expect(find(stale({ rdb_last_save_time: NOW - DAY - 1 }))).toHaveLength(1)
})

test('with an AOF it is a note about the same thing', () => {
  const [finding] = find(stale({ aof_enabled: 1 }))
  expect(finding).toMatchObject({ severity: 'note', message: '2M changes are newer than the last one, 3d ago (the AOF has them)' })
  expect(identity(finding!)).toBe(identity(find()[0]!))
})

test('a cache that makes no snapshots has no stale ones', () => {
  expect(find(stale(), { save: '' })).toEqual([])
  expect(blindness(rule, { info: stale(), now: NOW, config: configFacts({ save: '' }) })).toEqual({
    kind: 'not applicable',
    why: 'no snapshots are made',
  })
  expect(blindness(rule, { info: stale({ rdb_changes_since_last_save: 0 }), now: NOW, config: configFacts() })).toBeUndefined()
})

test('where save may not be read, a snapshot that the server made says that there are some', () => {
  const hidden = (seconds: number) => checkRule(rule, { info: stale({ rdb_last_bgsave_time_sec: seconds }), now: NOW })
  expect(hidden(4)).toHaveLength(1)
  expect(hidden(-1)).toEqual([])
})
