// @ts-check
/*
 * What an audit does to everyone else: the latency of a bystander (GET and SET at 5,000 a second, an open loop) beside nothing, beside whole audits
 * under two budgets and under none, and beside redis-cli --bigkeys and --memkeys, on the same server and the same keys, in turns. What
 * counts is the difference to `nothing` within a round; a second `nothing` shows what such a difference is where there is none. A budget is kept when
 * the median of its differences is within it. At last, how long one audit of all keys takes under the default budget. ROUNDS, KEYS and SECONDS change how
 * often, of how many keys and how long; some four minutes as it is. Whatever ends it, nothing that it started is left behind.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { parseMaxImpact } from '#redline/audit/budget/budget.js'
import { systemClock } from '#redline/core/clock.js'
import { parseCommandLine } from '#redline/core/template.js'
import { percentile } from '#redline/load/histogram.js'
import { GeneratorPool } from '#redline/load/pool.js'
import { acquireServer } from '#redline/server/acquire.js'
import { parseAddress } from '#redline/wire/address.js'
import { fill } from './keyspace.js'
import { median, redisTool, spread } from './tools.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
const KEYS = Number(process.env['KEYS'] ?? 300_000)
const SECONDS = Number(process.env['SECONDS'] ?? 3)
const RATE = 5000
const BUDGETS = ['1ms,25%', '0.3ms,10%']

/** Since the beginning. */
const secondsOf = () => (performance.now() / 1000).toFixed(0).padStart(4)

/** @typedef {{ p50: number, p99: number, p999: number, lateP99: number }} Latencies in milliseconds */
/** @typedef {{ latencies: Latencies, scan: Scan | undefined }} Outcome */
/** @typedef {{ keys: number, keysPerSecond: number, costs: import('#redline/schema/audit.js').Cost[] }} Scan */

/** Longer than any slot takes: what is started ends by itself then, also when this process is killed and can end nothing. */
const LONGEST_SECONDS = SECONDS + 30
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

const server = await acquireServer({}, { env: process.env, signal, onProgress: () => undefined })
const pool = new GeneratorPool()
try {
  if (!('port' in server.address)) throw new Error('a server on TCP was asked for')
  const { host, port } = server.address
  const cli = await redisTool('cli')
  if (!cli) throw new Error('there is no redis-cli on PATH or beside an unpacked engine')
  await fill(server.url, KEYS, 'mixed')
  console.error(`${secondsOf()} s  ${KEYS} keys are there`)
  const bystander = await pool.open([slice(server.url)], signal)
  const redisCli = (/** @type {string} */ option) =>
    [
      `exec 2>/dev/null; end=$(($(date +%s) + ${LONGEST_SECONDS}))`,
      `while [ $(date +%s) -lt $end ]; do ${[...cli, '-h', host, '-p', port, option, '-i', '0'].join(' ')} || exit; done`,
    ].join('; ')
  const scan = (/** @type {string} */ impact) => [process.execPath, 'bench/impact-scan.js', server.url, impact]
  /** What runs beside the bystander. @type {Record<string, string[]>} */
  const beside = {
    nothing: [],
    'nothing, again': [],
    ...Object.fromEntries(BUDGETS.map((budget) => [`audit, ${budget}`, scan(budget)])),
    'audit, none': scan('none'),
    'redis-cli --bigkeys': ['sh', '-c', redisCli('--bigkeys')],
    'redis-cli --memkeys': ['sh', '-c', redisCli('--memkeys')],
  }

  /** @type {Record<string, Outcome[]>} */
  const outcomes = Object.fromEntries(Object.keys(beside).map((name) => [name, []]))
  await measure(bystander, 2)
  for (let round = 0; round < ROUNDS; round++) {
    const names = Object.keys(beside)
    // Whoever goes first changes from round to round.
    for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)]) {
      signal.throwIfAborted()
      const outcome = await disturbed(beside[name] ?? [], () => measure(bystander, SECONDS))
      outcomes[name]?.push(outcome)
      console.error(`${secondsOf()} s  round ${round + 1} of ${ROUNDS}, beside ${name}: p99 ${outcome.latencies.p99.toFixed(2)} ms`)
    }
  }
  bystander.close()
  const whole = await untilItEnds([...scan(BUDGETS[0] ?? ''), 'once'])
  console.log(`server: ${server.engine} ${server.version}, ${KEYS} mixed keys; bystander ${RATE}/s, ${ROUNDS} rounds of ${SECONDS} s`)
  print(outcomes)
  for (const budget of BUDGETS) judge(budget, outcomes)
  const [cost] = whole.costs
  console.log(`one audit of all ${whole.keys} keys under ${BUDGETS[0]}: ${cost?.seconds.toFixed(1)} s, slowed down ${cost?.backOffs} times`)
} finally {
  endGroups()
  await pool.stop()
  await server.stop()
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
 * @param {() => Promise<Latencies>} measure
 * @returns {Promise<Outcome>}
 */
async function disturbed([program, ...args], measure) {
  if (program === undefined) return { latencies: await measure(), scan: undefined }
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.pid === undefined) throw new Error(`${program} did not start`)
  const { pid } = child
  groups.add(pid)
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done) throw new Error(`${program} ${args[0] ?? ''} said nothing`)
  const latencies = await measure()
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

