import { asArray, asMap, asNumber, asText, type Client } from '../../wire/client.js'
import { type Reply, ReplyError } from '../../wire/decoder.js'
import type { Argument } from '../../wire/encode.js'
import { safeText } from '../../core/text.js'
import { groupBy } from '../../core/group.js'
import type { Reading, StreamFacts, StreamGroup } from '../facts.js'
import { granted, readingOf, refusal } from './ask.js'
import { type Naming, PLAIN_NAMES } from './naming.js'

/** A stream that the scan found. */
export interface StreamKey {
  name: Uint8Array
  db: number
  pattern: string
  /** MEMORY USAGE. */
  bytes: number
  /** Entries when it was scanned; undefined when they were not asked for. */
  entries: number | undefined
}

export interface StreamOptions {
  naming?: Naming
  /** Streams that are asked about, the largest first. */
  limit?: number
  /** What the server's clock says, in seconds since the epoch. */
  now: number
  /** CLIENT NO-TOUCH is on, or the user does not mind: XINFO would otherwise set back the idle time of the streams. */
  mayTouch: boolean
}

const LIMIT = 200
/** A group with more consumers is not asked for them: the reply grows with their number. */
const MOST_CONSUMERS = 1000
/** XINFO STREAM sends the first and the last entry along: not asked where these are large. */
const LARGE_ENTRY_BYTES = 64 * 1024

/**
 * Reads the groups of streams: XINFO GROUPS before anything else, because it tells what the rest would cost. Streams that
 * are gone meanwhile are left out. Leaves the connection in the database of its address. Throws only when the connection is lost.
 */
export async function readStreams(client: Client, streams: readonly StreamKey[], options: StreamOptions): Promise<Reading<StreamFacts[]>> {
  if (!options.mayTouch)
    return { known: false, why: 'XINFO makes streams look used: CLIENT NO-TOUCH came with Redis 7.2 (--allow touch asks all the same)' }
  const chosen = streams.toSorted((a, b) => b.bytes - a.bytes).slice(0, options.limit ?? LIMIT)
  const home = client.address.db
  const facts: StreamFacts[] = []
  for (const [db, inDb] of groupBy(chosen, (stream) => stream.db)) {
    if (db !== home) {
      const [reply] = await client.callAll([['SELECT', db]])
      if (reply instanceof ReplyError) return { known: false, why: refusal('SELECT', reply) }
    }
    const reading = await readAll(client, inDb, options)
    if (db !== home) await client.callAll([['SELECT', home]])
    if (!reading.known) return reading
    facts.push(...reading.value)
  }
  return { known: true, value: facts.toSorted((a, b) => b.bytes - a.bytes) }
}

async function readAll(client: Client, streams: readonly StreamKey[], options: StreamOptions): Promise<Reading<StreamFacts[]>> {
  const facts: StreamFacts[] = []
  for (const stream of streams) {
    const reading = await readStream(client, stream, options)
    if (!reading.known) return reading
    if (reading.value) facts.push(reading.value)
  }
  return { known: true, value: facts }
}

/** Undefined when the stream is gone, or is none any more. */
async function readStream(client: Client, stream: StreamKey, options: StreamOptions): Promise<Reading<StreamFacts | undefined>> {
  const { naming = PLAIN_NAMES, now } = options
  const { name } = stream
  const [groupsReply, lengthReply] = await client.callAll([
    ['XINFO', 'GROUPS', name],
    ['XLEN', name],
  ])
  if (isGone(groupsReply) || isGone(lengthReply)) return { known: true, value: undefined }
  const groups = readingOf(() => asArray(granted(groupsReply, 'XINFO GROUPS')).map(groupIn))
  if (!groups.known) return groups
  const length = readingOf(() => asNumber(granted(lengthReply, 'XLEN')))
  if (!length.known) return length

  const small = stream.bytes / Math.max(1, length.value) < LARGE_ENTRY_BYTES
  const questions = groups.value.map((group) => questionsOf(name, group))
  const replies = await client.callAll([...(small ? [['XINFO', 'STREAM', name]] : []), ...questions.flat(), ['XLEN', name]])
  if (replies.some(isGone)) return { known: true, value: undefined }
  return readingOf(() => {
    const details = small ? asMap(granted(replies.shift(), 'XINFO STREAM')) : new Map<string, Reply>()
    const deleted = details.get('max-deleted-entry-id')
    const groupFacts = groups.value.map((group, i) => groupFactsOf(group, replies.splice(0, questions[i]!.length), now))
    const last = asNumber(granted(replies.shift(), 'XLEN'))
    return {
      key: naming.key(name, stream.pattern),
      pattern: stream.pattern,
      entries: last,
      bytes: stream.bytes,
      added: details.has('entries-added') ? asNumber(details.get('entries-added')) : 0,
      maxDeletedId: deleted === undefined || asText(deleted) === '0-0' ? undefined : safeText(asText(deleted)),
      growing: last > (stream.entries ?? length.value),
      groups: groupFacts,
    }
  })
}

