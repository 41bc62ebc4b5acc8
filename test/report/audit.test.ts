import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { auditToJson } from '#redline/report/audit/json.js'
import { renderAudit } from '#redline/report/audit/terminal.js'
import { displayWidth } from '#redline/report/wrap.js'
import type { AuditResult, Finding } from '#redline/schema/audit.js'
import { parseAuditResult } from '#redline/schema/read-audit.js'
import {
  about,
  auditResult,
  cost,
  coverage,
  distribution,
  exactly,
  finding,
  gate,
  node,
  pattern,
  rules,
  sampled,
  since,
  topKey,
  userPattern,
} from '../support/audits.js'

const NARROW = { width: 80, color: false, unicode: true }
const WIDE = { width: 160, color: false, unicode: true }
const COLOURED = { ...NARROW, color: true }
const PLAIN = { ...NARROW, unicode: false }

const show = (fields: Parameters<typeof auditResult>[0], style = NARROW) => renderAudit(auditResult(fields), style)
/** What an audit says of its findings alone. */
const showFindings = (findings: Finding[], style = NARROW) => show({ findings }, style).split('\n\n').slice(1, -2).join('\n\n')

const queue = finding({
  rule: 'evict/mixed-durable',
  about: 'bull:mail:*',
  message: '4,210 keys, 38 MB of queue data may be evicted',
  remedy: 'An evicting policy holds queue keys. Move them to an instance with noeviction.',
  commands: ['redis-cli CONFIG SET maxmemory-policy noeviction'],
  examples: [],
})
const persistent = (name: string, fields: Partial<Finding> = {}) =>
  finding({
    rule: 'ttl/inconsistent',
    severity: 'warning',
    about: name,
    message: '38% of 500,000 keys never expire (31 MB)',
    remedy: `Some writer of ${name} forgets the TTL: use SET ... EX everywhere.`,
    commands: [`redis-cli --scan --pattern '${name.replace('<int>', '*')}'`],
    examples: [],
    ...fields,
  })
const big = finding({
  rule: 'key/dominant-pattern',
  severity: 'note',
  about: 'shop:eu:catalogue:product:<int>:recommendations:<uuid>:v2',
  message: 'takes 63% of the bytes (71 MB)',
  remedy: 'Look here first.',
  commands: [],
  examples: [],
})
const replicated: AuditResult['target'] = {
  name: 'redis://cache-1:6379',
  topology: 'standalone',
  nodes: [node({ scanned: false }), node({ address: 'cache-2:6379', role: 'replica', lagSeconds: 1 })],
}
const refused = [
  { rule: 'sec/nopass', why: 'ACL LIST refused: NOPERM' },
  { rule: 'sec/over-granted', why: 'ACL LIST refused: NOPERM' },
  { rule: 'client/leak', why: 'CLIENT LIST refused: NOPERM' },
]

const everything: Parameters<typeof auditResult>[0] = {
  target: replicated,
  findings: [queue, finding(), persistent('session:user:<int>'), big],
  suppressed: [{ finding: finding({ about: 'lock:cron' }), reason: 'held by one host only', until: '2027-01-31' }],
  known: [finding({ about: 'lock:old:<int>' })],
  patterns: [
    pattern({ owner: 'web' }),
    userPattern({ idle: distribution({ unit: 'seconds', p50: 259_200 }) }),
    pattern({ pattern: big.about, keys: exactly(12), bytes: exactly(1_000_000), looksLike: null }),
  ],
  top: {
    bytes: [topKey(), topKey({ key: `export:${'0123456789'.repeat(20)}`, bytes: 5_000_000, ttlSeconds: 3600 })],
    elements: [topKey(), topKey({ key: 'queue', type: 'list', encoding: 'quicklist', bytes: 4_000_000, elements: 200_000 })],
    idle: [],
  },
  rules: rules({ failed: ['lock/no-ttl', 'ttl/inconsistent'], notAssessed: refused, off: ['cfg/os', 'client/unnamed'] }),
  since: since({ fixed: [{ rule: 'mem/no-limit', about: 'maxmemory' }], added: [{ rule: 'lock/no-ttl', about: 'lock:res:<int>' }] }),
  gate: gate({
    exitCode: 1,
    reasons: ['2 findings of severity error', '1 entry of the baseline is no longer so (--prune removes them)'],
    remarks: ['suppression of ttl/missing for a:* expired on 2026-01-01: 2 findings count again'],
    baseline: {
      file: 'reports/baselines/cache.json',
      stale: [{ fingerprint: '0'.repeat(16), rule: 'cmd/keys', about: 'KEYS' }],
      written: null,
    },
  }),
}

