import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAuditResult } from '#redline/schema/read-audit.js'
import type { AuditResult, Finding } from '#redline/schema/audit.js'
import { runApplications } from '../support/applications.js'
import { redline } from '../support/cli.js'
import { startServer, type TestServer } from '../support/servers.js'

/*
 * A keyspace that real applications wrote (BullMQ, express-session with connect-redis, rate-limiter-flexible, Keyv, redlock, a stream
 * with a consumer that never acknowledges), in one server that evicts: what an expert would find there, the audit has to find.
 */

const CONFIG = `
contracts:
  - pattern: 'orders:*'
    owner: shipping
    durability: durable
rules:
  # Thresholds of a server that is as small as this one.
  ttl/missing: { floor: 1KB }
  stream/unbounded: { entries: 10000 }
  stream/pel: { pending: 10000 }
`

let server: TestServer
let folder: string
let audit: AuditResult

beforeAll(async () => {
  server = await startServer({ config: { maxmemory: '1gb', 'maxmemory-policy': 'allkeys-lru' } })
  folder = await mkdtemp(join(tmpdir(), 'redline-'))
  await runApplications(server)
  await writeFile(join(folder, 'redline.config.yaml'), CONFIG)
  const { code, stdout, stderr } = await redline(['audit', server.url, '--json', '--max-impact', 'none', '--allow', 'touch'], {
    cwd: folder,
  })
  if (code !== 1) throw new Error(`the audit ended with ${code}: ${stderr}`)
  audit = parseAuditResult(stdout, 'audit')
})

afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const finding = (rule: string, about: string): Finding | undefined =>
  audit.findings.find((candidate) => candidate.rule === rule && candidate.about === about)

describe('the patterns of an application', () => {
  test.each([
    ['sess:<*>', 120, 'session'],
    ['admin-sess:<*>', 120, 'session'],
    ['rlflx:<ip>', 120, 'rate-limit'],
    ['login:<email>', 120, null],
    ['cache::product:<int>', 240, 'cache'],
    ['bull:mail:<int>', 300, 'queue'],
    ['locks:invoice:<int>', 20, 'lock'],
    ['lock:booking:<int>', 40, 'lock'],
  ])('%s: %i keys, which look like a %s', (pattern, keys, looksLike) => {
    const found = audit.patterns.find((candidate) => candidate.pattern === pattern)
    expect(found?.keys.value, audit.patterns.map((candidate) => candidate.pattern).join('\n')).toBe(keys)
    expect(found?.looksLike).toBe(looksLike)
  })

  test('are all that there is, and add up to it', () => {
    const sum = audit.patterns.reduce((keys, pattern) => keys + pattern.keys.value, 0)
    expect(sum).toBe(audit.totals.keys.value)
    expect(audit.coverage.keysSeen).toBe(audit.coverage.keysThere)
  })
})

describe('an expert would find', () => {
  test('jobs of a queue in a server that may evict them', () => {
    const found = audit.findings.filter(({ rule }) => rule === 'evict/mixed-durable')
    expect(found.map(({ about }) => about).toSorted()).toEqual(['BullMQ', 'orders:*'])
    expect(found.find(({ about }) => about === 'BullMQ')?.message).toMatch(/^31\d keys .* may be evicted under allkeys-lru/)
  })

  test('sessions that never expire, and not those that do', () => {
    expect(finding('ttl/missing', 'admin-sess:<*>')?.evidence).toMatchObject({ keys: 120 })
    expect(finding('ttl/missing', 'sess:<*>')).toBeUndefined()
  })

  test('cached responses of which some were written without a lifetime', () => {
    expect(finding('ttl/inconsistent', 'cache::product:<int>')).toBeDefined()
  })

  test('locks that nobody will ever release, and not those of redlock', () => {
    expect(finding('lock/no-ttl', 'lock:booking:<int>')).toBeDefined()
    expect(finding('lock/no-ttl', 'locks:invoice:<int>')).toBeUndefined()
  })

  test('a stream that is never trimmed and never acknowledged', () => {
    expect(audit.findings.filter(({ rule }) => rule === 'stream/pel').map((found) => found.about)).toEqual([
      expect.stringContaining('orders:'),
    ])
  })

  test('nothing but a missing contract in rate limits, which their library expires', () => {
    const rules = audit.findings.filter(({ about }) => about.startsWith('rlflx')).map(({ rule }) => rule)
    expect(rules).toEqual(['key/undeclared'])
  })
})
