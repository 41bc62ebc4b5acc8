import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ask } from '../support/deployments.js'
import { mixedKeys, run } from '../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { auditWhole, contradictions, type WholeAudit } from '../support/whole-audits.js'

/*
 * Managed services take commands away, by renaming them or from their users. What is left is audited all the same; what would have needed
 * them is not assessed, with the reason, and has not passed.
 */

const KEYS = 2000

async function start(engine: string, config: Record<string, string>): Promise<TestServer> {
  const server = await startServer({ engine, config })
  onTestFinished(() => server.stop())
  await run(server.url, mixedKeys(KEYS))
  await run(server.url, Array.from({ length: 300 }, (_, i) => ['SET', `lock:order:${i}`, 'token'])) // prettier-ignore
  return server
}

/** A file for `include` that renames commands away. */
function renaming(commands: readonly string[]): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'redline-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'renamed.conf'), commands.map((command) => `rename-command ${command} ""\n`).join(''))
  return { include: join(folder, 'renamed.conf') }
}

/** What is not as it should be in an audit that could read keys and INFO. */
function unlikeUseful({ result, text }: WholeAudit): string[] {
  const { coverage, totals, failure, rules, findings } = result
  const found = findings.map(({ rule, about }) => `${rule} ${about}`)
  return [
    ...contradictions(result),
    ...(coverage.complete && totals.keys.value === KEYS + 300 ? [] : [`${totals.keys.value} keys`]),
    ...(failure === null ? [] : [failure]),
    ...(found.includes('lock/no-ttl lock:order:<int>') ? [] : [`locks are not found among ${found.join(', ')}`]),
    ...rules.notAssessed.filter(({ why }) => why === '').map(({ rule }) => `${rule} is not assessed without a reason`),
    ...(rules.notAssessed.length > 0 && !text.includes('not assessed') ? ['the report does not say what was not assessed'] : []),
  ]
}

const whyNot = ({ result }: WholeAudit, id: string) => result.rules.notAssessed.find(({ rule }) => rule === id)?.why

/** Rules that need what was taken away; none of them may have passed. */
const NEED_CONFIG = ['cfg/slowlog-off', 'cfg/lazyfree-off', 'sec/protected-off']
const NEED_ACL = ['sec/nopass', 'sec/over-granted']
const NEED_CLIENTS = ['client/leak', 'client/one-source']

describe.each(availableEngines())('on %s', (engine) => {
  test('a server without CONFIG is audited but for its configuration', async () => {
    const server = await start(engine, { 'rename-command': 'CONFIG ""' })
    const audit = await auditWhole(server.url)
    expect(unlikeUseful(audit)).toEqual([])
    for (const rule of NEED_CONFIG) expect(whyNot(audit, rule), rule).toMatch(/CONFIG GET was refused \(ERR unknown command/)
    for (const rule of NEED_ACL) expect(whyNot(audit, rule), rule).toBeUndefined()
  })

  test('a server without anything that administers it is audited by its keys and INFO', async () => {
    const server = await start(engine, renaming(['CONFIG', 'ACL', 'CLIENT', 'SLOWLOG', 'LATENCY', 'DEBUG', 'MODULE', 'SCRIPT']))
    const audit = await auditWhole(server.url)
    expect(unlikeUseful(audit)).toEqual([])
    for (const rule of [...NEED_CONFIG, ...NEED_ACL, ...NEED_CLIENTS, 'latency/spike', 'lua/slow']) {
      expect(whyNot(audit, rule), rule).toMatch(/refused/)
    }
    // Without CLIENT NO-TOUCH no length is asked, whatever the version.
    expect(audit.result.coverage.lengths).toBe('none')
  })

  test('a user who may not administer is told what its rights did not reach', async () => {
    const server = await start(engine, {})
    const rights = ['on', '>pw', '~*', '&*', '+@all', '-@admin', '-@dangerous', '+info', '+client|setname']
    await ask(server, ['ACL', 'SETUSER', 'managed', ...rights.filter((right) => engine !== 'redis@6.0' || right !== '&*')])
    const audit = await auditWhole(`redis://managed:pw@${server.host}:${server.port}`)
    expect(unlikeUseful(audit)).toEqual([])
    for (const rule of [...NEED_CONFIG, ...NEED_ACL, ...NEED_CLIENTS, 'latency/spike', 'lua/slow']) {
      expect(whyNot(audit, rule), rule).toMatch(/refused \(NOPERM/)
    }
  })

  test('without MEMORY USAGE keys are counted, their bytes are not said to be none', async () => {
    const server = await start(engine, { 'rename-command': 'MEMORY ""' })
    const { result } = await auditWhole(server.url)
    expect(result.coverage.complete && result.totals.keys.value).toBe(KEYS + 300)
    expect(result.rules.passed.filter((rule) => rule.startsWith('mem/big'))).toEqual([])
    expect(result.rules.notAssessed.find(({ rule }) => rule === 'mem/big-string')?.why).toMatch(/MEMORY USAGE.*refused/)
  })
})
