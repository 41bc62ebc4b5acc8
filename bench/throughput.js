// @ts-check
/*
 * redline's generator against redis-benchmark, and against memtier_benchmark where it is on PATH: the same server, the same
 * requests (SET and GET, 64 bytes, 50 connections, 100,000 keys), taking turns. What counts is the ratio within a pair: the
 * machine's speed may drift between pairs.
 */
import { acquireServer } from '#redline/server/acquire.js'
import { findOnPath, median, redisTool, runTimed, spread } from './tools.js'

const PAIRS = Number(process.env['PAIRS'] ?? 5)
const SECONDS = Number(process.env['SECONDS'] ?? 4)
const PIPELINES = (process.env['PIPELINES'] ?? '1,16,64').split(',').map(Number)
const KEY = 'key:0000000{key}' // 16 bytes, as redis-benchmark's
/** @type {Record<string, string>} */
const COMMANDS = { SET: `SET ${KEY} {bytes 64}`, GET: `GET ${KEY}` }
/** Roughly what a server does in a second at this depth; decides how many requests a run has. @type {Record<number, number>} */
const RATES = { 1: 80_000, 16: 450_000, 64: 650_000 }

const server = await acquireServer({}, { env: process.env, signal: new AbortController().signal, onProgress: () => undefined })
try {
  if (!('port' in server.address)) throw new Error('a server on TCP was asked for')
  const { host, port } = server.address
  const [benchmark, memtier] = [await redisTool('benchmark'), findOnPath('memtier_benchmark')]
  if (!benchmark) throw new Error('there is no redis-benchmark on PATH or beside an unpacked engine')
  console.log(
    `server: ${server.engine} ${server.version}; ${PAIRS} pairs of about ${SECONDS} s each; ratios are redline's figure divided by the other's`,
  )
  console.log('                     redline            the other          throughput ratio       CPU per request ratio')

  /** @type {(pipeline: number, threads: number, command: string, count: number) => string[]} */
  const redline = (pipeline, threads, command, count) =>
    [process.execPath, 'bench/generator.js', server.url, COMMANDS[command] ?? '', 50, pipeline, threads, count].map(String)
  /** @type {Record<string, (pipeline: number, command: string, count: number) => { command: string[], rate: (printed: string) => number } | undefined>} */
  const rivals = {
    'redis-benchmark': (pipeline, command, count) => ({
      command: [
        ...benchmark,
        ...`-h ${host} -p ${port} -c 50 -d 64 -r 100000 -P ${pipeline} -n ${count} --csv -t ${command.toLowerCase()}`.split(' '),
      ],
      rate: (printed) => Number(/^"(?:SET|GET)","([\d.]+)"/m.exec(printed)?.[1]),
    }),
    memtier: (pipeline, command, count) =>
      memtier === undefined
        ? undefined
        : {
            command: [
              memtier,
              ...`-s ${host} -p ${port} -t 1 -c 50 -d 64 --key-maximum=100000 --distinct-client-seed --hide-histogram --pipeline=${pipeline}`.split(
                ' ',
              ),
              ...`--ratio=${command === 'SET' ? '1:0' : '0:1'} -n ${Math.round(count / 50)}`.split(' '),
            ],
            rate: (printed) => Number(/^Totals\s+([\d.]+)/m.exec(printed)?.[1]),
          },
  }

  runTimed(redline(16, 1, 'SET', 300_000)) // fills the keys
  for (const [name, rival] of Object.entries(rivals)) {
    for (const pipeline of PIPELINES) {
      for (const command of Object.keys(COMMANDS)) {
        const count = SECONDS * (RATES[pipeline] ?? 0)
        const other = rival(pipeline, command, count)
        if (!other) continue
        /** @type {{ rate: number, cpu: number }[][]} */
        const pairs = []
        for (let pair = 0; pair < PAIRS; pair++) {
          const runs = {
            ours: () => {
              return measured(redline(pipeline, 1, command, count))
            },
            theirs: () => {
              const { printed, cpuSeconds } = runTimed(other.command)
              return { rate: other.rate(printed), cpu: (cpuSeconds / count) * 1e6 }
            },
          }
          // Whoever goes first changes from pair to pair.
          if (pair % 2 === 0) pairs.push([runs.ours(), runs.theirs()])
          else pairs.push([runs.theirs(), runs.ours()].toReversed())
        }
        row(`${command} pipeline ${pipeline}`, name, pairs)
      }
    }
    if (name === 'memtier' && memtier === undefined) console.log('memtier_benchmark is not on PATH: not compared')
  }

  /** @type {{ rate: number, cpu: number }[][]} */
  const pairs = []
  const count = SECONDS * 80_000
  for (let pair = 0; pair < PAIRS; pair++) {
    const [two, one] = [2, 1].map((threads) => {
      return measured(redline(1, threads, 'GET', count))
    })
    if (two && one) pairs.push([two, one])
  }
  row('GET, 2 threads', 'redline, 1 thread', pairs)
} finally {
  await server.stop()
}

/**
 * What redline's own generator says of its measured part.
 * @param {readonly string[]} command
 * @returns {{ rate: number, cpu: number }}
 */
function measured(command) {
  const { rate, cpuUs } = JSON.parse(runTimed(command).printed)
  return { rate, cpu: cpuUs }
}

/**
 * @param {string} what
 * @param {string} name
 * @param {readonly (readonly { rate: number, cpu: number }[])[]} pairs
 */
function row(what, name, pairs) {
  const side = (/** @type {number} */ index) => {
    const runs = pairs.map((pair) => pair[index] ?? { rate: NaN, cpu: NaN })
    return `${(median(runs.map(({ rate }) => rate)) / 1000).toFixed(0).padStart(4)}k/s ${median(runs.map(({ cpu }) => cpu))
      .toFixed(2)
      .padStart(5)} us`
  }
  const ratio = (/** @type {'rate' | 'cpu'} */ figure) =>
    spread(pairs.map(([ours, theirs]) => (ours?.[figure] ?? NaN) / (theirs?.[figure] ?? NaN)))
  console.log(`${what.padEnd(20)} ${side(0)}    ${side(1)}    ${ratio('rate').padEnd(22)} ${ratio('cpu').padEnd(22)} ${name}`)
}