describe('an audit in a terminal', () => {
  test('of 80 columns', () => {
    expect(show(everything)).toMatchInlineSnapshot(`
      "redline audit · redis://cache-1:6379 · valkey 8.1.1 · 1M keys · 812 MB of 1 GB
      allkeys-lru
      read from replica cache-2:6379, 1s behind · all 1,000,000 keys
      cost 4.31s · 5M commands · 1.92s of server CPU (45% of a core) · +0.2 ms p99
      limits 1 ms, 25%

      error    evict/mixed-durable
               bull:mail:*  4,210 keys, 38 MB of queue data may be evicted
               → An evicting policy holds queue keys. Move them to an instance with
                 noeviction.
                 redis-cli -h cache-1 CONFIG SET maxmemory-policy noeviction

      error    lock/no-ttl
               lock:res:<int>  39,990 keys, none expires
               e.g. lock:res:1, lock:res:2
               → Give the lock a TTL when it is taken.
                 SET lock:res:<id> <token> NX PX 30000

      warning  ttl/inconsistent
               session:user:<int>  38% of 500,000 keys never expire (31 MB); owner:
                 web
               → Some writer of session:user:<int> forgets the TTL: use SET ... EX
                 everywhere.
                 redis-cli -h cache-1 --scan --pattern 'session:user:*'

      note     key/dominant-pattern
               shop:eu:catalogue:product:<int>:recommendations:<uuid>:v2
                 takes 63% of the bytes (71 MB)
               → Look here first.

      not assessed  3 rules
               sec/*: ACL LIST refused: NOPERM
               client/leak: CLIENT LIST refused: NOPERM

        pattern                           keys    bytes  per key  expire  encoding
        session:user:<int>                500k  67.7 MB    142 B     62%  embstr
        user:<int>                        300k  36.3 MB    127 B      0%  listpack 98…
        shop:eu:catalogu…tions:<uuid>:v2    12   977 KB  81.4 KB      0%  embstr
        in all 1M keys, 107 MB · string 66% · hash 34%

        largest keys                         bytes  elements  expires  type  encoding
        feed:all                           88.7 MB        1M    never  zset  skiplist
        export:012345678…4567890123456789  4.77 MB        1M       1h  zset  skiplist
        most elements
        queue                              3.81 MB      200k    never  list  quicklist

      since    2026-11-15 09:14 · +60k keys · +8.58 MB
                                   keys     bytes
               session:user:<int>  +60k  +8.11 MB
      fixed    mem/no-limit  maxmemory
      new      lock/no-ttl  lock:res:<int>

      suppressed  1 finding of lock/no-ttl: held by one host only (until 2027-01-31)
      baseline    reports/baselines/cache.json: 1 known finding
                  no longer so: cmd/keys of KEYS
      policy      suppression of ttl/missing for a:* expired on 2026-01-01: 2 findings
                  count again

      2 errors, 1 warning, 1 note · 3 rules passed, 3 not assessed, 2 off
      exit 1  2 findings of severity error; 1 entry of the baseline is no longer so
              (--prune removes them)
      "
    `)
  })

  test('of 160 columns shows more', () => {
    expect(show(everything, WIDE)).toMatchInlineSnapshot(`
      "redline audit · redis://cache-1:6379 · valkey 8.1.1 · 1M keys · 812 MB of 1 GB · allkeys-lru
      read from replica cache-2:6379, 1s behind · all 1,000,000 keys
      cost 4.31s · 5M commands · 1.92s of server CPU (45% of a core) · +0.2 ms p99 · limits 1 ms, 25%

      error    evict/mixed-durable
               bull:mail:*  4,210 keys, 38 MB of queue data may be evicted
               → An evicting policy holds queue keys. Move them to an instance with noeviction.
                 redis-cli -h cache-1 CONFIG SET maxmemory-policy noeviction

      error    lock/no-ttl
               lock:res:<int>  39,990 keys, none expires
               e.g. lock:res:1, lock:res:2
               → Give the lock a TTL when it is taken.
                 SET lock:res:<id> <token> NX PX 30000

      warning  ttl/inconsistent
               session:user:<int>  38% of 500,000 keys never expire (31 MB); owner: web
               → Some writer of session:user:<int> forgets the TTL: use SET ... EX everywhere.
                 redis-cli -h cache-1 --scan --pattern 'session:user:*'

      note     key/dominant-pattern
               shop:eu:catalogue:product:<int>:recommendations:<uuid>:v2  takes 63% of the bytes (71 MB)
               → Look here first.

      not assessed  3 rules
               sec/*: ACL LIST refused: NOPERM
               client/leak: CLIENT LIST refused: NOPERM

        pattern                                                    keys    bytes  per key  expire  idle p50  type    encoding
        session:user:<int>                                         500k  67.7 MB    142 B     62%         -  string  embstr
        user:<int>                                                 300k  36.3 MB    127 B      0%        3d  hash    listpack 98%, hashtable 2%
        shop:eu:catalogue:product:<int>:recommendations:<uuid>:v2    12   977 KB  81.4 KB      0%         -  string  embstr
        in all 1M keys, 107 MB · string 66% · hash 34%

        largest keys                                                                                                         bytes  elements  expires  type  encoding
        feed:all                                                                                                           88.7 MB        1M    never  zset  skiplist
        export:0123456789012345678901234567890123456789012345678…45678901234567890123456789012345678901234567890123456789  4.77 MB        1M       1h  zset  skiplist
        most elements
        queue                                                                                                              3.81 MB      200k    never  list  quicklist

      since    2026-11-15 09:14 · +60k keys · +8.58 MB
                                   keys     bytes
               session:user:<int>  +60k  +8.11 MB
      fixed    mem/no-limit  maxmemory
      new      lock/no-ttl  lock:res:<int>

      suppressed  1 finding of lock/no-ttl: held by one host only (until 2027-01-31)
      baseline    reports/baselines/cache.json: 1 known finding
                  no longer so: cmd/keys of KEYS
      policy      suppression of ttl/missing for a:* expired on 2026-01-01: 2 findings count again

      2 errors, 1 warning, 1 note · 3 rules passed, 3 not assessed, 2 off
      exit 1  2 findings of severity error; 1 entry of the baseline is no longer so (--prune removes them)
      "
    `)
  })

  test('that found nothing says so', () => {
    expect(show({})).toMatchInlineSnapshot(`
      "redline audit · redis://cache-1:6379 · valkey 8.1.1 · 1M keys · 812 MB of 1 GB
      allkeys-lru
      read all 1,000,000 keys
      cost 4.31s · 5M commands · 1.92s of server CPU (45% of a core) · +0.2 ms p99
      limits 1 ms, 25%

      nothing was found

        pattern             keys    bytes  per key  expire  encoding
        session:user:<int>  500k  67.7 MB    142 B     62%  embstr
        user:<int>          300k  36.3 MB    127 B      0%  listpack 98%, hashtable 2%
        in all 1M keys, 107 MB · string 66% · hash 34%

      0 errors, 0 warnings, 0 notes · 3 rules passed
      exit 0  fails on error
      "
    `)
    expect(show({ known: [queue] })).toContain('\nnothing new was found\n')
  })

  test('of a sample shows how far off its numbers may be', () => {
    expect(
      show(
        {
          coverage: sampled({ keysThere: 1_000_003, databases: [0, 3] }),
          cost: cost({ pausedSeconds: 3.2, backOffs: 2 }),
          patterns: [pattern({ keys: about(500_000, 2.3), bytes: about(71_000_000, 14) }), userPattern()],
          since: since({ keys: about(60_000, 20), remarks: ['read: every key then, a sample now'] }),
        },
        WIDE,
      ),
    ).toMatchInlineSnapshot(`
      "redline audit · redis://cache-1:6379 · valkey 8.1.1 · 1M keys · 812 MB of 1 GB · allkeys-lru
      read a random sample of 100,000 of 1,000,003 keys (10%) · databases 0, 3
      cost 4.31s · 5M commands · 1.92s of server CPU (45% of a core) · +0.2 ms p99 · limits 1 ms, 25%, waited 3.2s, slowed down 2 times

      nothing was found

        pattern             keys           bytes        per key  expire  type    encoding
        session:user:<int>  500k  ±2.3%  67.7 MB  ±14%    142 B     62%  string  embstr
        user:<int>          300k         36.3 MB          127 B      0%  hash    listpack 98%, hashtable 2%
        in all 1M keys, 107 MB · string 66% · hash 34%

      since    2026-11-15 09:14 · +60k keys (+48k to +72k) · +8.58 MB
               read: every key then, a sample now
                                   keys     bytes
               session:user:<int>  +60k  +8.11 MB

      0 errors, 0 warnings, 0 notes · 3 rules passed
      exit 0  fails on error
      "
    `)
  })

  test('of a cluster tells of all its nodes at once', () => {
    const nodes = [1, 2, 3].flatMap((n) => [
      node({ address: `10.0.0.${n}:6379`, scanned: n === 3 }),
      node({ address: `10.0.1.${n}:6379`, role: 'replica', version: '8.0.6', scanned: n !== 3, lagSeconds: n }),
    ])
    const text = show({ target: { name: 'redis://10.0.0.1:6379', topology: 'cluster', nodes } })
    expect(text.split('\n').slice(0, 4)).toEqual([
      'redline audit · redis://10.0.0.1:6379 · cluster of 6 nodes',
      'valkey 8.1.1, valkey 8.0.6 · 3M keys · 2.38 GB of 3 GB · allkeys-lru',
      'read from 2 replicas and 1 primary, up to 2s behind · all 1,000,000 keys',
      expect.stringContaining('cost'),
    ])
  })

  test('of files stands by line and column, and has no keyspace to show', () => {
    const at = (line: number) => ({ file: '/etc/redis/redis.conf', line, column: 1 })
    const [protectedOff, noLimit] = [
      finding({
        rule: 'sec/protected-off',
        about: 'protected-mode',
        message: 'is no, and bind reaches beyond loopback',
        remedy: 'Set protected-mode yes, or bind 127.0.0.1.',
        commands: [],
        examples: [],
        at: at(12),
      }),
      finding({
        rule: 'mem/no-limit',
        severity: 'warning',
        about: 'maxmemory',
        message: 'is 0: it grows until the machine has no more',
        remedy: 'Set maxmemory.',
        commands: [],
        examples: [],
        at: at(1204),
      }),
    ]
    expect(
      show({
        source: 'files',
        target: { name: '/etc/redis/redis.conf', topology: 'files', nodes: [] },
        coverage: coverage({ mode: 'none', keysThere: 0, keysSeen: 0, databases: [], lengths: 'none' }),
        findings: [protectedOff, noLimit],
        patterns: [],
      }),
    ).toMatchInlineSnapshot(`
      "redline audit · /etc/redis/redis.conf · files alone

      error    sec/protected-off
               /etc/redis/redis.conf:12:1  protected-mode is no, and bind reaches
                 beyond loopback
               → Set protected-mode yes, or bind 127.0.0.1.

      warning  mem/no-limit
               /etc/redis/redis.conf:1204:1  maxmemory is 0: it grows until the
                 machine has no more
               → Set maxmemory.

      1 error, 1 warning, 0 notes · 3 rules passed
      exit 1  1 finding of severity error
      "
    `)
  })

  test('that ended early says so first, and never that there is nothing', () => {
    const early = {
      failure: 'the server closed the connection',
      coverage: coverage({ complete: false, keysSeen: 999_999, vanished: 3 }),
      gate: gate({ exitCode: 2, reasons: ['ended early: the server closed the connection', 'not all keys were read'] }),
    }
    const text = show(early)
    expect(text).toContain('read only 999,999 of 1,000,000 keys (99.9999%) · 3 keys vanished meanwhile\n')
    expect(text).toContain('\nended early: the server closed the connection\n\nnothing was found in what was seen\n')
    expect(text).toContain('\nexit 2  ended early: the server closed the connection; not all keys were read\n')
    expect(show({ interrupted: true })).toContain('\ninterrupted: what follows is what was seen until then\n')
    expect(show({ coverage: coverage({ lengths: 'none' }) })).toContain('all 1,000,000 keys · without the lengths of collections\n')
    expect(show({ coverage: coverage({ mode: 'none', complete: false, keysSeen: 0 }) })).toContain('\nread no keys\n')
  })
})

