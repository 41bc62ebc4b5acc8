import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadRules } from '#redline/audit/rules/registry.js'
import { parseProjectFile } from '#redline/config/project-text.js'
import type { AuditResult } from '#redline/schema/audit.js'
import { parseAuditResult } from '#redline/schema/read-audit.js'
import { type CliResult, redline, spawnRedline } from '../support/cli.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'

const KEYS = 1200

let server: TestServer
let redis: Redis
let cwd: string

beforeAll(async () => {
  server = await startServer()
  redis = new Redis(server.port, server.host)
})

afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'redline-'))
  await redis.flushall()
  await fill(redis)
})

afterEach(() => rm(cwd, { recursive: true, force: true }))

/** Sessions of which every third never expires, locks that never do, and one big hash. */
async function fill(client: Redis): Promise<void> {
  const batch = client.pipeline()
  for (let i = 0; i < KEYS; i++) {
    if (i % 3 === 0) batch.set(`session:${i}`, 'x'.repeat(400))
    else batch.set(`session:${i}`, 'x'.repeat(400), 'EX', 3600)
  }
  for (let i = 0; i < 20; i++) batch.set(`lock:job:${i}`, 'token')
  batch.hset('catalogue', Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`item:${i}`, 'y'.repeat(100)])))
  await batch.exec()
}

const audit = (args: readonly string[] = [], url = server.url) => redline(['audit', url, '--max-impact', 'none', ...args], { cwd })
const document = ({ stdout }: CliResult): AuditResult => parseAuditResult(stdout, 'stdout')
const rulesOf = (result: AuditResult) => [...new Set(result.findings.map(({ rule }) => rule))]

describe('redline audit', () => {
  test('finds what is wrong, says how to mend it, saves the result and exits with 1', async () => {
    const { code, stdout } = await audit()
    expect(code).toBe(1)
    expect(stdout).toContain('1,221 keys')
    expect(stdout).toMatch(/ttl\/inconsistent\s+session:<int>/)
    expect(stdout).toMatch(/lock\/no-ttl\s+lock:job:<int> {2}20 keys/)
    expect(stdout).toContain('SET lock:job:<int> <token> NX PX 30000')
    expect(stdout).toContain('next    redline explain')
    expect(await readdir(join(cwd, 'reports', 'latest'))).toEqual(['report.html', 'result.json'])
  })

  test('counts what DBSIZE counts, and as many bytes as MEMORY USAGE says', async () => {
    const { totals, coverage } = document(await audit(['--json']))
    expect([totals.keys.value, coverage.keysSeen, coverage.complete]).toEqual([await redis.dbsize(), KEYS + 21, true])
    const usage = redis.pipeline()
    for (const key of await redis.keys('*')) usage.call('MEMORY', 'USAGE', key)
    const bytes = (await usage.exec())!.reduce((sum, [, reply]) => sum + Number(reply), 0)
    expect(totals.bytes.value).toBe(bytes)
    expect(totals.types).toEqual({ string: expect.objectContaining({ keys: KEYS + 20 }), hash: expect.objectContaining({ keys: 1 }) })
  })

  test('prints from a saved result what it printed at first', async () => {
    const first = await audit()
    const again = await redline(['report', 'reports/latest'], { cwd })
    expect(again.code).toBe(0)
    expect(first.stdout.startsWith(again.stdout)).toBe(true)
    const json = await redline(['report', 'reports/latest', '--format', 'json'], { cwd })
    expect(json.stdout).toBe(await readFile(join(cwd, 'reports/latest/result.json'), 'utf8'))
  })

  test('reads nothing but the databases that are asked for', async () => {
    const other = new Redis(server.port, server.host, { db: 3 })
    await other.set('alone', '1')
    other.disconnect()
    expect(document(await audit(['--json'])).coverage).toMatchObject({ databases: [0, 3], keysSeen: KEYS + 22 })
    expect(document(await audit(['--json', '--db', '3'])).coverage).toMatchObject({ databases: [3], keysSeen: 1 })
    expect(document(await audit(['--json'], `${server.url}/3`)).coverage).toMatchObject({ databases: [3], keysSeen: 1 })
  })

  test('estimates from a sample, and says so', async () => {
    const result = document(await audit(['--json', '--sample', '300', '--seed', '7']))
    expect(result.coverage).toMatchObject({ mode: 'sample', complete: true, keysThere: KEYS + 21 })
    expect(result.coverage.keysSeen).toBeLessThan(KEYS / 2)
    const sessions = result.patterns.find(({ pattern }) => pattern === 'session:<int>')!
    expect(sessions.keys.low).toBeLessThanOrEqual(KEYS)
    expect(sessions.keys.high).toBeGreaterThanOrEqual(KEYS)
  })

  test('shows hashes in place of names when asked to', async () => {
    await redis.set('user:alice@example.com', '1')
    await redis.set('catalogue:of:alice', '1')
    await redis.config('SET', 'slowlog-log-slower-than', '0')
    for (let i = 0; i < 6; i++) await redis.sadd('friends:of:alice', `friend:${i}`)
    await redis.config('SET', 'slowlog-log-slower-than', '10000')
    await writeFile(join(cwd, 'redline.config.yaml'), 'rules: { cmd/slow-repeated: { slow: 0ms, share: 0 } }\n')
    const { stdout } = await audit(['--redact', '--json'])
    expect(stdout).toContain('SADD #')
    expect(stdout).not.toContain('alice')
    expect(stdout).not.toMatch(/session:\d/)
    expect(document({ stdout, code: 0, stderr: '' }).redacted).toBe(true)
  })

  test('never shows a password, whether it lets in or not', async () => {
    await redis.config('SET', 'requirepass', 'hunter2')
    try {
      const wrong = await audit([], `redis://:wrong-secret@${server.host}:${server.port}`)
      expect(wrong.code).toBe(2)
      const right = await audit(['--json'], `redis://:hunter2@${server.host}:${server.port}`)
      expect(right.code).toBe(1)
      for (const text of [wrong.stdout, wrong.stderr, right.stdout, right.stderr]) expect(text).not.toMatch(/wrong-secret|hunter2/)
    } finally {
      await redis.config('SET', 'requirepass', '')
    }
  })
})

