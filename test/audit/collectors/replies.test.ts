import * as fc from 'fast-check'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { askAcl, askAclLog, withoutStrangers } from '#redline/audit/collectors/acl.js'
import { readingOf } from '#redline/audit/collectors/ask.js'
import { clientsIn } from '#redline/audit/collectors/clients.js'
import { askConfig } from '#redline/audit/collectors/config.js'
import { readHost } from '#redline/audit/collectors/host.js'
import { askLatency, latencyOf } from '#redline/audit/collectors/latency.js'
import { PLAIN_NAMES } from '#redline/audit/collectors/naming.js'
import { replicationOf } from '#redline/audit/collectors/replication.js'
import { askRunningScript, scriptsOf } from '#redline/audit/collectors/scripts.js'
import { askCommandlog, askSlowlog, slowlogOf } from '#redline/audit/collectors/slow-commands.js'
import { parseInfo } from '#redline/redis/info.js'
import { parseAddress } from '#redline/wire/address.js'
import { type Reply, ReplyError } from '#redline/wire/decoder.js'
import { configFacts } from '../../support/facts.js'

/* Replies as servers sent them, and as none should. */

const known = <T>(value: T) => ({ known: true as const, value })

describe('CLIENT LIST', () => {
  const list = [
    'id=1 addr=10.0.0.7:51423 laddr=10.0.0.1:6379 fd=8 name=web age=9 idle=5 flags=N db=0 sub=0 psub=0 omem=0 tot-mem=20000 cmd=get user=app',
    'id=2 addr=10.0.0.7:51424 laddr=10.0.0.1:6379 fd=9 name= age=9 idle=7200 flags=N db=0 omem=100 tot-mem=30000 cmd=hgetall user=app',
    'id=3 addr=[2001:db8::7]:40000 fd=10 name= age=9 idle=9000 flags=P db=0 sub=1 omem=999 tot-mem=90000 cmd=subscribe user=default',
    'id=4 addr=10.0.0.2:40000 fd=11 name= age=9 idle=1 flags=S db=0 omem=50 tot-mem=50000 cmd=replconf user=default',
    'id=5 addr=10.0.0.8:1 fd=12 name=worker age=9 idle=8000 flags=b db=0 omem=0 tot-mem=10 cmd=blpop user=worker',
    'id=6 addr=10.0.0.9:6379 fd=13 name= age=9 idle=0 flags=M db=0 omem=0 tot-mem=10 cmd=ping user=(superuser)',
    'id=7 addr=127.0.0.1:9 fd=14 name=redline-audit age=0 idle=0 flags=N db=0 omem=0 tot-mem=10 cmd=client|list user=default',
    '',
  ].join('\n')

  test('tells clients, where they come from and what they hold, without the audit itself and replication', () => {
    const facts = clientsIn(list, 'redline-audit')
    expect(facts).toMatchObject({ total: 4, named: 2, replicas: 1, idleSeconds: [5, 7200] })
    expect([...facts.users]).toEqual([
      ['app', 2],
      ['default', 1],
      ['worker', 1],
    ])
    expect(facts.sources).toEqual([
      { host: '10.0.0.7', connections: 2 },
      { host: '2001:db8::7', connections: 1 },
      { host: '10.0.0.8', connections: 1 },
    ])
    expect(facts.largest.map(({ client, kind, bytes }) => [client, kind, bytes])).toEqual([
      ['[2001:db8::7]:40000', 'pubsub', 90000],
      ['10.0.0.2:40000', 'replica', 50000],
      ['10.0.0.7:51424', 'normal', 30000],
      ['10.0.0.7:51423 (web)', 'normal', 20000],
      ['10.0.0.8:1 (worker)', 'normal', 10],
    ])
    expect(facts.pubsub).toEqual([
      { client: '[2001:db8::7]:40000', kind: 'pubsub', outputBytes: 999, bytes: 90000, idleSeconds: 9000, lastCommand: 'subscribe' },
    ])
  })

  test('adds the buffers up where the server has no sum of them', () => {
    const [client] = clientsIn('id=1 addr=h:1 name= idle=0 flags=N qbuf=26 qbuf-free=1000 omem=300 cmd=get\n', 'x').largest
    expect(client?.bytes).toBe(1326)
  })

  test('of ten thousand clients keeps the largest twenty', () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => `id=${i} addr=10.0.0.7:${i} name= idle=${i} flags=N tot-mem=${i} cmd=get`)
    const facts = clientsIn(lines.join('\n'), 'x')
    expect(facts.largest.map(({ bytes }) => bytes)).toEqual(Array.from({ length: 20 }, (_, i) => 9999 - i))
    expect(facts.idleSeconds).toHaveLength(10_000)
  })

  test('never throws, and shows nothing that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { largest, sources, users } = clientsIn(`addr=${text}\n${text} addr=1`, 'x')
        expect(JSON.stringify([largest, sources, [...users]])).toMatch(/^[^\p{Cc}\p{Cf}]*$/u)
      }),
    )
  })
})

