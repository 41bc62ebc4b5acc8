import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProgressEvent } from '#redline/core/events.js'
import { RedlineError } from '#redline/core/errors.js'
import { Rng } from '#redline/core/rng.js'
import type { AuditResult } from '#redline/schema/audit.js'
import { type Failure, startFailingRelay } from '../support/failing-relay.js'
import { mixedKeys, run } from '../support/scans.js'
import { startServer, type TestServer } from '../support/servers.js'
import { auditWhole, contradictions, type WholeAudit } from '../support/whole-audits.js'

/*
 * An audit in front of which the network fails, wherever it is just then: while it finds the server, asks it, connects the probe, reads
 * keys, asks streams, or reads INFO for the last time. Whatever it makes of that has to be true.
 */

const KEYS = 1000
const AT_ONCE = 15

let server: TestServer
let truth: WholeAudit
/** Bytes that the server sends in an audit that nothing disturbs. */
let sent: number

beforeAll(async () => {
  server = await startServer()
  const groups = Array.from({ length: KEYS / 10 }, (_, i) => ['XGROUP', 'CREATE', `stream:${8 + i * 10}`, 'group', '0'])
  await run(server.url, [...mixedKeys(KEYS), ...groups])
  const relay = await startFailingRelay(server)
  truth = await auditWhole(relay.url, { mayTouch: true })
  sent = relay.bytes
  relay.stop()
})

afterAll(() => server.stop())

interface Broken {
  /** Bytes after which the network failed. */
  at: number
  outcome: WholeAudit | Error
}

/** Audits of a server behind a network that fails after so many bytes each. */
async function auditsThatBreak(failure: Failure, places: readonly number[]): Promise<Broken[]> {
  const broken: Broken[] = []
  const left = [...places]
  const worker = async () => {
    for (let at = left.shift(); at !== undefined; at = left.shift()) {
      const relay = await startFailingRelay(server, { afterBytes: at, failure })
      const patience = { timeoutMs: failure === 'silent' ? 500 : 2000, backoffMs: [50, 200, 500] }
      const outcome = await auditWhole(relay.url, { ...patience, mayTouch: true }).catch((error: Error) => error)
      broken.push({ at, outcome })
      relay.stop()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return broken.toSorted((a, b) => a.at - b.at)
}

/** Places all over an audit: as many in its beginning and end, where it asks many things, as in the middle. */
function places(count: number, seed: number): number[] {
  const rng = new Rng(seed)
  const edge = Math.min(60_000, sent / 3)
  return Array.from({ length: count }, (_, i) => {
    if (i % 3 === 0) return rng.below(edge)
    return i % 3 === 1 ? rng.below(sent) : sent - rng.below(edge)
  })
}

/** What is untrue in what an audit says that a failing network has disturbed; empty when nothing is. */
function untrue({ outcome }: Broken): string[] {
  if (outcome instanceof RedlineError)
    return outcome.message.includes('127.0.0.1') ? [] : [`an error without an address: ${outcome.message}`]
  if (outcome instanceof Error) return [outcome.stack ?? outcome.message]
  const { result } = outcome
  const { totals, coverage, gate, failure } = result
  const told = [...contradictions(result)]
  if (coverage.complete) {
    const { keys, bytes, types } = truth.result.totals
    if (JSON.stringify([keys, bytes, types]) !== JSON.stringify([totals.keys, totals.bytes, totals.types]))
      told.push('complete, with wrong totals')
  } else {
    if (totals.keys.value > truth.result.totals.keys.value) told.push('more keys than there are')
    if (totals.bytes.value > truth.result.totals.bytes.value) told.push('more bytes than there are')
    if (failure === null || gate.exitCode !== 2) told.push(`incomplete, and exits with ${gate.exitCode}`)
    if (result.rules.passed.includes('ttl/missing')) told.push('keys that were not read passed')
  }
  const unlike = unassessed(result).filter((rule) => !unassessed(truth.result).includes(rule))
  if (unlike.length > 0 && gate.exitCode !== 2) told.push(`${unlike.join(', ')} not assessed, and that exits with ${gate.exitCode}`)
  return told
}

const unassessed = ({ rules }: AuditResult) => rules.notAssessed.map(({ rule }) => rule)

const kinds = (broken: readonly Broken[]) => ({
  errors: broken.filter(({ outcome }) => outcome instanceof Error).length,
  partial: broken.filter(({ outcome }) => !(outcome instanceof Error) && !outcome.result.coverage.complete).length,
  complete: broken.filter(({ outcome }) => !(outcome instanceof Error) && outcome.result.coverage.complete).length,
})
const show = (broken: readonly Broken[]) => broken.flatMap((one) => untrue(one).map((what) => `${one.at} of ${sent}: ${what}`))

describe('a network that fails in the middle of an audit', () => {
  test('and is back at once costs an audit that has begun nothing', async () => {
    const broken = await auditsThatBreak('cut', places(36, 1))
    expect(show(broken)).toEqual([])
    const { complete, errors } = kinds(broken)
    expect(complete).toBeGreaterThan(10)
    expect(errors).toBeGreaterThan(0)
  })

  test('and stays away leaves what was read by then, or a clear error', async () => {
    const broken = await auditsThatBreak('gone', places(15, 2))
    expect(show(broken)).toEqual([])
    expect(kinds(broken).partial).toBeGreaterThan(0)
  }, 60_000)

  test('and swallows everything without a word ends the audit when --timeout has passed a few times', async () => {
    const broken = await auditsThatBreak('silent', places(15, 3))
    expect(show(broken)).toEqual([])
    expect(kinds(broken).partial).toBeGreaterThan(0)
  }, 60_000)

  test('when all keys have been read says that their streams were not asked', async () => {
    const relay = await startFailingRelay(server, { failure: 'gone' })
    const onProgress = (event: ProgressEvent) => {
      if (event.kind === 'scan' && event.keys === KEYS) relay.fail()
    }
    const { result } = await auditWhole(relay.url, { mayTouch: true, timeoutMs: 500, backoffMs: [50], onProgress })
    expect(contradictions(result)).toEqual([])
    expect(result.coverage).toMatchObject({ complete: true, keysSeen: KEYS })
    expect(result.coverage.notes.join()).toMatch(/did not answer in the end: \S+ refused the connection/)
    expect(result.rules.notAssessed).toContainEqual({ rule: 'stream/pel', why: expect.stringContaining('refused the connection') })
    expect(result.gate).toMatchObject({ exitCode: 2, reasons: [expect.stringContaining('ended early')] })
    relay.stop()
  })
})

test('a server that cuts connections which have nothing to do is audited to the end all the same', async () => {
  const impatient = await startServer({ config: { timeout: '1' } })
  try {
    await run(impatient.url, [...mixedKeys(KEYS), ['XGROUP', 'CREATE', 'stream:8', 'group', '0']])
    const { result, warnings } = await auditWhole(impatient.url, { mayTouch: true, limits: { opsPerSecond: 1500 } })
    expect(result.cost.seconds).toBeGreaterThan(2.5)
    expect(warnings).toEqual([])
    expect(result.coverage).toMatchObject({ complete: true, keysSeen: KEYS, notes: [] })
    expect(unassessed(result)).not.toContain('stream/pel')
    expect(result.failure).toBeNull()
  } finally {
    await impatient.stop()
  }
})
