// @ts-check
/*
 * Scans a server again and again under a budget until it is told to end (SIGTERM): node bench/impact-scan.js URL KEYS IMPACT. Says `ready`
 * when the first scan begins, and in the end prints what it read and what its governors reported.
 */
import { parseMaxImpact } from '#redline/audit/budget/budget.js'
import { Governor } from '#redline/audit/budget/governor.js'
import { scanKeyspace } from '#redline/audit/scan/scan.js'
import { parseAddress } from '#redline/wire/address.js'

const [url = '', keys = '0', impact = ''] = process.argv.slice(2)
const address = parseAddress(url, {})
const ending = new AbortController()
process.once('SIGTERM', () => ending.abort(new Error('told to end')))

let keysSeen = 0
/** @type {import('#redline/audit/key-record.js').KeySink} */
const sink = { add: () => void keysSeen++, endBlock: () => undefined }
/** @type {import('#redline/audit/budget/budget.js').BudgetReport[]} */
const reports = []
let seconds = 0

while (!ending.signal.aborted) {
  const connect = { protocol: /** @type {const} */ (2), timeoutMs: 5000, signal: ending.signal }
  const pace = await Governor.open(address, parseMaxImpact(impact), {}, { connect })
  if (reports.length === 0) console.log('ready')
  const begun = performance.now()
  await scanKeyspace([{ shard: 0, address, databases: [0], keys: new Map([[0, Number(keys)]]), cluster: false, pace }], sink, {
    mode: { kind: 'full' },
    idle: 'idletime',
    lengths: 'untouched',
    seed: 1,
    signal: ending.signal,
    connect: { timeoutMs: 5000, replyTimeoutMs: 30_000 },
  })
  seconds += (performance.now() - begun) / 1000
  reports.push(await pace.finish())
}
console.log(JSON.stringify({ keysPerSecond: keysSeen / seconds, reports }))
