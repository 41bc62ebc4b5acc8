import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderWatch, watchHeader, watchLine } from '#redline/report/watch.js'
import { displayWidth } from '#redline/report/wrap.js'
import type { WatchCommand, WatchRates, WatchSample, WatchState } from '#redline/schema/watch.js'

const NARROW = { width: 80, color: false, unicode: true }
const WIDE = { width: 160, color: false, unicode: true }
const PLAIN = { width: 80, color: false, unicode: false }
const COLOUR = { width: 80, color: true, unicode: true }

const command = (name: string, callsPerSecond: number, timeShare: number, us?: [number, number]): WatchCommand => ({
  command: name,
  callsPerSecond,
  timeShare,
  latency: us && { p50Ms: us[0] / 1000, p99Ms: us[1] / 1000 },
})

const state = (fields: Partial<WatchState> = {}): WatchState => ({
  server: 'valkey 8.1.1, master',
  usedMemoryBytes: 851_443_712,
  maxmemoryBytes: 1024 ** 3,
  fragmentation: 1.12,
  clients: 120,
  blockedClients: 0,
  replicationLagSeconds: 1,
  ...fields,
})

const rates = (fields: Partial<WatchRates> = {}): WatchRates => ({
  seconds: 60,
  evicted: 0,
  expired: 3.25,
  hits: 12_000,
  misses: 1200,
  hitRate: 10 / 11,
  operations: 15_023,
  cpuShare: 0.31,
  topByCalls: [command('get', 12_000, 0.041, [1, 3]), command('config|get', 0.0166, 0.000001)],
  topByTime: [command('hgetall', 200, 0.12, [501, 12_030]), command('get', 12_000, 0.041, [1, 3])],
  ...fields,
})

const sample = (minute: number, fields: Partial<WatchSample> = {}): WatchSample => ({
  at: Date.UTC(2026, 10, 22, 12, 30 + minute),
  notes: [],
  unreachable: undefined,
  state: state(),
  rates: rates(),
  ...fields,
})

const growing = [
  sample(0, { rates: undefined, state: state({ usedMemoryBytes: 100 * 1024 ** 2 }) }),
  sample(1, { state: state({ usedMemoryBytes: 400 * 1024 ** 2 }), rates: rates({ evicted: 50, hits: 6000 }) }),
  sample(2, { state: undefined, rates: undefined, unreachable: 'redis://cache-1:6379 refused the connection' }),
  sample(3, { notes: ['connected again', 'the server was restarted, or another one answers at its address'], rates: undefined }),
  sample(4, { state: state({ usedMemoryBytes: 800 * 1024 ** 2 }), rates: rates({ evicted: 400 }) }),
]

