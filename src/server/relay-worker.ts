import { build } from 'hdr-histogram-js'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { DelayLine } from './delay-line.js'
import type { RelayAnswer, RelayOrder, RelayQuestion } from './relay.js'

/*
 * The thread of a relay: nothing but this shares its event loop, so that its holds are as exact as its clock allows.
 */
const port = parentPort
if (!port) throw new Error('relay-worker runs as a worker thread')
const order: RelayOrder = workerData
const line = new DelayLine(order.delayMs / 2)
/** Microseconds, to three digits. */
const roundTrips = build({ lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: 3 })

const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const upstream = connect({ ...order.upstream, allowHalfOpen: true, noDelay: true })
  let requestHeldMs: number | undefined
  line.join(client, upstream, (heldMs) => (requestHeldMs = heldMs))
  line.join(upstream, client, (heldMs) => {
    if (requestHeldMs !== undefined) roundTrips.recordValue(Math.max(1, Math.round((requestHeldMs + heldMs) * 1000)))
  })
})

port.on('message', (question: RelayQuestion) => {
  if (question === 'reset') roundTrips.reset()
  answer({
    kind: 'held',
    count: roundTrips.totalCount,
    p50Us: roundTrips.getValueAtPercentile(50),
    p99Us: roundTrips.getValueAtPercentile(99),
  })
})

server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address()
if (address === null || typeof address === 'string') throw new TypeError('the relay has no port')
answer({ kind: 'listening', port: address.port })

function answer(message: RelayAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread has no origin
  port!.postMessage(message)
}
