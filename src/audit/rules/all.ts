import type { Rule } from '../rule.js'
import { rule as cacheHitRate } from './cache/hit-rate.js'
import { rule as cfgLatencyMonitorOff } from './cfg/latency-monitor-off.js'
import { rule as cfgLazyfreeOff } from './cfg/lazyfree-off.js'
import { rule as cfgOs } from './cfg/os.js'
import { rule as cfgSlowlogFull } from './cfg/slowlog-full.js'
import { rule as cfgSlowlogOff } from './cfg/slowlog-off.js'
import { rule as cfgTcpKeepalive } from './cfg/tcp-keepalive.js'
import { rule as cfgTimeoutNone } from './cfg/timeout-none.js'
import { rule as clientBuffers } from './client/buffers.js'
import { rule as clientLeak } from './client/leak.js'
import { rule as clientNearMax } from './client/near-max.js'
import { rule as clientOneSource } from './client/one-source.js'
import { rule as clientUnnamed } from './client/unnamed.js'
import { rule as clusterCoverage } from './cluster/coverage.js'
import { rule as clusterFailedNode } from './cluster/failed-node.js'
import { rule as clusterHashTag } from './cluster/hash-tag.js'
import { rule as clusterHotSlot } from './cluster/hot-slot.js'
import { rule as clusterOrphanKeys } from './cluster/orphan-keys.js'
import { rule as clusterSkew } from './cluster/skew.js'
import { rule as cmdBlocking } from './cmd/blocking.js'
import { rule as cmdDangerous } from './cmd/dangerous.js'
import { rule as cmdErrors } from './cmd/errors.js'
import { rule as cmdKeys } from './cmd/keys.js'
import { rule as cmdLargeIo } from './cmd/large-io.js'
import { rule as cmdNoPipelining } from './cmd/no-pipelining.js'
import { rule as cmdOnOnBig } from './cmd/on-on-big.js'
import { rule as cmdSlowRepeated } from './cmd/slow-repeated.js'
import { rule as evictActive } from './evict/active.js'
import { rule as evictMixedDurable } from './evict/mixed-durable.js'
import { rule as evictNoevictionFull } from './evict/noeviction-full.js'
import { rule as keyBadName } from './key/bad-name.js'
import { rule as keyDominantPattern } from './key/dominant-pattern.js'
import { rule as keyLongName } from './key/long-name.js'
import { rule as keyMixedTypes } from './key/mixed-types.js'
import { rule as keyMultiDb } from './key/multi-db.js'
import { rule as keyStale } from './key/stale.js'
import { rule as keyUndeclared } from './key/undeclared.js'
import { rule as latencySpike } from './latency/spike.js'
import { rule as lockNoTtl } from './lock/no-ttl.js'
import { rule as luaDynamic } from './lua/dynamic.js'
import { rule as luaMemory } from './lua/memory.js'
import { rule as luaRunning } from './lua/running.js'
import { rule as luaSlow } from './lua/slow.js'
import { rule as memBigCollection } from './mem/big-collection.js'
import { rule as memBigString } from './mem/big-string.js'
import { rule as memEncodingNearMiss } from './mem/encoding-near-miss.js'
import { rule as memForkHeadroom } from './mem/fork-headroom.js'
import { rule as memFragmented } from './mem/fragmented.js'
import { rule as memNearLimit } from './mem/near-limit.js'
import { rule as memNoLimit } from './mem/no-limit.js'
import { rule as memOverhead } from './mem/overhead.js'
import { rule as memSmallStrings } from './mem/small-strings.js'
import { rule as memSwapping } from './mem/swapping.js'
import { rule as persistFailed } from './persist/failed.js'
import { rule as persistFsyncAlways } from './persist/fsync-always.js'
import { rule as persistLoading } from './persist/loading.js'
import { rule as persistNone } from './persist/none.js'
import { rule as persistRdbStale } from './persist/rdb-stale.js'
import { rule as pubsubSlowConsumer } from './pubsub/slow-consumer.js'
import { rule as replConfigDrift } from './repl/config-drift.js'
import { rule as replDown } from './repl/down.js'
import { rule as replLag } from './repl/lag.js'
import { rule as replNoReplica } from './repl/no-replica.js'
import { rule as replResyncLoop } from './repl/resync-loop.js'
import { rule as replRole } from './repl/role.js'
import { rule as replWritable } from './repl/writable.js'
import { rule as secAuthFailures } from './sec/auth-failures.js'
import { rule as secDebugEnabled } from './sec/debug-enabled.js'
import { rule as secDefaultUser } from './sec/default-user.js'
import { rule as secNoTls } from './sec/no-tls.js'
import { rule as secNopass } from './sec/nopass.js'
import { rule as secOverGranted } from './sec/over-granted.js'
import { rule as secProtectedOff } from './sec/protected-off.js'
import { rule as secVersionEol } from './sec/version-eol.js'
import { rule as sentinelDisagreement } from './sentinel/disagreement.js'
import { rule as sentinelQuorum } from './sentinel/quorum.js'
import { rule as sentinelTimeouts } from './sentinel/timeouts.js'
import { rule as sentinelUnreachableReplica } from './sentinel/unreachable-replica.js'
import { rule as streamConsumers } from './stream/consumers.js'
import { rule as streamDeadConsumer } from './stream/dead-consumer.js'
import { rule as streamIdleConsumers } from './stream/idle-consumers.js'
import { rule as streamLag } from './stream/lag.js'
import { rule as streamNoConsumers } from './stream/no-consumers.js'
import { rule as streamPel } from './stream/pel.js'
import { rule as streamUnbounded } from './stream/unbounded.js'
import { rule as ttlExpiryBacklog } from './ttl/expiry-backlog.js'
import { rule as ttlInconsistent } from './ttl/inconsistent.js'
import { rule as ttlMissing } from './ttl/missing.js'
import { rule as ttlStampede } from './ttl/stampede.js'
import { rule as ttlTooLong } from './ttl/too-long.js'
import { rule as ttlUnevictable } from './ttl/unevictable.js'