interface Group {
  name: Reply
  consumers: number
  pending: number
  lag: number | undefined
}

function groupIn(reply: Reply): Group {
  const fields = asMap(reply)
  const lag = fields.get('lag')
  return {
    name: fields.get('name') ?? '',
    consumers: asNumber(fields.get('consumers')),
    pending: asNumber(fields.get('pending')),
    // Null where entries were deleted in between.
    lag: lag === null || lag === undefined ? undefined : asNumber(lag),
  }
}

/** The oldest pending entry alone, not the summary, which lists every consumer. */
function questionsOf(name: Uint8Array, group: Group): Argument[][] {
  const id = Buffer.isBuffer(group.name) ? group.name : asText(group.name)
  const consumers = group.consumers < MOST_CONSUMERS ? [['XINFO', 'CONSUMERS', name, id]] : []
  const oldest = group.pending > 0 ? [['XPENDING', name, id, '-', '+', 1]] : []
  return [...consumers, ...oldest]
}

function groupFactsOf(group: Group, replies: Reply[], now: number): StreamGroup {
  const members = group.consumers < MOST_CONSUMERS ? consumersIn(granted(replies.shift(), 'XINFO CONSUMERS')) : undefined
  const [oldest] = group.pending > 0 ? asArray(granted(replies.shift(), 'XPENDING')) : []
  return {
    name: safeText(Buffer.isBuffer(group.name) ? group.name : asText(group.name)),
    consumers: group.consumers,
    pending: group.pending,
    lag: group.lag,
    oldestPendingSeconds: oldest === undefined ? undefined : ageOf(oldest, now),
    members,
  }
}

function consumersIn(reply: Reply): NonNullable<StreamGroup['members']> {
  return asArray(reply).map((entry) => {
    const fields = asMap(entry)
    const name = fields.get('name') ?? ''
    const inactive = fields.get('inactive')
    return {
      name: safeText(Buffer.isBuffer(name) ? name : asText(name)),
      pending: asNumber(fields.get('pending')),
      idleSeconds: asNumber(fields.get('idle')) / 1000,
      // The field came with 7.2; -1 while it has never been given anything.
      inactiveSeconds: inactive === undefined || asNumber(inactive) < 0 ? undefined : asNumber(inactive) / 1000,
    }
  })
}

/** Nobody had streams before. */
const FIRST_STREAMS_MS = Date.UTC(2017, 0, 1)

/** An id tells when its entry was added, unless the application chose it; then the time since the last delivery stands for its age. */
function ageOf(pending: Reply, now: number): number {
  const [id, , idleMs] = asArray(pending)
  const added = Number(asText(id).split('-')[0])
  if (added >= FIRST_STREAMS_MS && added <= now * 1000 + 60_000) return Math.max(0, now - added / 1000)
  return asNumber(idleMs) / 1000
}

/** The key vanished (`ERR no such key`, or for a group NOGROUP), or holds something else by now. */
function isGone(reply: Reply | undefined): boolean {
  return reply instanceof ReplyError && (/no such key/i.test(reply.message) || reply.code === 'NOGROUP' || reply.code === 'WRONGTYPE')
}
