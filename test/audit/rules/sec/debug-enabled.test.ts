import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/sec/debug-enabled.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

const hasSwitches = (engine: string) => engine !== 'redis@6.0'

test.each(availableEngines().filter(hasSwitches))('%s: an open switch is found, closed ones are not', async (engine) => {
  await onServer({ engine }, async ({ audit }) => expect((await audit(rule)).passed).toEqual(['sec/debug-enabled']))
  await onServer({ engine, config: { 'enable-debug-command': 'yes', 'enable-module-command': 'local' } }, async ({ audit }) => {
    expect((await audit(rule)).findings).toMatchObject([
      { about: 'enable-debug-command', severity: 'warning' },
      { about: 'enable-module-command', severity: 'note' },
    ])
  })
})

test.each(availableEngines().filter((engine) => !hasSwitches(engine)))('%s: has no such switches', async (engine) => {
  await onServer({ engine }, async ({ audit }) => {
    expect((await audit(rule)).notApplicable).toEqual([{ rule: 'sec/debug-enabled', why: expect.stringMatching(/^needs Redis 7\.0 /) }])
  })
})

const found = (parameters: Record<string, string | undefined>) => checkRule(rule, { config: configFacts(parameters) })

test('says what each switch lets in, and from where', () => {
  const [debug, module, configs] = found({
    'enable-debug-command': 'yes',
    'enable-module-command': 'local',
    'enable-protected-configs': 'yes',
  })
  expect(debug).toMatchObject({
    message: 'is yes: DEBUG can crash or stall the server (DEBUG SEGFAULT, DEBUG SLEEP)',
    commands: ['enable-debug-command no'],
  })
  expect(module!.message).toBe('is local: MODULE LOAD runs native code in the server, though only for connections from the machine itself')
  expect(configs).toMatchObject({ about: 'enable-protected-configs', at: { parameter: 'enable-protected-configs' } })
})

test('is silent about what is off, and not sure about what is hidden', () => {
  const hidden = { 'enable-debug-command': undefined, 'enable-module-command': undefined }
  expect(found({ 'enable-protected-configs': 'no' })).toEqual([])
  expect(blindness(rule, { config: configFacts(hidden) })).toMatchObject({ kind: 'not assessed' })
  expect(blindness(rule, { config: configFacts(hidden, 'files') })).toBeUndefined()
})

test('is the same finding however open it is', () => {
  expect(['yes', 'local'].flatMap((value) => found({ 'enable-debug-command': value })).map(identity)).toEqual([
    'enable-debug-command',
    'enable-debug-command',
  ])
})
