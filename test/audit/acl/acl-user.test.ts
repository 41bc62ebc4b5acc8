import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aclUsers, commandNames, PASSWORD_PLACEHOLDER } from '#redline/audit/acl-user.js'
import { readNode } from '#redline/audit/collectors/node.js'
import { readStreams } from '#redline/audit/collectors/streams.js'
import { AUDIT_COMMANDS } from '#redline/audit/commands.js'
import { has } from '#redline/audit/versions.js'
import { readServer, type ServerFacts } from '#redline/redis/server-facts.js'
import { asArray, asNumber, asText, type Client } from '#redline/wire/client.js'
import { type Reply, ReplyError } from '#redline/wire/decoder.js'
import { connect } from '../../redis/connect.js'
import { availableEngines, startServer, type TestServer } from '../../support/servers.js'

/** The arguments of a command as a shell reads them. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|[^ ]+/g)].map(([word, quoted]) => quoted ?? word)
}

/** Commands with this flag log in or out: everybody may send them. */
const ALWAYS_ALLOWED = 'no_auth'

interface KnownCommand {
  name: string
  /** That its number of arguments passes. */
  args: string[]
  flags: string[]
}

/** Every command of the server and, from 7.0 on, every subcommand. */
async function everyCommand(client: Client): Promise<KnownCommand[]> {
  const read = (entry: Reply): KnownCommand[] => {
    const [name, arity, flags, , , , , , , subcommands] = asArray(entry)
    const words = asText(name).split('|')
    const missing = Math.max(0, Math.abs(asNumber(arity)) - words.length)
    const self = {
      name: asText(name),
      args: [...words, ...Array.from({ length: missing }, () => 'x')],
      flags: asArray(flags).map((flag) => asText(flag)),
    }
    const inner = subcommands === undefined ? [] : asArray(subcommands).flatMap(read)
    return inner.length > 0 ? inner : [self]
  }
  return asArray(await client.call('COMMAND')).flatMap(read)
}

/** Of 6.0, whose COMMAND tells nothing of subcommands: those that change something. */
const SUBCOMMANDS_OF_6_0 = [
  'config|set config|resetstat config|rewrite client|kill client|pause client|unblock client|tracking client|reply slowlog|reset latency|reset',
  'acl|setuser acl|deluser acl|load acl|save memory|purge cluster|failover cluster|reset cluster|setslot cluster|forget script|flush script|load',
  'object|refcount xgroup|create debug|sleep',
].flatMap((names) => names.split(' '))