describe('ACL LIST', () => {
  const users = (...lines: string[]) => askAcl.read([lines.map((line) => Buffer.from(line))]).users
  const hash = 'a'.repeat(64)

  test('tells each user, without the hashes', () => {
    expect(users(`user app on #${hash} #${'b'.repeat(64)} ~app:* %R~shared:* &news -@all +@read +@write -keys`)).toEqual([
      {
        name: 'app',
        enabled: true,
        nopass: false,
        passwords: 2,
        commands: '-@all +@read +@write -keys',
        keys: ['~app:*', '%R~shared:*'],
        channels: ['&news'],
        selectors: [],
      },
    ])
  })

  test('tells selectors apart', () => {
    const [user] = users(
      'user app off nopass sanitize-payload ~a* resetchannels -@all +get (%RW~c* resetchannels &d -@all +set) (+@all ~*)',
    )
    expect(user).toMatchObject({ enabled: false, nopass: true, passwords: 0, commands: '-@all +get', keys: ['~a*'], channels: [] })
    expect(user?.selectors).toEqual([
      { commands: '-@all +set', keys: ['%RW~c*'], channels: ['&d'] },
      { commands: '+@all', keys: ['~*'], channels: [] },
    ])
  })

  test('understands the databases of Valkey 9.1', () => {
    expect(users('user app on nopass ~* &* resetdbs db=1,2 +@all')).toMatchObject([{ keys: ['~*'], commands: '+@all' }])
  })

  test('shows names that a terminal can bear', () => {
    expect(users('user \u001b[31mred on nopass ~\u202ekey +@all')).toMatchObject([{ name: '\\x1b[31mred', keys: ['~\\u202ekey'] }])
  })

  test('that is no list of users is not known', () => {
    for (const reply of [Buffer.from('user app on'), [Buffer.from('hello')], [1], null]) {
      expect(readingOf(() => askAcl.read([reply]))).toMatchObject({ known: false })
    }
  })
})

describe('ACL LOG', () => {
  const entry = (fields: Record<string, string>) =>
    Object.entries({ count: '3', context: 'toplevel', 'age-seconds': '0.5', ...fields })
      .flat()
      .map((text) => Buffer.from(text))
  const read = (...entries: Record<string, string>[]) => askAclLog(PLAIN_NAMES, 'redline-audit').read([entries.map(entry)])

  test('tells what was refused, without what the audit was', () => {
    const own = { reason: 'command', object: 'acl|list', username: 'audit', 'client-info': 'id=4 addr=1 name=redline-audit age=0' }
    const other = { reason: 'key', object: 'user:1', username: 'app', 'client-info': 'id=5 addr=1 name=web age=0' }
    expect(read(own, other)).toEqual([{ count: 3, reason: 'key', object: 'user:1', username: 'app', ageSeconds: 0.5 }])
  })

  test('names a failed login only when there is such a user: people type passwords there', () => {
    const log = known(read({ reason: 'auth', object: 'AUTH', username: 'app' }, { reason: 'auth', object: 'AUTH', username: 'hunter2' }))
    const user = { name: 'app', enabled: true, nopass: false, passwords: 1, commands: '-@all', keys: [], channels: [], selectors: [] }
    const names = (reading: ReturnType<typeof withoutStrangers>) => reading.known && reading.value.map(({ username }) => username)
    expect(names(withoutStrangers(log, known({ users: [user] })))).toEqual(['app', '(no such user)'])
    expect(names(withoutStrangers(log, { known: false, why: 'refused' }))).toEqual(['(no such user)', '(no such user)'])
  })
})

