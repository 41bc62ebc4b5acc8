import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/mem/overhead.js'
import { eventually } from '../../../support/deployments.js'
import { onServer, stallReading } from '../../../support/live.js'
import { checkRule, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: the replies to one client that does not read may be most of the memory', async (engine) => {
  await onServer({ engine }, async ({ server, client, audit }) => {
    await client.call('SET', 'page:1', 'x'.repeat(MB))
    expect((await audit(rule, { floor: '10MB' })).passed).toEqual(['mem/overhead'])
    const stalled = await stallReading(server, 'page:1', 40)
    try {
      // The server adds up its clients' memory now and then.
      await eventually('the buffers to be counted', async () => (await audit(rule, { floor: '10MB' })).failed.length > 0)
      const { findings } = await audit(rule, { floor: '10MB' })
      expect(findings).toMatchObject([{ about: 'overhead', severity: 'warning' }])
      expect(findings[0]?.message).toMatch(/^takes \d+% of \d+(\.\d+)? MB in use: \d+(\.\d+)? MB buffers of clients/)
    } finally {
      stalled.destroy()
    }
  })
})

const MB = 1024 ** 2
const check = (overheadMb: number, fields: Record<string, number> = {}, options = {}) =>
  checkRule(
    rule,
    {
      info: infoFacts({
        used_memory: 1000 * MB,
        used_memory_overhead: (overheadMb + 1) * MB,
        used_memory_startup: MB,
        ...fields,
      }),
    },
    options,
  )

test('overhead is reported by its largest parts; what has no field is the tables of the keyspace', () => {
  expect(check(450, { mem_clients_normal: 300 * MB, mem_clients_slaves: 20 * MB, mem_replication_backlog: 30 * MB })).toMatchObject([
    {
      about: 'overhead',
      message:
        "takes 45% of 1000 MB in use: 300 MB buffers of clients, 100 MB the keyspace's own tables (what each key costs beside its name and value), 50 MB buffers of replicas and the backlog",
      evidence: { overheadShare: 0.45, clientsBytes: 300 * MB, replicasBytes: 50 * MB, tablesBytes: 100 * MB },
      commands: ['redis-cli CLIENT LIST', 'redis-cli CONFIG SET maxmemory-clients 5%'],
    },
  ])
})

test('it takes both: 30% of the memory and 100 MB', () => {
  expect(check(299)).toEqual([])
  expect(check(300)).toHaveLength(1)
  expect(check(100, { used_memory: 200 * MB })).toEqual([])
  expect(check(101, { used_memory: 200 * MB })).toHaveLength(1)
  expect(check(200, {}, { share: 0.1 })).toHaveLength(1)
  expect(check(5, { used_memory: 10 * MB }, { floor: '1MB' })).toHaveLength(1)
})

test('the remedy is that of the largest part', () => {
  expect(check(400)[0]?.remedy).toMatch(/fewer keys/)
  expect(check(400, { mem_clients_slaves: 390 * MB })[0]?.remedy).toMatch(/replica/)
  expect(check(400, { mem_aof_buffer: 390 * MB })[0]?.remedy).toMatch(/disk/)
  expect(check(400, { used_memory_scripts: 390 * MB })[0]?.remedy).toMatch(/EVALSHA/)
  expect(check(400, { mem_cluster_links: 390 * MB })[0]?.remedy).toMatch(/cluster-link-sendbuf-limit/)
})

test('it is the same finding whichever part is the largest', () => {
  expect(check(400).map(identity)).toEqual(check(400, { mem_aof_buffer: 390 * MB }).map(identity))
})