describe.each(availableEngines())('the user for audits of %s', (engine) => {
  let server: TestServer
  let admin: Client
  let client: Client
  let facts: ServerFacts

  beforeAll(async () => {
    server = await startServer({ engine })
    admin = await connect(server.url)
    facts = await readServer(admin)
    await admin.call(...wordsOf(aclUsers(facts, { password: 'a password' }).full))
    await admin.call('XADD', 'events', '*', 'field', 'value')
    await admin.call('XGROUP', 'CREATE', 'events', 'workers', '0')
    await admin.call('XREADGROUP', 'GROUP', 'workers', 'one', 'STREAMS', 'events', '>')
    await admin.call('HSET', 'hash', 'field', 'value')
    client = await connect(`redis://redline-audit:a%20password@127.0.0.1:${server.port}`)
  })
  afterAll(async () => {
    client.close()
    admin.close()
    await server.stop()
  })

  test('is made by the command that is printed, also when it is there already', async () => {
    const { full, withoutAclList } = aclUsers(facts, { password: 'a password' })
    expect(await admin.call(...wordsOf(withoutAclList))).toBe('OK')
    expect(await admin.call(...wordsOf(full))).toBe('OK')
  })

  test('reads every fact', async () => {
    const { commandlog, ...readings } = await readNode(client)
    const unknown = Object.entries(readings).flatMap(([name, reading]) => (reading.known ? [] : [`${name}: ${reading.why}`]))
    expect(unknown.filter((line) => !/^(host: the server runs|latency: nothing is recorded)/.test(line))).toEqual([])
    expect(commandlog?.known).toBe(has(facts, { valkey: '8.1' }))
  })

  test('without ACL LIST reads all but the users', async () => {
    const name = { user: 'careful', password: 'pw' }
    await admin.call(...wordsOf(aclUsers(facts, name).withoutAclList))
    const careful = await connect(`redis://careful:pw@127.0.0.1:${server.port}`)
    const { acl, config, clients } = await readNode(careful)
    careful.close()
    expect(acl).toMatchObject({ known: false, why: expect.stringMatching(/^ACL LIST was refused \(NOPERM/) })
    expect([config?.known, clients?.known]).toEqual([true, true])
  })

  test('reads streams and their groups', async () => {
    const stream = { name: Buffer.from('events'), db: 0, pattern: 'events', bytes: 1000, entries: 1 }
    const reading = await readStreams(client, [stream], { now: Date.now() / 1000, mayTouch: true })
    expect(reading).toMatchObject({ known: true, value: [{ key: 'events', groups: [{ name: 'workers', pending: 1 }] }] })
  })

  test('may send what a scan sends, in every database', async () => {
    const replies = await client.callAll([
      ['SCAN', '0', 'COUNT', '10'],
      ...[['TYPE'], ['PTTL'], ['MEMORY', 'USAGE'], ['OBJECT', 'ENCODING'], ['OBJECT', 'IDLETIME'], ['HLEN']].map((words) => [
        ...words,
        'hash',
      ]),
      ...['LLEN', 'SCARD', 'ZCARD', 'XLEN'].map((name) => [name, 'missing']),
      ...[['PING'], ['DBSIZE'], ['SELECT', '3'], ['HELLO', '2'], ['INFO', 'server']],
    ])
    expect(replies.filter((reply) => reply instanceof ReplyError)).toEqual([])
  })

  test('is refused every other command: no write is possible, nor anything that administers', async () => {
    const allowed = new Set(commandNames(facts))
    const known = await everyCommand(admin)
    const below = known.some(({ name }) => name.includes('|'))
      ? []
      : SUBCOMMANDS_OF_6_0.map((name) => ({ name, args: [...name.split('|'), 'x'], flags: [] }))
    const others = [...known, ...below].filter(
      ({ name, flags }) => !allowed.has(name) && !flags.includes(ALWAYS_ALLOWED) && !['auth', 'hello', 'quit', 'reset'].includes(name),
    )
    expect(others.length).toBeGreaterThan(150)
    const replies = await client.callAll(others.map(({ args }) => args))
    const answered = others.filter((_, i) => {
      const reply = replies[i]
      // EXEC says it in words of its own (EXECABORT Transaction discarded because of: NOPERM); DEBUG and MODULE are refused to everybody.
      return !(reply instanceof ReplyError && /NOPERM|command not allowed/.test(`${reply.code} ${reply.message}`))
    })
    expect(answered.map(({ name }) => name)).toEqual([])
  })

  test('is given no command that the server calls a write, and none passes its own test (ACL DRYRUN)', async () => {
    const allowed = new Set(commandNames(facts))
    const writes = (await everyCommand(admin)).filter(({ flags }) => flags.includes('write'))
    expect(writes.filter(({ name }) => allowed.has(name))).toEqual([])
    const dryRun = has(facts, { redis: '7.0', valkey: '7.2' })
    const replies = dryRun ? await admin.callAll(writes.map(({ args }) => ['ACL', 'DRYRUN', 'redline-audit', ...args])) : []
    expect(replies.filter((reply) => reply === 'OK')).toEqual([])
    expect(replies).toHaveLength(dryRun ? writes.length : 0)
  })

  test('is not made while nobody has put a password in', async () => {
    const { full } = aclUsers(facts, { user: 'nobody' })
    expect(full).toContain(PASSWORD_PLACEHOLDER)
    await expect(admin.call(...wordsOf(full))).rejects.toThrow(/password hash|hash must be/i)
    expect(JSON.stringify(asArray(await admin.call('ACL', 'USERS')).map((name) => asText(name)))).not.toContain('nobody')
  })
})

test('commands are named only where the version has them', () => {
  const names = (engine: 'redis' | 'valkey', version: string, topology: ServerFacts['topology'] = 'standalone') =>
    commandNames({ engine, version, topology })
  expect(names('redis', '6.2.14')).not.toContain('function|stats')
  expect(names('redis', '7.0.15')).toContain('function|stats')
  expect(names('redis', '7.0.15')).not.toContain('client|no-touch')
  expect(names('redis', '8.4.0')).toEqual(expect.arrayContaining(['client|no-touch', 'cluster|slot-stats']))
  expect(names('valkey', '8.0.1')).not.toContain('commandlog|get')
  expect(names('redis', '7.0.15', 'sentinel')).toEqual([
    'ping',
    'hello',
    'info',
    'client|setname',
    ...AUDIT_COMMANDS.filter(({ at }) => at === 'sentinel').map(({ name }) => name),
  ])
})

test('a key permission for reading alone is given from 7.0 on, and channels are taken from 6.2 on', () => {
  const rules = (version: string) => wordsOf(aclUsers({ engine: 'redis', version, topology: 'standalone' }).full)
  expect(rules('6.0.16')).toContain('~*')
  expect(rules('6.0.16')).not.toContain('resetchannels')
  expect(rules('6.2.0')).toEqual(expect.arrayContaining(['~*', 'resetchannels']))
  expect(rules('7.0.0')).toContain('%R~*')
  expect(rules('7.0.0')).not.toContain('~*')
})
