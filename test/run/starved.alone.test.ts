import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { planOf, runPlans } from '../support/scenarios.js'

const PLAN = `
name: test/starved
claim: none
variants: { ping: { commands: ['PING'] } }
load: { connections: 5, duration: 1500ms, warmup: 100ms }
rounds: 1
`

test('a generator whose core is taken makes the round invalid, with itself as the limiter, and no rate and no time but CPU time is given', async () => {
  // More busy processes than cores, at the generator's own priority, for as long as the round takes.
  const busy = 'const end = Date.now() + 20000; while (Date.now() < end);'
  const hogs = Array.from({ length: availableParallelism() * 3 }, () => spawn(process.execPath, ['-e', busy]))
  try {
    const [variant] = (await runPlans([planOf(PLAN)])).scenarios[0]!.variants
    const { validity } = variant!.rounds[0]!
    expect(validity).toMatchObject({ verdict: 'invalid', limiter: 'generator' })
    expect(validity.reasons.map(({ code }) => code)).toContain('generator-starved')
    // What was counted stays true however busy the machine was, and CPU time is counted without the waiting.
    const timed = Object.entries(variant!.summary).filter(([, { unit }]) => unit === 'us' || unit === 'ops/s')
    expect(timed.map(([name]) => name)).toEqual(['server_cpu_us'])
    expect(Object.keys(variant!.summary)).toEqual(expect.arrayContaining(['errors', 'memory_delta']))
  } finally {
    for (const hog of hogs) hog.kill('SIGKILL')
  }
})
