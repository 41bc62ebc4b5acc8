// @ts-check
/*
 * What an audit does to everyone else: the latency of a bystander (GET and SET at 5,000 a second, an open loop) beside whole audits under two budgets
 * and under none, and beside redis-cli --bigkeys and --memkeys, on the same server and the same keys. Each slot beside something makes a pair with
 * one beside nothing, in random order; what counts are the differences of pairs, and a budget is kept when their whole interval is within it. Pairs of
 * nothing and nothing show what a difference is where there is none; the audit without a budget is judged by the budgets too, and must be
 * found beyond them: else the measurement could not find anything. Server and bystander have a higher priority than what runs beside them, where that is
 * permitted, so that only the server is shared and not the cores. At last, how long one audit of all keys takes under the default budget.
 * ROUNDS, KEYS and SECONDS change how often, of how many keys and how long; less than five minutes as it is. Whatever ends it, nothing that it
 * started is left behind.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as passed } from 'node:timers/promises'
import { parseMaxImpact } from '#redline/audit/budget/budget.js'
import { systemClock } from '#redline/core/clock.js'
import { Rng } from '#redline/core/rng.js'
import { parseCommandLine } from '#redline/core/template.js'
import { percentile } from '#redline/load/histogram.js'
import { GeneratorPool } from '#redline/load/pool.js'
import { acquireServer } from '#redline/server/acquire.js'
import { parseAddress } from '#redline/wire/address.js'
import { addedOf, verdictOf } from './impact-verdict.js'
import { fill } from './keyspace.js'
import { median, redisTool, spread } from './tools.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 12)
const KEYS = Number(process.env['KEYS'] ?? 300_000)
const SECONDS = Number(process.env['SECONDS'] ?? 1.5)
const RATE = 5000
const BUDGETS = ['1ms,25%', '0.3ms,10%']
/** A slot begins at a random moment of what runs beside it, within so many seconds: an audit is not the same all the time. */
const LATEST_START_SECONDS = 2
/** Of server and bystander; the lower, the earlier it is served. */
const PRIORITY = -10

/** Since the beginning. */
const secondsOf = () => (performance.now() / 1000).toFixed(0).padStart(4)

/** @typedef {{ p50: number, p99: number, p999: number, lateP99: number }} Latencies in milliseconds */
/** @typedef {{ latencies: Latencies, base: Latencies, scan: Scan | undefined }} Pair `base` is beside nothing */
/** @typedef {{ keys: number, keysPerSecond: number, costs: import('#redline/schema/audit.js').Cost[] }} Scan */

/** Longer than any slot takes: what is started ends by itself then, also when this process is killed and can end nothing. */
const LONGEST_SECONDS = Math.ceil(LATEST_START_SECONDS + SECONDS) + 30
/** Process groups that are at work. @type {Set<number>} */
const groups = new Set()
/** Those who are not there any more have ended by themselves. */
const endGroups = () => {
  for (const pid of groups) {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
  groups.clear()
}
const ending = new AbortController()
const { signal } = ending
process.on('exit', endGroups)
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(name, () => {
    ending.abort(new Error(`ended by ${name}`))
    endGroups()
  })
}

