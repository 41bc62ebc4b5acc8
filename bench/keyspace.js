// @ts-check
/* Keyspaces for the benchmarks of the audit. */
import { parseAddress } from '#redline/wire/address.js'
import { Client } from '#redline/wire/client.js'
import { encodeCommand } from '#redline/wire/encode.js'

const BATCH = 2000
const fields = (/** @type {number} */ count, /** @type {string} */ value) =>
  Array.from({ length: count }, (_, i) => [`field:${i}`, value]).flat()
const members = (/** @type {number} */ count, /** @type {number} */ i) => Array.from({ length: count }, (_, m) => `member:${i}:${m}`)

/**
 * The commands that make key number i: out of a hundred, 30 sessions and 20 cached pages that expire, 8 counters, 18 small hashes, 2 that
 * are hash tables, 7 lists, 7 sets (most of numbers), 6 sorted sets, 2 streams.
 * @param {number} i
 * @returns {(string | number)[][]}
 */
function mixedKey(i) {
  const kind = i % 100
  const ttl = 7200 + ((i * 7919) % 86_400)
  if (kind < 30) return [['SET', `session:user:${i}`, 'x'.repeat(64), 'EX', ttl]]
  if (kind < 50) return [['SET', `cache:page:{${i % 1000}}:${i}`, 'x'.repeat(200 + (i % 400)), 'EX', ttl]]
  if (kind < 58) return [['SET', `counter:${i}`, i]]
  if (kind < 76) return [['HSET', `user:${i}`, ...fields(8, 'value')]]
  if (kind < 78) return [['HSET', `profile:${i}`, ...fields(10, 'x'.repeat(80))]]
  if (kind < 85) return [['RPUSH', `list:recent:${i}`, ...members(12, i)], ...(i % 2 ? [['EXPIRE', `list:recent:${i}`, ttl]] : [])]
  if (kind < 90) return [['SADD', `set:ids:${i}`, i, i + 1, i + 2, i + 3]]
  if (kind < 92) return [['SADD', `set:tags:${i}`, ...members(20, i)]]
  if (kind < 98) return [['ZADD', `board:${i}`, ...members(10, i).flatMap((member, m) => [m, member])]]
  return [['XADD', `stream:events:${i}`, '*', 'kind', 'login', 'user', i]]
}

/** @param {number} i */
const smallKey = (i) => [['SET', `k:${i}`, 'x']]

/**
 * Fills a server with so many keys.
 * @param {string} url
 * @param {number} count
 * @param {'mixed' | 'small'} kind
 */
export async function fill(url, count, kind) {
  const options = { protocol: /** @type {const} */ (2), timeoutMs: 5000, signal: new AbortController().signal }
  const client = await Client.open(parseAddress(url, {}), options)
  try {
    for (let from = 0; from < count; from += BATCH) {
      const commands = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => from + i).flatMap(
        kind === 'mixed' ? mixedKey : smallKey,
      )
      await client.callEncoded('SET', Buffer.concat(commands.map((args) => encodeCommand(args))), commands.length)
    }
  } finally {
    client.close()
  }
}
