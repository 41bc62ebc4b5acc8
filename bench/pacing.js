// @ts-check
/*
 * What an open loop at 10,000 requests a second really does on this machine, when it has it to itself: how late its requests are
 * sent, and what of the rate is reached. And how long `redline --help` takes.
 */
import { spawnSync } from 'node:child_process'
import { spread } from './tools.js'

const RUNS = 5
const CLI = 'dist/bundle/redline.js'

/** @type {{ achieved: number, p50: number, p99: number, ownP99: number, verdict: string }[]} */
const runs = []
for (let i = 0; i < RUNS; i++) {
  const command = [
    'run',
    '--command',
    'GET key:{key}',
    '--rate',
    '10000',
    '--arrival',
    'constant',
    '--duration',
    '5s',
    '--warmup',
    '1s',
    '--json',
  ]
  const { stdout, stderr } = spawnSync(process.execPath, [CLI, ...command], { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (!stdout) throw new Error(stderr)
  const [round] = JSON.parse(stdout).scenarios[0].variants[0].rounds
  const [load] = round.loads
  runs.push({
    achieved: load.achieved / load.offered,
    p50: load.lateness.p50 / 1000,
    p99: load.lateness.p99 / 1000,
    ownP99: round.generator.lateP99Us / 1000,
    verdict: round.validity.verdict,
  })
}
console.log(`open loop, 10,000 a second, constant, 50 connections, ${RUNS} runs of 5 s: median (least to greatest)`)
console.log(
  `  lateness p50       ${spread(
    runs.map(({ p50 }) => p50),
    4,
  )} ms`,
)
console.log(
  `  lateness p99       ${spread(
    runs.map(({ p99 }) => p99),
    3,
  )} ms`,
)
console.log(
  `  of the rate        ${spread(
    runs.map(({ achieved }) => achieved * 100),
    2,
  )} %`,
)
console.log(`  verdicts           ${runs.map(({ verdict }) => verdict).join(' ')}`)

const times = Array.from({ length: 11 }, () => {
  const begun = performance.now()
  spawnSync(process.execPath, [CLI, '--help'])
  return performance.now() - begun
})
const bare = Array.from({ length: 11 }, () => {
  const begun = performance.now()
  spawnSync(process.execPath, ['-e', '0'])
  return performance.now() - begun
})
console.log(`redline --help       ${spread(times, 0)} ms; node by itself ${spread(bare, 0)} ms`)