describe('findings', () => {
  test('stand by severity, then by rule, in whatever order they came', () => {
    const text = showFindings([big, persistent('a'), queue, persistent('b', { severity: 'error' })])
    expect(text.match(/^(error|warning|note) .*$/gm)).toEqual([
      'error    evict/mixed-durable',
      'error    ttl/inconsistent',
      'warning  ttl/inconsistent',
      'note     key/dominant-pattern',
    ])
  })

  test('of one rule that ask for the same share one remedy, and are cut where they are many', () => {
    const many = Array.from({ length: 17 }, (_, i) => persistent(`session:app${i}:<int>`))
    expect(showFindings(many)).toMatchInlineSnapshot(`
      "warning  ttl/inconsistent  17 findings
               session:app0:<int>  38% of 500,000 keys never expire (31 MB)
               session:app1:<int>  38% of 500,000 keys never expire (31 MB)
               session:app2:<int>  38% of 500,000 keys never expire (31 MB)
               session:app3:<int>  38% of 500,000 keys never expire (31 MB)
               session:app4:<int>  38% of 500,000 keys never expire (31 MB)
               → Some writer of session:app0:<int> forgets the TTL: use SET ... EX
                 everywhere. Likewise for the others.
                 redis-cli -h cache-1 --scan --pattern 'session:app0:*'
               and 12 more (--json has all)"
    `)
  })

  test('of one rule that ask for different things have a remedy each', () => {
    const text = showFindings([persistent('a:<int>'), persistent('b:<int>', { remedy: 'Do something else.' })])
    expect(text).toContain('→ Some writer of a:<int> forgets the TTL')
    expect(text).toContain('→ Do something else.')
    expect(text).not.toContain('Likewise')
  })

  test('on all servers say so', () => {
    const on = (nodes: string[]) => show({ findings: [finding({ nodes })], target: replicated }, WIDE)
    expect(on(['cache-1:6379', 'cache-2:6379'])).toContain('none expires; on all 2 servers\n')
    expect(on(['cache-2:6379'])).toContain('none expires; on cache-2:6379\n')
  })

  test('say on which servers, and who owns the pattern', () => {
    const nodes = ['a:1', 'b:1', 'c:1', 'd:1', 'e:1']
    const owned = [pattern({ pattern: 'session:user:<int>', owner: 'web' })]
    const text = show({ findings: [persistent('session:user:<int>', { nodes })], patterns: owned }, WIDE)
    expect(text).toContain('(31 MB); on a:1, b:1, c:1 and 2 more; owner: web\n')
  })

  test('have lines to copy that are never broken, and left out when nobody could copy them', () => {
    const long = `redis-cli EVAL '${'x'.repeat(200)}'`
    expect(showFindings([finding({ commands: [long] })])).toMatch(new RegExp(`^ {13}'x{200}'$`, 'm'))
    expect(showFindings([finding({ commands: [`SET ${'x'.repeat(9996)}`] })])).toContain('(a line of 10,000 characters, which --json has)')
  })

  test('have lines for a shell that are continued as a shell takes them up, on the server that was audited', () => {
    const long = "redis-cli ACL SETUSER app on '>a long password' resetkeys '~app:*' -@all +@read +@write +@connection"
    expect(showFindings([finding({ commands: [long] })])).toContain(`
           redis-cli -h cache-1 ACL SETUSER app on '>a long password' \\
             resetkeys '~app:*' -@all +@read +@write +@connection`)
    const line = (command: string, target: Partial<AuditResult['target']> = {}, nodes: string[] = []) => {
      const text = show({ findings: [finding({ commands: [command], nodes })], target: { ...replicated, ...target } })
      return /^ {11}((?:redis-cli|SET) .*)$/m.exec(text)?.[1]
    }
    expect(line('redis-cli INFO', { name: 'redis://127.0.0.1:6379' })).toBe('redis-cli INFO')
    expect(line('redis-cli INFO', { name: 'redis://127.0.0.1:7001/3' })).toBe('redis-cli -p 7001 INFO')
    expect(line('redis-cli INFO', { name: 'rediss://[fd00::1]:7001' })).toBe('redis-cli -h fd00::1 -p 7001 --tls INFO')
    expect(line('redis-cli INFO', { name: 'unix:///run/redis.sock' })).toBe('redis-cli -s /run/redis.sock INFO')
    expect(line('redis-cli INFO', {}, ['cache-2:7002', 'cache-3:7002'])).toBe('redis-cli -h cache-2 -p 7002 INFO')
    expect(line('redis-cli -p 26379 SENTINEL MASTERS')).toBe('redis-cli -p 26379 SENTINEL MASTERS')
    expect(line('SET a b')).toBe('SET a b')
  })

  test('that are notes show one line to copy at most', () => {
    const note = (commands: string[]) => showFindings([finding({ severity: 'note', commands })])
    expect(note(['redis-cli INFO'])).toContain('redis-cli -h cache-1 INFO')
    expect(note(['redis-cli INFO', 'redis-cli ROLE'])).not.toContain('redis-cli')
  })

  test('by the thousand are a few lines for each rule', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => finding({ rule: `group${i % 10}/rule${i % 90}`, about: `pattern:${i}:<int>` }))
    const result = { ...auditResult(), findings: many }
    const lines = renderAudit(result, NARROW).split('\n')
    expect(lines.length).toBeLessThan(1000)
    expect(lines.at(-3)).toContain('10,000 errors, 0 warnings, 0 notes')
  })
})

