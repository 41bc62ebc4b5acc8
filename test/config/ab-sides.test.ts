import { describe, expect, test } from 'vitest'
import { planAb, readAbSide } from '#redline/config/ab-sides.js'
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { InputError } from '#redline/core/errors.js'

const FILE = loadScenarioFile(
  'test.yaml',
  `
name: test/sides
claim: none
dataset: [{ key: 'user:{i}', count: 40, string: x }]
variants:
  get: { commands: ['GET user:{key}'] }
  set: { commands: ['SET user:{key} y'] }
matrix: { load.pipeline: [1, 8] }
load: { connections: 2, duration: 3s }
`,
)
const COMMON = { profile: 'full', set: undefined, threads: undefined, variants: undefined } as const
const plan = (a: string[], b: string[], common: Partial<Parameters<typeof planAb>[2]> = {}) =>
  planAb(FILE, [readAbSide('--a', a), readAbSide('--b', b)], { ...COMMON, ...common })

describe('a side', () => {
  test('is what its words say, in short forms and long ones', () => {
    expect(
      readAbSide('--b', ['engine=valkey@9.1', 'server.io-threads=4', 'server.config.hz=100', 'driver=ioredis', 'load.pipeline=16']),
    ).toEqual({
      words: 'engine=valkey@9.1 server.io-threads=4 server.config.hz=100 driver=ioredis load.pipeline=16',
      engine: 'valkey@9.1',
      url: undefined,
      variant: undefined,
      set: ['server.config.io-threads=4', 'server.config.hz=100', 'load.driver=ioredis', 'load.pipeline=16'],
    })
    expect(readAbSide('--a', ['redis://host:7001'])).toMatchObject({ url: 'redis://host:7001', engine: undefined })
    expect(readAbSide('--a', ['url=redis://host:7001', 'variant=get'])).toMatchObject({
      url: 'redis://host:7001',
      variant: 'get',
      words: 'variant=get',
    })
    expect(readAbSide('--a', [])).toMatchObject({ words: '', set: [] })
  })

  test.each([
    [['enigne=redis'], /--b "enigne=redis" names nothing to compare; did you mean engine/],
    [['redis@7.0'], /names nothing to compare/],
    [['engine='], /names nothing to compare/],
    [['engine=redis', 'engine=valkey'], /--b names two engines/],
    [['redis://a', 'url=redis://b'], /--b names two addresses/],
    [['redis://a', 'engine=redis'], /an address and an engine/],
    [['rounds=3'], /names nothing to compare/],
  ])('%j is refused', (words, message) => {
    expect(() => readAbSide('--b', words)).toThrow(message)
    expect(() => readAbSide('--b', words)).toThrow(InputError)
  })
})

describe('both sides', () => {
  test('have the variants of the scenario, each with what its side sets', () => {
    const [a, b] = plan([], ['server.io-threads=4', 'driver=ioredis'])
    expect(a.variants.map(({ id }) => id)).toEqual(b.variants.map(({ id }) => id))
    expect(a.variants.map(({ id }) => id)).toEqual(['get[pipeline=1]', 'get[pipeline=8]', 'set[pipeline=1]', 'set[pipeline=8]'])
    expect(a.variants[0]).toMatchObject({ server: { config: {} }, loads: [{ driver: 'wire' }] })
    expect(b.variants[0]).toMatchObject({ server: { config: { 'io-threads': '4' } }, loads: [{ driver: 'ioredis' }] })
    expect(a.hash).not.toBe(b.hash)
  })

  test('or those that were chosen, and short rounds when they are quick', () => {
    const [a] = plan([], [], { variants: ['set', 'get[pipeline=8]'], profile: 'quick', set: ['load.connections=7'] })
    expect(a.variants.map(({ id }) => id)).toEqual(['get[pipeline=8]', 'set[pipeline=1]', 'set[pipeline=8]'])
    expect(a.variants[0]!.loads[0]).toMatchObject({ durationMs: 200, connections: 7 })
  })

  test('that are two variants are compared point by point, under one name', () => {
    const [a, b] = plan(['variant=get'], ['variant=set'])
    expect(a.variants.map(({ id }) => id)).toEqual(['get or set[pipeline=1]', 'get or set[pipeline=8]'])
    expect(b.variants.map(({ id }) => id)).toEqual(a.variants.map(({ id }) => id))
    expect(a.variants[1]!.loads[0]!.commands![0]!.line).toBe('GET user:{key}')
    expect(b.variants[1]!.loads[0]!.commands![0]!.line).toBe('SET user:{key} y')
    const [one, other] = plan(['variant=get[pipeline=1]'], ['variant=get[pipeline=8]'])
    expect([one.variants.length, other.variants.length]).toEqual([1, 1])
    expect(one.variants[0]!.id).toBe(other.variants[0]!.id)
  })

  test.each([
    [['variant=get'], [], {}, /only --a names a variant/],
    [[], ['variant=get'], {}, /only --b names a variant/],
    [['variant=gte'], ['variant=get'], {}, /--a variant: there is no variant "gte"; did you mean get/],
    [['variant=get'], ['variant=set[pipeline=8]'], {}, /"get" is 2 variants and "set\[pipeline=8\]" is 1/],
    [['variant=get'], ['variant=set'], { variants: ['get'] }, /exclude each other/],
    [[], [], { variants: ['nope'] }, /--variant: there is no variant "nope"/],
    [[], ['load.pipelin=2'], {}, /load.pipelin/],
    [[], ['load.pipeline=2'], {}, /the matrix sweeps it/],
  ])('%j and %j are refused', (a, b, common, message) => {
    expect(() => plan(a, b, common)).toThrow(message)
    expect(() => plan(a, b, common)).toThrow(InputError)
  })
})