describe('the slow log', () => {
  const entry = (...args: string[]): Reply => [
    7,
    1_790_000_000,
    15_000,
    args.map((arg) => Buffer.from(arg)),
    Buffer.from('10.0.0.7:1'),
    Buffer.from('web'),
  ]

  test('tells time, command and client', () => {
    expect(askSlowlog(PLAIN_NAMES, 'own').read([[entry('HGETALL', 'user:1')], 1])).toEqual({
      entries: [
        {
          id: 7,
          at: 1_790_000_000,
          microseconds: 15_000,
          command: 'hgetall',
          shape: 'HGETALL user:<int>',
          keys: ['user:1'],
          shownKeys: ['user:1'],
          client: '10.0.0.7:1',
          clientName: 'web',
        },
      ],
      length: 1,
    })
  })

  test('that is off and empty is not known, so that nobody takes it for quiet', () => {
    const empty = known({ entries: [], length: 0 })
    const config = (parameters: Record<string, string>) => known(configFacts(parameters))
    expect(slowlogOf(empty, config({ 'slowlog-log-slower-than': '-1' }))).toEqual({
      known: false,
      why: 'nothing is logged: slowlog-log-slower-than is -1',
    })
    expect(slowlogOf(empty, config({ 'slowlog-max-len': '0' }))).toMatchObject({ known: false })
    expect(slowlogOf(empty, config({ 'slowlog-log-slower-than': '0', 'slowlog-max-len': '1' }))).toEqual(empty)
    expect(slowlogOf(known({ entries: [], length: 5 }), config({ 'slowlog-log-slower-than': '-1' })).known).toBe(true)
    expect(slowlogOf(empty, { known: false, why: 'refused' })).toEqual(empty)
  })

  test('of large requests and replies tells bytes', () => {
    const facts = askCommandlog(PLAIN_NAMES, 'own').read([[entry('SET', 'a', 'b')], [entry('GET', 'a'), entry('GET', 'b')]])
    expect(facts.largeRequests).toMatchObject([{ bytes: 15_000, shape: 'SET a' }])
    expect(facts.largeReplies.map(({ shape }) => shape)).toEqual(['GET a', 'GET b'])
    expect(facts.largeReplies[0]).not.toHaveProperty('microseconds')
  })
})

describe('LATENCY LATEST', () => {
  test('tells events, also with the fields that newer versions add', () => {
    expect(askLatency.read([[[Buffer.from('command'), 1_790_000_000, 12, 340, 99, 3]]])).toEqual([
      { event: 'command', at: 1_790_000_000, latestMs: 12, maxMs: 340 },
    ])
  })

  test('of a monitor that is off is not known, unless it kept something', () => {
    const off = known(configFacts({ 'latency-monitor-threshold': '0' }))
    expect(latencyOf(known([]), off)).toEqual({ known: false, why: 'nothing is recorded: latency-monitor-threshold is 0' })
    const event = { event: 'fork', at: 1, latestMs: 2, maxMs: 3 }
    expect(latencyOf(known([event]), off)).toEqual(known({ thresholdMs: 0, events: [event] }))
    expect(latencyOf(known([]), { known: false, why: 'refused' })).toEqual(known({ thresholdMs: undefined, events: [] }))
  })
})

describe('INFO', () => {
  const info = (...lines: string[]) => parseInfo(['# Replication', ...lines].join('\r\n'))

  test('of a master tells its replicas', () => {
    const facts = replicationOf(
      info(
        'role:master',
        'connected_slaves:2',
        'slave0:ip=10.0.0.2,port=6379,state=online,offset=90,lag=1',
        'slave1:ip=::1,port=6380,state=wait_bgsave,offset=0,lag=0',
        'master_repl_offset:100',
      ),
      2,
    )
    expect(facts).toEqual({
      role: 'master',
      replicas: [
        { address: '10.0.0.2:6379', state: 'online', lagSeconds: 1, offsetBehindBytes: 10 },
        { address: '[::1]:6380', state: 'wait_bgsave', lagSeconds: 0, offsetBehindBytes: 100 },
      ],
      link: undefined,
      fullSyncs: 2,
    })
  })

  test('of a replica tells its link', () => {
    const facts = replicationOf(
      info(
        'role:slave',
        'master_link_status:down',
        'master_last_io_seconds_ago:-1',
        'master_sync_in_progress:1',
        'master_link_down_since_seconds:42',
      ),
      0,
    )
    expect(facts).toMatchObject({ role: 'replica', link: { up: false, downSeconds: 42, lastIoSeconds: 0, syncing: true } })
  })
})

