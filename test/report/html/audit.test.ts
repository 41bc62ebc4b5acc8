import { describe, expect, test } from 'vitest'
import { renderAuditHtml } from '#redline/index.js'
import { about, auditResult, coverage, exactly, finding, gate, node, pattern, rules, sampled, since, topKey } from '../../support/audits.js'
import { all, dangers, obstacles, readPage, texts } from '../../support/pages.js'

const page = async (...args: Parameters<typeof auditResult>) => readPage(await renderAuditHtml(auditResult(...args)))

/** One of everything that a page can show. */
const FULL = {
  findings: [
    finding({ severity: 'note', rule: 'cfg/os', about: 'vm.overcommit_memory', message: 'is 0' }),
    finding({
      severity: 'warning',
      rule: 'ttl/missing',
      about: 'session:user:<int>',
      message: '38% never expire',
      commands: ['redis-cli TTL session:user:1'],
    }),
    finding(),
  ],
  patterns: [pattern({ owner: 'team-web' })],
  top: { bytes: [topKey()], elements: [topKey({ key: 'feed:mine', pattern: 'feed:<*>' })], idle: [topKey({ idleSeconds: 86_400 * 9 })] },
  since: since({ fixed: [{ rule: 'mem/no-limit', about: 'maxmemory' }], added: [{ rule: 'cfg/os', about: 'vm.overcommit_memory' }] }),
  suppressed: [{ finding: finding({ rule: 'sec/nopass' }), reason: 'behind a wall', until: '2027-01-01' }],
  gate: gate({
    exitCode: 1,
    reasons: ['1 finding of severity error'],
    remarks: ['a suppression matched nothing'],
    baseline: { file: 'reports/baselines/a.json', stale: [{ fingerprint: 'f', rule: 'evict/active', about: 'server' }], written: null },
  }),
  rules: rules({
    notAssessed: [{ rule: 'client/leak', why: 'CLIENT LIST was refused' }],
    notApplicable: [{ rule: 'cluster/skew', why: 'not a cluster' }],
    off: ['key/long-name'],
  }),
} satisfies Parameters<typeof auditResult>[0]