describe('what was set aside or could not be seen', () => {
  test('is told by its reason, whole groups of rules by their name', () => {
    const text = show({ rules: rules({ passed: ['client/unnamed'], notAssessed: refused }) })
    expect(text).toContain(`
not assessed  3 rules
         sec/*: ACL LIST refused: NOPERM
         client/leak: CLIENT LIST refused: NOPERM
`)
  })

  test('suppressions stand by their reason, the baseline with what was done to it', () => {
    const suppressed = Array.from({ length: 8 }, (_, i) => ({
      finding: finding({ about: `lock:${i}` }),
      reason: i < 2 ? 'a test' : `reason ${i}`,
      until: null,
    }))
    const stale = Array.from({ length: 7 }, (_, i) => ({ fingerprint: String(i).repeat(16), rule: 'cmd/keys', about: `KEYS ${i}` }))
    const text = show({ suppressed, gate: gate({ baseline: { file: 'b.json', stale, written: 'pruned' } }) })
    expect(text).toContain('suppressed  2 findings of lock/no-ttl: a test\n            1 finding of lock/no-ttl: reason 2\n')
    expect(text).toContain('            and for 2 other reasons\n')
    expect(text).toContain('baseline    b.json: 0 known findings\n            taken out: cmd/keys of KEYS 0\n')
    expect(text).toContain('            and 2 more taken out\n')
  })

  test('notes on what was covered are shown', () => {
    expect(show({ coverage: coverage({ notes: ['lengths of hashes were not asked'] }) })).toContain(
      'note     lengths of hashes were not asked\n',
    )
  })
})

