import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/lua/memory.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, scriptFacts, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const MB = 1024 ** 2

test.each(availableEngines())('%s: many large scripts are found by the memory that they take', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    const options = { bytes: '1MB' }
    expect((await audit(rule, options)).passed).toEqual(['lua/memory'])
    await client.callAll(Array.from({ length: 20 }, (_, i) => ['SCRIPT', 'LOAD', `return '${i}${'x'.repeat(100_000)}'`]))
    const { findings } = await audit(rule, options)
    expect(findings).toMatchObject([{ about: 'Lua memory', evidence: { cachedScripts: 20 } }])
    expect(findings[0]!.evidence['bytes']).toBeGreaterThan(MB)
  })
})

test('needs more than the floor and more than the share', () => {
  const found = (bytes: number, usedMemoryBytes: number) =>
    checkRule(rule, { scripts: scriptFacts({ bytes }), server: serverFacts({ usedMemoryBytes }) }).length
  expect([found(100 * MB, 500 * MB), found(100 * MB + 1, 500 * MB)]).toEqual([0, 1])
  expect([found(200 * MB, 20_000 * MB), found(200 * MB, 19_999 * MB)]).toEqual([0, 1])
})

test('says how much beside what is used in all, and does without knowing that', () => {
  const scripts = scriptFacts({ bytes: 300 * MB, cachedScripts: 9000 })
  const [known] = checkRule(rule, { scripts, server: serverFacts({ usedMemoryBytes: 1200 * MB }) })
  expect(known!.message).toBe('300 MB are held by scripts and functions, against 1.17 GB used in all; 9,000 scripts are cached')
  expect(known!.evidence).toEqual({ bytes: 300 * MB, cachedScripts: 9000, shareOfUsedMemory: 0.25 })
  const [unknown] = checkRule(rule, { scripts })
  expect(unknown!.message).toBe('300 MB are held by scripts and functions; 9,000 scripts are cached')
  expect(identity(unknown!)).toBe(identity(known!))
})