describe('the page of an audit', () => {
  test('says the verdict first, as its heading and in its title', async () => {
    const result = await page(FULL)
    expect(texts(result, 'h1')).toEqual(['1 error, 1 warning and 1 note'])
    expect(texts(result, 'title')).toEqual(['1 error, 1 warning and 1 note - redline audit of redis://cache-1:6379'])
    expect(texts(result, '.tally li')[0]).toBe('exit code 1')
    expect(texts(await page(), 'h1')).toEqual(['Nothing was found'])
    expect(all(await page(), 'header.banner.good')).toHaveLength(1)
    expect(texts(await page({ coverage: coverage({ complete: false, keysSeen: 10 }) }), 'h1')).toEqual([
      'Nothing was found in what was seen',
    ])
    expect(texts(await page({ failure: 'the connection was lost' }), '.lead').join()).toContain('the connection was lost')
    expect(texts(await page({ known: [finding()] }), 'h1')).toEqual(['Nothing new was found'])
  })

  test('has every section, landmarks, headings in order, labels and scopes', async () => {
    const result = await page(FULL)
    expect(obstacles(result)).toEqual([])
    expect(texts(result, 'nav a')).toEqual(['Findings', 'Keyspace', 'Top keys', 'Growth', 'Policy', 'Not assessed', 'Cost'])
    expect(texts(result, 'main > section > h2')).toHaveLength(7)
  })

  test('has nothing that runs, loads or leaves the page', async () => {
    expect(dangers(await page(FULL))).toEqual([])
  })

  test('shows findings the most severe first, each with a sign, a word, a remedy and lines to copy', async () => {
    const result = await page(FULL)
    expect(texts(result, '#findings h3')).toEqual(['error lock/no-ttl', 'warning ttl/missing', 'note cfg/os'])
    expect(all(result, '#findings h3 .badge').map((badge) => badge.querySelector('use')!.getAttribute('href'))).toEqual([
      '#i-bad',
      '#i-doubtful',
      '#i-note',
    ])
    expect(texts(result, '#findings .remedy')[0]).toBe('What to do Give the lock a TTL when it is taken.')
    expect(texts(result, '#findings .copy code')).toContain('redis-cli -h cache-1 TTL session:user:1')
    expect(texts(result, '#findings .found')[1]).toContain('owner: team-web')
  })

  test('shows the evidence with its units', async () => {
    const evidence = { keys: 39_990, bytes: 4_100_000, persistentShare: 0.38, idleSeconds: 7200, policy: 'allkeys-lru' }
    const result = await page({ findings: [finding({ evidence })] })
    expect(texts(result, '#findings thead th')).toEqual([
      'About',
      'keys',
      'bytes',
      'persistent share',
      'idle seconds',
      'policy',
      'Fingerprint',
    ])
    expect(texts(result, '#findings tbody td').slice(0, 5)).toEqual(['40k', '3.91 MB', '38%', '2h', 'allkeys-lru'])
  })

  test('tells one remedy for findings that differ in nothing but their names', async () => {
    const one = (id: string) => finding({ about: `${id}:<int>`, remedy: `Give ${id}:<int> a TTL.`, commands: [] })
    const result = await page({ findings: [one('a'), one('b')] })
    expect(texts(result, '.remedy')).toEqual(['What to do Give a:<int> a TTL. Likewise for the others.'])
  })

  test('draws memory by pattern, for wide and narrow pages, with its numbers', async () => {
    const result = await page(FULL)
    const maps = all(result, '#keyspace figure.full svg')
    expect(maps).toHaveLength(2)
    for (const map of maps) {
      expect(map.getAttribute('aria-label')).toBe('Memory by pattern: session:user:<int> 63%')
      expect(texts(map, 'text').join(' ')).toContain('session:user:<int>')
    }
    expect(texts(all(result, '#keyspace table')[0]!, 'tbody tr')[0]).toContain('500k 67.7 MB 63%')
  })

  test('counts lifetimes and sizes over all patterns, keys that never expire among them', async () => {
    const ttl = {
      unit: 'seconds' as const,
      keys: 30,
      min: 1,
      p50: 30,
      p90: 4000,
      p99: 4000,
      max: 4000,
      buckets: [
        [30, 20],
        [4000, 10],
      ] as [number, number][],
    }
    const size = {
      ...ttl,
      unit: 'bytes' as const,
      keys: 40,
      buckets: [
        [60, 39],
        [5000, 1],
      ] as [number, number][],
    }
    const result = await page({ patterns: [pattern({ ttl, size, persistent: { keys: exactly(10), bytes: exactly(1) } })] })
    const [lifetimes, sizes] = all(result, '#keyspace .charts figure')
    expect(texts(lifetimes!, 'tbody tr').filter((row) => !row.endsWith(' 0 0%'))).toEqual(['<1m 20 50%', '<6h 10 25%', 'never 10 25%'])
    expect(texts(sizes!, 'tbody tr').filter((row) => !row.endsWith(' 0 0% 0%'))).toEqual(['<64B 39 98% 32%', '<16KB 1 2.5% 68%'])
  })

  test('tells how far estimates may be off', async () => {
    const result = await page({ coverage: sampled(), patterns: [pattern({ keys: about(500_000, 3) })] })
    expect(texts(result, '#keyspace td')).toContain('500k ±3%')
    expect(texts(result, '#servers dd').join()).toContain('a random sample, 100,000 of 1,000,000 (10%)')
  })

  test('tells what changed', async () => {
    const result = await page(FULL)
    expect(texts(result, '#growth tbody tr')[0]).toContain('session:user:<int> grown +60k +8.11 MB')
    expect(texts(result, '#growth .found li')).toEqual(['cfg/os vm.overcommit_memory', 'mem/no-limit maxmemory'])
    expect(all(await page(), '#growth')).toEqual([])
  })

  test('tells what was not assessed and why, apart from what passed', async () => {
    const result = await page(FULL)
    expect(texts(all(result, '#assessed table')[0]!, 'tbody tr')).toEqual(['client/leak CLIENT LIST was refused'])
    expect(texts(result, '#assessed summary')).toEqual(['3 rules passed', '1 rule not applicable', '1 rule off'])
  })

  test('tells what was set aside, and why', async () => {
    const text = texts(await page(FULL), '#policy').join()
    for (const part of [
      '1 finding of sec/nopass',
      'behind a wall (until 2027-01-01)',
      'no longer so: evict/active',
      'a suppression matched nothing',
    ])
      expect(text).toContain(part)
    expect(all(await page(), '#policy')).toEqual([])
  })

  test('tells what the audit cost', async () => {
    expect(texts(await page(), '#servers dd')).toEqual(
      expect.arrayContaining(['5M', '1.92s, 45% of a core', '0.2 ms', '1 ms of added p99, 25% of a core']),
    )
    const nodes = [node(), node({ address: 'cache-2:6379', role: 'replica', lagSeconds: 1 })]
    const rows = texts(await page({ target: { name: 'redis://cache-1:6379', topology: 'standalone', nodes } }), '#servers tbody tr')
    expect(rows[1]).toContain('cache-2:6379 replica valkey 8.1.1')
    expect(rows[1]).toContain('yes, 1s behind')
  })

  test('shows findings in files at their places', async () => {
    const at = { file: 'redis.conf', line: 7, column: 3 }
    const result = await page({
      source: 'files',
      target: { name: 'redis.conf', topology: 'files', nodes: [] },
      coverage: coverage({ mode: 'none', keysSeen: 0, keysThere: 0, databases: [] }),
      patterns: [],
      findings: [finding({ at })],
    })
    expect(texts(result, '.found code')[0]).toBe('redis.conf:7:3')
    expect(texts(result, 'nav a')).toEqual(['Findings', 'Not assessed', 'Cost'])
  })
})
