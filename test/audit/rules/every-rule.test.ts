import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { FactsByName } from '#redline/audit/facts.js'
import { readRulePage } from '#redline/audit/page.js'
import { loadRule, RULE_IDS } from '#redline/audit/rules/registry.js'
import {
  aclUser,
  checkRule,
  clientFacts,
  clusterFacts,
  clusterNode,
  commandlogFacts,
  configFacts,
  counters,
  hostFacts,
  infoFacts,
  keyspaceFacts,
  latencyFacts,
  nodeSummary,
  replicationFacts,
  scriptFacts,
  sentinelFacts,
  serverFacts,
  slowlogFacts,
  streamFacts,
} from '../../support/rules.js'

const MASTERS = clusterFacts().nodes
const replicaOf = ({ id }: (typeof MASTERS)[number], index: number) =>
  clusterNode({ id: `${index}`.repeat(40), role: 'replica', masterId: id, flags: ['slave'], slots: [], address: `10.0.1.${index}:6379` })
const PRIMARY = serverFacts({ version: '8.2.1' })
const HEALTHY: FactsByName = {
  server: PRIMARY,
  info: infoFacts(),
  now: 1_790_000_000,
  counters: counters(),
  config: configFacts(),
  slowlog: slowlogFacts(),
  commandlog: commandlogFacts(),
  latency: latencyFacts(),
  acl: { users: [aclUser(), aclUser({ name: 'default', enabled: false })] },
  aclLog: [],
  clients: clientFacts(),
  scripts: scriptFacts(),
  host: hostFacts(),
  replication: replicationFacts(),
  keyspace: keyspaceFacts(),
  streams: [streamFacts()],
  cluster: clusterFacts({ nodes: [...MASTERS, ...MASTERS.map(replicaOf)] }),
  sentinel: sentinelFacts(),
  nodes: [nodeSummary({ server: PRIMARY }), nodeSummary({ address: '10.0.0.2:6379', server: { ...PRIMARY, role: 'replica' } })],
  expected: { role: undefined },
}

test.each(RULE_IDS)('%s is a rule with a page and a test of its name', async (id) => {
  const rule = await loadRule(id)
  expect(rule.id).toBe(id)
  expect(rule.summary).not.toMatch(/\.$/)
  expect(existsSync(`test/audit/rules/${id}.test.ts`)).toBe(true)

  const page = await readRulePage(id)
  expect(page.split('\n')[0]).toBe(`# ${id}`)
  const headings = [...page.matchAll(/^## .+$/gm)].map(([heading]) => heading)
  expect(headings).toEqual(['## Problem', '## How it is measured', '## How to fix', '## When to ignore it'])
  for (const option of Object.keys(rule.options.shape)) expect(page).toContain(`\`${option}\``)
})

test.each(RULE_IDS)('%s finds nothing in a healthy server', async (id) => {
  expect(checkRule(await loadRule(id), HEALTHY)).toEqual([])
})

test.each(RULE_IDS)('%s describes every option, refuses unknown ones, and has defaults for all', async (id) => {
  const { options } = await loadRule(id)
  expect(() => options.parse({ no_such_option: 1 })).toThrow(/no_such_option/)
  expect(Object.keys(options.parse({}))).toEqual(Object.keys(options.shape))
  for (const option of Object.values(options.shape)) expect(option).toHaveProperty('description', expect.stringMatching(/^.{10,}$/))
})
