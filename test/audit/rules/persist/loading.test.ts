import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/persist/loading.js'
import { connect } from '../../../redis/connect.js'
import { eventually } from '../../../support/deployments.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

/** Servers before 7.0 look up from loading every 2 MB only. */
const FILL = "for i = 1, 8000 do redis.call('SET', 'k:' .. i, string.rep('x', 4000)) end"

test.each(availableEngines())('%s: a server that loads its data is found, one that has is not', async (engine) => {
  const debug = engine === 'redis@6.0' ? {} : { 'enable-debug-command': 'yes' }
  await onServer({ engine, config: { ...debug, rdbcompression: 'no' } }, async ({ server, client, audit }) => {
    await client.call('EVAL', FILL, '0')
    expect((await audit(rule)).passed).toEqual(['persist/loading'])

    const other = await connect(server.url)
    await client.call('CONFIG', 'SET', 'key-load-delay', '300')
    const reloaded = client.call('DEBUG', 'RELOAD')
    await eventually('LOADING', async () => (await other.call('DBSIZE').then(String, String)).includes('LOADING'))
    const { findings } = await audit(rule)
    // 6.0 allows that no more, and takes its two seconds.
    await other.call('CONFIG', 'SET', 'key-load-delay', '0').catch(() => null)
    await reloaded
    other.close()
    expect(findings).toMatchObject([{ about: 'dataset', severity: 'warning' }])
    expect(findings[0]!.message).toMatch(/^is still being loaded: .+% of 3\d.* MB are read.*; most of the audit is not assessed$/)
  })
})

const progress = { loading_total_bytes: 4 * 1024 ** 3, loading_loaded_bytes: 1024 ** 3, loading_eta_seconds: 95 }

test('says how far it is and how long it will take', () => {
  const [finding] = checkRule(rule, { info: infoFacts({ loading: 1, ...progress }) })
  expect(finding!.message).toBe('is still being loaded: 25% of 4 GB are read, about 1m 35s are left; most of the audit is not assessed')
  expect(finding!.evidence).toEqual({ share: 0.25, bytes: 4 * 1024 ** 3, secondsLeft: 95 })
})

test('does without numbers that the server can’t tell yet', () => {
  const [finding] = checkRule(rule, {
    info: infoFacts({ loading: 1, loading_total_bytes: 0, loading_loaded_bytes: 0, loading_eta_seconds: -1 }),
  })
  expect(finding!.message).toBe('is still being loaded; most of the audit is not assessed')
  // A stream from a primary may turn out longer than announced.
  const [long] = checkRule(rule, { info: infoFacts({ loading: 1, loading_total_bytes: 10, loading_loaded_bytes: 20 }) })
  expect(long!.evidence).toEqual({ share: 1, bytes: 10 })
})

test('a replica that goes on answering meanwhile is a note about the same thing', () => {
  const [finding] = checkRule(rule, { info: infoFacts({ loading: 0, async_loading: 1, ...progress }) })
  expect(finding).toMatchObject({ severity: 'note', message: expect.stringMatching(/^is being replaced by the primary’s: 25% of 4 GB/) })
  expect(identity(finding!)).toBe(identity(checkRule(rule, { info: infoFacts({ loading: 1 }) })[0]!))
  expect(checkRule(rule, { info: infoFacts({ loading: 0, async_loading: 0 }) })).toEqual([])
})