test('a fact that the server refuses makes what is judged by it not assessed, never passed', async () => {
  await redis.call('ACL', 'SETUSER', 'half', 'on', '>pw', '~*', '+@all', '-pttl')
  const result = document(await audit(['--json'], `redis://half:pw@${server.host}:${server.port}`))
  expect(result.findings.filter(({ rule }) => /^(ttl|lock|key)/.test(rule))).toEqual([])
  expect(result.rules.passed.filter((rule) => /^(ttl\/(missing|inconsistent)|lock|key\/bad-name)/.test(rule))).toEqual([])
  expect(result.rules.notAssessed.find(({ rule }) => rule === 'ttl/missing')?.why).toContain('PTTL was refused')
  expect(result.coverage.notes.join()).toContain('PTTL was refused')
  await redis.call('ACL', 'DELUSER', 'half')
})

describe('what counts', () => {
  test('--rule asks only these, and a rule that is off says nothing', async () => {
    const only = document(await audit(['--json', '--rule', 'lock/no-ttl']))
    expect(rulesOf(only)).toEqual(['lock/no-ttl'])
    await writeFile(join(cwd, 'redline.config.yaml'), 'rules: { lock/no-ttl: off, sec/*: off }\n')
    const rest = document(await audit(['--json']))
    expect(rulesOf(rest)).not.toContain('lock/no-ttl')
    expect(rest.rules.off).toEqual(expect.arrayContaining(['lock/no-ttl', 'sec/nopass']))
  })

  test('a baseline takes in what is known; only what is new fails, and what is gone is told', async () => {
    const file = join('baselines', 'cache.json')
    const first = await audit(['--baseline', file, '--update-baseline'])
    expect([first.code, first.stderr]).toEqual([0, ''])
    expect((await audit(['--baseline', file])).code).toBe(0)
    await redis.set('mutex:deploy', 'token')
    const grown = document(await audit(['--baseline', file, '--json']))
    expect(grown.findings.map(({ about }) => about)).toEqual(['mutex:deploy'])
    expect(grown.gate.exitCode).toBe(1)
    await redis.del('mutex:deploy', ...Array.from({ length: 20 }, (_, i) => `lock:job:${i}`))
    const stale = document(await audit(['--baseline', file, '--json']))
    expect([stale.gate.exitCode, stale.gate.baseline?.stale.map(({ rule }) => rule)]).toEqual([1, ['lock/no-ttl']])
    expect((await audit(['--baseline', file, '--prune'])).code).toBe(0)
    expect(await readFile(join(cwd, file), 'utf8')).not.toContain('lock/no-ttl')
  })

  test('--fail-on decides what fails, and a suppression needs a reason', async () => {
    await redis.del(...Array.from({ length: 20 }, (_, i) => `lock:job:${i}`))
    expect((await audit()).code).toBe(0)
    expect((await audit(['--fail-on', 'warning'])).code).toBe(1)
    await writeFile(join(cwd, 'redline.config.yaml'), "suppressions: [{ rule: 'ttl/inconsistent' }]\n")
    const { code, stderr } = await audit()
    expect(code).toBe(2)
    expect(stderr).toMatch(/redline\.config\.yaml has 1 mistake\n +1:16 +suppressions\[0\].*reason/)
  })

  test('--since tells growth, what is new and what is fixed', async () => {
    await audit()
    const before = join(
      'reports',
      (await readdir(join(cwd, 'reports'))).find((name) => name.endsWith('-audit'))!,
    )
    await redis.del(...Array.from({ length: 20 }, (_, i) => `lock:job:${i}`))
    await redis.set('mutex:deploy', 'token')
    const { since } = document(await audit(['--since', before, '--json']))
    expect(since?.keys.value).toBe(-19)
    expect(since?.fixed).toContainEqual({ rule: 'lock/no-ttl', about: 'lock:job:<int>' })
    expect(since?.added).toContainEqual({ rule: 'lock/no-ttl', about: 'mutex:deploy' })
  })

  test('suggested contracts are a redline.config.yaml that redline reads, under which the audit finds nothing undeclared', async () => {
    // As the shell makes it, before it runs `redline ... > redline.config.yaml`.
    await writeFile(join(cwd, 'redline.config.yaml'), '')
    const { code, stdout } = await audit(['--suggest-contracts'])
    expect(code).toBe(0)
    const file = parseProjectFile('suggested', stdout, { rules: await loadRules(), maxImpact: () => undefined })
    expect(file.contracts?.map(({ pattern }) => pattern)).toEqual(expect.arrayContaining(['session:*', 'lock:job:*']))
    await writeFile(join(cwd, 'redline.config.yaml'), stdout)
    expect(rulesOf(document(await audit(['--json'])))).not.toContain('key/undeclared')
  })
})

