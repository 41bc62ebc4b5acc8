import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InputError } from '#redline/core/errors.js'
import { type Address, displayAddress, parseAddress } from '#redline/wire/address.js'

const plain: Address = {
  transport: 'tcp',
  host: 'localhost',
  port: 6379,
  path: undefined,
  db: 0,
  username: undefined,
  password: undefined,
  tls: undefined,
}
const secure = { transport: 'tls', tls: { rejectUnauthorized: true } } as const
const socket = { transport: 'unix', host: '', port: 0, path: '/run/redis.sock' } as const

describe('an address', () => {
  test.each<[string, Partial<Address>]>([
    ['localhost', {}],
    ['localhost:7001', { port: 7001 }],
    ['10.0.0.7:7001', { host: '10.0.0.7', port: 7001 }],
    ['::1', { host: '::1' }],
    ['2001:db8:0:0:1:0:0:1', { host: '2001:db8:0:0:1:0:0:1' }],
    ['[::1]:7001', { host: '::1', port: 7001 }],
    ['redis://localhost', {}],
    ['REDIS://localhost:7001/', { port: 7001 }],
    ['valkey://cache-1.example:7001/3', { host: 'cache-1.example', port: 7001, db: 3 }],
    ['redis://localhost?db=3', { db: 3 }],
    ['rediss://localhost', secure],
    ['valkeys://localhost:6380/2', { ...secure, port: 6380, db: 2 }],
    ['redis://:secret@localhost', { password: 'secret' }],
    ['redis://alice:secret@localhost', { username: 'alice', password: 'secret' }],
    ['redis://alice:p%40ss%3Aw%2Frd@localhost', { username: 'alice', password: 'p@ss:w/rd' }],
    ['redis://alice:p@ss/w?rd@localhost/1', { username: 'alice', password: 'p@ss/w?rd', db: 1 }],
    ['unix:///run/redis.sock', socket],
    ['unix:///run/redis.sock?db=2', { ...socket, db: 2 }],
    ['unix:///run/redis@1.sock', { ...socket, path: '/run/redis@1.sock' }],
    ['unix://alice:secret@/run/my%20redis.sock', { ...socket, path: '/run/my redis.sock', username: 'alice', password: 'secret' }],
  ])('%s', (text, expected) => {
    expect(parseAddress(text, {})).toEqual({ ...plain, ...expected })
  })

  test('takes a password that it lacks from REDISCLI_AUTH', () => {
    const env = { REDISCLI_AUTH: 'from-env' }
    expect(parseAddress('localhost', env)).toEqual({ ...plain, password: 'from-env' })
    expect(parseAddress('redis://alice@localhost', env)).toEqual({ ...plain, username: 'alice', password: 'from-env' })
    expect(parseAddress('redis://alice:own@localhost', env)).toEqual({ ...plain, username: 'alice', password: 'own' })
    expect(parseAddress('localhost', { REDISCLI_AUTH: '' })).toEqual(plain)
  })
})

describe('what is no address is refused with the reason', () => {
  test.each([
    ['', 'no host'],
    ['http://localhost', 'unknown scheme http'],
    ['reddis://localhost', 'did you mean redis'],
    ['redis://', 'no host'],
    ['redis://:7001', 'no host'],
    ['localhost:', 'host:port'],
    ['localhost:abc', 'host:port'],
    ['localhost:0', 'between 1 and 65535'],
    ['localhost:65536', 'between 1 and 65535'],
    ['local host', 'no host name'],
    ['[::g]:6379', 'no host name'],
    ['redis://localhost/abc', 'database must be a number'],
    ['redis://localhost/-1', 'database must be a number'],
    ['redis://localhost?db=99999999999', 'database must be a number'],
    ['redis://localhost/1?db=2', 'database twice'],
    ['redis://localhost?db=1&db=2', 'database twice'],
    ['redis://localhost?bd=2', 'unknown parameter bd; did you mean db'],
    ['unix://run/redis.sock', 'absolute path'],
    ['redis://secret@localhost', 'could be a user or a password'],
    ['redis://alice:100%@localhost', 'not percent-encoded'],
    ['redis://alice:p\nw@local\u202ehost', 'no host name'],
  ])('%j', (text, why) => {
    const error = refusalOf(text)
    expect(error.message).toContain(why)
    expect(error.hint).toBeTruthy()
  })

  test('a path, with the URL that was meant', () => {
    expect(refusalOf('/run/redis.sock').hint).toContain('unix:///run/redis.sock')
  })

  test('and never repeats a password', () => {
    const broken = fc.constantFrom(
      'redis://u:SECRET@',
      'redis://SECRET@h',
      'x://u:SECRET@h',
      'u:SECRET@h:x',
      'redis://u:SECRET%@h',
      'unix://u:SECRET@h',
    )
    fc.assert(
      fc.property(broken, fc.string({ maxLength: 8 }), (text, tail) => {
        expect(thrownBy(text + tail)).not.toMatch(/SECRET/)
      }),
    )
    expect(thrownBy('redis://h?password=SECRET')).toMatch(/unknown parameter password/)
    expect(thrownBy('redis://h?password=SECRET')).not.toMatch(/SECRET/)
  })
})

describe('a displayed address', () => {
  test.each([
    ['redis://alice:secret@localhost:7001/2', 'redis://localhost:7001/2'],
    ['localhost', 'redis://localhost:6379'],
    ['valkeys://[::1]:6380', 'rediss://[::1]:6380'],
    ['unix://:secret@/run/my%20redis.sock?db=2', 'unix:///run/my%20redis.sock?db=2'],
  ])('%s is shown as %s', (text, shown) => {
    expect(displayAddress(parseAddress(text, { REDISCLI_AUTH: 'secret' }))).toBe(shown)
  })

  test('is read back as the same place', () => {
    const path = fc.string({ minLength: 1, maxLength: 20 }).map((name) => `/${name}`)
    const db = fc.nat({ max: 100 })
    const place = fc.oneof(
      fc.record({ host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()), port: fc.integer({ min: 1, max: 65_535 }), db }),
      fc.record({ path, db }),
    )
    fc.assert(
      fc.property(place, (where) => {
        const address: Address = 'path' in where ? { ...plain, ...socket, ...where } : { ...plain, ...where }
        expect(parseAddress(displayAddress(address), {})).toEqual(address)
      }),
    )
  })
})

function refusalOf(text: string): InputError {
  try {
    parseAddress(text, {})
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
  throw new Error(`${text} was taken for an address`)
}

/** Everything that a person would be shown, or an empty string when the text was accepted. */
function thrownBy(text: string): string {
  try {
    parseAddress(text, {})
    return ''
  } catch (error) {
    return error instanceof InputError ? `${error.message} ${error.hint}` : 'a defect: SECRET'
  }
}
