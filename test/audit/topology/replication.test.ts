import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNode } from '#redline/audit/collectors/node.js'
import { discover } from '#redline/audit/topology/discover.js'
import { openNode } from '#redline/audit/topology/open-node.js'
import { readServer } from '#redline/redis/server-facts.js'
import { parseAddress } from '#redline/wire/address.js'
import { asText } from '#redline/wire/client.js'
import { connect } from '../../redis/connect.js'
import { ask, eventually, type Replicated, startReplicated } from '../../support/deployments.js'
import { availableEngines, startServer, type TestServer } from '../../support/servers.js'
import { found, nameOf, signal } from './find.js'

describe.each(availableEngines())('a %s with a replica', (engine) => {
  let group: Replicated
  beforeAll(async () => {
    group = await startReplicated({ engine })
  })
  afterAll(() => group.stop())

  test('is read from the replica, and says how far it is behind', async () => {
    const { primary, replicas } = group
    const deployment = await found(primary)
    expect(deployment).toMatchObject({ topology: 'standalone', shards: [{ role: 'replica', lagSeconds: expect.any(Number) }] })
    expect(deployment.shards[0]?.primary?.port).toBe(primary.port)
    expect(deployment.shards[0]?.scan?.port).toBe(replicas[0]!.port)
    expect(deployment.notes).toEqual([
      expect.stringMatching(new RegExp(`^read from its replica ${nameOf(replicas[0]!)}, (not behind|\\d s behind)$`)),
    ])
    expect(deployment.nodes.map(({ name, role, unreachable }) => [name, role, unreachable])).toEqual([
      [nameOf(primary), 'master', undefined],
      [nameOf(replicas[0]!), 'replica', undefined],
    ])
  })

  test('is read itself when that is wanted', async () => {
    const { shards, notes } = await found(group.primary, { preferReplica: false })
    expect(shards).toMatchObject([{ scan: { port: group.primary.port }, role: 'master', lagSeconds: null, note: undefined }])
    expect(notes).toEqual([])
  })

  test('is found from its replica, which then is what is read', async () => {
    const [replica] = group.replicas
    const { shards, notes, nodes } = await found(replica!)
    expect(shards).toMatchObject([{ primary: { port: group.primary.port }, scan: { port: replica!.port }, role: 'replica' }])
    expect(notes).toEqual([expect.stringContaining(`${nameOf(replica!)} is a replica of ${nameOf(group.primary)}, `)])
    expect(nodes.map(({ name }) => name)).toEqual([nameOf(group.primary), nameOf(replica!)])
  })
})

describe('a replica is not read', () => {
  let group: Replicated
  let stranger: TestServer
  beforeAll(async () => {
    ;[group, stranger] = await Promise.all([startReplicated({ replicas: 1 }), startServer()])
  })
  afterAll(() => Promise.all([group.stop(), stranger.stop()]))

  test("whose address leads to another server: that one's keys are nobody's here", async () => {
    const [replica] = group.replicas
    await ask(replica!, ['CONFIG', 'SET', 'replica-announce-port', String(stranger.port)])
    await ask(replica!, ['REPLICAOF', 'NO', 'ONE'])
    await ask(replica!, ['REPLICAOF', group.primary.host, String(group.primary.port)])
    await eventually('the replica under its other port', async () =>
      asText(await ask(group.primary, ['INFO', 'replication'])).includes(`port=${stranger.port},state=online`),
    )
    const { shards, notes } = await found(group.primary)
    expect(shards).toMatchObject([{ scan: { port: group.primary.port }, role: 'master' }])
    expect(notes).toEqual([`read from the primary: its replica 127.0.0.1:${stranger.port} is a replica of something else`])
  })

  test('that can not be reached, which is said with the reason', async () => {
    const [replica] = group.replicas
    await ask(replica!, ['CONFIG', 'SET', 'replica-announce-port', '1'])
    await ask(replica!, ['REPLICAOF', 'NO', 'ONE'])
    await ask(replica!, ['REPLICAOF', group.primary.host, String(group.primary.port)])
    await eventually('the replica under its other port', async () =>
      asText(await ask(group.primary, ['INFO', 'replication'])).includes('port=1,state=online'),
    )
    const { shards, notes, nodes } = await found(group.primary)
    expect(shards).toMatchObject([{ scan: { port: group.primary.port }, role: 'master' }])
    expect(notes).toEqual([
      expect.stringMatching(
        /^read from the primary: its replica 127\.0\.0\.1:1 can't be used: redis:\/\/127\.0\.0\.1:1 refused the connection$/,
      ),
    ])
    expect(nodes.find(({ role }) => role === 'replica')?.unreachable).toContain('refused the connection')
  })
})