describe('an audit that ends early', () => {
  test('because its time is up says what is missing, never passes for a whole one, and can be resumed', async () => {
    const { code, stdout, stderr } = await redline(
      ['audit', server.url, '--max-ops', '1500', '--max-time', '2s', '--json', '--fail-on', 'error', '--rule', 'ttl/missing'],
      { cwd },
    )
    expect(code, stderr).toBe(3)
    const partial = document({ code, stdout, stderr })
    expect(partial.coverage.complete).toBe(false)
    expect(partial.coverage.keysSeen).toBeLessThan(KEYS + 21)
    expect(partial.gate.reasons.join()).toContain('not all keys were read')
    expect(stderr).toMatch(/next {4}the same command with --resume reports\/\S+-audit/)
    const rest = document(await audit(['--json', '--resume', 'reports/latest', '--rule', 'ttl/missing']))
    expect([rest.coverage.complete, rest.coverage.keysSeen, rest.totals.keys.value]).toEqual([true, KEYS + 21, KEYS + 21])
  })

  test('by Ctrl-C prints what it has and exits with 130', async () => {
    await redis.config('RESETSTAT')
    const child = spawnRedline(['audit', server.url, '--max-ops', '1000'], { cwd })
    await vi.waitFor(async () => expect(await redis.info('commandstats')).toMatch(/cmdstat_memory\S*:calls=\d{3}/), {
      timeout: 30_000,
      interval: 50,
    })
    child.child.kill('SIGINT')
    const { code, stdout } = await child.ended()
    expect(code).toBe(130)
    expect(stdout).toContain('interrupted')
  })
})