describe('FUNCTION STATS', () => {
  test('tells what runs, which only a busy server shows', () => {
    const running = ['name', 'my_function', 'command', ['FCALL'], 'duration_ms', 7000].map((each) =>
      typeof each === 'string' ? Buffer.from(each) : each,
    ) as Reply[]
    expect(askRunningScript.read([[Buffer.from('running_script'), running, Buffer.from('engines'), []]])).toEqual({
      running: { name: 'my_function', milliseconds: 7000 },
      busy: true,
    })
    expect(askRunningScript.read([new Map<Reply, Reply>([['running_script', null]])])).toEqual({ running: undefined, busy: false })
  })

  test('of a server that is busy with a script makes scripts known, though INFO is not', () => {
    const busy = askRunningScript.read([
      new ReplyError('BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'),
    ])
    const info = { known: false as const, why: 'INFO was refused (BUSY ...)' }
    const noSuchCommand = { known: false as const, why: 'FUNCTION STATS came with Redis 7.0' }
    expect(scriptsOf(info, known(busy))).toMatchObject({ known: true, value: { busy: true, running: undefined } })
    expect(scriptsOf(info, noSuchCommand)).toMatchObject({ known: true, value: { busy: true } })
    expect(scriptsOf(info, known({ running: undefined, busy: false }))).toEqual(info)
    const refused = { known: false as const, why: 'INFO was refused (NOPERM ...)' }
    expect(scriptsOf(refused, noSuchCommand)).toEqual(refused)
  })
})

test('no reply of any form makes a collector throw anything but what is not known', () => {
  const { reply } = fc.letrec<{ reply: Reply }>((tie) => ({
    reply: fc.oneof(
      { depthSize: 'small' },
      fc.constant(null),
      fc.integer(),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.string().map((text) => new ReplyError(text)),
      fc.array(tie('reply'), { maxLength: 6 }),
      fc.array(fc.tuple(tie('reply'), tie('reply')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
    ),
  }))
  const asks = [
    askAcl,
    askAclLog(PLAIN_NAMES, 'x'),
    askConfig(undefined),
    askLatency,
    askRunningScript,
    askSlowlog(PLAIN_NAMES, 'x'),
    askCommandlog(PLAIN_NAMES, 'x'),
  ]
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 3 }), (replies) => {
      for (const ask of asks) expect(readingOf(() => ask.read(replies)).known).toBeTypeOf('boolean')
    }),
    { numRuns: 500 },
  )
})

describe('the settings of the machine', () => {
  const root = mkdtempSync(join(tmpdir(), 'redline-host-'))
  afterAll(() => rmSync(root, { recursive: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  write('proc/7/cmdline', '/usr/bin/redis-server 127.0.0.1:6379\0')
  write('proc/8/cmdline', '/sbin/init\0')
  write('proc/sys/vm/overcommit_memory', '1\n')
  write('sys/kernel/mm/transparent_hugepage/enabled', 'always [madvise] never\n')
  const read = (url: string, pid: number | undefined) => readHost(parseAddress(url, {}), pid, root)

  test('are told when the server is one of its processes', async () => {
    expect(await read('redis://127.0.0.1:6379', 7)).toEqual(known({ transparentHugePages: 'madvise', overcommitMemory: 1 }))
    expect(await read('unix:///run/redis.sock', 7)).toMatchObject({ known: true })
  })

  test("are another machine's when it is called by another address, or its process is none here", async () => {
    for (const [url, pid] of [
      ['redis://10.0.0.7', 7],
      ['redis://localhost', 8],
      ['redis://localhost', 9],
      ['redis://localhost', undefined],
    ] as const) {
      expect(await read(url, pid)).toEqual({ known: false, why: 'the server runs on another machine, or in a container' })
    }
  })
})
