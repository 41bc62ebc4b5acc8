import { describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sec/no-tls.js'
import { onServer } from '../../../support/live.js'
import { aclUser, blindness, checkRule, configFacts, identity, replicationFacts, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

describe.each(availableEngines())('%s', (engine) => {
  test('a server for other machines without TLS is found, one on loopback is not', async () => {
    // 198.51.100.7 is for documentation: no machine has it, so nothing really listens there.
    const bind = engine === 'redis@6.0' ? '127.0.0.1 198.51.100.7' : '127.0.0.1 -198.51.100.7'
    await onServer({ engine, config: { bind, 'protected-mode': 'no' } }, async ({ audit }) => {
      expect((await audit(rule)).findings).toMatchObject([
        { about: 'tls-port', severity: 'warning', evidence: { exposure: 'any', tlsPort: 0 } },
      ])
    })
    await onServer({ engine }, async ({ audit }) => expect((await audit(rule)).passed).toEqual(['sec/no-tls']))
  })
})

const found = (parameters: Record<string, string | undefined>, facts = {}) => checkRule(rule, { config: configFacts(parameters), ...facts })

test('nothing crosses the network while protected mode refuses other machines', () => {
  const open = { acl: { users: [aclUser({ name: 'default', nopass: true })] }, server: serverFacts({ version: '8.0.2' }) }
  expect(found({ bind: '* -::*', 'protected-mode': 'yes' }, open)).toEqual([])
  expect(found({ bind: '* -::*', 'protected-mode': 'no' }, open)).toHaveLength(1)
  const closed = { ...open, acl: { users: [aclUser({ name: 'default', nopass: false })] } }
  expect(found({ bind: '* -::*', 'protected-mode': 'yes' }, closed)).toHaveLength(1)
})

test('is a note between private addresses', () => {
  expect(found({ bind: '0.0.0.0' })).toMatchObject([{ severity: 'warning' }])
  for (const bind of ['10.0.0.7', '192.168.4.4 127.0.0.1', '172.31.0.1', 'fd00::7'])
    expect(found({ bind })).toMatchObject([{ about: 'tls-port', severity: 'note' }])
  expect(found({ bind: '10.0.0.7 172.32.0.1' })).toMatchObject([{ severity: 'warning' }])
})

test('a server that was built without TLS has none', () => {
  expect(found({ bind: '0.0.0.0', 'tls-port': undefined })).toMatchObject([{ about: 'tls-port' }])
})

const withTls = { bind: '0.0.0.0', 'tls-port': '6380', 'tls-replication': 'no', 'tls-cluster': 'no' }

test('a plain port beside the TLS port is a note', () => {
  expect(found(withTls)).toMatchObject([
    { about: 'port', severity: 'note', message: '6379 still takes connections without TLS beside tls-port 6380' },
  ])
  expect(found({ ...withTls, port: '0' })).toEqual([])
})

test('replication and the cluster bus need TLS of their own, where there are any', () => {
  const config = { ...withTls, port: '0' }
  const alone = replicationFacts({ replicas: [] })
  expect(found(config, { replication: alone, server: serverFacts() })).toEqual([])
  expect(found(config, { replication: replicationFacts() })).toMatchObject([{ about: 'tls-replication' }])
  expect(found(config, { replication: replicationFacts({ role: 'replica', replicas: [] }) })).toHaveLength(1)
  expect(found(config, { replication: alone, server: serverFacts({ topology: 'cluster' }) })).toMatchObject([{ about: 'tls-cluster' }])
  expect(found({ ...config, 'tls-replication': 'yes' }, { replication: replicationFacts() })).toEqual([])
})

test('reads files as a server would', () => {
  const files = (parameters: Record<string, string | undefined>) =>
    checkRule(rule, { config: configFacts({ bind: undefined, port: undefined, 'tls-port': undefined, ...parameters }, 'files') })
  expect(files({})).toMatchObject([{ about: 'tls-port', severity: 'warning', at: { parameter: 'tls-port' } }])
  expect(files({ bind: '127.0.0.1' })).toEqual([])
})

test('passes nothing that it could not see', () => {
  expect(blindness(rule, { config: configFacts({ bind: undefined }) })).toMatchObject({ kind: 'not assessed' })
})

test('is the same finding on any address', () => {
  expect(['0.0.0.0', '10.0.0.7'].flatMap((bind) => found({ bind })).map(identity)).toEqual(['tls-port', 'tls-port'])
})
