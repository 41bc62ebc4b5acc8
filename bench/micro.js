// @ts-check
/* What one request costs in each part of the generator's hot path, and what the alternatives would cost. */
import { build } from 'hdr-histogram-js'
import { Bench } from 'tinybench'
import { Rng } from '#redline/core/rng.js'
import { parseCommandLine } from '#redline/core/template.js'
import { RequestStream } from '#redline/load/generators/request-stream.js'
import { Recorder } from '#redline/load/recorder.js'
import { Decoder } from '#redline/wire/decoder.js'
import { encodeCommand } from '#redline/wire/encode.js'
import { ReplyScanner } from '#redline/wire/scanner.js'

const BATCH = 16
const stream = (/** @type {string} */ line) =>
  new RequestStream([{ args: parseCommandLine(line, 'command'), weight: undefined }], {
    ...{ rng: new Rng(1), keys: 100_000, members: 1000, lane: 0, lanes: 1, epoch: 0 },
  })

const patched = stream('SET key:{key} {bytes 64}')
const zipf = stream('SET key:{key zipf} {bytes 64}')
const composed = stream('ZADD board {int 1..100000} player:{key}')
const replies = Buffer.from('+OK\r\n'.repeat(BATCH))
const bulks = Buffer.from(`$64\r\n${'x'.repeat(64)}\r\n`.repeat(BATCH))
const scanner = new ReplyScanner()
const decoder = new Decoder({ onReply: () => undefined, onPush: () => undefined })
const recorder = new Recorder()
const hdr = build({ bitBucketSize: 32, numberOfSignificantValueDigits: 3, highestTrackableValue: 3.6e12, useWebAssembly: false })
let ns = 100_000
const next = () => (ns = 100_000 + ((ns * 7919) % 900_000))

const bench = new Bench({ name: `per batch of ${BATCH} requests`, time: 400, warmupTime: 100 })
bench
  .add('encode: patch in place', () => void patched.encode(BATCH))
  .add('encode: patch in place, zipf keys', () => void zipf.encode(BATCH))
  .add('encode: put together (changing width)', () => void composed.encode(BATCH))
  .add('encode: from arguments each time', () => {
    for (let i = 0; i < BATCH; i++) encodeCommand(['SET', `key:${String(i * 6007).padStart(5, '0')}`, 'x'.repeat(64)])
  })
  .add('replies: count +OK', () => void scanner.scan(replies, replies.length))
  .add('replies: count 64-byte bulks', () => void scanner.scan(bulks, bulks.length))
  .add('replies: build 64-byte bulks', () => decoder.push(bulks))
  .add('record: one by one', () => {
    for (let i = 0; i < BATCH; i++) recorder.record(next(), 1)
  })
  .add('record: hdr-histogram-js', () => {
    for (let i = 0; i < BATCH; i++) hdr.recordValue(next())
  })
await bench.run()
for (const { name, result } of bench.tasks) {
  if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`)
  console.log(`${name.padEnd(40)} ${((result.latency.p50 * 1e6) / BATCH).toFixed(1).padStart(8)} ns a request (median)`)
}
