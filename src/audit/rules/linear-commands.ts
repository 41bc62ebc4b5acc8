import type { KeyFacts, KeyspaceFacts, SlowCommand } from '../facts.js'
import { bytesOption, countOption } from '../rule-options.js'

const READ_WHOLE_SET = 'Walk it with SSCAN, or ask for what is needed with SMISMEMBER or SRANDMEMBER.'
const READ_WHOLE_HASH = 'Ask for the fields that are needed with HMGET, or walk it with HSCAN.'
const READ_RANGE = 'Read pages of a fixed size, and trim the collection where it is written.'
const READ_BY_SCORE = 'Add LIMIT, and remove what is too old or too low where members are added.'
const SEARCH_LIST =
  'A list finds nothing without walking it: use a hash, a sorted set or a stream for what is looked up or changed in the middle.'
const COMBINE =
  'Keep the result in a key that is updated with its sources, or combine them on a replica; SINTERCARD LIMIT where only a number matters.'
const REMOVE = 'Delete with UNLINK, which frees the memory in another thread, and set lazyfree-lazy-user-del yes.'
const REMOVE_RANGE = 'Remove in batches of some hundred, as members are added.'
const SORT = 'Keep the order in a sorted set instead of making it at each read.'
const READ_STRING = 'Store the parts in keys or hash fields of their own, or read the range that is needed with GETRANGE.'
const WRITE_STRING = 'Store the parts in keys or hash fields of their own, and write those that change.'
const COUNT_BITS = 'Give BITCOUNT and BITPOS a range, and split the bitmap by day or by user range.'
const READ_STREAM = 'Read with COUNT, and trim the stream with XADD ... MAXLEN ~.'
const MANY_AT_ONCE = 'Ask for fewer at a time.'
const SERIALISE = 'Copy keys when nobody waits, and split what is this big.'
const GEO = 'Search a smaller radius with COUNT ... ANY, and split the set by region.'
const OVERWRITE = 'UNLINK the old key before, or set lazyfree-lazy-server-del yes.'

/**
 * What to do about a command whose time grows with the size of the keys that it names: O(N) in the elements, the range or the
 * bytes (https://redis.io/docs/latest/commands/). By name as the slow log has it, in lower case.
 */
const REMEDIES: Record<string, string> = {
  ...all(READ_WHOLE_SET, 'smembers'),
  ...all(READ_WHOLE_HASH, 'hgetall', 'hkeys', 'hvals'),
  ...all(READ_RANGE, 'lrange', 'zrange', 'zrevrange', 'zrangestore', 'getrange', 'ltrim'),
  ...all(READ_BY_SCORE, 'zrangebyscore', 'zrevrangebyscore', 'zrangebylex', 'zrevrangebylex'),
  ...all(SEARCH_LIST, 'lindex', 'linsert', 'lpos', 'lrem', 'lset'),
  ...all(COMBINE, 'sinter', 'sintercard', 'sinterstore', 'sunion', 'sunionstore', 'sdiff', 'sdiffstore'),
  ...all(COMBINE, 'zinter', 'zintercard', 'zinterstore', 'zunion', 'zunionstore', 'zdiff', 'zdiffstore', 'pfcount', 'pfmerge'),
  ...all(REMOVE, 'del'),
  ...all(REMOVE_RANGE, 'zremrangebyscore', 'zremrangebyrank', 'zremrangebylex', 'xtrim'),
  ...all(SORT, 'sort', 'sort_ro'),
  ...all(READ_STRING, 'get', 'mget', 'getset', 'getdel', 'getex', 'lcs'),
  ...all(WRITE_STRING, 'set', 'setex', 'psetex', 'setrange', 'append'),
  ...all(COUNT_BITS, 'bitcount', 'bitpos', 'bitop'),
  ...all(READ_STREAM, 'xrange', 'xrevrange', 'xread', 'xreadgroup'),
  ...all(MANY_AT_ONCE, 'hmget', 'hrandfield', 'srandmember', 'zrandmember', 'spop', 'lpop', 'rpop', 'zpopmin', 'zpopmax', 'smismember'),
  ...all(SERIALISE, 'dump', 'restore', 'copy', 'migrate'),
  ...all(GEO, 'georadius', 'georadius_ro', 'georadiusbymember', 'georadiusbymember_ro', 'geosearch', 'geosearchstore'),
  ...all(OVERWRITE, 'rename', 'renamenx'),
}

function all(remedy: string, ...commands: string[]): Record<string, string> {
  return Object.fromEntries(commands.map((command) => [command, remedy]))
}

/** Options of rules that ask whether a key is big to a command. */
export const BIG_OPTIONS = {
  elements: countOption(5000, 'elements from which a key is big'),
  bytes: bytesOption('1MB', 'or bytes from which it is'),
}

export interface BigBounds {
  elements: number
  bytes: number
}

export interface OnBig {
  key: KeyFacts
  remedy: string
}

/** The largest big key on which an O(N) command worked; undefined when it is no such command, or none of its keys was found big. */
export function onBigKey({ command, keys }: SlowCommand, keyspace: KeyspaceFacts, { elements, bytes }: BigBounds): OnBig | undefined {
  const remedy = Object.hasOwn(REMEDIES, command) ? REMEDIES[command] : undefined
  if (remedy === undefined) return undefined
  const big = keys.flatMap((name) => {
    const key = keyspace.big(name)
    return key && ((key.elements ?? 0) >= elements || key.bytes >= bytes) ? [key] : []
  })
  const [key] = big.toSorted((a, b) => b.bytes - a.bytes)
  return key && { key, remedy }
}
