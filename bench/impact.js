// @ts-check
/*
 * What an audit does to everyone else: the latency of a bystander (GET and SET at 5,000 a second, an open loop) beside whole audits under two budgets
 * and under none, and beside redis-cli --bigkeys and --memkeys, on the same server and the same keys. Each slot beside something makes a pair with
 * one beside nothing, in random order; what counts are the differences of pairs, and a budget is kept when their whole interval is within it. Pairs of
 * nothing and nothing show what a difference is where there is none, and KEYS, again and again, must be found beyond every budget: else the measurement
 * could not find anything. Server and bystander have a core each where that is permitted (Linux, root), so that only the server is
 * shared. At last, how long one audit of all keys takes under the default budget. ROUNDS, KEYS and SECONDS change how often, of
 * how many keys and how long, and COMPARED=0 measures the budgets alone, by more pairs; less than five minutes either way. Whatever ends it, nothing that it started is left behind.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as passed } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
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

const KEYS = Number(process.env['KEYS'] ?? 300_000)
const SECONDS = Number(process.env['SECONDS'] ?? 1.5)
/** `COMPARED=0` leaves out what is only compared: more pairs for the budgets in the same time. */
const COMPARES = process.env['COMPARED'] !== '0'
const ROUNDS = Number(process.env['ROUNDS'] ?? (COMPARES ? 9 : 15))
const RATE = 5000
const BUDGETS = (process.env['BUDGETS'] ?? '1ms,25% 0.3ms,10%').split(' ')
/** A slot begins at a random moment of what runs beside it, within so many seconds: an audit is not the same all the time. */
const LATEST_START_SECONDS = 1
/** Reads all keys at once, ten times a second: what a measurement that could find anything finds. */
const CONTROL = 'KEYS nothing:here'
/** Server and bystander have a core each; what runs beside them has the others, and where there are none the server's, which goes first there. */
const CORES = availableParallelism()
const CORE = { server: '0', bystander: '1', others: CORES > 2 ? `2-${CORES - 1}` : '0' }
const BEFORE_OTHERS = -10
/** While something starts beside it, the bystander goes on in phases of so long. */
const UNMEASURED_SECONDS = 0.25

/** Since the beginning. */
const secondsOf = () => (performance.now() / 1000).toFixed(0).padStart(4)

/**
 * In milliseconds: from when a request was sent, because how late this machine sends is not the server's doing (`dueP99` has that too); and from when it
 * was due where more than one in a hundred had to wait for a connection, because that is.
 * @typedef {{ p50: number, p99: number, p999: number, dueP99: number }} Latencies
 */
/** @typedef {{ latencies: Latencies, base: Latencies, scan: Scan | undefined }} Pair `base` is beside nothing */
/** @typedef {import('./impact-scan.js').Scan} Scan */
/** @typedef {{ begin: () => Promise<string>, end: () => Promise<Scan | undefined> }} Beside resolves when it is at work */

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

// Threads that help with collecting garbage would run on the cores of others, and be waited for.
setFlagsFromString('--no-parallel-scavenge')
const { pid } = process
// What is started inherits core and priority.
const isPlaced = tool('taskset', '-cp', CORE.server, pid) && tool('chrt', '-f', '-p', 1, pid)
const server = await acquireServer({}, { env: process.env, signal, onProgress: () => undefined })
const pool = new GeneratorPool()
try {
  if (isPlaced) {
    tool('chrt', '-o', '-p', 0, pid)
    tool('taskset', '-cp', CORE.bystander, pid)
    setPriority(BEFORE_OTHERS)
  }
  if (!('port' in server.address)) throw new Error('a server on TCP was asked for')
  const { host, port } = server.address
  const cli = await redisTool('cli')
  if (!cli) throw new Error('there is no redis-cli on PATH or beside an unpacked engine')
  const bystander = await pool.open([slice(server.url)], signal)
  if (isPlaced) {
    tool('taskset', '-cp', CORE.others, pid)
    setPriority(0)
  }
  await fill(server.url, KEYS, 'mixed')
  console.error(`${secondsOf()} s  ${KEYS} keys are there`)
  const redisCli = (/** @type {string[]} */ ...args) =>
    [
      `echo ready; exec >/dev/null 2>&1; end=$(($(date +%s) + ${LONGEST_SECONDS}))`,
      `while [ $(date +%s) -lt $end ]; do ${[...cli, '-h', host, '-p', port, ...args].join(' ')} || exit; done`,
    ].join('; ')
  // One process for all audits, so that a slot does not begin with loading and compiling it.
  const auditor = start(process.execPath, ['bench/impact-scan.js', server.url])
  /** @type {(impact: string) => Beside} */
  const audit = (impact) => ({
    begin: () => auditor.tell(`start ${impact}`),
    end: async () => JSON.parse(await auditor.tell('stop')),
  })
  /** @type {(...args: string[]) => Beside} */
  const repeated = (...args) => {
    /** @type {ReturnType<typeof start> | undefined} */
    let running
    return {
      begin: () => (running = start('sh', ['-c', redisCli(...args)])).next(),
      end: async () => {
        await running?.end()
        return undefined
      },
    }
  }
  /** What runs beside the bystander. @type {Record<string, Beside | undefined>} */
  const judged = { nothing: undefined, ...Object.fromEntries(BUDGETS.map((budget) => [`audit, ${budget}`, audit(budget)])) }
  /** In two of three rounds. @type {Record<string, Beside | undefined>} */
  const compared = {
    ...(COMPARES && {
      'audit, none': audit('none'),
      'redis-cli --bigkeys': repeated('--bigkeys', '-i', '0'),
      'redis-cli --memkeys': repeated('--memkeys', '-i', '0'),
    }),
    [CONTROL]: repeated('-r', '100', '-i', '0.1', 'KEYS', 'nothing:here'),
  }

  const rng = new Rng(1)
  /** @type {Record<string, Pair[]>} */
  const pairs = Object.fromEntries(Object.keys({ ...judged, ...compared }).map((name) => [name, []]))
  // What both have not compiled yet would be slow.
  await during(bystander, auditor.tell(`once ${BUDGETS[0]}`))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, other] of shuffled(Object.entries({ ...judged, ...(round % 3 === 2 ? {} : compared) }), rng)) {
      signal.throwIfAborted()
      const first = rng.float() < 0.5 ? await measure(bystander, SECONDS) : undefined
      const beside = await disturbed(other, rng.float() * LATEST_START_SECONDS, bystander)
      const pair = { ...beside, base: first ?? (await measure(bystander, SECONDS)) }
      pairs[name]?.push(pair)
      const p99s = [pair.latencies, pair.base].map((of) => `${of.p99.toFixed(2)} ms (from when due ${of.dueP99.toFixed(2)})`)
      console.error(`${secondsOf()} s  round ${round + 1} of ${ROUNDS}, beside ${name}: p99 ${p99s.join(', beside nothing ')}`)
    }
  }
  bystander.close()
  /** @type {Scan} */
  const whole = JSON.parse(await auditor.tell(`once ${BUDGETS[0]}`))
  console.log(`server: ${server.engine} ${server.version}, ${KEYS} mixed keys; bystander ${RATE}/s, slots of ${SECONDS} s`)
  if (!isPlaced)
    console.log('no right (or no taskset and chrt) to give server and bystander a core each: what runs beside them also takes their time')
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
 * Runs a tool that changes where a thread runs. Returns whether there is such a tool and it may.
 * @param {string} name
 * @param {...(string | number)} args
 */
