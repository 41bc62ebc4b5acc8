import { describe, expect, test } from 'vitest'
import { InputError } from '#redline/core/errors.js'
import { checkConfig, configArguments, refusedConfig } from '#redline/server/config.js'

describe('directives', () => {
  test('become options as they would be read in redis.conf', () => {
    const config = { save: '', maxmemory: '100mb', 'client-output-buffer-limit': 'normal 0 0 0', requirepass: '"two \\"words\\""' }
    expect(configArguments(config).join('|')).toBe(
      '--save||--maxmemory|100mb|--client-output-buffer-limit|normal|0|0|0|--requirepass|two "words"',
    )
  })

  test('may be written in any case', () => {
    expect(checkConfig({ MaxMemory: ' 1gb ' })).toEqual({ maxmemory: '1gb' })
  })

  test.each(['port', 'bind', 'dir', 'daemonize', 'unixsocket', 'loadmodule', 'include', 'Logfile'])('%s is for redline to set', (name) => {
    expect(() => checkConfig({ [name]: 'x' })).toThrow(`${name.toLowerCase()} can't be configured on a server that redline starts`)
  })

  test.each(['--port', 'save\nport', ''])('%j is no directive', (name) => {
    expect(() => checkConfig({ [name]: '1' })).toThrow(InputError)
  })

  test('a value can not smuggle in another option', () => {
    expect(() => configArguments({ maxmemory: '1gb --loadmodule /tmp/evil.so' })).toThrow('may not hold a word that begins with --')
    expect(() => configArguments({ maxmemory: '1gb "--loadmodule" /tmp/evil.so' })).toThrow('may not hold a word that begins with --')
  })
})

describe('a server that refuses its configuration', () => {
  const engine = { name: 'redis', version: '7.0.15' } as const
  const log = (line: string, why: string) => [
    '*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***',
    'Reading the configuration file, at line 3',
    `>>> '${line}'`,
    why,
  ]

  test('is quoted', () => {
    const error = refusedConfig(log('bogus "1"', 'Bad directive or wrong number of arguments'), engine)
    expect(error?.message).toBe('redis 7.0.15 refuses its configuration at bogus "1": Bad directive or wrong number of arguments')
  })

  test.each(['requirepass "SECRET" "x"', 'masterauth "SECRET"', 'user "alice" ">SECRET"'])('is not quoted with a secret: %s', (line) => {
    const error = refusedConfig(log(line, 'wrong number of arguments'), engine)
    expect(error?.message).toContain(`${line.split(' ')[0]} …`)
    expect(error?.message).not.toContain('SECRET')
  })

  test('is told from one that ended for another reason', () => {
    expect(refusedConfig(['Warning: Could not create server TCP listening socket', 'Address already in use'], engine)).toBeUndefined()
  })
})
