/*
 * npm run samples: one of each report format in reports/samples/, of a run, an audit, a comparison and a gate that are made for it, or of some of them (-- run
 * compare). With --again nothing is measured: the reports are rendered anew from run.json and the others there, which is what a new or changed format
 * needs. A run that was not measured (the machine was busy) is no sample: the script ends with its exit code. The comparison is of two variants in turns; the
 * gate holds a second run against thresholds and the run in run.json, and judges audit.json.
 */
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, CLI, ROOT, setUp } from './setup.js'

const FOLDER = 'reports/samples'
/** What a file of each format ends in; a new format needs no line here. */
const ENDINGS = { github: 'github.txt', hgrm: 'hgrm', junit: 'junit.xml', markdown: 'md', prometheus: 'prom', terminal: 'txt' }

setUp()
const { acquireServer } = await import('../dist/server/acquire.js')
const { FORMAT_NAMES, findFormat } = await import('../dist/index.js')

/** Runs redline, and ends this process when it fails otherwise than by what it measured or found. */
function redline(...args) {
  redlineIn(ROOT, [0, 1], ...args)
}

/** The same in a folder, with the exit codes that are an answer. */
function redlineIn(cwd, answers, ...args) {
  const code = attempt(process.execPath, [join(ROOT, CLI), ...args], { cwd })
  if (!answers.includes(code)) process.exit(code)
}

const RUN = ['run', 'strings/counter-incr', 'lists/queue-push-pop', '--quick', '--rounds', '5']

function measureRun() {
  redline(...RUN, '--format', `json=${FOLDER}/run.json`)
}

/** Two ways to read a profile in turns, for a minute. */
function measureComparison() {
  const folder = mkdtempSync(join(tmpdir(), 'redline-'))
  redlineIn(folder, [0, 1, 3], 'ab', 'hashes/profile-read', '--a', 'variant=one-field', '--b', 'variant=whole-object', '--budget', '60s')
  copyFileSync(join(folder, 'reports/latest/result.json'), join(ROOT, FOLDER, 'compare.json'))
  rmSync(folder, { recursive: true })
}

const GATE = `gate:
  - 'strings/*: throughput > 20k'
  - 'lists/*: p99 < 20ms'
  - 'strings/*: p50 < 1us'
  - 'errors == 0'
  - 'findings.error == 0'
  - 'session:*: bytes_per_key < 120'
`

/** Another run beside the first, and the audit; in a folder of its own, so that the names of files are those that anybody would have. */
function measureGate() {
  const folder = mkdtempSync(join(tmpdir(), 'redline-'))
  writeFileSync(join(folder, 'redline.config.yaml'), GATE)
  for (const kind of ['run', 'audit']) copyFileSync(join(ROOT, FOLDER, `${kind}.json`), join(folder, `${kind}.json`))
  redlineIn(folder, [0], 'baseline', 'update', 'run.json')
  redlineIn(folder, [0, 1], ...RUN)
  redlineIn(folder, [0, 1, 3], 'gate', 'reports/latest', 'audit.json', '--format', 'json=gate.json')
  copyFileSync(join(folder, 'gate.json'), join(ROOT, FOLDER, 'gate.json'))
  rmSync(folder, { recursive: true })
}

async function measureAudit() {
  const context = { env: process.env, signal: new AbortController().signal, onProgress: () => undefined }
  const server = await acquireServer({}, context)
  try {
    await fill(server.address.port)
    redline('audit', server.url, '--format', `json=${FOLDER}/audit.json`)
  } finally {
    await server.stop()
  }
}

/** A small shop with usual mistakes, and keys of somebody who means ill. */
async function fill(port) {
  const { Redis } = await import('ioredis')
  const redis = new Redis(port, '127.0.0.1')
  const batch = redis.pipeline()
  for (let i = 0; i < 3000; i++) {
    if (i % 3 === 0) batch.set(`session:user:${i}`, 'x'.repeat(400))
    else batch.set(`session:user:${i}`, 'x'.repeat(400), 'EX', 3600 + i)
    if (i % 2 === 0) batch.hset(`user:${i}`, { name: `user ${i}`, plan: 'pro', visits: i })
  }
  for (let i = 0; i < 40; i++) batch.set(`lock:job:${i}`, `token-${i}`)
  batch.hset('catalogue', Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`item:${i}`, 'y'.repeat(100)])))
  batch.rpush('bull:mail:wait', ...Array.from({ length: 200 }, (_, i) => String(i)))
  const hostile = [
    "=cmd|' /C calc'!A0",
    '<script>alert(1)</script>',
    '::error::owned',
    '@everyone #1 [x](https://example.org)',
    ']]>\n\u001b[31m"',
  ]
  for (const name of hostile) for (let i = 0; i < 200; i++) batch.set(`lock:${name}:${i}`, 'x'.repeat(50))
  await batch.exec()
  redis.disconnect()
}

async function render(kind) {
  const formats = await Promise.all(FORMAT_NAMES.map(async (name) => ({ name, format: await findFormat(name) })))
  const wanted = formats.filter(({ name, format }) => name !== 'json' && format.renders[kind] !== undefined)
  for (const file of readdirSync(new URL(`../${FOLDER}`, import.meta.url)))
    if (file.startsWith(`${kind}.`) && file !== `${kind}.json`) rmSync(`${ROOT}/${FOLDER}/${file}`, { recursive: true })
  const choices = wanted.flatMap(({ name }) => ['--format', `${name}=${FOLDER}/${kind}.${ENDINGS[name] ?? name}`])
  redline('report', `${FOLDER}/${kind}.json`, ...choices)
}

const asked = process.argv.slice(2)
for (const [kind, measure] of Object.entries({ run: measureRun, audit: measureAudit, compare: measureComparison, gate: measureGate })) {
  if (!asked.includes(kind) && asked.some((word) => word !== '--again')) continue
  if (!asked.includes('--again')) await measure()
  await render(kind)
}
