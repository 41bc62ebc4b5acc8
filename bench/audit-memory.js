// @ts-check
/*
 * What memory an audit takes as the keyspace grows: the same process over a tenth of the keys and over all of them. The server needs about
 * 100 bytes a key. KEYS changes how many.
 */
import { acquireServer } from '#redline/server/acquire.js'
import { fill } from './keyspace.js'
import { wholeAudit } from './whole-audit.js'

const KEYS = Number(process.env['KEYS'] ?? 10_000_000)

for (const count of [Math.round(KEYS / 10), KEYS]) {
  const server = await acquireServer({}, { env: process.env, signal: new AbortController().signal, onProgress: () => undefined })
  try {
    await fill(server.url, count, 'small')
    const { keys, seconds, residentMb } = wholeAudit(server.url, count)
    console.log(
      `${server.engine} ${server.version}, ${keys} keys: at most ${residentMb.toFixed(0)} MB, ${(keys / seconds / 1000).toFixed(0)}k keys/s`,
    )
  } finally {
    await server.stop()
  }
}