/** @param {readonly Outcome[]} rounds @param {readonly Outcome[]} base */
function addedOf(rounds, base) {
  return rounds.map(({ latencies }, i) => latencies.p99 - (base[i]?.latencies.p99 ?? NaN))
}

/** @param {Record<string, Outcome[]>} outcomes */
function print(outcomes) {
  const base = outcomes['nothing'] ?? []
  console.log(
    'beside               p50 ms  p99 ms                 added p99 ms            p99.9    keys/s  its own added p99, CPU, back-offs',
  )
  for (const [name, rounds] of Object.entries(outcomes)) {
    const of = (/** @type {keyof Latencies} */ figure) => rounds.map(({ latencies }) => latencies[figure])
    const scans = rounds.flatMap(({ scan }) => scan ?? [])
    const costs = scans.flatMap((scan) => scan.costs)
    const own = costs.flatMap(({ latency }) => latency?.addedP99Ms ?? [])
    const cpu = costs.flatMap(({ serverCpuShare }) => serverCpuShare ?? [])
    const backOffs = costs.map((cost) => cost.backOffs)
    const ownText = `${own.length === 0 ? '-' : `${median(own).toFixed(2)} ms`}, ${(median(cpu) * 100).toFixed(0)}%, ${median(backOffs)}`
    const cells = [
      name.padEnd(19),
      median(of('p50')).toFixed(3).padStart(7),
      spread(of('p99')).padEnd(21),
      (name === 'nothing' ? '' : spread(addedOf(rounds, base))).padEnd(22),
      median(of('p999')).toFixed(2).padStart(6),
      ...(scans.length === 0
        ? []
        : [`${(median(scans.map(({ keysPerSecond }) => keysPerSecond)) / 1000).toFixed(1)}k`.padStart(8), ownText]),
    ]
    console.log(cells.join('  ').trimEnd())
  }
}

/**
 * Whether a budget was kept: not to be told where two slots beside nothing differ by more than it.
 * @param {string} impact
 * @param {Record<string, Outcome[]>} outcomes
 */
function judge(impact, outcomes) {
  const budget = parseMaxImpact(impact)
  if (budget === 'none') return
  const base = outcomes['nothing'] ?? []
  const rounds = outcomes[`audit, ${impact}`] ?? []
  const added = addedOf(rounds, base)
  const noise = median(addedOf(outcomes['nothing, again'] ?? [], base).map(Math.abs))
  const within = added.filter((ms) => ms <= budget.addedP99Ms).length
  const kept = median(added) <= budget.addedP99Ms ? 'kept' : 'NOT kept'
  const verdict = noise > budget.addedP99Ms ? `can't be told, two slots beside nothing differ by ${noise.toFixed(2)} ms` : kept
  console.log(`budget ${impact}: ${verdict}; added p99 ${spread(added)} ms, within it in ${within} of ${rounds.length} rounds`)
}
