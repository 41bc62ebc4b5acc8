import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/repl/config-drift.js'
import { ask, startReplicated } from '../../../support/deployments.js'
import { auditRule } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity, nodeSummary, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'
import { nodesOf } from './live-nodes.js'

test.each(availableEngines())('%s: a replica that was changed alone is found', async (engine) => {
  const { primary, replicas, stop } = await startReplicated({ engine, config: { maxmemory: '64mb' } })
  const [replica] = replicas
  try {
    const nodes = async () => ({ nodes: await nodesOf([primary, replica!]) })
    expect((await auditRule(primary, rule, {}, await nodes())).passed).toEqual(['repl/config-drift'])
    await ask(replica!, ['CONFIG', 'SET', 'maxmemory', '32mb'])
    const limit = engine === 'redis@6.0' ? 'hash-max-ziplist-entries' : 'hash-max-listpack-entries'
    await ask(replica!, ['CONFIG', 'SET', limit, '64'])
    expect((await auditRule(primary, rule, {}, await nodes())).findings).toMatchObject([
      {
        about: 'maxmemory',
        severity: 'warning',
        message: `differs between a primary and its replicas: 64 MB on 127.0.0.1:${primary.port} and 32 MB on 127.0.0.1:${replica!.port}`,
      },
      { about: 'hash-max-listpack-entries', severity: 'note' },
    ])
  } finally {
    await stop()
  }
})

const known = (parameters: Record<string, string | undefined>) => ({ known: true as const, value: configFacts(parameters) })
const node = (address: string, shard: number, parameters: Record<string, string | undefined> = {}, server = serverFacts()) =>
  nodeSummary({ address, shard, config: known(parameters), server })

test('between shards it is a note, within one a warning', () => {
  const policy = (value: string) => serverFacts({ maxmemoryPolicy: value })
  const shards = [node('a', 0, {}, policy('noeviction')), node('b', 1, {}, policy('allkeys-lru'))]
  expect(checkRule(rule, { nodes: shards })).toMatchObject([
    {
      about: 'maxmemory-policy',
      role: 'shards',
      severity: 'note',
      message: 'differs between shards: noeviction on a and allkeys-lru on b',
    },
  ])
  const pair = shards.map((each) => ({ ...each, shard: 0 }))
  expect(checkRule(rule, { nodes: pair })).toMatchObject([{ about: 'maxmemory-policy', severity: 'warning' }])
})

test('proposes what most have, and says a missing limit', () => {
  const limit = (maxmemoryBytes: number) => serverFacts({ maxmemoryBytes })
  const nodes = [node('a', 0, {}, limit(0)), node('b', 0, {}, limit(1024 ** 3)), node('c', 0, {}, limit(1024 ** 3))]
  expect(checkRule(rule, { nodes })).toMatchObject([
    {
      message: 'differs between a primary and its replicas: 1 GB on b and c and no limit on a',
      commands: ['redis-cli CONFIG SET maxmemory 1073741824', 'redis-cli CONFIG REWRITE'],
    },
  ])
})

test('counts the shards in which a parameter differs', () => {
  const nodes = [0, 1].flatMap((shard) => [node(`p${shard}`, shard), node(`r${shard}`, shard, { 'zset-max-listpack-value': '32' })])
  expect(checkRule(rule, { nodes })).toMatchObject([{ about: 'zset-max-listpack-value', evidence: { shards: 2, values: '64 | 32' } }])
})

test('a parameter that a version does not have is no difference, and which are compared can be chosen', () => {
  const nodes = [node('a', 0, { 'set-max-listpack-entries': '128', timeout: '0' }), node('b', 0, { timeout: '60' })]
  expect(checkRule(rule, { nodes })).toEqual([])
  expect(checkRule(rule, { nodes }, { parameters: ['timeout'] })).toMatchObject([{ about: 'timeout', severity: 'note' }])
})

test('does not apply to one server, and passes nothing that it could not read', () => {
  expect(blindness(rule, { nodes: [node('a', 0)] })).toEqual({ kind: 'not applicable', why: 'there is one server' })
  const silent = nodeSummary({ address: 'b', config: { known: false, why: 'refused' } })
  expect(blindness(rule, { nodes: [node('a', 0), silent] })).toEqual({
    kind: 'not assessed',
    why: 'the configuration of b could not be read',
  })
  expect(blindness(rule, { nodes: [node('a', 0), node('b', 0)] })).toBeUndefined()
})

test('is the same finding whatever the values', () => {
  const found = ['64', '128'].flatMap((value) =>
    checkRule(rule, { nodes: [node('a', 0), node('b', 0, { 'hash-max-listpack-value': value === '64' ? '1' : value })] }),
  )
  expect(found.map(identity)).toEqual(Array(2).fill('hash-max-listpack-value'))
})
