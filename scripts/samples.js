/*
 * npm run samples: one of each report format in reports/samples/, of a run and an audit that are made for it, or of one of them (-- run, -- audit). With
 * --again nothing is measured: the reports are rendered anew from run.json and audit.json there, which is what a new or changed format needs. A run
 * that was not measured (the machine was busy) is no sample: the script ends with its exit code.
 */
import { readdirSync, rmSync } from 'node:fs'
import { attempt, CLI, ROOT, setUp } from './setup.js'

const FOLDER = 'reports/samples'
/** What a file of each format ends in; a new format needs no line here. */
const ENDINGS = { github: 'github.txt', hgrm: 'hgrm', junit: 'junit.xml', markdown: 'md', prometheus: 'prom', terminal: 'txt' }

setUp()
const { acquireServer } = await import('../dist/server/acquire.js')
const { FORMAT_NAMES, findFormat } = await import('../dist/index.js')

/** Runs redline, and ends this process when it fails otherwise than by what it measured or found. */
function redline(...args) {
  const code = attempt(process.execPath, [CLI, ...args])
  if (code !== 0 && code !== 1) process.exit(code)
}

function measureRun() {
  redline('run', 'strings/counter-incr', 'lists/queue-push-pop', '--quick', '--rounds', '3', '--format', `json=${FOLDER}/run.json`)
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
for (const [kind, measure] of Object.entries({ run: measureRun, audit: measureAudit })) {
  if (!asked.includes(kind) && asked.some((word) => word !== '--again')) continue
  if (!asked.includes('--again')) await measure()
  await render(kind)
}
