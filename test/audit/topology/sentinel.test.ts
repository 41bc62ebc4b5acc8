import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aclUsers } from '#redline/audit/acl-user.js'
import { has } from '#redline/audit/versions.js'
import { ask, type Sentinels, startSentinels } from '../../support/deployments.js'
import { availableEngines } from '../../support/servers.js'
import { found, nameOf } from './find.js'

describe.each(availableEngines())('a sentinel of %s', (engine) => {
  let group: Sentinels
  beforeAll(async () => {
    group = await startSentinels({ engine, sentinels: 2, quorum: 2 })
  })
  afterAll(() => group.stop())

  test('leads to the primary that it watches, and tells what it and the others know', async () => {
    const { primary, replicas, sentinels } = group
    const deployment = await found(sentinels[0]!)
    expect(deployment).toMatchObject({
      topology: 'sentinel',
      shards: [{ primary: { port: primary.port }, scan: { port: replicas[0]!.port } }],
    })
    expect(deployment.sentinel).toEqual({
      known: true,
      value: {
        masters: [
          {
            name: 'main',
            address: nameOf(primary),
            quorum: 2,
            sentinels: [{ address: nameOf(sentinels[1]!), reachable: true, namesPrimary: nameOf(primary) }],
            replicas: [{ address: nameOf(replicas[0]!), reachable: true }],
            downAfterMs: expect.any(Number),
            failoverTimeoutMs: 180_000,
          },
        ],
      },
    })
    expect(deployment.nodes.map(({ name, role, shard }) => [name, role, shard])).toEqual([
      [nameOf(primary), 'master', 0],
      [nameOf(replicas[0]!), 'replica', 0],
      [nameOf(sentinels[0]!), 'sentinel', undefined],
      [nameOf(sentinels[1]!), 'sentinel', undefined],
    ])
  })

  test('may be asked with the user that is printed for it; before 6.2 sentinels have no users', async () => {
    const [sentinel] = group.sentinels
    const { engine, version } = sentinel!
    const facts = { engine: engine === 'valkey' ? 'valkey' : 'redis', version, topology: 'sentinel' } as const
    const rules = aclUsers(facts, { password: 'pw' })
      .full.split(' ')
      .map((word) => word.replaceAll("'", ''))
    const withUsers = has(facts, { redis: '6.2', valkey: '7.2' })
    if (withUsers) await ask(sentinel!, rules)
    const { sentinel: reading } = await found({ url: withUsers ? `redis://redline-audit:pw@127.0.0.1:${sentinel!.port}` : sentinel!.url })
    expect(reading).toMatchObject({ known: true, value: { masters: [{ name: 'main', replicas: [{ reachable: true }] }] } })
  })

  test('that watches several wants one named', async () => {
    const [sentinel] = group.sentinels
    await ask(sentinel!, ['SENTINEL', 'MONITOR', 'other', '127.0.0.1', String(group.replicas[0]!.port), '1'])
    await expect(found(sentinel!)).rejects.toThrow('the sentinel watches 2 primaries')
    await expect(found(sentinel!, { master: 'mian' })).rejects.toThrow('the sentinel watches no primary "mian"')
    expect(await found(sentinel!, { master: 'main' })).toMatchObject({ shards: [{ primary: { port: group.primary.port } }] })
    await ask(sentinel!, ['SENTINEL', 'REMOVE', 'other'])
  })
})
