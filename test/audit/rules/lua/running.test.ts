import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/lua/running.js'
import { connect } from '../../../redis/connect.js'
import { eventually } from '../../../support/deployments.js'
import { type Live, onServer } from '../../../support/live.js'
import { checkRule, identity, scriptFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

/** Sends what never ends, does something while the server answers BUSY, and ends it. */
async function whileBusy({ server, client }: Live, command: string[], kill: string, use: () => Promise<void>): Promise<void> {
  const other = await connect(server.url)
  const busy = client.call(...command).catch(() => null)
  await eventually('BUSY', async () => (await other.call('PING').then(String, String)).includes('BUSY'))
  await use()
  await other.call(kill, 'KILL')
  await busy
  other.close()
}

test.each(availableEngines())('%s: a script that holds the server is found while it runs, not before', async (engine) => {
  await onServer({ engine, config: { 'lua-time-limit': '20' } }, async (live) => {
    expect((await live.audit(rule)).passed).toEqual(['lua/running'])
    await whileBusy(live, ['EVAL', 'while true do end', '0'], 'SCRIPT', async () => {
      const { findings } = await live.audit(rule)
      expect(findings).toMatchObject([
        { about: 'running script', severity: 'error', evidence: { busy: true }, commands: ['redis-cli SCRIPT KILL'] },
      ])
      expect(findings[0]!.message).toBe('a script has been running, and the server answers BUSY to everybody')
    })
    expect((await live.audit(rule)).passed).toEqual(['lua/running'])
  })
})

const FOREVER = "#!lua name=lib\nredis.register_function('forever', function() while true do end end)"

test.each(availableEngines().filter((engine) => engine !== 'redis@6.0'))('%s: a function is found by its name', async (engine) => {
  await onServer({ engine, config: { 'busy-reply-threshold': '20' } }, async (live) => {
    await live.client.call('FUNCTION', 'LOAD', FOREVER)
    await whileBusy(live, ['FCALL', 'forever', '0'], 'FUNCTION', async () => {
      const { findings } = await live.audit(rule)
      expect(findings).toMatchObject([
        { about: 'running script', evidence: { function: 'forever' }, commands: ['redis-cli FUNCTION KILL'] },
      ])
      expect(findings[0]!.message).toMatch(/^the function forever has been running for .+, and the server answers BUSY to everybody$/)
    })
  })
})

test('a function that runs for a moment is no finding', () => {
  const found = (milliseconds: number, options = {}) =>
    checkRule(rule, { scripts: scriptFacts({ running: { name: 'count', milliseconds } }) }, options).length
  expect([found(999), found(1000), found(1000, { runs: '2s' })]).toEqual([0, 1, 0])
})

test('a server that is busy always is, and the same finding whatever runs', () => {
  const both = [
    scriptFacts({ busy: true }),
    scriptFacts({ busy: true, running: { name: 'a', milliseconds: 5 } }),
    scriptFacts({ running: { name: 'b', milliseconds: 90_000 } }),
  ].flatMap((scripts) => checkRule(rule, { scripts }))
  expect(both.map(identity)).toEqual(['running script', 'running script', 'running script'])
  expect(both[2]!.message).toBe('the function b has been running for 1m 30s')
})
