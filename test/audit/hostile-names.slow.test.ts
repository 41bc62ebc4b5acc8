import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseProjectFile } from '#redline/config/project-text.js'
import { contractsText, loadRules, renderAudit, suggestContracts } from '#redline/index.js'
import type { AuditResult } from '#redline/schema/audit.js'
import { parseAuditResult } from '#redline/schema/read-audit.js'
import type { Client } from '#redline/wire/client.js'
import { ReplyError } from '#redline/wire/decoder.js'
import { connect } from '../redis/connect.js'
import { redline } from '../support/cli.js'
import { run } from '../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { auditWhole, contradictions } from '../support/whole-audits.js'

/*
 * A keyspace, users, clients, groups and logs whose names were all chosen to do harm: to the terminal that shows them, to the documents
 * that hold them, to whoever copies a line, and to the objects that are indexed by them.
 */

/** `#` stands for a word that must not be seen in a redacted result. */
const NAMES: readonly Buffer[] = [
  ...[
    '#\nline',
    '#\r\n\r\n+OK',
    '#\0nul',
    '\x1b[31m#\x1b[0m',
    '\x1b]0;#\x07',
    '\x9b31m#',
    '#\x08\x08\x08',
    '#\xff\xfe\xc3\x28',
    '#\xed\xa0\x80',
  ],
  ...[
    '<script>alert("#")</script>',
    '<img src=x onerror=#>',
    '$(#)',
    '`#`',
    "#'; DROP",
    '#"; FLUSHALL',
    '#\\x1b',
    '#\\',
    '%#%s%n',
    '|#',
    '&#;',
  ],
  ...['{#', '{#}', '{}#', '{\x1b[2J#}:a', '#*?[a]', '-#', '--#', '>#', '~#', '+@all#'],
  ...['#\u202egnp.exe', '#\u2066\u2069', '#\u200b\u200d', '#\u2028\u2029', '#\ufeff', '#\u{1f4a9}', '#\u{e0041}'].map((name) =>
    Buffer.from(name).toString('latin1'),
  ),
].map((name) => Buffer.from(name, 'latin1'))

/** What could be taken for something else: a mask of a pattern, a property that every object has, nothing. */
const TRICKS: readonly Buffer[] = [
  ...[
    '<int>',
    '<other>',
    '<*>',
    '<...>',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '__proto__:1',
    'constructor:1',
    '__proto__:2:3',
  ],
  ...['', ' ', '*', ':', '::', 'undefined', 'null', '0', '-1', 'NaN', 'true'],
].map((name) => Buffer.from(name))

const SECRET = 'SekritKey'
const named = (name: Buffer, word: string) => Buffer.from(name.toString('latin1').replaceAll('#', word), 'latin1')
const joined = (...parts: (string | Buffer)[]) => Buffer.concat(parts.map((part) => Buffer.from(part)))

/** A terminal obeys these, or shows something else than what is there. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

const COLOR = new RegExp(String.raw`\u001b\[[\d;]*m`, 'g')

let cwd: string
let server: TestServer
let clients: Client[] = []

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'redline-'))
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await server.stop()
  await rm(cwd, { recursive: true, force: true })
})

async function start(engine?: string): Promise<void> {
  server = await startServer({ ...(engine ? { engine } : {}), config: { 'slowlog-log-slower-than': '0', 'slowlog-max-len': '5000' } })
  const commands = [...NAMES, ...TRICKS].flatMap(keysOf)
  const long = ['SET', Buffer.alloc(65_536, `${SECRET}\x1b`), 'x']
  const binary = ['SET', Buffer.alloc(65_536, 0xff), 'x']
  const deep = ['SET', Buffer.from('a:'.repeat(32_000)), 'x']
  const replies = await run(server.url, [...commands, long, binary, deep])
  expect(replies.filter((reply) => reply instanceof ReplyError)).toEqual([])
  for (const name of NAMES) await meddle(named(name, 'usr'))
}

/** Keys of every type with a name in them, a few of each, since what ten keys share counts as everybody's. */
function keysOf(pattern: Buffer): (string | Buffer)[][] {
  const name = named(pattern, SECRET)
  const stream = joined('stream:', name)
  const group = joined('g', named(pattern, 'grp'))
  return [
    ['SET', name, 'x'],
    ['SADD', joined('set:', name), '1', 'x'],
    ['SET', joined('lock:', name), 'x'],
    ['SET', joined(name, ':tail'), 'x', 'EX', '1000'],
    ...['1-1', '2-1', '3-1'].map((id) => ['XADD', stream, id, 'f', 'v']),
    ['XGROUP', 'CREATE', stream, group, '0'],
    ['XREADGROUP', 'GROUP', group, group, 'STREAMS', stream, '>'],
    // For the slow log, which keeps arguments.
    ['EVAL', joined('local s = [==[', name, ']==] return redis.call("KEYS", KEYS[1])'), '1', joined(name, '*')],
  ]
}

/** Makes a user of a name, connects as that user, with the name for the connection's where the server takes it, and is refused something. */
async function meddle(name: Buffer): Promise<void> {
  const admin = await connect(server.url)
  const client = await connect(server.url)
  clients.push(admin, client)
  await admin.callAll([['ACL', 'SETUSER', name, 'on', 'nopass', joined('~', SECRET, name), '+@all', '-lolwut']])
  // One after the other: Redis 8.0 stops answering what was sent together with an AUTH that it refuses.
  for (const command of [
    ['CLIENT', 'SETNAME', name],
    ['AUTH', joined('nobody', name), 'x'],
    ['AUTH', name, 'x'],
    ['GET', joined(SECRET, 'of somebody else')],
    ['LOLWUT'],
  ]) {
    await client.callAll([command])
  }
}