/** Every rule, in the order of the ids in registry.ts. */
export const ALL_RULES: readonly Rule[] = [
  cacheHitRate,
  cfgLatencyMonitorOff,
  cfgLazyfreeOff,
  cfgOs,
  cfgSlowlogFull,
  cfgSlowlogOff,
  cfgTcpKeepalive,
  cfgTimeoutNone,
  clientBuffers,
  clientLeak,
  clientNearMax,
  clientOneSource,
  clientUnnamed,
  clusterCoverage,
  clusterFailedNode,
  clusterHashTag,
  clusterHotSlot,
  clusterOrphanKeys,
  clusterSkew,
  cmdBlocking,
  cmdDangerous,
  cmdErrors,
  cmdKeys,
  cmdLargeIo,
  cmdNoPipelining,
  cmdOnOnBig,
  cmdSlowRepeated,
  evictActive,
  evictMixedDurable,
  evictNoevictionFull,
  keyBadName,
  keyDominantPattern,
  keyLongName,
  keyMixedTypes,
  keyMultiDb,
  keyStale,
  keyUndeclared,
  latencySpike,
  lockNoTtl,
  luaDynamic,
  luaMemory,
  luaRunning,
  luaSlow,
  memBigCollection,
  memBigString,
  memEncodingNearMiss,
  memForkHeadroom,
  memFragmented,
  memNearLimit,
  memNoLimit,
  memOverhead,
  memSmallStrings,
  memSwapping,
  persistFailed,
  persistFsyncAlways,
  persistLoading,
  persistNone,
  persistRdbStale,
  pubsubSlowConsumer,
  replConfigDrift,
  replDown,
  replLag,
  replNoReplica,
  replResyncLoop,
  replRole,
  replWritable,
  secAuthFailures,
  secDebugEnabled,
  secDefaultUser,
  secNoTls,
  secNopass,
  secOverGranted,
  secProtectedOff,
  secVersionEol,
  sentinelDisagreement,
  sentinelQuorum,
  sentinelTimeouts,
  sentinelUnreachableReplica,
  streamConsumers,
  streamDeadConsumer,
  streamIdleConsumers,
  streamLag,
  streamNoConsumers,
  streamPel,
  streamUnbounded,
  ttlExpiryBacklog,
  ttlInconsistent,
  ttlMissing,
  ttlStampede,
  ttlTooLong,
  ttlUnevictable,
]
