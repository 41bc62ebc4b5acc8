import { readStreams } from '#redline/audit/collectors/streams.js'
import type { StreamFacts } from '#redline/audit/facts.js'
import { asNumber, type Client } from '#redline/wire/client.js'

/**
 * What an audit reads of these streams; numbers in their names make the pattern. `grownBy` is how much shorter they were when the scan
 * met them.
 */
export async function streamsOf(client: Client, keys: readonly string[], grownBy = 0): Promise<StreamFacts[]> {
  const found = await Promise.all(
    keys.map(async (key) => ({
      name: Buffer.from(key),
      db: 0,
      pattern: key.replace(/\d+/g, '<int>'),
      bytes: asNumber(await client.call('MEMORY', 'USAGE', key)),
      entries: asNumber(await client.call('XLEN', key)) - grownBy,
    })),
  )
  const reading = await readStreams(client, found, { now: Date.now() / 1000, mayTouch: true })
  if (!reading.known) throw new Error(reading.why)
  return reading.value
}

/** Adds `count` entries to a stream. */
export async function addEntries(client: Client, key: string, count: number, ...options: string[]): Promise<void> {
  await client.callAll(Array.from({ length: count }, (_, i) => ['XADD', key, ...options, '*', 'order', String(i)]))
}