/** Rules that would say nothing of things so small. */
const EAGER = `rules:
  stream/pel: { pending: 1, each: 1 }
  stream/dead-consumer: { idle: 1ms }
  stream/unbounded: { entries: 1 }
  mem/big-string: { warn: '1', error: '10KB' }
  mem/big-collection: { elements: 1, bytes: '1' }
  key/dominant-pattern: { share: 0.0001, floor: '1' }
  key/long-name: { share: 0.0001, floor: '1', length: '1' }
  cmd/slow-repeated: { times: 1, share: 0, slow: 1us }
  cmd/on-on-big: { slow: 1us }
`

const allRules = await loadRules()
const file = parseProjectFile('eager.yaml', EAGER, { rules: allRules, maxImpact: () => undefined })

/** Every string of a document, and every name of a field. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, field]) => [name, ...stringsIn(field)])
}

describe.each(availableEngines())('names that mean harm, on %s', (engine) => {
  test('are escaped wherever they are shown, and counted like any others', async () => {
    await start(engine)
    const { result, json, text, audited } = await auditWhole(server.url, { mayTouch: true, file })
    expect(contradictions(result)).toEqual([])
    expect(result.coverage).toMatchObject({ complete: true, keysSeen: 5 * (NAMES.length + TRICKS.length) + 3 })
    // They did get everywhere: keys, users, groups, the slow log.
    for (const part of [SECRET, 'user \\\\x1b[31musr', 'grp', 'key/bad-name']) expect(json).toContain(part)
    expect(stringsIn(JSON.parse(json)).filter((found) => UNSAFE.test(found))).toEqual([])
    expect(json.replaceAll('\n', '')).not.toMatch(UNSAFE)
    expect(text.split('\n').filter((line) => UNSAFE.test(line))).toEqual([])
    const colored = renderAudit(result, { width: 80, color: true, unicode: true })
    expect(
      colored
        .replaceAll(COLOR, '')
        .split('\n')
        .filter((line) => UNSAFE.test(line)),
    ).toEqual([])
    const contracts = contractsText(suggestContracts(audited.keyspace!))
    expect(contracts.split('\n').filter((line) => UNSAFE.test(line))).toEqual([])
    const suggested = parseProjectFile('suggested', contracts, { rules: allRules, maxImpact: () => undefined })
    expect(suggested.contracts?.length).toBeGreaterThan(0)
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('of keys are hashed in everything that --redact writes', async () => {
    await start(engine)
    const { result, json, text, audited } = await auditWhole(server.url, { mayTouch: true, redact: true, file })
    expect(contradictions(result)).toEqual([])
    expect(json).not.toContain(SECRET)
    expect(text).not.toContain(SECRET)
    expect(contractsText(suggestContracts(audited.keyspace!))).not.toContain(SECRET)
    expect(json).toMatch(/lock:#[0-9a-f]{12}/)
  })
})

describe('names that mean harm', () => {
  test('are the same ones in a baseline, an earlier audit and a resumed one', async () => {
    await start()
    const audit = (...args: string[]) => redline(['audit', server.url, '--max-impact', 'none', '--allow', 'touch', ...args], { cwd })
    const first = await audit('--json')
    expect((await audit('--baseline', 'known.json', '--update-baseline')).code).toBe(0)
    const again = await audit('--baseline', 'known.json', '--json', '--since', 'reports/latest', '--rule', 'key/*', 'lock/*', 'ttl/*')
    const { findings, known, gate, since } = parseAuditResult(again.stdout, 'stdout')
    expect([findings, gate.baseline?.stale, since?.fixed, since?.added]).toEqual([[], [], [], []])
    expect(known.length).toBeGreaterThan(NAMES.length)
    expect(await readFile(join(cwd, 'known.json'), 'utf8').then((text) => text.replaceAll('\n', ''))).not.toMatch(UNSAFE)

    const partial = parseAuditResult((await audit('--json', '--max-ops', '1500', '--max-time', '1s')).stdout, 'stdout')
    expect([partial.coverage.complete, partial.coverage.keysSeen > 0]).toEqual([false, true])
    const resumed = parseAuditResult((await audit('--json', '--resume', 'reports/latest')).stdout, 'stdout')
    const whole = parseAuditResult(first.stdout, 'stdout')
    expect(contradictions(resumed)).toEqual([])
    const counts = ({ patterns }: AuditResult) => patterns.map(({ pattern, keys, bytes }) => [pattern, keys, bytes])
    expect([resumed.totals, counts(resumed)]).toEqual([whole.totals, counts(whole)])
  })

  test('in lines to copy are quoted for a shell, or left out', async () => {
    await start()
    const { result } = await auditWhole(server.url, { mayTouch: true, file })
    const lines = result.findings.flatMap(({ commands }) => commands).filter((line) => line.startsWith('redis-cli'))
    expect(lines.join('\n')).toContain("'$(usr)'")
    // What is left without the quoted parts holds nothing that a shell acts on.
    const bare = lines.map((line) => line.replaceAll(/'[^']*'/g, ''))
    expect(bare.filter((line) => /[$`;&|<>(){}"'\\*?[\]!#]/.test(line))).toEqual([])
  })
})