describe('a watch on a terminal', () => {
  test('of 80 columns: memory, evictions, hits and misses first, with the past beside', () => {
    expect(renderWatch(growing, NARROW)).toMatchInlineSnapshot(`
      "redline watch · valkey 8.1.1, master · 12:34:00 UTC

                            now   least    most  past 5
      used_memory        800 MB  100 MB  812 MB  ▁▄ ██
        of maxmemory        78%    9.8%     79%  ▁▄ ██
      evicted_keys/s        400      50     400   ▁  █
      keyspace_hits/s     12.0k   6.00k   12.0k   ▄  █
      keyspace_misses/s   1.20k   1.20k   1.20k   █  █
        hit rate            91%     91%     91%   █  █
      ops/s               15.0k   15.0k   15.0k   █  █
      expired_keys/s       3.25    3.25    3.25   █  █
      CPU                   31%     31%     31%   █  █
      clients               120     120     120  ██ ██
        blocked               0       0       0
      fragmentation        1.12    1.12    1.12  ██ ██
      replication lag        1s      1s      1s  ██ ██

      by calls                  calls/s  of a core  p50 us  p99
      get                         12.0k       4.1%       1    3
      config|get                 0.0166     <0.01%       -    -

      by time                   calls/s  of a core  p50 us    p99
      hgetall                       200        12%     501  12.0k
      get                         12.0k       4.1%       1      3

      12:32:00 unreachable: redis://cache-1:6379 refused the connection
      12:33:00 connected again
      12:33:00 the server was restarted, or another one answers at its address
      "
    `)
  })

  test('of 160 columns has the commands side by side, and more of the past', () => {
    expect(renderWatch(growing, WIDE)).toMatchInlineSnapshot(`
      "redline watch · valkey 8.1.1, master · 12:34:00 UTC

                            now   least    most  past 5
      used_memory        800 MB  100 MB  812 MB  ▁▄ ██
        of maxmemory        78%    9.8%     79%  ▁▄ ██
      evicted_keys/s        400      50     400   ▁  █
      keyspace_hits/s     12.0k   6.00k   12.0k   ▄  █
      keyspace_misses/s   1.20k   1.20k   1.20k   █  █
        hit rate            91%     91%     91%   █  █
      ops/s               15.0k   15.0k   15.0k   █  █
      expired_keys/s       3.25    3.25    3.25   █  █
      CPU                   31%     31%     31%   █  █
      clients               120     120     120  ██ ██
        blocked               0       0       0
      fragmentation        1.12    1.12    1.12  ██ ██
      replication lag        1s      1s      1s  ██ ██

      by calls                          calls/s  of a core  p50 us  p99    by time                           calls/s  of a core  p50 us    p99
      get                                 12.0k       4.1%       1    3    hgetall                               200        12%     501  12.0k
      config|get                         0.0166     <0.01%       -    -    get                                 12.0k       4.1%       1      3

      12:32:00 unreachable: redis://cache-1:6379 refused the connection
      12:33:00 connected again
      12:33:00 the server was restarted, or another one answers at its address
      "
    `)
    const bars = (style: typeof NARROW) => {
      const many = Array.from({ length: 200 }, (_, minute) => sample(minute))
      return renderWatch(many, style)
        .split('\n')
        .find((line) => line.startsWith('used_memory'))!
        .replaceAll(/[^█]/g, '').length
    }
    expect(bars(NARROW)).toBeGreaterThan(30)
    expect(bars(WIDE)).toBeGreaterThan(110)
  })

  test('without anything but ASCII, and only what is known after the first sample', () => {
    expect(renderWatch(growing.slice(0, 1), PLAIN)).toMatchInlineSnapshot(`
      "redline watch - valkey 8.1.1, master - 12:30:00 UTC

                            now
      used_memory        100 MB
        of maxmemory       9.8%
      evicted_keys/s          -
      keyspace_hits/s         -
      keyspace_misses/s       -
        hit rate              -
      ops/s                   -
      expired_keys/s          -
      CPU                     -
      clients               120
        blocked               0
      fragmentation        1.12
      replication lag        1s
      "
    `)
    // oxlint-disable-next-line no-control-regex -- anything beyond ASCII
    expect(renderWatch(growing, PLAIN)).not.toMatch(/[^\x00-\x7f]/)
  })

  test('says first that the server can not be asked, while that is so', () => {
    const text = renderWatch(growing.slice(0, 3), COLOUR)
    expect(text.split('\n')[1]).toBe('\u001b[31munreachable: redis://cache-1:6379 refused the connection\u001b[39m')
    expect(renderWatch(growing, NARROW).split('\n')[1]).toBe('')
  })

  test('leaves out what this server does not have', () => {
    const bare = sample(0, { state: state({ maxmemoryBytes: 0, fragmentation: undefined, replicationLagSeconds: undefined }) })
    expect(renderWatch([bare], NARROW)).not.toMatch(/maxmemory|fragmentation|replication/)
    const unlinked = sample(0, { state: state({ replicationLagSeconds: Infinity }) })
    expect(renderWatch([unlinked, unlinked], NARROW)).toMatch(/replication lag +down/)
  })

  test('of nothing is empty', () => {
    expect(renderWatch([], NARROW)).toBe('')
  })
})