describe('mistakes', () => {
  test.each([
    [['--sample', 'many'], 'not a number of things'],
    [['--max-impact', 'some'], 'write 1ms, 25%'],
    [['--max-time', '5 sec'], 'not a duration'],
    [['--fail-on', 'eror'], 'did you mean error?'],
    [['--rule', 'ttl/mising'], 'did you mean ttl/missing?'],
    [['--expect-role', 'boss'], 'no role'],
    [['--prune'], '--prune goes with --baseline'],
    [['--baseline', 'nowhere.json'], '--update-baseline'],
    [['--since', 'nowhere'], 'there is no result'],
    [['--resume', 'nowhere'], 'nothing to go on from'],
    [['--config', 'nowhere.yaml'], 'nowhere.yaml'],
    [['--db', 'one'], 'not a whole number'],
  ])('%j end with exit code 2 and say what to write', async (args, told) => {
    const { code, stdout, stderr } = await audit(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(told)
  })

  test('a server that is not there is told by its address', async () => {
    const { code, stderr } = await redline(['audit', 'redis://127.0.0.1:1'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('redis://127.0.0.1:1')
  })
})

describe('files', () => {
  test('are audited without a server, with findings at file:line', async () => {
    await writeFile(join(cwd, 'redis.conf'), 'bind 0.0.0.0\nprotected-mode no\nrequirepass hunter2\n')
    await writeFile(join(cwd, 'users.acl'), 'user default on nopass ~* +@all\n')
    const { code, stdout } = await spawnRedline(['audit', 'redis.conf', 'users.acl'], { cwd }).ended()
    expect(code).toBe(1)
    expect(stdout).toContain('redis.conf:2:1  protected-mode is off')
    expect(stdout).toContain('users.acl:1:1')
    expect(stdout).not.toContain('hunter2')
  })

  test('and servers are audited one kind at a time', async () => {
    await writeFile(join(cwd, 'redis.conf'), 'port 6379\n')
    const { code, stderr } = await redline(['audit', 'redis.conf', server.url], { cwd })
    expect([code, stderr]).toEqual([2, expect.stringContaining('one kind at a time')])
  })

  test('that are not there are missed as files, and rules about servers are not applicable to those that are', async () => {
    for (const name of ['redis.conf', './users', '../etc/users.acl']) {
      const { code, stderr } = await redline(['audit', name], { cwd })
      expect([code, stderr]).toEqual([2, `redline: there is no file "${name}"\n`])
    }
    await writeFile(join(cwd, 'redis.conf'), 'port 6379\nrequirepass secret\n')
    const { notAssessed, notApplicable } = document(await redline(['audit', 'redis.conf', '--json'], { cwd })).rules
    expect(notAssessed).toEqual([])
    expect(notApplicable).toContainEqual({ rule: 'ttl/missing', why: 'files were audited, not a server' })
  })
})

describe.each(availableEngines())('on %s', (engine) => {
  let own: TestServer
  let admin: Redis

  beforeAll(async () => {
    own = await startServer({ engine })
    admin = new Redis(own.port, own.host)
    await fill(admin)
    await admin.xadd('events', '*', 'a', '1')
    await admin.xgroup('CREATE', 'events', 'group', '0')
  })

  afterAll(async () => {
    admin.disconnect()
    await own.stop()
  })

  test('the printed user is enough for everything, and nothing but reading commands is sent', async () => {
    const { stdout } = await redline(['audit', own.url, '--print-acl'], { cwd })
    const line = stdout.split('\n').find((text) => text.startsWith('ACL SETUSER'))!
    const words = line.replaceAll("'", '').replace(/#\S+/, '>secret').split(' ')
    await admin.call(words[0]!, ...words.slice(1))
    const monitor = await admin.monitor()
    const sent: string[] = []
    monitor.on('monitor', (_time: string, args: string[]) => sent.push([args[0], args[1]].join(' ').toLowerCase()))
    const full = await audit(['--json'], `redis://redline-audit:secret@${own.host}:${own.port}`)
    const result = document(full)
    expect(result.coverage.complete).toBe(true)
    expect(result.rules.notAssessed.filter(({ why }) => /NOPERM|refused/.test(why))).toEqual([])
    expect(sent.length).toBeGreaterThan(KEYS)
    const reads =
      /^(acl (getuser|list|log|whoami)|auth|client (setname|no-touch|list)|cluster|command|commandlog (get|len)|config get|dbsize|function (list|stats)|hello|hlen|info|latency (latest|doctor|histogram|history)|llen|memory (usage|stats|doctor)|object (encoding|idletime|freq)|ping|pttl|readonly|scan|scard|select|slowlog (get|len)|type|xinfo|xlen|xpending|zcard)/
    expect([...new Set(sent)].filter((command) => !reads.test(command))).toEqual([])
    monitor.disconnect()
  })

  test('idle times are as before', async () => {
    await new Promise((resolve) => setTimeout(resolve, 2100))
    const idle = async () => Promise.all(['session:1', 'catalogue', 'events'].map((key) => admin.object('IDLETIME', key)))
    const before = await idle()
    expect(document(await audit(['--json'], own.url)).coverage.complete).toBe(true)
    const after = await idle()
    for (const [index, seconds] of before.entries()) expect(Number(after[index])).toBeGreaterThanOrEqual(Number(seconds))
    expect(Math.min(...before.map(Number))).toBeGreaterThanOrEqual(2)
  })
})
