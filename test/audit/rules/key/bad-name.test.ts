import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/key/bad-name.js'
import { onServer } from '../../../support/live.js'
import { checkRule, identity, keyspaceFacts, patternFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: names of any bytes are told from plain ones, and shown so that they do no harm', async (engine) => {
  await onServer({ engine }, async ({ client, auditKeys }) => {
    await client.call('MSET', 'user:1', 'x', 'user:zoë', 'x', 'user:東京', 'x')
    expect((await auditKeys(rule)).passed).toEqual(['key/bad-name'])
    const bad = ['user:line\nbreak', 'user:a b', 'user:\x1b[2Jgone'].map((name) => Buffer.from(name))
    for (const name of [...bad, Buffer.from([0x75, 0x3a, 0xff, 0xfe])]) await client.call('SET', name, 'x')
    const { findings } = await auditKeys(rule)
    expect(findings.reduce((sum, { evidence }) => sum + Number(evidence['badKeys']), 0)).toBe(4)
    expect(findings.flatMap(({ examples }) => examples ?? []).toSorted()).toEqual([
      'u:\\xff\\xfe',
      'user:\\x1b[2Jgone',
      'user:a b',
      'user:line\\nbreak',
    ])
  })
})

const check = (keys: number, options = {}, examples = ['user:line\\nbreak']) =>
  checkRule(rule, { keyspace: keyspaceFacts({ patterns: [patternFacts({ pattern: 'user:<*>', badNames: { keys, examples } })] }) }, options)

test('one such name is reported, as it can be shown', () => {
  expect(check(1)).toMatchObject([
    {
      about: 'user:<*>',
      message: '1 key of 1,000 keys has control characters, spaces or invalid UTF-8 in the name',
      evidence: { keys: 1000, badKeys: 1 },
      examples: ['user:line\\nbreak'],
    },
  ])
  expect(check(12)[0]?.message).toBe('12 keys of 1,000 keys have control characters, spaces or invalid UTF-8 in the name')
})

test('plain names are fine, and as many as the option says are let pass', () => {
  expect(check(0, {}, [])).toEqual([])
  expect(check(9, { keys: 10 })).toEqual([])
  expect(check(10, { keys: 10 })).toHaveLength(1)
})

test('it is the same finding whichever keys it is', () => {
  expect(check(1).map(identity)).toEqual(check(700, {}, ['user:a b']).map(identity))
})
