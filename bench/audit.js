// @ts-check
/*
 * A whole audit (five facts of each key, inventory, every rule) against redis-cli --memkeys -i 0 (MEMORY USAGE alone): the same server, the same keys,
 * taking turns. Two ratios of wall times within a pair: of the processes, each from its start to its end, with the time that Node takes to load redline and that it takes to save result and
 * page; and of the audit itself, as its report tells it, from connecting to judging. PAIRS and KEYS change how often and of how many keys.
 */
import { acquireServer } from '#redline/server/acquire.js'
import { fill } from './keyspace.js'
import { median, redisTool, runTimed, spread } from './tools.js'
import { wholeAudit } from './whole-audit.js'

const PAIRS = Number(process.env['PAIRS'] ?? 5)
const KEYS = Number(process.env['KEYS'] ?? 1_000_000)

const server = await acquireServer({}, { env: process.env, signal: new AbortController().signal, onProgress: () => undefined })
try {
  if (!('port' in server.address)) throw new Error('a server on TCP was asked for')
  const { host, port } = server.address
  const cli = await redisTool('cli')
  if (!cli) throw new Error('there is no redis-cli on PATH or beside an unpacked engine')
  await fill(server.url, KEYS, 'mixed')
  console.log(`server: ${server.engine} ${server.version}, ${KEYS} mixed keys; ${PAIRS} pairs`)

  const ours = () => wholeAudit(server.url, KEYS)
  const theirs = () => {
    const startedAt = performance.now()
    runTimed([...cli, '-h', host, '-p', String(port), '--memkeys', '-i', '0'])
    return (performance.now() - startedAt) / 1000
  }

  /** @type {{ ours: ReturnType<typeof ours>, theirs: number }[]} */
  const pairs = []
  for (let pair = 0; pair < PAIRS; pair++) {
    // Whoever goes first changes from pair to pair.
    if (pair % 2 === 0) pairs.push({ ours: ours(), theirs: theirs() })
    else {
      const first = theirs()
      pairs.push({ ours: ours(), theirs: first })
    }
  }
  const seconds = pairs.map((pair) => pair.ours.wallSeconds)
  console.log(
    `redline              ${spread(seconds)} s, ${spread(
      pairs.map(({ ours }) => ours.keys / ours.seconds / 1000),
      0,
    )}k keys/s`,
  )
  console.log(
    `                     ${median(pairs.map(({ ours }) => ours.cpuSeconds)).toFixed(2)} s of CPU, at most ${median(pairs.map(({ ours }) => ours.residentMb)).toFixed(0)} MB`,
  )
  console.log(
    `                     the server's own CPU: ${spread(pairs.map(({ ours }) => (ours.serverCpuSeconds / ours.keys) * 1e6))} us a key; the scan took ${median(pairs.map(({ ours }) => ours.scanSeconds)).toFixed(2)} s`,
  )
  console.log(
    `redis-cli --memkeys  ${spread(pairs.map((pair) => pair.theirs))} s, ${spread(
      pairs.map((pair) => KEYS / pair.theirs / 1000),
      0,
    )}k keys/s`,
  )
  console.log(`wall time ratio      ${spread(pairs.map((pair) => pair.ours.wallSeconds / pair.theirs))} of the processes`)
  console.log(`                     ${spread(pairs.map((pair) => pair.ours.seconds / pair.theirs))} of the audit itself`)
} finally {
  await server.stop()
}
