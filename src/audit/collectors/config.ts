import type { ServerFacts } from '../../redis/server-facts.js'
import { asMap, asText } from '../../wire/client.js'
import { safeText } from '../../core/text.js'
import type { ConfigFacts } from '../facts.js'
import { type Ask, granted } from './ask.js'
import { has } from '../versions.js'

/** The parameters that rules ask for, and all that CONFIG GET is sent for: none of them holds a secret. */
export const CONFIG_NAMES: readonly string[] = [
  // memory
  ...['maxmemory', 'maxmemory-policy', 'maxmemory-samples', 'maxmemory-clients', 'maxmemory-eviction-tenacity'],
  ...['lfu-log-factor', 'lfu-decay-time', 'activedefrag', 'replica-ignore-maxmemory'],
  ...['lazyfree-lazy-eviction', 'lazyfree-lazy-expire', 'lazyfree-lazy-server-del', 'lazyfree-lazy-user-del'],
  ...['lazyfree-lazy-user-flush', 'replica-lazy-flush'],
  // limits of the compact encodings, the names before 7.0 among them
  ...['hash-max-listpack-entries', 'hash-max-listpack-value', 'hash-max-ziplist-entries', 'hash-max-ziplist-value'],
  ...['list-max-listpack-size', 'list-max-ziplist-size', 'list-compress-depth'],
  ...['set-max-intset-entries', 'set-max-listpack-entries', 'set-max-listpack-value'],
  ...['zset-max-listpack-entries', 'zset-max-listpack-value', 'zset-max-ziplist-entries', 'zset-max-ziplist-value'],
  ...['stream-node-max-bytes', 'stream-node-max-entries', 'hll-sparse-max-bytes'],
  // logs of what was slow or large
  ...['slowlog-log-slower-than', 'slowlog-max-len', 'latency-monitor-threshold', 'latency-tracking'],
  ...['commandlog-execution-slower-than', 'commandlog-slow-execution-max-len', 'commandlog-request-larger-than'],
  ...['commandlog-large-request-max-len', 'commandlog-reply-larger-than', 'commandlog-large-reply-max-len'],
  'acllog-max-len',
  // clients
  ...['timeout', 'tcp-keepalive', 'tcp-backlog', 'maxclients', 'client-output-buffer-limit', 'client-query-buffer-limit'],
  // persistence
  ...['save', 'appendonly', 'appendfsync', 'no-appendfsync-on-rewrite', 'aof-use-rdb-preamble'],
  ...['auto-aof-rewrite-percentage', 'auto-aof-rewrite-min-size', 'stop-writes-on-bgsave-error'],
  // who gets in
  ...['protected-mode', 'bind', 'port', 'unixsocket', 'tls-port', 'tls-auth-clients', 'tls-replication', 'tls-cluster', 'tls-protocols'],
  ...['enable-debug-command', 'enable-module-command', 'enable-protected-configs', 'acl-pubsub-default'],
  // replication and cluster
  ...['replica-read-only', 'replica-serve-stale-data', 'replica-priority', 'repl-backlog-size', 'repl-backlog-ttl', 'repl-timeout'],
  ...['repl-diskless-sync', 'repl-diskless-load', 'repl-ping-replica-period', 'min-replicas-to-write', 'min-replicas-max-lag'],
  ...['cluster-enabled', 'cluster-node-timeout', 'cluster-require-full-coverage', 'cluster-allow-reads-when-down'],
  ...['cluster-migration-barrier', 'cluster-slot-stats-enabled'],
  // the rest
  ...['databases', 'hz', 'io-threads', 'disable-thp', 'active-expire-effort'],
]

/** Names by which other versions, or redis.conf, call a parameter. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map(
  [
    ...['hash-max-*-entries', 'hash-max-*-value', 'list-max-*-size', 'zset-max-*-entries', 'zset-max-*-value'].map((name) => [
      name.replace('*', 'listpack'),
      name.replace('*', 'ziplist'),
    ]),
    ...['*-read-only', '*-serve-stale-data', '*-priority', '*-lazy-flush', '*-ignore-maxmemory', 'repl-ping-*-period'].map((name) => [
      name.replace('*', 'replica'),
      name.replace('*', 'slave'),
    ]),
    ['min-replicas-to-write', 'min-slaves-to-write'],
    ['min-replicas-max-lag', 'min-slaves-max-lag'],
    ['slowlog-log-slower-than', 'commandlog-execution-slower-than'],
    ['slowlog-max-len', 'commandlog-slow-execution-max-len'],
  ].flatMap(([a = '', b = '']) => [
    [a, b],
    [b, a],
  ]),
)

/** The other name of a parameter: `hash-max-ziplist-entries` for `hash-max-listpack-entries`, and back. */
export function otherName(parameter: string): string | undefined {
  return OTHER_NAMES.get(parameter)
}

/** Configuration as rules see it, whichever of its names a parameter is asked by. */
export function configFacts(values: ReadonlyMap<string, string>, source: ConfigFacts['source']): ConfigFacts {
  return { source, get: (name) => values.get(name) ?? values.get(otherName(name) ?? '') }
}

/** CONFIG GET of the names that rules need: in one command from 7.0 on, one by one before, where several are an error. */
export function askConfig(server: Pick<ServerFacts, 'engine' | 'version'> | undefined): Ask<ConfigFacts> {
  const together = server !== undefined && has(server, { redis: '7.0', valkey: '7.2' })
  const commands = together ? [['CONFIG', 'GET', ...CONFIG_NAMES]] : CONFIG_NAMES.map((name) => ['CONFIG', 'GET', name])
  return {
    commands,
    read: (replies) => {
      const values = new Map<string, string>()
      for (const reply of replies) {
        for (const [name, value] of asMap(granted(reply, 'CONFIG GET'))) {
          if (WANTED.has(name)) values.set(name, safeText(asText(value)))
        }
      }
      return configFacts(values, 'server')
    },
  }
}

const WANTED: ReadonlySet<string> = new Set(CONFIG_NAMES)
