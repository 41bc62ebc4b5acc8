import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cfg/os.js'
import { untilInfo } from '../../../support/deployments.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, hostFacts, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const GB = 1024 ** 3

test.each(availableEngines())('%s: a fork that took longer than it may is found, on a machine in good order', async (engine) => {
  await onServer({ engine }, async ({ server, client, audit }) => {
    const [host, options] = [hostFacts(), { used: 0, fork: '0s', fork_per_gb: '0s' }]
    expect((await audit(rule, options, { host })).passed).toEqual(['cfg/os'])
    await client.call('BGSAVE')
    await untilInfo(server, 'rdb_bgsave_in_progress', '0')
    expect((await audit(rule, options, { host })).findings).toMatchObject([{ about: 'fork' }])
    expect((await audit(rule, { ...options, fork: '1h' }, { host })).passed).toEqual(['cfg/os'])
  })
})

test.each(availableEngines())('%s: huge pages and overcommit of this very machine are judged', async (engine) => {
  await onServer({ engine }, async ({ server, audit }) => {
    const readsHost = (await audit(rule, { used: 0 })).notAssessed.length === 0
    const bad = hostFacts({ transparentHugePages: 'always', overcommitMemory: 0 })
    const { findings } = await audit(rule, { used: 0 }, { host: bad })
    // From 6.2 on servers exempt themselves from huge pages.
    expect(findings.map(({ about }) => about)).toEqual([
      ...(server.version.startsWith('6.0') ? ['transparent huge pages'] : []),
      'vm.overcommit_memory',
    ])
    expect(readsHost).toBe(process.platform === 'linux')
  })
})

const info = (forkMs: number, rssBytes = 4 * GB) => infoFacts({ latest_fork_usec: forkMs * 1000, used_memory_rss: rssBytes })

test('a fork is slow by its time and by its time per gigabyte', () => {
  expect(checkRule(rule, { info: info(200) })).toMatchObject([
    {
      about: 'fork',
      message: 'the last one stopped everybody for 200ms, 50ms per GB of memory',
      evidence: { forkSeconds: 0.2, secondsPerGb: 0.05, residentBytes: 4 * GB },
    },
  ])
  expect(checkRule(rule, { info: info(199) })).toEqual([])
  expect(checkRule(rule, { info: info(99, GB) })).toEqual([])
  expect(checkRule(rule, { info: info(100, GB) })).toHaveLength(1)
  expect(checkRule(rule, { info: info(200) }, { fork_per_gb: '60ms' })).toEqual([])
})

test('huge pages matter unless the server switches them off for itself', () => {
  const found = (mode: string | undefined, disable?: string) =>
    checkRule(rule, { info: info(0), host: hostFacts({ transparentHugePages: mode }), config: configFacts({ 'disable-thp': disable }) })
  expect(found('always').map(identity)).toEqual(['transparent huge pages'])
  expect(found('always', 'no')).toHaveLength(1)
  expect(found('always', 'yes')).toEqual([])
  expect([found('madvise', 'no'), found('never', 'no'), found(undefined, 'no')]).toEqual([[], [], []])
})

test('overcommit matters unless it is 1', () => {
  const found = (mode: number | undefined) => checkRule(rule, { info: info(0), host: hostFacts({ overcommitMemory: mode }) })
  expect(found(0)[0]!.message).toBe(
    'is 0: the fork of a server of 4 GB may be refused, and with it snapshots, AOF rewrites and new replicas',
  )
  expect(found(2)).toHaveLength(1)
  expect([found(1), found(undefined)]).toEqual([[], []])
})

test('of a small server nothing matters', () => {
  const host = hostFacts({ transparentHugePages: 'always', overcommitMemory: 0 })
  const small = (bytes: number) => checkRule(rule, { info: info(5000, bytes), host })
  expect(small(100 * 1024 ** 2 - 1)).toEqual([])
  expect(small(100 * 1024 ** 2)).toHaveLength(3)
})

test('a machine that can’t be looked at has not passed', () => {
  expect(blindness(rule, { info: info(0) })).toMatchObject({ kind: 'not assessed' })
  expect(blindness(rule, { info: info(0), host: hostFacts() })).toBeUndefined()
})
