// @ts-check
/*
 * What compact encodings save: the memory (used_memory, so the allocator's slack too) of the same elements as a hashtable or skiplist
 * and as a listpack (ziplist before 7.0), and of the same strings as keys and as fields of a hash per bucket of 100. The audit rules
 * mem/encoding-near-miss and mem/small-strings estimate from these figures (src/audit/rules/mem/savings.ts).
 */
import { acquireServer } from '#redline/server/acquire.js'
import { enginesFolder, listUnpacked } from '#redline/server/unpacked.js'
import { parseInfo } from '#redline/redis/info.js'
import { parseAddress } from '#redline/wire/address.js'
import { asText, Client } from '#redline/wire/client.js'
import { ReplyError } from '#redline/wire/decoder.js'

const ELEMENTS = 65_536
/** Elements of one collection. */
const LENGTHS = [16, 128, 512]
/** Bytes of a value or member. */
const PAYLOADS = [8, 16, 32, 60]
const SCRIPT = {
  hash: `for f = 1, n do redis.call('HSET', key, string.format('field%03d', f), string.rep('v', size)) end`,
  zset: `for f = 1, n do redis.call('ZADD', key, f * 1.5, string.format('%0' .. size .. 'd', f)) end`,
  set: `for f = 1, n do redis.call('SADD', key, 'm' .. string.format('%0' .. (size - 1) .. 'd', f)) end`,
}
const LIMITS = {
  hash: ['hash-max-listpack-entries', 'hash-max-ziplist-entries'],
  zset: ['zset-max-listpack-entries', 'zset-max-ziplist-entries'],
  set: ['set-max-listpack-entries'],
}

const signal = new AbortController().signal
const engines = await listUnpacked(enginesFolder(process.env))
for (const { name, generation } of engines) {
  const server = await acquireServer({ engine: `${name}@${generation}` }, { env: process.env, signal, onProgress: () => undefined })
  const client = await Client.open(parseAddress(server.url, {}), { protocol: 2, timeoutMs: 5000, signal })
  try {
    // Valkey frees in the background unless told otherwise; before 6.2 there is no such parameter.
    await client.callAll([['CONFIG', 'SET', 'lazyfree-lazy-user-flush', 'no']])
    console.log(`\n${name} ${server.version}: bytes an element, full -> compact, saved`)
    for (const kind of /** @type {const} */ (['hash', 'zset', 'set'])) await collections(client, kind)
    console.log(`${name} ${server.version}: bytes a string, as keys -> in buckets of 100, saved`)
    for (const size of PAYLOADS) await strings(client, size)
  } finally {
    client.close()
    await server.stop()
  }
}

/**
 * @param {Client} client
 * @param {'hash' | 'zset' | 'set'} kind
 */
async function collections(client, kind) {
  for (const size of PAYLOADS) {
    /** @type {string[]} */
    const cells = []
    for (const n of LENGTHS) {
      const full = await limited(client, kind, 0, () => fill(client, kind, n, size))
      const compact = await limited(client, kind, 1024, () => fill(client, kind, n, size))
      if (full !== undefined && compact !== undefined) cells.push(row(`n ${n}`, full, compact))
    }
    if (cells.length > 0) console.log(`  ${kind} of ${size} B: ${cells.join('; ')}`)
  }
}

/**
 * Strings `object:<6 digits>` against fields of the last two digits of a hash for each bucket.
 * @param {Client} client
 * @param {number} size
 */
async function strings(client, size) {
  const value = `string.rep('v', ${size})`
  const loop = (/** @type {string} */ body) => `for i = 100000, 100000 + ${ELEMENTS} do ${body} end`
  const keys = await growth(client, loop(`redis.call('SET', string.format('object:%06d', i), ${value})`))
  const fields = await growth(
    client,
    loop(`redis.call('HSET', string.format('object:%04d', math.floor(i / 100)), string.format('%02d', i % 100), ${value})`),
  )
  console.log(`  strings of ${size} B: ${row('', keys / ELEMENTS, fields / ELEMENTS)}`)
}

/**
 * @param {string} label
 * @param {number} full
 * @param {number} compact
 */
function row(label, full, compact) {
  return `${label} ${full.toFixed(0)} -> ${compact.toFixed(0)}, ${(full - compact).toFixed(0)}`.trimStart()
}

/**
 * Runs with this limit on the length of compact collections; undefined when this version has none for them.
 * @param {Client} client
 * @param {'hash' | 'zset' | 'set'} kind
 * @param {number} limit
 * @param {() => Promise<number>} run
 */
async function limited(client, kind, limit, run) {
  for (const parameter of LIMITS[kind]) {
    const [answer] = await client.callAll([['CONFIG', 'SET', parameter, String(limit)]])
    if (!(answer instanceof ReplyError)) return run()
  }
  return undefined
}

/**
 * @param {Client} client
 * @param {'hash' | 'zset' | 'set'} kind
 * @param {number} n
 * @param {number} size
 */
async function fill(client, kind, n, size) {
  const script = `for k = 1, ${Math.ceil(ELEMENTS / n)} do local key, n, size = 'key:' .. k, ${n}, ${size} ${SCRIPT[kind]} end`
  return (await growth(client, script)) / (Math.ceil(ELEMENTS / n) * n)
}

/**
 * What used_memory grows by.
 * @param {Client} client
 * @param {string} script
 */
async function growth(client, script) {
  await client.call('FLUSHALL')
  await client.call('SCRIPT', 'FLUSH')
  const before = await used(client)
  await client.call('EVAL', script, '0')
  await client.call('SCRIPT', 'FLUSH')
  return (await used(client)) - before
}

/** @param {Client} client */
async function used(client) {
  return Number(parseInfo(asText(await client.call('INFO', 'memory'))).fields.get('used_memory'))
}
