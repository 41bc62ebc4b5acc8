import type { Rule } from '../rule.js'

/** Every rule by its id, which is also its file's path below this folder, sorted. */
export const RULE_IDS = [
  'cache/hit-rate',
  'cfg/latency-monitor-off',
  'cfg/lazyfree-off',
  'cfg/os',
  'cfg/slowlog-full',
  'cfg/slowlog-off',
  'cfg/tcp-keepalive',
  'cfg/timeout-none',
  'client/buffers',
  'client/leak',
  'client/near-max',
  'client/one-source',
  'client/unnamed',
  'cluster/coverage',
  'cluster/failed-node',
  'cluster/hash-tag',
  'cluster/hot-slot',
  'cluster/orphan-keys',
  'cluster/skew',
  'cmd/blocking',
  'cmd/dangerous',
  'cmd/errors',
  'cmd/keys',
  'cmd/large-io',
  'cmd/no-pipelining',
  'cmd/on-on-big',
  'cmd/slow-repeated',
  'evict/active',
  'evict/mixed-durable',
  'evict/noeviction-full',
  'key/bad-name',
  'key/dominant-pattern',
  'key/long-name',
  'key/mixed-types',
  'key/multi-db',
  'key/stale',
  'key/undeclared',
  'latency/spike',
  'lock/no-ttl',
  'lua/dynamic',
  'lua/memory',
  'lua/running',
  'lua/slow',
  'mem/big-collection',
  'mem/big-string',
  'mem/encoding-near-miss',
  'mem/fork-headroom',
  'mem/fragmented',
  'mem/near-limit',
  'mem/no-limit',
  'mem/overhead',
  'mem/small-strings',
  'mem/swapping',
  'persist/failed',
  'persist/fsync-always',
  'persist/loading',
  'persist/none',
  'persist/rdb-stale',
  'pubsub/slow-consumer',
  'repl/config-drift',
  'repl/down',
  'repl/lag',
  'repl/no-replica',
  'repl/resync-loop',
  'repl/role',
  'repl/writable',
  'sec/auth-failures',
  'sec/debug-enabled',
  'sec/default-user',
  'sec/no-tls',
  'sec/nopass',
  'sec/over-granted',
  'sec/protected-off',
  'sec/version-eol',
  'sentinel/disagreement',
  'sentinel/quorum',
  'sentinel/timeouts',
  'sentinel/unreachable-replica',
  'stream/consumers',
  'stream/dead-consumer',
  'stream/idle-consumers',
  'stream/lag',
  'stream/no-consumers',
  'stream/pel',
  'stream/unbounded',
  'ttl/expiry-backlog',
  'ttl/inconsistent',
  'ttl/missing',
  'ttl/stampede',
  'ttl/too-long',
  'ttl/unevictable',
] as const

export type RuleId = (typeof RULE_IDS)[number]

/** Whether there is a rule of that id. */
export function isRuleId(id: string): id is RuleId {
  const ids: readonly string[] = RULE_IDS
  return ids.includes(id)
}

/** Loads a rule. */
export async function loadRule(id: RuleId): Promise<Rule> {
  return (await loadRules()).find((rule) => rule.id === id)!
}

/** Loads all rules, in the order of their ids. */
export async function loadRules(): Promise<readonly Rule[]> {
  return (await import('./all.js')).ALL_RULES
}
