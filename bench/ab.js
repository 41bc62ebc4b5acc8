// @ts-check
/*
 * redline ab and redline compare on real servers: how often they say that two equal servers, or two runs on one, differ, and how often ab finds that a command takes
 * 10% longer. Two servers of one engine, each its own process; the command is a loop in Lua, whose CPU time on the server is known by its number of turns.
 * STORED, EQUAL and SLOWER are the numbers of comparisons, BUDGET is the longest that one of ab may take. It fails fast, as a gate may.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '#redline/cli/program.js'
import { acquireServer } from '#redline/server/acquire.js'
import { median, spread } from './tools.js'

const STORED = Number(process.env['STORED'] ?? 40)
const EQUAL = Number(process.env['EQUAL'] ?? 40)
const SLOWER = Number(process.env['SLOWER'] ?? 20)
const BUDGET = process.env['BUDGET'] ?? '60s'
// So many that the loop is all of the command: ten percent more turns are ten percent more time.
const TURNS = Number(process.env['TURNS'] ?? 100_000)
const SCENARIO = `
name: bench/ab
claim: none
dataset: [{ key: 'user:{i}', count: 100, string: x }]
variants:
  loop: { commands: ["EVAL 'local n = 0 for i = 1, tonumber(ARGV[1]) do n = n + i end return n' 1 user:{key} {$turns}"] }
vars: { turns: ${TURNS} }
load: { connections: 4, duration: 200ms, warmup: 50ms }
`

const cwd = mkdtempSync(join(tmpdir(), 'redline-bench-'))
writeFileSync(join(cwd, 'scenario.yaml'), SCENARIO)
const context = { env: process.env, signal: new AbortController().signal, onProgress: () => undefined }
const servers = [await acquireServer({}, context), await acquireServer({}, context)]
console.log(`two of ${servers[0]?.engine} ${servers[0]?.version}; ${BUDGET} at most for each comparison, of five metrics`)

/**
 * What a command prints. Throws when it prints nothing.
 * @param {readonly string[]} args
 */
async function printedBy(args) {
  let printed = ''
  let told = ''
  await main(args, {
    stdout: { write: (text) => void (printed += text), isTTY: false, columns: undefined },
    stderr: { write: (text) => void (told += text), isTTY: false, columns: undefined },
    env: process.env,
    cwd,
    signal: new AbortController().signal,
    version: 'bench',
    open: () => Promise.resolve(),
  })
  if (printed === '') throw new Error(told)
  return printed
}

/**
 * One comparison in turns: its document, and the seconds that it took.
 * @param {number} turns of the second side
 * @param {number} seed
 */
async function compare(turns, seed) {
  const startedAt = performance.now()
  const sides = ['--a', `${servers[0]?.url}`, '--b', `${servers[1]?.url}`, `vars.turns=${turns}`]
  const printed = await printedBy([
    'ab',
    'scenario.yaml',
    ...sides,
    '--allow',
    'busy',
    '--budget',
    BUDGET,
    '--fail-fast',
    '--seed',
    String(seed),
    '--json',
  ])
  return comparison(printed, startedAt)
}

/**
 * Two runs, one after the other on one server, compared as stored results are.
 * @param {number} seed
 */
async function compareStored(seed) {
  const startedAt = performance.now()
  for (const name of ['base', 'head']) {
    const run = [
      'run',
      'scenario.yaml',
      '--target',
      `${servers[0]?.url}`,
      '--allow',
      'busy',
      '--rounds',
      '10',
      '--seed',
      String(seed),
      '--json',
    ]
    writeFileSync(join(cwd, `${name}.json`), await printedBy(run))
  }
  return comparison(await printedBy(['compare', 'base.json', 'head.json', '--json']), startedAt)
}

/**
 * @param {string} printed
 * @param {number} startedAt
 */
function comparison(printed, startedAt) {
  /** @type {import('#redline/schema/compare.js').ComparedRuns} */
  const document = JSON.parse(printed)
  const rounds = Math.max(...document.metrics.map(({ base }) => base.rounds))
  return { document, rounds, seconds: (performance.now() - startedAt) / 1000 }
}

/** @typedef {Awaited<ReturnType<typeof compare>>} Compared */

/**
 * @param {string} name
 * @param {readonly Compared[]} all
 */
function tell(name, all) {
  const open = all.filter(({ document }) => document.counts.inconclusive > 0).length
  const worse = all.filter(({ document }) => document.counts.worse > 0).length
  const better = all.filter(({ document }) => document.counts.better > 0).length
  console.log(
    `${name.padEnd(16)} ${all.length} comparisons: ${worse} with something worse, ${better} with something better, ${open} with something left open`,
  )
  console.log(
    `                 ${spread(all.map(({ seconds }) => seconds))} s, ${spread(
      all.map(({ rounds }) => rounds),
      0,
    )} rounds of each`,
  )
  for (const metric of ['throughput', 'p50', 'p99', 'server_cpu_us']) {
    const found = all.flatMap(({ document }) => document.metrics.filter((one) => one.metric === metric))
    const estimates = found.flatMap(({ estimate }) => estimate ?? [])
    const noises = found.flatMap(({ noise }) => noise ?? [])
    const known = noises.length > 0 ? `, known to within ${(median(noises) * 100).toFixed(1)}% (median)` : ''
    if (estimates.length > 0) console.log(`  ${metric.padEnd(14)} ${spread(estimates, 3)}x${known}`)
  }
}

try {
  /** @type {Compared[]} */
  const stored = []
  for (let i = 0; i < STORED; i++) stored.push(await compareStored(i + 1))
  if (STORED > 0) tell('two runs', stored)
  /** @type {Compared[]} */
  const equal = []
  for (let i = 0; i < EQUAL; i++) equal.push(await compare(TURNS, i + 1))
  if (EQUAL > 0) tell('equal', equal)
  /** @type {Compared[]} */
  const slower = []
  for (let i = 0; i < SLOWER; i++) slower.push(await compare(TURNS * 1.1, i + 1))
  if (SLOWER > 0) tell('10% more turns', slower)
} finally {
  await Promise.all(servers.map((server) => server.stop()))
  rmSync(cwd, { recursive: true })
}
