import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pace } from '#redline/audit/scan/pace.js'
import { run, scanAll } from '../../support/scans.js'
import { startServer, type TestServer } from '../../support/servers.js'

const KEYS = 5000

/** Records what a scan asks and tells, and how many batches are under way at once. */
class Recorded implements Pace {
  readonly batch: number
  readonly window: number
  turns = 0
  answered: { keys: number; commands: number; elapsedMs: number }[] = []
  /** Batches that were sent and not answered, at most. */
  most = 0
  readonly #wait: (turn: number) => Promise<void> | undefined

  constructor(batch: number, window: number, wait: (turn: number) => Promise<void> | undefined = () => undefined) {
    this.batch = batch
    this.window = window
    this.#wait = wait
  }

  turn(): Promise<void> | undefined {
    // Of those that had a turn before, the first asked for keys only.
    this.most = Math.max(this.most, this.turns - this.answered.length)
    return this.#wait(++this.turns)
  }

  done(keys: number, commands: number, elapsedMs: number): void {
    this.answered.push({ keys, commands, elapsedMs })
  }
}

describe('the pace', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await run(
      server.url,
      Array.from({ length: KEYS }, (_, i) => ['SET', `key:${i}`, 'x']),
    )
  })
  afterAll(() => server.stop())

  /** PTTL, MEMORY USAGE, OBJECT ENCODING and IDLETIME: the encodings of these keys leave no type open. */
  const FACTS = 4

  test('is asked before each batch, and told of each: all keys, all commands but the log-in, times that add up', async () => {
    const pace = new Recorded(100, 4)
    const startedAt = performance.now()
    const { report } = await scanAll([server.url], { pace })
    const tookMs = performance.now() - startedAt
    const sum = (of: (one: Recorded['answered'][number]) => number) => pace.answered.reduce((total, one) => total + of(one), 0)
    expect(pace.turns).toBe(pace.answered.length + 1)
    expect(sum(({ keys }) => keys)).toBe(KEYS)
    expect(sum(({ commands }) => commands)).toBe(KEYS * FACTS + pace.answered.length)
    // The log-in, and which modules there are, before the scan and after it.
    expect(report.commands).toBe(KEYS * FACTS + pace.answered.length + 6)
    expect(pace.answered.every(({ elapsedMs }) => elapsedMs >= 0)).toBe(true)
    expect(sum(({ elapsedMs }) => elapsedMs)).toBeLessThan(tookMs)
  })

  test.each([1, 2, 4])('has never more than its window of %i under way', async (window) => {
    const pace = new Recorded(50, window)
    await scanAll([server.url], { pace })
    expect(pace.most).toBeLessThanOrEqual(window)
  })

  test('decides how many keys are asked for at once', async () => {
    const pace = new Recorded(10, 1)
    await scanAll([server.url], { pace })
    expect(Math.max(...pace.answered.map(({ keys }) => keys))).toBeLessThan(30)
  })

  test('holds the scan up for as long as it likes', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const pace = new Recorded(500, 4, (turn) => (turn === 5 ? held : undefined))
    const scanning = scanAll([server.url], { pace, connect: { timeoutMs: 5000, replyTimeoutMs: 100 } })
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(pace.turns).toBe(5)
    release()
    // Nothing was owed while it waited: that is no silence of the server.
    expect((await scanning).report).toMatchObject({ complete: true, keysSeen: KEYS, reconnects: 0 })
  })
})
