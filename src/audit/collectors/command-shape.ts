import { safeText } from '../../core/text.js'
import type { Naming } from './naming.js'

/** A command of a log: its name, what stays the same from call to call, and the keys that it names. */
export interface CommandShape {
  /** In lower case, with its subcommand: `config get`. */
  command: string
  /** `HGETALL user:<int>`; values are left out. */
  shape: string
  /** As safeText, also where names are hashed: to find them among the big keys, and never to be shown. */
  keys: string[]
  /** The same keys as they may be shown. */
  shownKeys: string[]
}

/** Reads the arguments of a command as SLOWLOG keeps them: at most 32, each cut at 128 bytes. */
export function shapeOf(args: readonly Uint8Array[], naming: Naming): CommandShape {
  const [name = '', subcommand = ''] = args.slice(0, 2).map((arg) => word(arg))
  const command = CONTAINERS.has(name) && subcommand !== '' ? `${name} ${subcommand}` : name || '(none)'
  const spec = SPECS.get(command)
  if (!spec) return { command, shape: command.toUpperCase(), keys: [], shownKeys: [] }
  const named = spec.keys(args).flatMap((at) => args[at] ?? [])
  const patterns = [...new Set(named.map((key) => naming.pattern(uncut(key))))]
  const script = spec.script && args[1] ? [scriptName(args[1], naming)] : []
  const numbers = (spec.numbers ?? []).flatMap((at) => (args[at] ? [maskedNumber(args[at])] : []))
  const whole = spec.glob ? [] : named.filter((key) => !isCut(key))
  return {
    command,
    shape: [command.toUpperCase(), ...script, ...shorten(patterns), ...numbers].join(' '),
    keys: [...new Set(whole.map((key) => safeText(key)))],
    shownKeys: [...new Set(whole.map((key) => naming.key(key, naming.pattern(key))))],
  }
}

/** The server cuts an argument after 128 bytes (`abc... (172 more bytes)`), and says how many arguments are missing. */
const CUT = /\.\.\. \(\d+ more (?:bytes|arguments)\)$/

function isCut(arg: Uint8Array): boolean {
  return CUT.test(latin1(arg))
}

function uncut(arg: Uint8Array): Uint8Array {
  const end = latin1(arg).search(CUT)
  return end < 0 ? arg : arg.subarray(0, end)
}

function latin1(arg: Uint8Array): string {
  return Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength).toString('latin1')
}

/** A command's name, which may be anything in the log of somebody's typing errors. */
function word(arg: Uint8Array): string {
  return safeText(arg.subarray(0, 40)).toLowerCase()
}

/** Many patterns in one command make as many shapes as there are calls. */
function shorten(patterns: string[]): string[] {
  return patterns.length <= 3 ? patterns : [...patterns.slice(0, 3), '...']
}

/** Whole ranges stay, because they are what makes a command slow. */
function maskedNumber(arg: Uint8Array): string {
  const text = latin1(arg)
  return text === '0' || text === '-1' ? text : '<int>'
}

/** The digest of EVALSHA as it is, the function of FCALL by its name, the script of EVAL by its beginning. */
function scriptName(arg: Uint8Array, naming: Naming): string {
  const text = latin1(arg)
  if (/^[0-9a-f]{40}$/i.test(text)) return text.toLowerCase()
  return /^\w{1,100}$/.test(text) ? text : naming.script(uncut(arg))
}

interface Spec {
  /** Positions of the keys; the name of the command is position 0. */
  keys: (args: readonly Uint8Array[]) => number[]
  /** Positions of numbers that belong to the shape. */
  numbers?: number[]
  /** The first argument is a script, its digest or its name. */
  script?: boolean
  /** The key is a glob for many. */
  glob?: boolean
}

/** From `first` to `last` (negative: from the end), every `step`th. */
function at(first: number, last = first, step = 1): Spec {
  return { keys: (args) => range(first, last < 0 ? args.length + last : last, step) }
}

