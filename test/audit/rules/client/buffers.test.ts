import { connect as connectSocket } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/client/buffers.js'
import { eventually } from '../../../support/deployments.js'
import { onServer } from '../../../support/live.js'
import { checkRule, clientBuffer, clientFacts, configFacts, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a client that does not read its replies is found', async (engine) => {
  await onServer({ engine }, async ({ server, client, audit }) => {
    await client.call('SET', 'page', 'x'.repeat(1024 ** 2))
    expect((await audit(rule)).passed).toEqual(['client/buffers'])
    const hanging = connectSocket(server.port, server.host)
    await once(hanging, 'connect')
    hanging.pause()
    hanging.write('GET page\r\n'.repeat(40))
    await eventually('the replies to pile up', async () => (await audit(rule)).failed.length > 0)
    const [finding] = (await audit(rule)).findings
    expect(finding).toMatchObject({ about: 'client buffers', role: 'one client', evidence: { connections: 1, unlimited: true } })
    expect(finding!.message).toMatch(/^127\.0\.0\.1:\d+ \(last command get\) takes \d+(\.\d+)? MB; nothing limits it$/)
    hanging.destroy()
  })
})

const MB = 1024 ** 2
const unlimited = 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60'
const largest = (...bytes: number[]) => clientFacts({ largest: bytes.map((each) => clientBuffer({ bytes: each, outputBytes: each })) })

test('reports one connection from 10 MB on', () => {
  expect(checkRule(rule, { clients: largest(10 * MB - 1) })).toEqual([])
  expect(checkRule(rule, { clients: largest(10 * MB) })).toMatchObject([{ message: '10.0.0.7:51423 (last command get) takes 10 MB' }])
  expect(checkRule(rule, { clients: largest(MB) }, { bytes: '1MB' })).toHaveLength(1)
  expect(checkRule(rule, { clients: largest(12 * MB, 40 * MB, MB) })[0]!.message).toBe(
    '10.0.0.7:51423 (last command get) takes 40 MB and 1 other connection more than 10 MB each',
  )
})

test('leaves replicas and subscribers to the rules about them', () => {
  const clients = clientFacts({ largest: (['replica', 'pubsub'] as const).map((kind) => clientBuffer({ kind, bytes: 100 * MB })) })
  expect(checkRule(rule, { clients })).toEqual([])
})

test('reports all connections together when they take both a share and an amount', () => {
  const found = (clients: number, used: number, options = {}) =>
    checkRule(rule, { clients: clientFacts(), info: infoFacts({ mem_clients_normal: clients * MB, used_memory: used * MB }) }, options)
  expect(found(100, 1000)).toMatchObject([
    { role: 'all clients', message: 'all connections together take 100 MB, 10% of the memory in use' },
  ])
  expect(found(99, 500)).toEqual([])
  expect(found(100, 1001)).toEqual([])
  expect(found(10, 1001, { share: 0.001, floor: '10MB' })).toHaveLength(1)
})

test('notes that nothing limits buffers, on servers with many connections', () => {
  const found = (total: number, parameters: Record<string, string | undefined> = {}) =>
    checkRule(rule, { clients: clientFacts({ total }), config: configFacts({ 'client-output-buffer-limit': unlimited, ...parameters }) })
  expect(found(100)).toMatchObject([{ role: 'limit', severity: 'note' }])
  expect(found(99)).toEqual([])
  expect(found(100, { 'maxmemory-clients': undefined })).toHaveLength(1)
  expect(found(100, { 'maxmemory-clients': '5%' })).toEqual([])
  expect(found(100, { 'client-output-buffer-limit': 'normal 256mb 64mb 60' })).toEqual([])
  expect(found(100, { 'client-output-buffer-limit': undefined })).toEqual([])
})

test('tells its findings apart, the same in every audit', () => {
  const facts = { clients: { ...largest(50 * MB), total: 500 }, config: configFacts(), info: infoFacts({ mem_clients_normal: 500 * MB }) }
  expect(checkRule(rule, facts).map(identity)).toEqual(['client buffers one client', 'client buffers all clients', 'client buffers limit'])
})