const prefers = prioritize(PRIORITY)
const server = await acquireServer({}, { env: process.env, signal, onProgress: () => undefined })
const pool = new GeneratorPool()
try {
  if (!('port' in server.address)) throw new Error('a server on TCP was asked for')
  const { host, port } = server.address
  const cli = await redisTool('cli')
  if (!cli) throw new Error('there is no redis-cli on PATH or beside an unpacked engine')
  const bystander = await pool.open([slice(server.url)], signal)
  // What is started from here on, and this thread, have the usual priority.
  prioritize(0)
  await fill(server.url, KEYS, 'mixed')
  console.error(`${secondsOf()} s  ${KEYS} keys are there`)
  const redisCli = (/** @type {string} */ option) =>
    [
      `echo ready; exec >/dev/null 2>&1; end=$(($(date +%s) + ${LONGEST_SECONDS}))`,
      `while [ $(date +%s) -lt $end ]; do ${[...cli, '-h', host, '-p', port, option, '-i', '0'].join(' ')} || exit; done`,
    ].join('; ')
  const scan = (/** @type {string} */ impact) => [process.execPath, 'bench/impact-scan.js', server.url, impact]
  /** What runs beside the bystander. @type {Record<string, string[]>} */
  const judged = { nothing: [], ...Object.fromEntries(BUDGETS.map((budget) => [`audit, ${budget}`, scan(budget)])) }
  /** In every other round: what these do shows in few pairs. @type {Record<string, string[]>} */
  const compared = {
    'audit, none': scan('none'),
    'redis-cli --bigkeys': ['sh', '-c', redisCli('--bigkeys')],
    'redis-cli --memkeys': ['sh', '-c', redisCli('--memkeys')],
  }

  const rng = new Rng(1)
  /** @type {Record<string, Pair[]>} */
  const pairs = Object.fromEntries(Object.keys({ ...judged, ...compared }).map((name) => [name, []]))
  await measure(bystander, 2)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, command] of shuffled(Object.entries({ ...judged, ...(round % 2 === 0 ? compared : {}) }), rng)) {
      signal.throwIfAborted()
      const first = rng.float() < 0.5 ? await measure(bystander, SECONDS) : undefined
      const beside = await disturbed(command, rng.float() * LATEST_START_SECONDS, () => measure(bystander, SECONDS))
      const pair = { ...beside, base: first ?? (await measure(bystander, SECONDS)) }
      pairs[name]?.push(pair)
      const p99s = `p99 ${pair.latencies.p99.toFixed(2)} ms, beside nothing ${pair.base.p99.toFixed(2)} ms`
      console.error(`${secondsOf()} s  round ${round + 1} of ${ROUNDS}, beside ${name}: ${p99s}`)
    }
  }
  bystander.close()
  const whole = await untilItEnds([...scan(BUDGETS[0] ?? ''), 'once'])
  console.log(`server: ${server.engine} ${server.version}, ${KEYS} mixed keys; bystander ${RATE}/s, slots of ${SECONDS} s`)
  if (!prefers) console.log('no right to a higher priority: what runs beside the bystander also takes its cores')
  print(pairs)
  for (const budget of BUDGETS) judge(budget, pairs)
  const [cost] = whole.costs
  console.log(`one audit of all ${whole.keys} keys under ${BUDGETS[0]}: ${cost?.seconds.toFixed(1)} s, slowed down ${cost?.backOffs} times`)
} finally {
  endGroups()
  await pool.stop()
  await server.stop()
}

/**
 * Gives this thread, and what it starts afterwards, a priority. Returns whether that is permitted.
 * @param {number} priority
 */
