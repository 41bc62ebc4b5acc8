import { expect, test } from 'vitest'
import { asArray, asText } from '#redline/wire/client.js'
import { rule } from '#redline/audit/rules/persist/failed.js'
import { untilInfo } from '../../../support/deployments.js'
import { onServer } from '../../../support/live.js'
import { checkRule, configFacts, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const NOW = 1_790_000_000

test.each(availableEngines())('%s: a snapshot that could not be written is found until one succeeds', async (engine) => {
  const config = engine === 'redis@6.0' ? {} : { 'enable-protected-configs': 'yes' }
  await onServer({ engine, config }, async ({ server, client, audit }) => {
    const [, dir] = asArray(await client.call('CONFIG', 'GET', 'dir'))
    const save = async () => {
      await client.call('BGSAVE')
      await untilInfo(server, 'rdb_bgsave_in_progress', '0')
    }
    await save()
    expect((await audit(rule)).passed).toEqual(['persist/failed'])

    await client.call('SET', 'a', '1')
    // Nobody may write there, root neither.
    await client.call('CONFIG', 'SET', 'dir', '/proc')
    await save()
    expect((await audit(rule)).findings).toMatchObject([{ about: 'RDB snapshot', severity: 'warning' }])
    await client.call('CONFIG', 'SET', 'save', '3600 1000')
    const { findings } = await audit(rule)
    expect(findings).toMatchObject([{ about: 'RDB snapshot', severity: 'error', evidence: { changesSince: 1, writesRefused: true } }])
    // What the message says of writes is so.
    await expect(client.call('SET', 'a', '2')).rejects.toThrow('MISCONF')

    await client.call('CONFIG', 'SET', 'save', '')
    await client.call('CONFIG', 'SET', 'dir', asText(dir))
    await save()
    expect((await audit(rule)).passed).toEqual(['persist/failed'])
  })
})

const failed = (fields: Record<string, string | number>, config?: Record<string, string>) =>
  checkRule(rule, {
    info: infoFacts({ rdb_last_save_time: NOW - 7200, rdb_changes_since_last_save: 5000, ...fields }),
    now: NOW,
    ...(config ? { config: configFacts(config) } : {}),
  })

test('each of the three has a finding of its own', () => {
  const findings = failed({
    rdb_last_bgsave_status: 'err',
    aof_last_write_status: 'err',
    aof_last_bgrewrite_status: 'err',
    aof_current_size: 9,
  })
  expect(findings.map(identity)).toEqual(['RDB snapshot', 'AOF write', 'AOF rewrite'])
  expect(findings.map(({ severity }) => severity ?? rule.severity)).toEqual(['error', 'error', 'warning'])
  expect(failed({})).toEqual([])
})

test('says how old the last good snapshot is, and what the failure means for writes', () => {
  const message = (config?: Record<string, string>) => failed({ rdb_last_bgsave_status: 'err' }, config)[0]!.message
  const start = 'the last one failed; what is on disk is from 2h ago, 5,000 changes before'
  expect(message({ save: '3600 1' })).toBe(`${start}; writes are refused with MISCONF until one succeeds`)
  expect(message({ save: '3600 1', 'stop-writes-on-bgsave-error': 'no' })).toBe(start)
  expect(message({ save: '' })).toBe(start)
  expect(message()).toBe(`${start}; writes may be refused with MISCONF until one succeeds`)
})

test('without save points a failed snapshot is a warning', () => {
  expect(failed({ rdb_last_bgsave_status: 'err' }, { save: '' })[0]!.severity).toBe('warning')
  expect(failed({ rdb_last_bgsave_status: 'err' }, { save: '60 1' })[0]!.severity).toBe('error')
})
