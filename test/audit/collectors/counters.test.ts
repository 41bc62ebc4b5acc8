import { describe, expect, test } from 'vitest'
import { countersOf, saveCounters } from '#redline/audit/collectors/counters.js'
import { parseInfo } from '#redline/redis/info.js'

const RUN = 'ab'.repeat(20)

function info({ runId = RUN, ...fields }: Record<string, string | number> = {}, stats: Record<string, string> = {}) {
  const all = { run_id: runId, uptime_in_seconds: 1000, total_commands_processed: 0, evicted_keys: 0, ...fields }
  const lines = Object.entries(all).map(([name, value]) => `${name}:${value}`)
  return parseInfo(
    ['# Stats', ...lines, '# Commandstats', ...Object.entries(stats).map(([name, value]) => `cmdstat_${name}:${value}`)].join('\r\n'),
  )
}

describe('without an earlier audit', () => {
  test('counters count since the server started', () => {
    const before = info({ evicted_keys: 7 }, { keys: 'calls=3,usec=900,usec_per_call=300,rejected_calls=1,failed_calls=2' })
    const counters = countersOf({ before, at: 0 })
    expect(counters).toMatchObject({ basis: 'server start', seconds: 1000 })
    expect(counters.grown('evicted_keys')).toBe(7)
    expect(counters.grown('no_such_field')).toBe(0)
    expect([...counters.commands]).toEqual([['keys', { calls: 3, usec: 900, rejected: 1, failed: 2 }]])
  })

  test('what grew during the audit is counted apart', () => {
    const counters = countersOf({ before: info({ evicted_keys: 7 }), at: 0, after: info({ evicted_keys: 9 }), seconds: 4 })
    expect(counters.during.seconds).toBe(4)
    expect(counters.during.grown('evicted_keys')).toBe(2)
    expect(countersOf({ before: info(), at: 0 }).during).toMatchObject({ seconds: 0 })
  })

  test('a command that was only refused counts, one that was never called does not', () => {
    const before = info(
      {},
      { keys: 'calls=0,usec=0,usec_per_call=0,rejected_calls=2,failed_calls=0', get: 'calls=0,usec=0,usec_per_call=0' },
    )
    expect([...countersOf({ before, at: 0 }).commands.keys()]).toEqual(['keys'])
  })
})

describe('with an earlier audit of the same server', () => {
  const saved = saveCounters(
    info({ evicted_keys: 7, total_commands_processed: 100 }, { keys: 'calls=3,usec=900', get: 'calls=50,usec=10' }),
  )

  test('counters count from its end', () => {
    const before = info(
      { evicted_keys: 10, total_commands_processed: 200 },
      { keys: 'calls=4,usec=1000', get: 'calls=50,usec=10', set: 'calls=1,usec=1' },
    )
    const counters = countersOf({ before, at: 70_000, earlier: { at: 10_000, counters: saved } })
    expect(counters).toMatchObject({ basis: 'previous audit', seconds: 60 })
    expect(counters.grown('evicted_keys')).toBe(3)
    expect(counters.grown('uptime_in_seconds')).toBe(0)
    expect([...counters.commands]).toEqual([
      ['keys', { calls: 1, usec: 100, rejected: 0, failed: 0 }],
      ['set', { calls: 1, usec: 1, rejected: 0, failed: 0 }],
    ])
  })

  test.each([
    ['it was restarted', info({ runId: 'cd'.repeat(20), evicted_keys: 10, total_commands_processed: 200 })],
    ['its counters were set back', info({ evicted_keys: 10, total_commands_processed: 50 })],
    ['it does not say which process it is', info({ runId: '', evicted_keys: 10, total_commands_processed: 200 })],
  ])('but from the start of the server when %s', (_, before) => {
    const counters = countersOf({ before, at: 70_000, earlier: { at: 10_000, counters: saved } })
    expect(counters).toMatchObject({ basis: 'server start', seconds: 1000 })
    expect(counters.grown('evicted_keys')).toBe(10)
  })
})

test('what is kept for the next audit are numbers that count, and nothing that a server made up', () => {
  const saved = saveCounters(
    info({ evicted_keys: 'many', keyspace_hits: 4, used_memory: 9, keyspace_misses: -3 }, { '\u001b[31m': 'calls=1,usec=x' }),
  )
  expect(saved).toEqual({
    runId: RUN,
    fields: { total_commands_processed: 0, keyspace_hits: 4 },
    commands: { '\\x1b[31m': { calls: 1, usec: 0, rejected: 0, failed: 0 } },
  })
})