function prioritize(priority) {
  try {
    setPriority(priority)
    return true
  } catch (error) {
    if (error instanceof Error && 'info' in error) return false
    throw error
  }
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {Rng} rng
 */
function shuffled(items, rng) {
  return items
    .map((item) => ({ item, key: rng.float() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

/**
 * @param {string} url
 * @returns {import('#redline/load/messages.js').LoadSlice}
 */
function slice(url) {
  const commands = ['GET bystander:{key}', 'SET bystander:{key} {bytes 64}'].map((line) => ({
    args: parseCommandLine(line, 'command'),
    weight: undefined,
  }))
  return {
    ...{ address: parseAddress(url, {}), driver: 'wire', executor: 'open', protocol: 2, commands, workload: undefined, prefix: '' },
    ...{ connections: 50, pipeline: 1, rate: RATE, arrival: 'poisson', keys: 1000, members: 1, firstLane: 0, lanes: 50 },
    ...{ thread: 0, threads: 1, seed: 1, epoch: 0, timeoutMs: 5000, reconnects: false },
  }
}

/**
 * @param {import('#redline/load/pool.js').OpenLoads} bystander
 * @param {number} seconds
 * @returns {Promise<Latencies>}
 */
async function measure(bystander, seconds) {
  const [report] = await bystander.runPhase([
    { measured: true, startAt: systemClock.now() + 5, durationMs: seconds * 1000, count: undefined },
  ])
  if (!report) throw new Error('the bystander has no thread')
  const { unsent, unanswered } = report.outcome
  if (unsent + unanswered > 0) throw new Error(`${unsent + unanswered} requests of the bystander were not answered: is this machine busy?`)
  const ms = (/** @type {number} */ percent) => percentile(report.latency, percent) / 1e6
  return { p50: ms(50), p99: ms(99), p999: ms(99.9), lateP99: percentile(report.ownLateness, 99) / 1e6 }
}

/**
 * Measures while a command runs, which is ended afterwards with all that it started.
 * @param {readonly string[]} command
 * @param {number} afterSeconds from when the command is at work
 * @param {() => Promise<Latencies>} measure
 * @returns {Promise<Omit<Pair, 'base'>>}
 */
async function disturbed([program, ...args], afterSeconds, measure) {
  if (program === undefined) return { latencies: await measure(), scan: undefined }
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.pid === undefined) throw new Error(`${program} did not start`)
  const { pid } = child
  groups.add(pid)
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done) throw new Error(`${program} ${args[0] ?? ''} said nothing`)
  await passed(afterSeconds * 1000)
  const latencies = await measure()
  if (child.exitCode !== null) throw new Error(`${[program, ...args].join(' ')} ended with ${child.exitCode} before its slot did`)
  process.kill(-pid, 'SIGTERM')
  let last = ''
  for (let line = await lines.next(); !line.done; line = await lines.next()) last = line.value
  await ended
  groups.delete(pid)
  return { latencies, scan: last.startsWith('{') ? JSON.parse(last) : undefined }
}

/**
 * @param {readonly string[]} command
 * @returns {Promise<Scan>}
 */
async function untilItEnds([program = '', ...args]) {
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.pid === undefined) throw new Error(`${program} did not start`)
  groups.add(child.pid)
  let last = ''
  for await (const line of createInterface({ input: child.stdout })) last = line
  groups.delete(child.pid)
  return JSON.parse(last)
}

/** @param {readonly Pair[]} pairs */
function differencesOf(pairs) {
  return pairs.map(({ latencies, base }) => latencies.p99 - base.p99)
}

/** @param {readonly Pair[]} pairs */
function addedText(pairs) {
  const { estimate, low, high } = addedOf(differencesOf(pairs))
  return `${estimate.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
}

/** @param {Record<string, Pair[]>} all */
function print(all) {
  console.log(
    'beside               pairs  p50 ms  p99 ms (least to greatest)  nothing beside it      added p99 ms (95%)      p99.9    keys/s  its own added p99, CPU, back-offs',
  )
  for (const [name, pairs] of Object.entries(all)) {
    const of = (/** @type {keyof Latencies} */ figure) => pairs.map(({ latencies }) => latencies[figure])
    const scans = pairs.flatMap(({ scan }) => scan ?? [])
    const costs = scans.flatMap((scan) => scan.costs)
    const own = costs.flatMap(({ latency }) => latency?.addedP99Ms ?? [])
    const cpu = costs.flatMap(({ serverCpuShare }) => serverCpuShare ?? [])
    const backOffs = costs.map((cost) => cost.backOffs)
    const ownText = `${own.length === 0 ? '-' : `${median(own).toFixed(2)} ms`}, ${(median(cpu) * 100).toFixed(0)}%, ${median(backOffs)}`
    const cells = [
      name.padEnd(19),
      String(pairs.length).padStart(5),
      median(of('p50')).toFixed(3).padStart(6),
      spread(of('p99')).padEnd(26),
      spread(pairs.map(({ base }) => base.p99)).padEnd(21),
      addedText(pairs).padEnd(22),
      median(of('p999')).toFixed(2).padStart(6),
      ...(scans.length === 0
        ? []
        : [`${(median(scans.map(({ keysPerSecond }) => keysPerSecond)) / 1000).toFixed(1)}k`.padStart(8), ownText]),
    ]
    console.log(cells.join('  ').trimEnd())
  }
}

/**
 * Says whether a budget was kept, and whether the audit that has none is found to exceed it.
 * @param {string} impact
 * @param {Record<string, Pair[]>} all
 */
function judge(impact, all) {
  const budget = parseMaxImpact(impact)
  if (budget === 'none') return
  const pairs = all[`audit, ${impact}`] ?? []
  const differences = differencesOf(pairs)
  const within = differences.filter((ms) => ms <= budget.addedP99Ms).length
  const verdict = verdictOf(addedOf(differences), budget.addedP99Ms)
  console.log(`budget ${impact}: ${verdict}; added p99 ${addedText(pairs)} ms, within it in ${within} of ${pairs.length} pairs`)
  const control = verdictOf(addedOf(differencesOf(all['audit, none'] ?? [])), budget.addedP99Ms)
  console.log(
    `  the audit without a budget, judged by it: ${control}${control === 'NOT kept' ? ', as it must be' : ': this measurement shows nothing'}`,
  )
}
