import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/mem/no-limit.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, serverFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a server has no limit until it is given one', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    await client.call('CONFIG', 'SET', 'maxmemory', '0')
    expect((await audit(rule)).findings).toMatchObject([{ about: 'maxmemory', severity: 'warning' }])
    await client.call('CONFIG', 'SET', 'maxmemory', '100mb')
    expect((await audit(rule)).passed).toEqual(['mem/no-limit'])
  })
})

test('no limit is reported, with the memory that is in use', () => {
  const facts = { config: configFacts({ maxmemory: '0' }), server: serverFacts({ maxmemoryBytes: 0 }) }
  expect(checkRule(rule, facts)).toMatchObject([
    { about: 'maxmemory', message: 'is 0, so nothing bounds the 1 GB in use', evidence: { maxmemoryBytes: 0, usedBytes: 1024 ** 3 } },
  ])
})

test('a limit is fine', () => {
  expect(checkRule(rule, { config: configFacts(), server: serverFacts() })).toEqual([])
})

test('where CONFIG is refused INFO tells', () => {
  expect(checkRule(rule, { server: serverFacts({ maxmemoryBytes: 0 }) })).toHaveLength(1)
  expect(checkRule(rule, { server: serverFacts() })).toEqual([])
})

test('where neither can be read it is not assessed', () => {
  expect(blindness(rule, {})).toEqual({ kind: 'not assessed', why: 'neither CONFIG GET nor INFO could be read' })
})

test('in files the line counts, in any unit, and its absence is no limit', () => {
  const inFile = (maxmemory: string | undefined) => checkRule(rule, { config: configFacts({ maxmemory }, 'files') })
  expect(inFile(undefined)).toMatchObject([
    { message: 'is 0, so nothing bounds the memory of this server', at: { parameter: 'maxmemory' } },
  ])
  for (const none of ['0', '0mb', ' 0 ']) expect(inFile(none)).toHaveLength(1)
  for (const some of ['100mb', '1gb', '1073741824']) expect(inFile(some)).toEqual([])
})

test('a sentinel holds no data that would grow', () => {
  expect(rule.inapplicable?.(serverFacts({ topology: 'sentinel' }))).toBe('a sentinel holds no data')
  expect(rule.inapplicable?.(serverFacts())).toBeUndefined()
})
