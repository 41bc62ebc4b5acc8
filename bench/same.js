// @ts-check
/*
 * A scenario whose two variants are the same must have no winner: RUNS runs of one, each asked which variant has more throughput and which less latency. Prints how many of them
 * named one, and ends with 1 when more than one in twenty did.
 */
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { resolveScenario } from '#redline/config/resolve.js'
import { run } from '#redline/run/run.js'
import { acquireServer } from '#redline/server/acquire.js'
import { parseAddress } from '#redline/wire/address.js'

const RUNS = Number(process.env['RUNS'] ?? 20)
const PLAN = resolveScenario(
  loadScenarioFile(
    'same.yaml',
    `
name: bench/same
claim: none
dataset: [{ key: 'user:{i}', count: 10000, string: '{bytes 64}' }]
variants: { one: {}, other: {} }
commands: ['GET user:{key}']
load: { connections: 8, pipeline: 4, duration: 250ms, warmup: 50ms }
rounds: 5
expect: [one.throughput > other.throughput, one.p50 < other.p50]
`,
  ),
)

const context = { env: process.env, signal: new AbortController().signal, onProgress: () => undefined }
const server = await acquireServer({}, context)
try {
  console.log(`${server.engine} ${server.version}: ${RUNS} runs of a scenario whose variants are the same`)
  /** @type {string[][]} */
  const verdicts = []
  for (let seed = 1; seed <= RUNS; seed++) {
    const { scenarios } = await run({
      plans: [PLAN],
      target: { address: parseAddress(server.url, {}), allow: new Set(['busy']) },
      profile: 'full',
      seed,
      version: 'bench',
      timeoutMs: 5000,
      ...context,
    })
    verdicts.push(scenarios.flatMap(({ expectations }) => expectations.map(({ verdict }) => verdict)))
  }
  const named = PLAN.expectations.map((_, index) => verdicts.filter((run) => run[index] !== 'inconclusive').length)
  for (const [index, { expression }] of PLAN.expectations.entries())
    console.log(`${expression.padEnd(36)} a winner in ${named[index]} of ${RUNS}, inconclusive in ${RUNS - (named[index] ?? 0)}`)
  process.exitCode = Math.max(...named) * 20 > RUNS ? 1 : 0
} finally {
  await server.stop()
}
