import type { ServerFacts } from '../../redis/server-facts.js'
import { otherName } from '../collectors/config.js'
import { has, type Since } from '../versions.js'
import { bytes, bytesOrPercent, integer, type Kind, oneOf, outputLimits, savePoints, text, yesNo } from './kinds.js'

/** A parameter that rules ask for. */
export interface Parameter {
  kind: Kind
  /** Its default by version, the newest last. A version that is older than all of them does not have the parameter. */
  defaults: readonly (readonly [Since, string])[]
}

const EVERY: Since = { redis: '0', valkey: '0' }
const FROM_6_2: Since = { redis: '6.2', valkey: '0' }
const FROM_7_0: Since = { redis: '7.0', valkey: '0' }
const FROM_7_2: Since = { redis: '7.2', valkey: '0' }
const VALKEY_8_0: Since = { valkey: '8.0' }
const VALKEY_8_1: Since = { valkey: '8.1' }

type Row = readonly [names: string, parameter: Parameter]

function always(kind: Kind, value: string, ...later: (readonly [Since, string])[]): Parameter {
  return { kind, defaults: [[EVERY, value], ...later] }
}

function since(first: Since, kind: Kind, value: string, ...later: (readonly [Since, string])[]): Parameter {
  return { kind, defaults: [[first, value], ...later] }
}

const POLICIES = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'noeviction',
]
const POLICIES_OF_8_6 = ['allkeys-lrm', 'volatile-lrm']
const WHO_MAY = oneOf('no', 'yes', 'local')