describe('the patterns', () => {
  test('that are many are cut, and what is not shown is counted', () => {
    const patterns = Array.from({ length: 34 }, (_, i) => pattern({ pattern: `p${i}`, bytes: exactly(1_000_000 * (i + 1)) }))
    const totals = { ...auditResult().totals, bytes: exactly(595_000_000) }
    const rows = show({ patterns, totals }).match(/^ {2}p\d+ /gm)
    expect(rows).toEqual(Array.from({ length: 20 }, (_, i) => `  p${33 - i} `))
    expect(show({ patterns, totals })).toContain('  and 14 patterns more with 18% of the bytes (--json has all)')
    const [most, ...others] = patterns.toReversed()
    expect(show({ patterns: [{ ...most!, bytes: exactly(900_000_000) }, ...others], totals }).match(/^ {2}p\d+ /gm)).toHaveLength(10)
  })

  test('give up their encodings before their names', () => {
    const long = ['cache:page:/en/blog/<int>:of:<uuid>:v2:x', 'a:b']
    const text = show({ patterns: long.map((name) => pattern({ pattern: name, encodings: { hashtable: { keys: 1, bytes: 1 } } })) })
    expect(text).toContain(`${long[0]}  `)
    expect(text).not.toContain('hashtable')
  })

  test('without keys, and without expiring ones, divide by nothing', () => {
    const none = pattern({ keys: exactly(0), bytes: exactly(0), persistent: { keys: exactly(0), bytes: exactly(0) } })
    const text = show({ patterns: [none], totals: { ...auditResult().totals, bytes: exactly(0) } })
    expect(text).toMatch(/session:user:<int> +0 +0 B +- +- +embstr/)
    expect(text).not.toMatch(/NaN|Infinity/)
  })
})