function tool(name, ...args) {
  return spawnSync(name, args.map(String), { stdio: 'ignore' }).status === 0
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
    { measured: true, startAt: systemClock.now() + 2, durationMs: seconds * 1000, count: undefined },
  ])
  if (!report) throw new Error('the bystander has no thread')
  const { unsent, unanswered } = report.outcome
  if (unsent + unanswered > 0) throw new Error(`${unsent + unanswered} requests of the bystander were not answered: is this machine busy?`)
  const { delayed, operations } = report.outcome
  const of = (/** @type {typeof report.latency} */ recording, /** @type {number} */ percent) => percentile(recording, percent) / 1e6
  const counted = delayed > 0.01 * operations ? report.latency : report.service
  return { p50: of(counted, 50), p99: of(counted, 99), p999: of(counted, 99.9), dueP99: of(report.latency, 99) }
}

/**
 * Lets the bystander go on until something is done, so that what starts beside it finds it at work.
 * @template T
 * @param {import('#redline/load/pool.js').OpenLoads} bystander
 * @param {Promise<T>} something
 */
async function during(bystander, something) {
  const waiting = new AbortController()
  const done = something.finally(() => waiting.abort())
  while (!waiting.signal.aborted) await measure(bystander, UNMEASURED_SECONDS)
  return done
}

/**
 * Measures while something else is at work.
 * @param {Beside | undefined} other
 * @param {number} afterSeconds from when it is
 * @param {import('#redline/load/pool.js').OpenLoads} bystander
 * @returns {Promise<Omit<Pair, 'base'>>}
 */
async function disturbed(other, afterSeconds, bystander) {
  if (!other) return { latencies: await measure(bystander, SECONDS), scan: undefined }
  await during(bystander, other.begin())
  await during(bystander, passed(afterSeconds * 1000))
  const latencies = await measure(bystander, SECONDS)
  return { latencies, scan: await other.end() }
}

/**
 * Starts a program that says a line when it is at work, and one for each that it is told.
 * @param {string} program
 * @param {readonly string[]} args
 */
function start(program, args) {
  const child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} did not start`)
  groups.add(pid)
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const line = await lines.next()
    if (line.done) throw new Error(`${[program, ...args].join(' ')} ended`)
    return line.value
  }
  return {
    next,
    tell: (/** @type {string} */ line) => {
      child.stdin.write(`${line}\n`)
      return next()
    },
    /** Ends it with all that it started. Throws when it has ended before. */
    end: async () => {
      if (child.exitCode !== null) throw new Error(`${[program, ...args].join(' ')} ended with ${child.exitCode} before its slot did`)
      process.kill(-pid, 'SIGTERM')
      await ended
      groups.delete(pid)
    },
  }
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
    'beside               pairs  p50 ms  p99 ms (least to greatest)  nothing beside it      added p99 ms (95%)      p99.9  due p99    keys/s  its own added p99, CPU, back-offs',
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
      median(of('dueP99')).toFixed(2).padStart(7),
      ...(scans.length === 0
        ? []
        : [`${(median(scans.map(({ keysPerSecond }) => keysPerSecond)) / 1000).toFixed(1)}k`.padStart(8), ownText]),
    ]
    console.log(cells.join('  ').trimEnd())
  }
}

/**
 * Says whether a budget was kept, and when what surely exceeds it was not found to.
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
  const control = verdictOf(addedOf(differencesOf(all[CONTROL] ?? [])), budget.addedP99Ms)
  if (control !== 'NOT kept') console.log(`  ${CONTROL}, judged by it: ${control}. It must not be: this measurement shows nothing`)
}