describe('a watch that is appended to', () => {
  test('has a line a sample under one heading', () => {
    const lines = (style: typeof NARROW) => [watchHeader(style), ...growing.map((one) => watchLine(one, style))].join('\n')
    expect(lines(NARROW)).toMatchInlineSnapshot(`
      "time (UTC) used_memory evicted/s hits/s misses/s hit rate  ops/s expired/s
      12:30:00        100 MB         -      -        -        -      -         -
      12:31:00        400 MB        50  6.00k    1.20k      91%  15.0k      3.25
      12:32:00   unreachable: redis://cache-1:6379 refused the connection
      12:33:00        812 MB         -      -        -        -      -         - (connected again) (the server was restarted, or another one answers at its address)
      12:34:00        800 MB       400  12.0k    1.20k      91%  15.0k      3.25"
    `)
    expect(lines(WIDE)).toMatchInlineSnapshot(`
      "time (UTC)           used_memory evicted/s hits/s misses/s hit rate  ops/s expired/s    CPU clients blocked frag.    lag most calls
      2026-11-22T12:30:00Z      100 MB         -      -        -        -      -         -      -     120       0  1.12     1s          -
      2026-11-22T12:31:00Z      400 MB        50  6.00k    1.20k      91%  15.0k      3.25    31%     120       0  1.12     1s        get
      2026-11-22T12:32:00Z unreachable: redis://cache-1:6379 refused the connection
      2026-11-22T12:33:00Z      812 MB         -      -        -        -      -         -      -     120       0  1.12     1s          - (connected again) (the server was restarted, or another one answers at its address)
      2026-11-22T12:34:00Z      800 MB       400  12.0k    1.20k      91%  15.0k      3.25    31%     120       0  1.12     1s        get"
    `)
  })
})

describe('whatever the samples are', () => {
  const number = fc.oneof(fc.constant(0), fc.nat(1000), fc.nat(1e12)).map((total) => total / 60)
  const share = fc.nat(1e6).map((ppm) => ppm / 1e6)
  const name = fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom('a', 'b', 'c', '|', '-', '検', '索') })
  const commands = fc.array(
    fc.record({ name, calls: number, time: share, us: fc.option(fc.tuple(number, number), { nil: undefined }) }).map((one) => {
      return command(one.name, one.calls, one.time, one.us)
    }),
    { maxLength: 8 },
  )
  const samples = fc.array(
    fc
      .record({
        used: number,
        max: number,
        evicted: number,
        hits: number,
        share,
        blocked: number,
        lag: fc.constantFrom(undefined, 0, 3, Infinity),
        commands,
        known: fc.boolean(),
        rated: fc.boolean(),
      })
      .map((one) =>
        sample(0, {
          state: one.known
            ? state({ usedMemoryBytes: one.used, maxmemoryBytes: one.max, clients: one.blocked, replicationLagSeconds: one.lag })
            : undefined,
          rates:
            one.known && one.rated
              ? rates({
                  evicted: one.evicted,
                  hits: one.hits,
                  hitRate: one.share,
                  cpuShare: one.share,
                  topByCalls: one.commands,
                  topByTime: one.commands,
                })
              : undefined,
          unreachable: one.known ? undefined : 'the server refused the connection '.repeat(4).trim(),
          notes: one.rated ? [] : ['the statistics were reset (CONFIG RESETSTAT)'],
        }),
      ),
    { maxLength: 40 },
  )

  test('every line fits, and no number is NaN', () => {
    fc.assert(
      fc.property(samples, fc.constantFrom(80, 100, 130, 160), fc.boolean(), (samples, width, unicode) => {
        const text = renderWatch(samples, { width, color: false, unicode })
        for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width)
        expect(text).not.toMatch(/NaN|undefined/)
        for (const one of samples) expect(watchLine(one, { width, color: false, unicode })).not.toMatch(/NaN|undefined|\n/)
      }),
    )
  })
})
