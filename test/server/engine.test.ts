import { describe, expect, test } from 'vitest'
import { InputError } from '#redline/core/errors.js'
import { describeWish, generationOf, imageOf, parseEngine, parseVersion, satisfies, settleWish } from '#redline/server/engine.js'

describe('the name of an engine', () => {
  test.each([
    ['redis', { name: 'redis', generation: undefined }],
    ['valkey@9.1', { name: 'valkey', generation: '9.1' }],
    ['redis@7.2', { name: 'redis', generation: '7.2' }],
    [undefined, { name: undefined, generation: undefined }],
  ])('%s', (text, wish) => {
    expect(parseEngine(text)).toEqual(wish)
  })

  test.each([
    ['redsi', '"redsi" is not an engine; did you mean redis?'],
    ['redis@7', '"redis@7" is not an engine; did you mean redis?'],
    ['redis@7.0.15', '"redis@7.0.15" is not an engine; did you mean redis@7.0?'],
    ['redis://:hunter2@host', 'an engine is asked for, and not an address'],
    ['\u001b[31m', '"\\x1b[31m" is not an engine'],
  ])('%j is refused', (text, message) => {
    expect(() => parseEngine(text)).toThrow(message)
    expect(() => parseEngine(text)).toThrow(InputError)
  })

  test('is written as it was asked for', () => {
    expect(['redis', 'valkey@9.1', undefined].map((text) => describeWish(parseEngine(text)))).toEqual([
      'redis',
      'valkey@9.1',
      'redis or valkey',
    ])
  })
})

test.each([
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', { name: 'redis', version: '7.0.15' }],
  ['Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', { name: 'valkey', version: '8.1.1' }],
  ['Redis server version 2.4.18', undefined],
  ['memcached 1.6', undefined],
])('%j tells which engine it is', (output, engine) => {
  expect(parseVersion(output)).toEqual(engine)
})

test('an engine satisfies a wish for it, for its generation and for any, and no other', () => {
  const engine = { name: 'redis', version: '7.0.15' } as const
  const wishes = [undefined, 'redis', 'redis@7.0', 'redis@7.2', 'valkey', 'valkey@7.0']
  expect(wishes.filter((wish) => satisfies(engine, parseEngine(wish)))).toEqual([undefined, 'redis', 'redis@7.0'])
})

test('7.10 is another generation than 7.1', () => {
  expect(generationOf('7.10.1')).toBe('7.10')
  expect(satisfies({ name: 'redis', version: '7.10.1' }, parseEngine('redis@7.1'))).toBe(false)
})

test('where any generation will do, an image is the usual one', () => {
  expect(['redis', 'valkey', undefined, 'redis@6.0'].map((text) => imageOf(settleWish(parseEngine(text))))).toEqual([
    'redis:7.0',
    'valkey/valkey:9.1',
    'redis:7.0',
    'redis:6.0',
  ])
})
