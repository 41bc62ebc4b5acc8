import { once } from 'node:events'
import { connect } from 'node:net'
import type { KeyRecord } from '#redline/audit/key-record.js'
import { type Pace, UNLIMITED } from '#redline/audit/scan/pace.js'
import { type ScanOptions, type ScanReport, scanKeyspace, type ScanTarget } from '#redline/audit/scan/scan.js'
import { parseAddress } from '#redline/wire/address.js'
import { asNumber, Client } from '#redline/wire/client.js'
import type { Argument } from '#redline/wire/encode.js'

/** A record that is kept, its name as latin1 so that any bytes can be compared. */
export type Kept = Omit<KeyRecord, 'name'> & { name: string }

/** What a scan delivered. */
export interface Scanned {
  report: ScanReport
  records: Kept[]
  blocks: { stratum: number; keys: number; names: string[] }[]
  /** `shard/db/name` of each record. */
  names: string[]
}

export interface ScanTry extends Partial<ScanOptions> {
  databases?: number[]
  cluster?: boolean
  pace?: Pace
  /** Told of each record as it is delivered. */
  onRecord?: (record: KeyRecord) => void
}

/** Scans servers, one shard each, and keeps everything. Databases are those that are named, 0 by default. */
export async function scanAll(urls: readonly string[], options: ScanTry = {}): Promise<Scanned> {
  const { databases = [0], cluster = false, pace = UNLIMITED, onRecord, ...more } = options
  const targets = await Promise.all(urls.map((url, shard) => targetOf(url, { shard, databases, cluster, pace })))
  return scanTargets(targets, { ...more, ...(onRecord ? { onRecord } : {}) })
}

/** Scans targets that were made before, or whose servers can't be asked. */
export async function scanTargets(targets: readonly ScanTarget[], options: ScanTry = {}): Promise<Scanned> {
  const records: Kept[] = []
  const blocks: Scanned['blocks'] = []
  let block: string[] = []
  const report = await scanKeyspace(
    targets,
    {
      add(record) {
        const name = Buffer.from(record.name).toString('latin1')
        options.onRecord?.(record)
        records.push({ ...record, name })
        block.push(name)
      },
      endBlock(stratum, keys) {
        blocks.push({ stratum, keys, names: block })
        block = []
      },
    },
    {
      mode: { kind: 'full' },
      idle: 'idletime',
      lengths: 'untouched',
      seed: 1,
      signal: new AbortController().signal,
      connect: { timeoutMs: 5000, replyTimeoutMs: 10_000 },
      backoffMs: [10, 20, 30],
      ...options,
    },
  )
  return { report, records, blocks, names: records.map(({ shard, db, name }) => `${shard}/${db}/${name}`) }
}

/** A target whose keys are counted by DBSIZE. */
export async function targetOf(url: string, options: Omit<ScanTarget, 'address' | 'keys'>): Promise<ScanTarget> {
  const keys = new Map<number, number>()
  for (const db of options.databases) keys.set(db, asNumber((await run(url, [['DBSIZE']], db))[0]))
  return { ...options, address: parseAddress(url, {}), keys }
}

/** Sends commands to a database of a server, in one go. Error replies are among the replies. */
export async function run(url: string, commands: readonly (readonly Argument[])[], db = 0) {
  const address = { ...parseAddress(url, {}), db }
  const client = await Client.open(address, { protocol: 2, timeoutMs: 5000, replyTimeoutMs: 20_000, signal: new AbortController().signal })
  try {
    return await client.callAll(commands)
  } finally {
    client.close()
  }
}

/** What MONITOR shows of a server while something is done to it: the words of each command, in lower case without their arguments. */
export async function monitored(url: string, work: () => Promise<unknown>): Promise<string[]> {
  const { host, port } = parseAddress(url, {})
  const socket = connect(port, host)
  let seen = ''
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => (seen += text))
  const until = async (text: string) => {
    while (!seen.includes(text)) await once(socket, 'data')
  }
  try {
    socket.write('MONITOR\r\n')
    await until('+OK\r\n')
    seen = ''
    await work()
    await run(url, [['ECHO', 'that was all']])
    await until('"that was all"')
  } finally {
    socket.destroy()
  }
  // Argument 2 is a subcommand where it is a plain word of one of these.
  const lines = seen.split('\r\n').filter((line) => line.startsWith('+'))
  return lines
    .map((line) => /^\+[\d.]+ \[[^\]]*\] "([^"]*)"(?: "([^"]*)")?/.exec(line) ?? [])
    .map(([, command = '', first = '']) =>
      (/^(client|object|memory|cluster)$/i.test(command) ? `${command} ${first}` : command).toLowerCase(),
    )
    .filter((command) => command !== 'echo' && command !== 'ping')
}

/** How often each value is there. */
export function tally(values: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** Keys of every type, small and large, some with a TTL: about `count`. */
export function mixedKeys(count: number): (string | number)[][] {
  const members = (n: number, i: number) => Array.from({ length: n }, (_, m) => `m:${i}:${m}`)
  return Array.from({ length: count }, (_, i): (string | number)[][] => {
    switch (i % 10) {
      case 0:
        return [['SET', `str:${i}`, 'x'.repeat(i % 300), 'EX', 1000 + i]]
      case 1:
        return [['SET', `int:${i}`, i]]
      case 2:
        return [['HSET', `hash:${i}`, 'f', 'v']]
      case 3:
        return [['HSET', `bighash:${i}`, 'f', 'x'.repeat(100), 'g', i]]
      case 4:
        return [['RPUSH', `list:${i}`, 'a', 'b'], ...(i % 20 === 4 ? [['PEXPIRE', `list:${i}`, 500_000 + i]] : [])]
      case 5:
        return [['SADD', `set:${i}`, 1, 2, i]]
      case 6:
        return [['SADD', `tags:${i}`, ...members(3, i), 'x'.repeat(100)]]
      case 7:
        return [['ZADD', `zset:${i}`, 1, 'x'.repeat(100), 2, 'b']]
      case 8:
        return [
          ['XADD', `stream:${i}`, '1-1', 'f', 'v'],
          ['XADD', `stream:${i}`, '2-1', 'f', 'v'],
        ]
      default:
        return [['RPUSH', `biglist:${i}`, ...members(20, i).map((member) => member.repeat(60))]]
    }
  }).flat()
}
