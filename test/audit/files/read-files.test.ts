import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CONFIG_NAMES } from '#redline/audit/collectors/config.js'
import { readNode } from '#redline/audit/collectors/node.js'
import type { ConfigFacts } from '#redline/audit/facts.js'
import { isDirective } from '#redline/audit/files/directives.js'
import { type FileTarget, readFiles } from '#redline/audit/files/read-files.js'
import { asArray, asText } from '#redline/wire/client.js'
import { connect } from '../../redis/connect.js'
import { availableEngines, startServer } from '../../support/servers.js'

const folder = mkdtempSync(join(tmpdir(), 'redline-files-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

/** Writes a file below a folder of its own; returns its path. */
function write(text: string, name = 'redis.conf', below = `${files++}`): string {
  const path = join(folder, below, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

async function configOf(text: string, target?: FileTarget): Promise<ConfigFacts> {
  const { readings } = await readFiles([write(text)], target)
  if (!readings.config?.known) throw new Error('no configuration')
  return readings.config.value
}

async function usersOf(...paths: string[]) {
  const { readings } = await readFiles(paths)
  return readings.acl?.known ? readings.acl.value.users : undefined
}

const SECRET = 'swordfish'

const SAMPLE = `
# Redis configuration file, as a distribution ships it.

bind 127.0.0.1 -::1
protected-mode yes
port 6379
tcp-backlog 511
timeout 0
tcp-keepalive 60
daemonize yes
supervised auto
pidfile "/run/redis/redis-server.pid"
loglevel notice
logfile /var/log/redis/redis-server.log
databases 4
always-show-logo no
set-proc-title yes
proc-title-template "{title} {listen-addr} {server-mode}"
  save 900 1
save 300 10
stop-writes-on-bgsave-error no
dir /var/lib/redis
maxmemory 100mb
MaxMemory-Policy ALLKEYS-LRU
requirepass "${SECRET}"
masterauth ${SECRET}
rename-command CONFIG ""
appendonly yes
appendfsync always
hash-max-ziplist-entries 256
slave-read-only no
client-output-buffer-limit replica 512mb 128mb 120
client-output-buffer-limit pubsub 64mb 16mb 60
lazyfree-lazy-user-del yes
slowlog-log-slower-than 5000
latency-monitor-threshold 100
`

describe('a redis.conf', () => {
  test('is read as the server reads it', async () => {
    const config = await configOf(SAMPLE)
    const told = (...names: string[]) => Object.fromEntries(names.map((name) => [name, config.get(name)]))
    expect(config.source).toBe('files')
    expect(told('bind', 'maxmemory', 'maxmemory-policy', 'save', 'appendfsync', 'tcp-keepalive', 'databases')).toEqual({
      bind: '127.0.0.1 -::1',
      maxmemory: String(100 * 1024 ** 2),
      'maxmemory-policy': 'allkeys-lru',
      save: '900 1 300 10',
      appendfsync: 'always',
      'tcp-keepalive': '60',
      databases: '4',
    })
    expect(told('hash-max-listpack-entries', 'hash-max-ziplist-entries', 'replica-read-only', 'slave-read-only')).toEqual({
      'hash-max-listpack-entries': '256',
      'hash-max-ziplist-entries': '256',
      'replica-read-only': 'no',
      'slave-read-only': 'no',
    })
    expect(config.get('client-output-buffer-limit')).toBe('normal 0 0 0 slave 536870912 134217728 120 pubsub 67108864 16777216 60')
  })

  test('says where each parameter is set, and where those would stand that are not', async () => {
    const path = write(SAMPLE)
    const { locate } = await readFiles([path])
    expect(locate({ parameter: 'maxmemory-policy' })).toEqual({ file: path, line: 24, column: 1 })
    expect(locate({ parameter: 'replica-read-only' })).toEqual({ file: path, line: 31, column: 1 })
    expect(locate({ parameter: 'save' })).toEqual({ file: path, line: 20, column: 1 })
    expect(locate({ parameter: 'tls-port' })).toEqual({ file: path, line: 1, column: 1 })
    expect(locate({ user: 'default' })).toEqual({ file: path, line: 25, column: 1 })
  })

  test('keeps its secrets', async () => {
    const { readings, notes } = await readFiles([
      write(`${SAMPLE}user app on >${SECRET} #${'a'.repeat(64)} ~* +@all\ntls-key-file-pass ${SECRET}`),
    ])
    const config = readings.config?.known ? readings.config.value : undefined
    const told = CONFIG_NAMES.concat('requirepass', 'masterauth', 'tls-key-file-pass').map((name) => config?.get(name))
    expect(JSON.stringify([told, readings, notes])).not.toMatch(/swordfish|a{64}/)
    expect(readings.acl).toMatchObject({
      known: true,
      value: {
        users: [
          { name: 'default', passwords: 1 },
          { name: 'app', passwords: 2 },
        ],
      },
    })
  })

  test.each([
    ['save ""', ''],
    ['save 3600 1 300 100', '3600 1 300 100'],
    ['save 900 1\nsave ""\nsave 60 5', '60 5'],
    ['save 900 1\nsave ""', ''],
  ])('with %j saves at %j', async (text, expected) => {
    expect((await configOf(text)).get('save')).toBe(expected)
  })

  test('has the defaults of the version that is meant in what it leaves out', async () => {
    expect((await configOf('')).get('save')).toBe('3600 1 300 100 60 10000')
    expect((await configOf('', { engine: 'redis', version: '6.0' })).get('save')).toBe('')
    expect((await configOf('', { engine: 'redis', version: '6.0' })).get('enable-debug-command')).toBeUndefined()
    expect((await configOf('', { engine: 'redis' })).get('lazyfree-lazy-user-del')).toBe('no')
    expect((await configOf('', { engine: 'valkey' })).get('lazyfree-lazy-user-del')).toBe('yes')
  })

  test('that a server would tell everything of but what only a server can tell', async () => {
    const { readings } = await readFiles([write('port 7000')])
    expect(Object.entries(readings).flatMap(([name, { known }]) => (known ? [name] : []))).toEqual(['config', 'acl', 'now'])
  })
})

describe.each(availableEngines())('%s', (engine) => {
  test('tells of a file what the file tells of it, set and unset parameters alike', async () => {
    const path = write(`
      maxmemory 64mb
      maxmemory-policy "volatile-\\x6cru"
      hash-max-ziplist-entries 99
      hash-max-ziplist-value 1k
      slave-priority 7
      save 900 1
      save 300 10
      client-output-buffer-limit slave 1gb 1g 10
      client-output-buffer-limit pubsub 1m 1k 1
      repl-backlog-size 2m
      tls-protocols 'TLSv1.2 TLSv1.3'
      slowlog-log-slower-than -1
    `)
    const server = await startServer({ engine, config: { include: path } })
    const client = await connect(server.url)
    const { config } = await readNode(client)
    const everything = asArray(await client.call('CONFIG', 'GET', '*')).map((item) => asText(item))
    client.close()
    await server.stop()
    const target = { engine: server.engine === 'valkey' ? 'valkey' : 'redis', version: server.version } as const
    const { readings } = await readFiles([path], target)
    const [asked, read] = [config, readings.config].map((reading) => (reading?.known ? reading.value : undefined))
    // What redline starts a server of its own with.
    const ours = new Set(['bind', 'port', 'unixsocket'])
    const names = CONFIG_NAMES.filter((name) => !ours.has(name))
    const told = (facts: ConfigFacts | undefined) => Object.fromEntries(names.map((name) => [name, facts?.get(name)]))
    expect(told(read)).toEqual(told(asked))
    // Every parameter that a version has can stand in its file.
    expect(everything.filter((_, i) => i % 2 === 0).filter((name) => !isDirective(name))).toEqual([])
  })

  test('gives users what the files give them', async () => {
    const conf = `requirepass ${SECRET}\nuser app   on >${SECRET} ~app:* -@all +@read\nuser "off-duty" off nopass allkeys allcommands -@dangerous\n`
    const list = async (config: Record<string, string>, url: (port: number) => string) => {
      const server = await startServer({ engine, config })
      const client = await connect(url(server.port))
      const { acl } = await readNode(client)
      client.close()
      await server.stop()
      return acl?.known ? acl.value.users.toSorted((a, b) => a.name.localeCompare(b.name)) : []
    }
    const path = write(conf)
    const withPassword = (port: number) => `redis://:${SECRET}@127.0.0.1:${port}`
    // Channels came with 6.2; all of them are the default user's.
    const known = (users: Awaited<ReturnType<typeof list>> | undefined) =>
      users?.map(({ name, enabled, nopass, passwords, keys, commands }) => ({ name, enabled, nopass, passwords, keys, commands }))
    const read = (await usersOf(path))?.toSorted((a, b) => a.name.localeCompare(b.name))
    expect(known(read)).toEqual(known(await list({ include: path }, withPassword)))

    // An ACL file takes the place of requirepass: whoever knows no password is in.
    const acl = write('user app on nopass ~app:* -@all +@read\n', 'users.acl')
    const both = write(`requirepass ${SECRET}\naclfile ${acl}\n`)
    const plain = (port: number) => `redis://127.0.0.1:${port}`
    const asked = await list({ include: both }, plain)
    expect(asked.find(({ name }) => name === 'default')?.nopass).toBe(true)
    expect(known((await usersOf(both, acl))?.toSorted((a, b) => a.name.localeCompare(b.name)))).toEqual(known(asked))
  })
})

describe('users', () => {
  test('of an ACL file are told with their place', async () => {
    const path = write(
      `user default off\n\n  user app on >${SECRET} ~app:* %R~shared:* resetchannels &news -@all +@read (~b* +get)\n`,
      'production.acl',
    )
    const { readings, locate } = await readFiles([path])
    expect(readings.config).toEqual({ known: false, why: 'no redis.conf was given' })
    expect(readings.acl).toEqual({
      known: true,
      value: {
        users: [
          { name: 'default', enabled: false, nopass: false, passwords: 0, commands: '-@all', keys: [], channels: [], selectors: [] },
          {
            name: 'app',
            enabled: true,
            nopass: false,
            passwords: 1,
            commands: '-@all +@read',
            keys: ['~app:*', '%R~shared:*'],
            channels: ['&news'],
            selectors: [{ commands: '-@all +get', keys: ['~b*'], channels: [] }],
          },
        ],
      },
    })
    expect(locate({ user: 'app' })).toEqual({ file: path, line: 3, column: 3 })
    expect(locate({ user: 'nobody' })).toEqual({ file: path, line: 1, column: 1 })
  })

  test('are not known while their file is not given, which is said', async () => {
    const { readings, notes } = await readFiles([write('aclfile /etc/redis/users.acl')])
    expect(readings.acl).toEqual({ known: false, why: 'aclfile is set, and that file was not given' })
    expect(notes.join('\n')).toContain('aclfile is set')
  })

  test('are found by what stands in the file, in any order of the files', async () => {
    const acl = write('user app on nopass ~* +@all\n', 'users')
    const conf = write('port 7000\n')
    for (const paths of [
      [acl, conf],
      [conf, acl],
    ]) {
      const { readings } = await readFiles(paths)
      expect(readings.config?.known && readings.config.value.get('port')).toBe('7000')
      expect(readings.acl).toMatchObject({ known: true, value: { users: [{ name: 'default', nopass: true }, { name: 'app' }] } })
    }
  })
})

describe('included files', () => {
  test('are read where they are included, beside the file that includes them', async () => {
    const path = write('maxmemory 1mb\ninclude conf.d/*.conf\ninclude extra.conf\ntimeout 9\n')
    const below = path.split('/').at(-2)!
    write('maxmemory 2mb\n', 'conf.d/10-memory.conf', below)
    write('maxmemory 3mb\ninclude ../deeper.conf\n', 'conf.d/20-memory.conf', below)
    write('timeout 5\nmaxclients 7\n', 'deeper.conf', below)
    write('databases 2\n', 'extra.conf', below)
    write('databases 3\n', 'conf.d/.hidden.conf', below)
    const { readings, locate } = await readFiles([path])
    const config = readings.config?.known ? readings.config.value : undefined
    expect(['maxmemory', 'timeout', 'maxclients', 'databases'].map((name) => config?.get(name))).toEqual([
      String(3 * 1024 ** 2),
      '9',
      '7',
      '2',
    ])
    expect(locate({ parameter: 'maxclients' })).toEqual({ file: join(dirname(path), 'deeper.conf'), line: 2, column: 1 })
  })

  test('with a path of the server are looked for beside the file', async () => {
    const path = write('include /nowhere/on/this/machine/extra.conf\n')
    write('databases 2\n', 'extra.conf', path.split('/').at(-2))
    const { readings } = await readFiles([path])
    expect(readings.config?.known && readings.config.value.get('databases')).toBe('2')
  })

  test('that are not there, include themselves or go too deep are mistakes', async () => {
    await expect(readFiles([write('\n include missing.conf\n')])).rejects.toThrow(
      /has 1 mistake\n {2}2:2 include: .*missing\.conf can't be read: it is not there/,
    )
    await expect(readFiles([write('include redis.conf\n')])).rejects.toThrow('1:1 include: a file includes itself')
    const path = write('include 0.conf\n')
    for (let i = 0; i < 20; i++) write(`include ${i + 1}.conf\n`, `${i}.conf`, path.split('/').at(-2))
    await expect(readFiles([path])).rejects.toThrow('deep')
  })

  test('that a glob does not find are none', async () => {
    expect((await configOf('include conf.d/*.conf\nport 7000')).get('port')).toBe('7000')
  })
})

describe('mistakes', () => {
  test.each([
    ['maxmemory-polcy allkeys-lru', '1:1 maxmemory-polcy: no such directive; did you mean maxmemory-policy?'],
    [`  ${SECRET}-on-a-line-of-its-own`, '1:3 no such directive'],
    ['maxmemory 100 mb', '1:1 maxmemory: takes one value'],
    ['maxmemory 100mib', '1:1 maxmemory: takes a size in bytes'],
    ['maxmemory-policy allkeys_lru', 'did you mean allkeys-lru?'],
    [`appendonly ${SECRET}`, '1:1 appendonly: takes one of no, yes'],
    ['port seven', '1:1 port: takes a whole number'],
    ['save 900', '1:1 save: takes pairs of seconds and changes'],
    ['client-output-buffer-limit normal 0 0', 'takes a class'],
    [`requirepass "${SECRET}`, '1:13 quotes that do not close'],
    [`requirepass "${SECRET}"x`, '1:13 quotes that do not close, or are followed by something else than a space'],
    [`user app on ${SECRET}`, '1:1 user app: rule 2 is none'],
    [`user app on (~a* ${SECRET})`, '1:1 user app: a rule in its parentheses is none'],
    ['user app on\nuser app off', '2:1 user app: declared twice'],
    ['user app on\naclfile users.acl', '1:1 user: users stand in an ACL file or here, not in both'],
  ])('%j is told with its place: %s', async (text, message) => {
    const error: unknown = await readFiles([write(text)]).catch((error: unknown) => error)
    expect(String(error)).toContain(message)
    expect(String(error)).not.toContain(SECRET)
  })

  test.each([
    ['# users', '1:1 an ACL file takes no comments'],
    ['user app on  ~*', '1:13 two spaces'],
    [`user a on nopass\nuser a on >${SECRET}`, '2:1 user a: declared twice'],
    [`app on >${SECRET}`, '1:1 a line begins with user and a name'],
    ['user', '1:1 user: a name follows'],
  ])('in an ACL file %j is told: %s', async (text, message) => {
    const error: unknown = await readFiles([write(text, 'users.acl')]).catch((error: unknown) => error)
    expect(String(error)).toContain(message)
    expect(String(error)).not.toContain(SECRET)
  })

  test('of all files are told together', async () => {
    const conf = write('maxmemory much\nport seven\n')
    const acl = write('user\n', 'users.acl')
    await expect(readFiles([conf, acl])).rejects.toThrow(/redis\.conf has 2 mistakes\n.*\n.*\n.*users\.acl has 1 mistake\n/)
  })

  test('among the files themselves are told', async () => {
    await expect(readFiles([])).rejects.toThrow('no file was given')
    await expect(readFiles([write('port 1'), write('port 2')])).rejects.toThrow('are both configurations of a server')
    await expect(readFiles([write('', 'a.acl'), write('', 'b.acl')])).rejects.toThrow('are both ACL files')
    await expect(readFiles([folder])).rejects.toThrow('is no file')
    await expect(readFiles([join(folder, 'no\u001b[31m')])).rejects.toThrow("no\\x1b[31m can't be read: it is not there")
    await expect(readFiles([write('port 1\0')])).rejects.toThrow('is not a text file')
  })
})

test('a line of a megabyte, and a hundred thousand lines, are read', async () => {
  const long = await configOf(`bind ${'127.0.0.1 '.repeat(100_000)}\nport 7000\n# ${'x'.repeat(1_000_000)}`)
  expect(long.get('port')).toBe('7000')
  expect((await configOf('timeout 1\n'.repeat(100_000))).get('timeout')).toBe('1')
  await expect(readFiles([write(`"${'\\'.repeat(1_000_001)}\n`)])).rejects.toThrow('quotes that do not close')
})