describe('style', () => {
  test('colour means severity and is absent when it is not wanted', () => {
    const text = show({ findings: [queue, persistent('a'), big] }, COLOURED)
    expect(text).toContain('\u001b[31merror\u001b[39m    \u001b[1mevict/mixed-durable\u001b[22m')
    expect(text).toContain('\u001b[33mwarning\u001b[39m')
    expect(text).toContain('\u001b[31mexit 1\u001b[39m')
    expect(show({}, COLOURED)).toContain('\u001b[32mexit 0\u001b[39m')
    expect(show(everything)).not.toContain('\u001b')
  })

  test('the same text stands with and without colour', () => {
    // oxlint-disable-next-line no-control-regex -- the escape sequences that colours are
    expect(show(everything, COLOURED).replaceAll(/\u001b\[\d+m/g, '')).toBe(show(everything))
  })

  test('a terminal without Unicode gets ASCII', () => {
    const curly = { ...everything, findings: [finding({ remedy: 'Take the server’s lock.' })] }
    // oxlint-disable-next-line no-control-regex -- all of ASCII
    expect(show(curly, PLAIN)).toMatch(/^[\x00-\x7f]*$/)
  })

  test('no line but one to copy is wider than the terminal', () => {
    for (const width of [80, 100, 160]) {
      const lines = show(everything, { ...NARROW, width }).split('\n')
      expect(lines.filter((line) => displayWidth(line) > width)).toEqual([])
    }
  })
})

describe('hostile audits', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      '\u001b[2J\u001b]0;owned\u0007',
      'a\nb\rc',
      '\u202egnp.exe',
      '<script>',
      '   ',
      'x'.repeat(65_536),
      '\u0301'.repeat(5000),
      '\\x1b',
    ),
  )

  test('show no control character, always the same', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.integer({ min: 40, max: 160 }), (name, text, rule, width) => {
        const result = auditResult({
          target: { name, topology: 'standalone', nodes: [node({ version: text, maxmemoryPolicy: name })] },
          findings: [finding({ about: name, message: text, remedy: text, commands: [text], examples: [name, text], nodes: [name], rule })],
          patterns: [pattern({ pattern: name, owner: text, encodings: { [text]: { keys: 1, bytes: 1 } } })],
          top: { bytes: [topKey({ key: name, type: text, encoding: rule })], elements: [topKey({ key: text })], idle: [] },
          suppressed: [{ finding: finding({ rule }), reason: text, until: null }],
          rules: rules({ notAssessed: [{ rule, why: text }] }),
          since: since({ remarks: [text], fixed: [{ rule, about: name }] }),
          coverage: coverage({ notes: [text] }),
          gate: gate({ remarks: [text], reasons: [text], exitCode: 3 }),
          failure: text,
        })
        const rendered = renderAudit(result, { width, color: false, unicode: true })
        expect(rendered).not.toMatch(/(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e]/u)
        expect(renderAudit(result, { width, color: false, unicode: true })).toBe(rendered)
        expect(rendered.length).toBeLessThan(60_000)
      }),
      { numRuns: 200 },
    )
  })

  test('what the document made safe is not made safe twice', () => {
    const text = show({ findings: [finding({ about: String.raw`a\nb\\c`, examples: [] })] })
    expect(text).toContain(String.raw`a\nb\\c  39,990 keys`)
  })

  test('names differ at both ends, so they are cut in the middle', () => {
    const key = `user:${'x'.repeat(200)}:profile`
    expect(show({ top: { bytes: [topKey({ key })], elements: [], idle: [] } })).toMatch(/ {2}user:x+…x+:profile /)
  })
})

