import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cmd/dangerous.js'
import { onServer } from '../../../support/live.js'
import { checkRule, counters, identity, slowlogFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const isBefore7 = (version: string) => version.startsWith('6.')

test.each(availableEngines())('%s: flushing, SAVE and CONFIG SET are found, reading configuration is not', async (engine) => {
  await onServer({ engine, config: { 'slowlog-log-slower-than': '0', 'slowlog-max-len': '1024' } }, async ({ server, client, audit }) => {
    await client.call('CLIENT', 'SETNAME', 'deployer')
    await client.call('CONFIG', 'GET', 'save')
    await client.call('DEL', 'nothing')
    expect((await audit(rule)).passed).toEqual(['cmd/dangerous'])

    await client.call('FLUSHALL')
    await client.call('FLUSHDB')
    await client.call('FLUSHDB')
    await client.call('SAVE')
    await client.call('CONFIG', 'SET', 'timeout', '0')
    const { findings } = await audit(rule)
    const commands = ['FLUSHALL', 'FLUSHDB', ...(isBefore7(server.version) ? [] : ['CONFIG SET']), 'SAVE']
    expect(findings.map(({ about }) => about)).toEqual(commands)
    expect(findings[1]!.message).toMatch(/^was called 2 times since the server started .+, by deployer \(127\.0\.0\.1:\d+\): it deletes/)
  })
})

test('each command has its own finding, severity and remedy', () => {
  const findings = checkRule(rule, {
    counters: counters({
      commands: { flushall: 1, flushdb: 2, debug: 3, monitor: 4, 'config|set': 5, save: 6, shutdown: 7, 'config|get': 9 },
    }),
  })
  expect(findings.map(({ about, severity }) => `${severity} ${about}`)).toEqual([
    'warning FLUSHALL',
    'warning FLUSHDB',
    'warning DEBUG',
    'warning MONITOR',
    'note CONFIG SET',
    'warning SAVE',
    'note SHUTDOWN',
  ])
  expect(new Set(findings.map(({ remedy }) => remedy)).size).toBe(7)
  expect(findings[3]!.message).toBe(
    'was called 4 times since the server started 24h ago: every command is copied to whoever watches, which can halve throughput and shows values',
  )
})

test('calls that were refused are no use of the command', () => {
  expect(checkRule(rule, { counters: counters({ commands: { debug: { calls: 0, rejected: 12 } } }) })).toEqual([])
})

test('of `config` before 7.0, which may be CONFIG GET, nothing is said', () => {
  expect(checkRule(rule, { counters: counters({ commands: { config: 100 } }) })).toEqual([])
})

test('who sent it is taken from entries of that command alone', () => {
  const slowlog = slowlogFacts([
    { command: 'config get', clientName: 'exporter' },
    { command: 'config set', clientName: 'ansible', client: '10.0.0.1:2' },
  ])
  const [finding] = checkRule(rule, { counters: counters({ commands: { 'config|set': 1 } }), slowlog })
  expect(finding!.message).toContain(', by ansible (10.0.0.1:2): ')
  expect(finding!.evidence).toMatchObject({ calls: 1, clients: 'ansible (10.0.0.1:2)' })
})

test('the calls from which it is reported are an option', () => {
  const facts = { counters: counters({ commands: { flushdb: 4 } }) }
  expect(checkRule(rule, facts, { calls: 5 })).toEqual([])
  expect(checkRule(rule, facts, { calls: 4 }).map(identity)).toEqual(['FLUSHDB'])
})
