import { parentPort } from 'node:worker_threads'
import { ServerProbe } from './probe.js'
import type { ProbeNews, ProbeOrder } from './probe-messages.js'

/*
 * The thread of the probes: nothing but they share its event loop, so that the work of the audit does not show in what they measure.
 */
const port = parentPort
if (!port) throw new Error('probe-worker runs as a worker thread')

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread has no origin
const tell = (news: ProbeNews) => port.postMessage(news)
const probes = new Map<number, ServerProbe>()

port.on('message', (order: ProbeOrder) => {
  if (order.kind === 'open') {
    const { protocol, timeoutMs, name } = order.options
    const options = { protocol, timeoutMs, ...(name === undefined ? {} : { name }) }
    const probe = new ServerProbe(order.server, order.address, options, order.pings, tell)
    probes.set(order.server, probe)
    void probe.open()
  } else {
    void probes.get(order.server)?.close()
    probes.delete(order.server)
  }
})