describe('keys', () => {
  test('are listed where they stand out, by bytes or by elements', () => {
    const [small, large] = [topKey({ key: 'usual', bytes: 500, elements: 10 }), topKey({ key: 'large', bytes: 5000, elements: 20 })]
    const long = topKey({ key: 'long', bytes: 600, elements: 1000 })
    const totals = { ...auditResult().totals, keys: exactly(1000), bytes: exactly(500_000) }
    const top = (bytes: (typeof small)[], elements = bytes) => show({ totals, top: { bytes, elements, idle: [] } })
    expect(top([small])).not.toMatch(/largest keys|most elements/)
    expect(top([large, small])).toMatch(/largest keys .*\n {2}large .*\n\n/)
    expect(top([large, small], [long, large])).toMatch(/largest keys .*\n {2}large .*\n {2}most elements\n {2}long /)
    expect(top([small], [long])).toMatch(/\n {2}most elements .*\n {2}long /)
  })
})

test('an audit as JSON reads as the schema does, ends in a newline and comes back as it was', () => {
  const result = auditResult(everything)
  const text = auditToJson(result)
  expect(text.startsWith('{\n  "schema": "redline/audit@1",\n  "tool": {')).toBe(true)
  expect(text.endsWith('\n}\n')).toBe(true)
  expect(parseAuditResult(text, 'result.json')).toEqual(result)
  expect(auditToJson({ ...Object.fromEntries(Object.entries(result).toReversed()), ...result })).toBe(text)
})
