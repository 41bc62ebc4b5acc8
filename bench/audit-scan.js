// @ts-check
/*
 * One full scan in a process of its own, so that its memory and CPU time can be taken as a whole: node bench/audit-scan.js URL KEYS. Prints
 * keys, the seconds of the scan, CPU seconds and the peak of resident memory in MB.
 */
import { UNLIMITED } from '#redline/audit/scan/pace.js'
import { scanKeyspace } from '#redline/audit/scan/scan.js'
import { parseAddress } from '#redline/wire/address.js'

const [url = '', keys = '0'] = process.argv.slice(2)
let bytes = 0
/** @type {import('#redline/audit/key-record.js').KeySink} */
const sink = { add: (record) => void (bytes += record.bytes), endBlock: () => undefined }
const target = {
  shard: 0,
  address: parseAddress(url, {}),
  databases: [0],
  keys: new Map([[0, Number(keys)]]),
  cluster: false,
  pace: UNLIMITED,
}
const startedAt = performance.now()
const report = await scanKeyspace([target], sink, {
  mode: { kind: 'full' },
  idle: 'idletime',
  lengths: 'untouched',
  seed: 1,
  signal: new AbortController().signal,
  connect: { timeoutMs: 5000, replyTimeoutMs: 30_000 },
})
const seconds = (performance.now() - startedAt) / 1000
if (!report.complete) throw report.failure ?? new Error('the scan is not complete')
if (report.keysSeen + report.vanished !== Number(keys)) throw new Error(`${report.keysSeen} of ${keys} keys were seen`)
const { user, system } = process.cpuUsage()
console.log(
  JSON.stringify({
    keys: report.keysSeen,
    bytes,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    residentMb: process.resourceUsage().maxRSS / 1024,
  }),
)
