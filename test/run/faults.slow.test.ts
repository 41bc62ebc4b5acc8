import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SafetyError } from '#redline/core/errors.js'
import type { Round, RunResult } from '#redline/schema/result.js'
import type { FaultPlan, ScenarioPlan } from '#redline/schema/scenario.js'
import { planOf, runPlans } from '../support/scenarios.js'
import { startServer, type TestServer } from '../support/servers.js'
import { alive, watchServers } from '../support/watched.js'

const plan = (faults: FaultPlan[], more = '', { duration = '600ms', rounds = 2 } = {}): ScenarioPlan => {
  const planned = planOf(`
name: test/faults
claim: none
variants: { it: {} }
commands: ['INCR hits']
load: { executor: open, rate: 200, arrival: constant, connections: 4, duration: ${duration}, warmup: 0s }
rounds: ${rounds}
${more}`)
  return { ...planned, variants: planned.variants.map((variant) => ({ ...variant, faults })) }
}

const roundsOf = (result: RunResult): Round[] => result.scenarios[0]!.variants[0]!.rounds
const codesOf = ({ validity }: Round) => validity.reasons.map(({ code }) => code)

describe('a fault at a time of a round', { timeout: 120_000 }, () => {
  test('pause holds every answer for its time, and is recorded with when it happened', async () => {
    for (const round of roundsOf(await runPlans([plan([{ atMs: 200, kind: 'pause', forMs: 250 }])]))) {
      expect(round.faults).toEqual([{ kind: 'pause', atMs: expect.any(Number), ok: true }])
      expect(round.faults[0]!.atMs).toBeGreaterThanOrEqual(200)
      expect(round.loads[0]!.latency.max).toBeGreaterThan(200_000)
      expect(round.loads[0]!.operations).toBe(120)
      expect(round.checks).toEqual([])
    }
  })

  test('kill loses what was not persisted; the load waits for the server and goes on, and what it lost is noted and no reason to doubt the round', async () => {
    const faults: FaultPlan[] = [
      { atMs: 200, kind: 'kill' },
      { atMs: 400, kind: 'restart' },
    ]
    for (const round of roundsOf(await runPlans([plan(faults, '', { duration: '1s' })]))) {
      expect(round.faults.map(({ kind, ok }) => [kind, ok])).toEqual([
        ['kill', true],
        ['restart', true],
      ])
      expect(round.loads[0]!.latency.max).toBeGreaterThan(150_000)
      expect(round.loads[0]!.operations).toBe(200)
      expect(round.validity.reasons.filter(({ code }) => code === 'errors').map(({ severity }) => severity)).not.toContain('invalid')
      expect(codesOf(round)).not.toContain('counters')
      // INCR began anew.
      expect(round.server.commands['incr']!.calls).toBeLessThan(180)
      expect(round.server.keyspace.keys).toBe(1)
    }
  })

  test('a server that is still killed or paused when the round ends is back for the next, with its dataset', async () => {
    const dataset = "dataset: [{ key: 'user:{i}', count: 25, string: x }]"
    for (const kind of ['kill', 'pause'] as const) {
      const rounds = roundsOf(await runPlans([plan([{ atMs: 450, kind }], dataset)]))
      expect(rounds.map(({ faults }) => faults[0]?.ok)).toEqual([true, true])
      expect(rounds[1]!.loads[0]!.operations).toBeGreaterThan(50)
    }
  })

  test('restart alone kills and starts; what was persisted is there', async () => {
    const durable = 'server: { config: { appendonly: yes, appendfsync: always } }'
    const [round] = roundsOf(await runPlans([plan([{ atMs: 300, kind: 'restart', forMs: 50 }], durable)]))
    expect(round!.faults).toMatchObject([{ kind: 'restart', ok: true }])
    expect(round!.server.keyspace.keys).toBe(1)
  })

  test('cut closes the connections of the load, which opens them again', async () => {
    const closed = plan([{ atMs: 300, kind: 'cut' }])
    const loads = closed.variants[0]!.loads.map((load) => ({ ...load, executor: 'closed' as const, rate: undefined }))
    const [round] = roundsOf(await runPlans([{ ...closed, variants: [{ ...closed.variants[0]!, loads }] }]))
    expect(round!.faults).toMatchObject([{ kind: 'cut', ok: true }])
    const errors = Object.entries(round!.loads[0]!.errors)
    expect(errors.reduce((sum, [, count]) => sum + count, 0)).toBeLessThanOrEqual(4)
    // A server that had not read all that was sent to it resets the connection instead of closing it.
    expect(errors.map(([message]) => message).join()).toMatch(/(closed|cut) the connection/)
    expect(round!.loads[0]!.unanswered).toBe(0)
    expect(round!.loads[0]!.durationMs).toBeGreaterThanOrEqual(600)
  })

  test('connections that are opened again go on with what they send: nothing is asked twice', async () => {
    for (const work of ["commands: ['SET key:{seq} x']", 'workload: atomic-counter']) {
      const planned = planOf(`
name: test/again
claim: none
variants: { it: {} }
${work}
load: { connections: 4, duration: 600ms, warmup: 0s }
rounds: 1
`)
      const cut = {
        ...planned,
        variants: planned.variants.map((variant) => ({ ...variant, faults: [{ atMs: 300, kind: 'cut' as const }] })),
      }
      const [round] = roundsOf(await runPlans([cut]))
      const [load] = round!.loads
      const lost = Object.values(load!.errors).reduce((sum, count) => sum + count, 0)
      expect(lost).toBeGreaterThan(0)
      const keys = work.startsWith('commands') ? load!.operations - lost : 1
      expect(round!.server.keyspace.keys).toBeGreaterThanOrEqual(keys)
      // It goes on after the cut, for as long as it was to.
      expect(load!.durationMs).toBeGreaterThanOrEqual(600)
      expect(round!.series.findLast(({ operations }) => operations > 0)!.second).toBeGreaterThan(0.45)
    }
  })

  test('that had no effect, or no time to happen, is a failed check', async () => {
    const late = roundsOf(await runPlans([plan([{ atMs: 60_000, kind: 'pause' }], '', { rounds: 1 })]))[0]!
    expect(late.faults).toEqual([])
    expect(late.checks).toEqual([{ name: 'pause at 1m', expected: 'took effect', observed: 'the round was over before', ok: false }])
    expect(late.validity.verdict).toBe('invalid')
    expect(codesOf(late)).toContain('check-failed')

    const killed: FaultPlan[] = [
      { atMs: 100, kind: 'kill' },
      { atMs: 200, kind: 'kill' },
    ]
    const twice = roundsOf(await runPlans([plan(killed, '', { rounds: 1 })]))[0]!
    expect(twice.faults.map(({ ok }) => ok)).toEqual([true, false])
    expect(twice.checks[0]).toMatchObject({ name: 'kill at 200ms', observed: expect.stringContaining('is killed, not running or paused') })
  })

  test.each(['pause', 'kill'] as const)('an interrupted run whose server is in a %s leaves no process', async (kind) => {
    const abort = new AbortController()
    const watched = watchServers((event) => {
      if (event.kind === 'round') setTimeout(() => abort.abort(), 1500)
    })
    const began = performance.now()
    const interrupted = runPlans([plan([{ atMs: 100, kind }], '', { duration: '20s' })], {
      signal: abort.signal,
      onProgress: watched.onProgress,
    })
    await expect(interrupted).rejects.toThrow('interrupted')
    expect(performance.now() - began).toBeLessThan(30_000)
    expect(await watched.pids()).toHaveLength(1)
    expect(alive(await watched.pids())).toEqual([])
  })

  test('leaves no process after a run that was complete', async () => {
    const watched = watchServers()
    await runPlans([plan([{ atMs: 100, kind: 'restart' }])], { onProgress: watched.onProgress })
    expect(alive(await watched.pids())).toEqual([])
  })
})

describe('on a server that is not ours', () => {
  let foreign: TestServer
  beforeAll(async () => {
    foreign = await startServer()
  })
  afterAll(() => foreign.stop())

  test('faults are refused', async () => {
    const refused = await runPlans([plan([{ atMs: 100, kind: 'pause' }])], { url: foreign.url }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SafetyError)
    expect(String(refused)).toContain('does a pause to its server, which redline does only with servers that it started')
  })
})
