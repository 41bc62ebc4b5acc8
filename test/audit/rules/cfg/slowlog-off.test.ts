import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/cfg/slowlog-off.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a slow log that is off or keeps nothing is found, the default is not', async (engine) => {
  await onServer({ engine }, async ({ client, audit }) => {
    expect((await audit(rule)).passed).toEqual(['cfg/slowlog-off'])
    await client.call('CONFIG', 'SET', 'slowlog-log-slower-than', '-1')
    await client.call('CONFIG', 'SET', 'slowlog-max-len', '0')
    const { findings } = await audit(rule)
    expect(findings.map(({ about, message }) => `${about} ${message}`)).toEqual([
      'slowlog-log-slower-than is -1: no command is ever logged as slow',
      'slowlog-max-len is 0: no slow command is kept',
    ])
    // What it says to do does it.
    for (const line of findings.flatMap(({ commands }) => commands ?? [])) {
      if (!line.includes('REWRITE')) await client.call(...line.split(' ').slice(1))
    }
    expect((await audit(rule)).passed).toEqual(['cfg/slowlog-off'])
  })
})

const find = (parameters: Record<string, string | undefined>, options = {}) => checkRule(rule, { config: configFacts(parameters) }, options)

test('a threshold is as good as off from a second on', () => {
  expect(find({ 'slowlog-log-slower-than': '999999' })).toEqual([])
  expect(find({ 'slowlog-log-slower-than': '0' })).toEqual([])
  const [finding] = find({ 'slowlog-log-slower-than': '1500000' })
  expect(finding).toMatchObject({
    about: 'slowlog-log-slower-than',
    message: 'lets commands of up to 1.5s pass unnoticed',
    evidence: { value: 1_500_000 },
    at: { parameter: 'slowlog-log-slower-than' },
  })
  expect(find({ 'slowlog-log-slower-than': '1500000' }, { slowest: '2s' })).toEqual([])
})

test('a file in which it stands nowhere has the default, and one in which it is off is found at its place', () => {
  const file = (parameters: Record<string, string | undefined>) => checkRule(rule, { config: configFacts(parameters, 'files') })
  expect(file({ 'slowlog-log-slower-than': undefined, 'slowlog-max-len': undefined })).toEqual([])
  expect(file({ 'slowlog-log-slower-than': '-1' })).toMatchObject([{ at: { parameter: 'slowlog-log-slower-than' } }])
})

test('a server that does not show it has not passed', () => {
  const hidden = configFacts({ 'slowlog-log-slower-than': undefined })
  expect(blindness(rule, { config: hidden })).toEqual({ kind: 'not assessed', why: 'the server does not show slowlog-log-slower-than' })
  expect(blindness(rule, { config: configFacts() })).toBeUndefined()
})

test('is the same finding at every value', () => {
  expect([...find({ 'slowlog-log-slower-than': '-1' }), ...find({ 'slowlog-log-slower-than': '9000000' })].map(identity)).toEqual([
    'slowlog-log-slower-than',
    'slowlog-log-slower-than',
  ])
})