const ROWS: readonly Row[] = [
  ['maxmemory', always(bytes, '0')],
  ['maxmemory-policy', always(oneOf(...POLICIES, ...POLICIES_OF_8_6), 'noeviction')],
  ['maxmemory-samples', always(integer, '5')],
  ['maxmemory-eviction-tenacity', since(FROM_6_2, integer, '10')],
  ['maxmemory-clients', since(FROM_7_0, bytesOrPercent, '0')],
  ['lfu-log-factor', always(integer, '10')],
  ['lfu-decay-time', always(integer, '1')],
  ['activedefrag', always(yesNo, 'no')],
  ['replica-ignore-maxmemory', always(yesNo, 'yes')],
  ['lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del', always(yesNo, 'no', [VALKEY_8_0, 'yes'])],
  ['lazyfree-lazy-user-del replica-lazy-flush', always(yesNo, 'no', [VALKEY_8_0, 'yes'])],
  ['lazyfree-lazy-user-flush', since(FROM_6_2, yesNo, 'no', [VALKEY_8_0, 'yes'])],

  ['hash-max-listpack-entries set-max-intset-entries', always(integer, '512')],
  ['hash-max-listpack-value zset-max-listpack-value', always(bytes, '64')],
  ['zset-max-listpack-entries', always(integer, '128')],
  ['set-max-listpack-entries', since(FROM_7_2, integer, '128')],
  ['set-max-listpack-value', since(FROM_7_2, bytes, '64')],
  ['list-max-listpack-size', always(integer, '-2')],
  ['list-compress-depth', always(integer, '0')],
  ['stream-node-max-bytes', always(bytes, '4096')],
  ['stream-node-max-entries', always(integer, '100')],
  ['hll-sparse-max-bytes', always(bytes, '3000')],

  ['slowlog-log-slower-than', always(integer, '10000')],
  ['slowlog-max-len acllog-max-len', always(integer, '128')],
  ['latency-monitor-threshold', always(integer, '0')],
  ['latency-tracking', since(FROM_7_0, yesNo, 'yes')],
  ['commandlog-request-larger-than commandlog-reply-larger-than', since(VALKEY_8_1, integer, '1048576')],
  ['commandlog-large-request-max-len commandlog-large-reply-max-len', since(VALKEY_8_1, integer, '128')],

  ['timeout', always(integer, '0')],
  ['tcp-keepalive', always(integer, '300')],
  ['tcp-backlog', always(integer, '511')],
  ['maxclients', always(integer, '10000')],
  ['client-query-buffer-limit', always(bytes, '1073741824')],
  ['client-output-buffer-limit', always(outputLimits, 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60')],

  // Before 7.0 a server that is given a file forgets its own save points.
  ['save', always(savePoints, '', [FROM_7_0, '3600 1 300 100 60 10000'])],
  ['appendonly no-appendfsync-on-rewrite', always(yesNo, 'no')],
  ['appendfsync', always(oneOf('no', 'everysec', 'always'), 'everysec')],
  ['aof-use-rdb-preamble stop-writes-on-bgsave-error', always(yesNo, 'yes')],
  ['auto-aof-rewrite-percentage', always(integer, '100')],
  ['auto-aof-rewrite-min-size', always(bytes, '67108864')],

  ['protected-mode', always(yesNo, 'yes')],
  // Before 7.0 a server calls every address an empty one; in a file an empty one is refused there, and means none since.
  ['bind', always(text, '* -::*')],
  ['port', always(integer, '6379')],
  ['unixsocket tls-protocols', always(text, '')],
  ['tls-port', always(integer, '0')],
  ['tls-auth-clients', always(oneOf('no', 'yes', 'optional'), 'yes')],
  ['tls-replication tls-cluster', always(yesNo, 'no')],
  ['enable-debug-command enable-module-command enable-protected-configs', since(FROM_7_0, WHO_MAY, 'no')],
  ['acl-pubsub-default', since(FROM_6_2, oneOf('allchannels', 'resetchannels'), 'allchannels', [FROM_7_0, 'resetchannels'])],

  ['replica-read-only replica-serve-stale-data', always(yesNo, 'yes')],
  ['replica-priority', always(integer, '100')],
  ['repl-backlog-size', always(bytes, '1048576', [VALKEY_8_0, '10485760'])],
  ['repl-backlog-ttl', always(integer, '3600')],
  ['repl-timeout', always(integer, '60')],
  ['repl-diskless-sync', always(yesNo, 'no', [FROM_7_0, 'yes'])],
  ['repl-diskless-load', always(oneOf('disabled', 'on-empty-db', 'swapdb', 'flush-before-load', 'flushdb'), 'disabled')],
  ['repl-ping-replica-period min-replicas-max-lag', always(integer, '10')],
  ['min-replicas-to-write', always(integer, '0')],
  ['cluster-enabled cluster-allow-reads-when-down', always(yesNo, 'no')],
  ['cluster-node-timeout', always(integer, '15000')],
  ['cluster-require-full-coverage', always(yesNo, 'yes')],
  ['cluster-migration-barrier', always(integer, '1')],
  ['cluster-slot-stats-enabled', since({ redis: '8.2', valkey: '8.0' }, yesNo, 'no')],

  ['databases', always(integer, '16')],
  ['hz', always(integer, '10')],
  ['io-threads active-expire-effort', always(integer, '1')],
  ['disable-thp', since(FROM_6_2, yesNo, 'yes')],
]

/** Parameters by the name that the newest version has for them. */
export const PARAMETERS: ReadonlyMap<string, Parameter> = new Map(
  ROWS.flatMap(([names, parameter]) => names.split(' ').map((name) => [name, parameter] as const)),
)

/** The name under which a parameter stands in PARAMETERS, whichever of its names is given; undefined when no rule asks for it. */
export function canonicalName(name: string): string | undefined {
  if (PARAMETERS.has(name)) return name
  const other = otherName(name)
  return other !== undefined && PARAMETERS.has(other) ? other : undefined
}

/** What a version does when its file says nothing. */
export function defaultsOf(server: Pick<ServerFacts, 'engine' | 'version'>): Map<string, string> {
  return new Map(
    [...PARAMETERS].flatMap(([name, { defaults }]) => {
      const value = defaults.findLast(([first]) => has(server, first))?.[1]
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}
