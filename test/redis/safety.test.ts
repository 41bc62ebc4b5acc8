import { expect, test } from 'vitest'
import type { CommandFacts } from '#redline/redis/keys.js'
import { type Allowance, type RunIntent, preflight } from '#redline/redis/safety.js'
import type { ServerFacts } from '#redline/redis/server-facts.js'

const MB = 1024 ** 2
const calm: ServerFacts = {
  engine: 'redis',
  version: '7.0.15',
  topology: 'standalone',
  role: 'master',
  loading: false,
  usedMemoryBytes: 50 * MB,
  maxmemoryBytes: 100 * MB,
  maxmemoryPolicy: 'noeviction',
  opsPerSecond: 12,
  connectedClients: 3,
  keys: 10,
  runId: 'x',
  processId: 1,
}
const read: CommandFacts = { keys: [1], write: false, dangerous: false, admin: false, blocking: false, known: true }
const gets = { line: 'GET key', facts: read }

function objection(server: Partial<ServerFacts>, intent: Partial<RunIntent> = {}, allow: Allowance[] = []) {
  return preflight({ ...calm, ...server }, { estimatedBytes: MB, commands: [gets], ...intent }, new Set(allow))
}
const command = (line: string, facts: Partial<CommandFacts>) => ({ commands: [gets, { line, facts: { ...read, ...facts } }] })

test('nothing speaks against a calm server', () => {
  expect(objection({})).toBeUndefined()
  expect(objection({ maxmemoryBytes: 0 }, { estimatedBytes: 1e12 })).toBeUndefined()
})

test.each<[string, Partial<ServerFacts>, Partial<RunIntent>, Allowance, RegExp]>([
  ['a replica', { role: 'replica' }, {}, 'replica', /is a replica/],
  ['a busy server', { opsPerSecond: 12_345 }, {}, 'busy', /does 12\.3k commands\/s for others, above 1k/],
  [
    'a server short of memory',
    {},
    { estimatedBytes: 31 * MB },
    'memory',
    /50 MB in use and some 31 MB to be written are above 80% of maxmemory 100 MB/,
  ],
  ['a dangerous command', {}, command('KEYS *', { dangerous: true }), 'dangerous', /"KEYS \*" may hurt the server/],
  ['an administrative command', {}, command('CONFIG SET a b', { admin: true, dangerous: true }), 'dangerous', /administers the server/],
  ['a write without keys', {}, command('FLUSHDB', { write: true, keys: [] }), 'dangerous', /"FLUSHDB" may write and names no key/],
])('%s is refused with what was seen, and allowed by name', (_, server, intent, lift, why) => {
  const error = objection(server, intent)
  expect(error?.message).toMatch(why)
  expect(error?.message).toContain(`(--allow ${lift})`)
  expect(error?.hint).toContain(`--allow ${lift}`)
  expect(error?.exitCode).toBe(2)
  expect(objection(server, intent, [lift])).toBeUndefined()
})

test.each<[string, Partial<ServerFacts>, Partial<RunIntent>, RegExp]>([
  ['a cluster', { topology: 'cluster' }, {}, /is a cluster, which run does not support yet/],
  ['a sentinel', { topology: 'sentinel' }, {}, /is a sentinel/],
  ['a loading server', { loading: true }, {}, /still loading/],
  ['an unknown command', {}, command('NOSUCH \x1b[31m', { known: false }), /"NOSUCH \\x1b\[31m": the server does not know/],
])('%s is refused whatever is allowed', (_, server, intent, why) => {
  const error = objection(server, intent, ['replica', 'memory', 'busy', 'dangerous'])
  expect(error?.message).toMatch(why)
  expect(error?.hint).not.toContain('--allow')
})

test('the limits themselves are fine', () => {
  expect(objection({ opsPerSecond: 1000 }, { estimatedBytes: 30 * MB })).toBeUndefined()
  expect(objection({}, command('SET key x', { write: true }))).toBeUndefined()
})

test('all that speaks against a run is said at once', () => {
  const error = objection({ role: 'replica', opsPerSecond: 5000 }, { estimatedBytes: 90 * MB }, ['memory'])
  expect(error?.message.split('\n')).toHaveLength(3)
  expect(error?.hint).toContain('--allow replica --allow busy')
  expect(error?.hint).not.toContain('memory')
})
