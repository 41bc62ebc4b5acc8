import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/lua/dynamic.js'
import { onServer } from '../../../support/live.js'
import { checkRule, counters, identity, scriptFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: scripts that are made at run time are found, one with arguments is not', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.callAll(Array.from({ length: 650 }, (_, i) => ['EVAL', 'return ARGV[1]', '0', String(i)]))
    expect((await audit(rule)).passed).toEqual(['lua/dynamic'])

    await client.callAll(Array.from({ length: 1001 }, (_, i) => ['EVAL', `return ${i}`, '0']))
    const { findings } = await audit(rule)
    expect(findings).toMatchObject([{ about: 'script cache', severity: 'warning' }])
    // Redis 7.4 and Valkey 8.0 began to evict, and keep 500.
    expect(findings[0]!.message).toMatch(
      /^(1,002 scripts are cached;|500 scripts are cached and 502 were evicted since the server started .+;) Lua holds/,
    )
  })
})

test('needs more cached scripts than the limit, or as many evicted ones', () => {
  const found = (cachedScripts: number, evictedScripts: number, options = {}) =>
    checkRule(rule, { scripts: scriptFacts({ cachedScripts, evictedScripts }) }, options).length
  expect([found(1000, 0), found(1001, 0)]).toEqual([0, 1])
  expect([found(500, 99), found(500, 100)]).toEqual([0, 1])
  expect([found(11, 0, { scripts: 10 }), found(500, 0, { evicted: 0 })]).toEqual([1, 0])
})

test('evictions count from where the counters do', () => {
  const scripts = scriptFacts({ cachedScripts: 500, evictedScripts: 34_000, bytes: 3 * 1024 ** 2 })
  const since = (evicted: number) => counters({ basis: 'previous audit', seconds: 3600, grown: { evicted_scripts: evicted } })
  expect(checkRule(rule, { scripts, counters: since(50) })).toEqual([])
  const [finding] = checkRule(rule, { scripts, counters: since(2000) })
  expect(finding!.message).toBe('500 scripts are cached and 2,000 were evicted since the audit 1h ago; Lua holds 3 MB')
  expect(finding!.evidence).toEqual({ cachedScripts: 500, evictedScripts: 2000, bytes: 3 * 1024 ** 2 })
})

test('is the same finding whichever of the two it was', () => {
  const both = [
    { cachedScripts: 5000, evictedScripts: 0 },
    { cachedScripts: 500, evictedScripts: 900 },
  ]
  expect(both.flatMap((fields) => checkRule(rule, { scripts: scriptFacts(fields) })).map(identity)).toEqual([
    'script cache',
    'script cache',
  ])
})