/** As many keys as the argument before them says. */
function counted(count: number, ...others: number[]): Spec {
  return {
    keys: (args) => {
      const announced = args[count] ? Number(latin1(args[count])) : 0
      const keys = Number.isInteger(announced) && announced > 0 ? range(count + 1, count + Math.min(announced, args.length), 1) : []
      return [...others, ...keys]
    },
  }
}

/** XREAD ... STREAMS key key id id: the first half of what follows. */
const streams: Spec = {
  keys: (args) => {
    const from = args.findIndex((arg) => word(arg) === 'streams') + 1
    return from === 0 ? [] : range(from, from + Math.ceil((args.length - from) / 2) - 1, 1)
  },
}

function range(first: number, last: number, step: number): number[] {
  const positions: number[] = []
  for (let at = first; at <= last; at += step) positions.push(at)
  return positions
}

function table(names: string, spec: Spec): [string, Spec][] {
  return names.split(' ').map((name) => [name.replace('|', ' '), spec])
}

/** Commands by where their keys are, from their documentation (https://redis.io/docs/latest/commands/). */
const SPECS: ReadonlyMap<string, Spec> = new Map([
  ...table('get getex getdel getset set setex psetex setnx append strlen getrange substr setrange incr decr incrby decrby', at(1)),
  ...table('incrbyfloat getbit setbit bitcount bitpos bitfield bitfield_ro type ttl pttl expire pexpire expireat pexpireat', at(1)),
  ...table('expiretime pexpiretime persist dump restore move sort sort_ro pfadd', at(1)),
  ...table('keys', { ...at(1), glob: true }),
  ...table('hget hset hsetnx hmget hmset hgetall hkeys hvals hlen hexists hdel hstrlen hincrby hincrbyfloat hrandfield hscan', at(1)),
  ...table('hexpire hpexpire hexpireat hpexpireat httl hpttl hpersist hgetex hgetdel hsetex', at(1)),
  ...table('lpush rpush lpushx rpushx lpop rpop llen lindex lset lrem linsert lpos', at(1)),
  ...table('sadd srem scard smembers sismember smismember srandmember spop sscan', at(1)),
  ...table('zadd zrem zcard zscore zmscore zincrby zrank zrevrank zcount zlexcount zpopmin zpopmax zrandmember zscan', at(1)),
  ...table('zrangebyscore zrevrangebyscore zrangebylex zrevrangebylex zremrangebylex zremrangebyrank zremrangebyscore', at(1)),
  ...table('xadd xlen xack xackdel xclaim xautoclaim xpending xtrim xdel xdelex xsetid xrange xrevrange', at(1)),
  ...table('geoadd geodist geohash geopos georadius georadius_ro georadiusbymember georadiusbymember_ro geosearch', at(1)),
  ...table('lrange zrange zrevrange ltrim', { ...at(1), numbers: [2, 3] }),
  ...table('mget del unlink exists touch watch pfcount pfmerge sunion sinter sdiff sunionstore sinterstore sdiffstore', at(1, -1)),
  ...table('mset msetnx', at(1, -1, 2)),
  ...table('blpop brpop bzpopmin bzpopmax', at(1, -2)),
  ...table('rename renamenx rpoplpush brpoplpush lmove blmove smove lcs copy zrangestore geosearchstore', at(1, 2)),
  ...table('bitop', at(2, -1)),
  ...table('zunion zinter zdiff zintercard sintercard lmpop zmpop', counted(1)),
  ...table('zunionstore zinterstore zdiffstore', counted(2, 1)),
  ...table('blmpop bzmpop', counted(2)),
  ...table('eval eval_ro evalsha evalsha_ro fcall fcall_ro', { ...counted(2), script: true }),
  ...table('xread xreadgroup', streams),
  ...table('object|encoding object|freq object|idletime object|refcount memory|usage debug|object', at(2)),
  ...table('xinfo|stream xinfo|groups xinfo|consumers', at(2)),
  ...table('xgroup|create xgroup|createconsumer xgroup|delconsumer xgroup|destroy xgroup|setid', at(2)),
])

/** Commands whose first argument says what they do. */
const CONTAINERS: ReadonlySet<string> = new Set(
  'acl client cluster command commandlog config debug function latency memory module object pubsub script slowlog xgroup xinfo'.split(' '),
)
