import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cmd/no-pipelining.js'
import { onServer } from '../../../support/live.js'
import { checkRule, counters, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

/** Long enough for the server's own rate, which it takes every tenth of a second over the last sixteen. */
const SAMPLED_MS = 300

async function forAWhile(send: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + SAMPLED_MS
  while (Date.now() < end) await send()
}

test.each(availableEngines())('%s: a client that waits for each reply is found, one that pipelines is not', async (engine) => {
  // The machine may be slow: what counts here is that commands come alone.
  const options = { rate: 1, per_client: 1 }
  await onServer({ engine }, async ({ client, audit }) => {
    await forAWhile(() => client.callAll(Array.from({ length: 50 }, () => ['INCR', 'n'])))
    expect((await audit(rule, options)).passed).toEqual(['cmd/no-pipelining'])
  })
  await onServer({ engine }, async ({ client, audit }) => {
    await forAWhile(() => client.call('INCR', 'n'))
    const { findings } = await audit(rule, options)
    expect(findings).toMatchObject([{ about: 'pipelining', severity: 'note', evidence: { clients: 2 } }])
    expect(findings[0]!.evidence['commandsPerRead']).toBeCloseTo(1, 1)
  })
})

const facts = (perSecond: number, clients: number, commands: number, reads: number) => ({
  info: infoFacts({ instantaneous_ops_per_sec: perSecond, connected_clients: clients }),
  counters: counters({ grown: { total_commands_processed: commands, total_reads_processed: reads } }),
})

test('says the rate, the clients and how many commands come together', () => {
  const [finding] = checkRule(rule, facts(12_000, 4, 1_030_000, 1_000_000))
  expect(finding!.message).toBe('12k commands/s come from 4 clients, 1.03 with each read from a socket since the server started 24h ago')
  expect(finding!.evidence).toEqual({ commandsPerSecond: 12_000, clients: 4, commandsPerRead: 1.03, countedSeconds: 86_400 })
})

test('needs a high rate, from few clients, alone', () => {
  expect(checkRule(rule, facts(5000, 10, 1000, 1000))).toHaveLength(1)
  expect(checkRule(rule, facts(4999, 9, 1000, 1000))).toEqual([])
  expect(checkRule(rule, facts(5000, 11, 1000, 1000))).toEqual([])
  expect(checkRule(rule, facts(5000, 10, 1200, 1000))).toHaveLength(1)
  expect(checkRule(rule, facts(5000, 10, 1201, 1000))).toEqual([])
  expect(checkRule(rule, facts(5000, 10, 1000, 0))).toEqual([])
})

test('is the same finding at every rate', () => {
  const both = [facts(5000, 1, 10, 10), facts(90_000, 3, 10, 10)].flatMap((each) => checkRule(rule, each))
  expect(both.map(identity)).toEqual(['pipelining', 'pipelining'])
})