describe('a server that is alone', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  test('is read, and there is nothing to say', async () => {
    const { shards, notes, topology } = await found(server)
    expect({ shards: shards.map(({ role, note }) => [role, note]), notes, topology }).toEqual({
      shards: [['master', undefined]],
      notes: [],
      topology: 'standalone',
    })
  })

  test('is read also when it tells nothing of itself, which is said', async () => {
    await ask(server, ['ACL', 'SETUSER', 'mute', 'on', 'nopass', '~*', '+@all', '-info'])
    const { notes, shards } = await discover(parseAddress(`redis://mute:x@127.0.0.1:${server.port}`, {}), { signal })
    expect(shards).toHaveLength(1)
    expect(notes).toEqual([expect.stringMatching(/^INFO was refused \(NOPERM .*\): only this server is read$/)])
  })

  test('and does not answer is an error', async () => {
    await expect(discover(parseAddress('redis://127.0.0.1:1', {}), { signal })).rejects.toThrow('refused the connection')
  })

  test('and takes no HELLO, as proxies do not, is asked in RESP2', async () => {
    await ask(server, ['ACL', 'SETUSER', 'plain', 'on', 'nopass', '~*', '+@all', '-hello'])
    const { client } = await openNode(parseAddress(`redis://plain:x@127.0.0.1:${server.port}`, {}), { signal, timeoutMs: 2000 })
    expect(await readServer(client)).toMatchObject({ topology: 'standalone' })
    client.close()
  })
})

const [oldest] = availableEngines()
const newest = availableEngines().at(-1)

describe.each([...new Set([oldest!, newest!])])('a replica of %s that is loading', (engine) => {
  let group: Replicated
  beforeAll(async () => {
    group = await startReplicated({ engine })
    const [replica] = group.replicas
    await ask(replica!, ['REPLICAOF', 'NO', 'ONE'])
    const writer = await connect(group.primary.url)
    await writer.callAll(Array.from({ length: 1000 }, (_, i) => ['SET', `key:${i}`, randomBytes(50_000)]))
    writer.close()
    // Eight seconds for all keys; it looks after its clients every 2 MB, or more often where that can be set.
    await ask(replica!, ['CONFIG', 'SET', 'key-load-delay', '8000'])
    await ask(replica!, ['CONFIG', 'SET', 'loading-process-events-interval-bytes', '1024']).catch(() => undefined)
    await ask(replica!, ['REPLICAOF', group.primary.host, String(group.primary.port)])
    await eventually('the replica to load', async () => {
      const { client } = await openNode(parseAddress(replica!.url, {}), { signal, timeoutMs: 5000 })
      const { loading } = await readServer(client)
      client.close()
      return loading
    })
  })
  afterAll(() => group.stop())

  test('is not read, and tells of itself what it can', async () => {
    const { client } = await openNode(parseAddress(group.replicas[0]!.url, {}), { signal, timeoutMs: 5000 })
    const readings = await readNode(client)
    client.close()
    expect(readings).toMatchObject({
      server: { known: true, value: { loading: true } },
      replication: { known: true, value: { role: 'replica' } },
    })
    expect(await found(group.primary)).toMatchObject({
      shards: [{ role: 'master', note: expect.stringContaining('is still loading its data') }],
    })
  })
})
