/** Every directive of redis.conf and valkey.conf from 6.0 to 9.1 and of sentinel.conf, deprecated ones among them, to tell typing errors. */
const KNOWN: ReadonlySet<string> = new Set(
  [
    'acl-pubsub-default aclfile acllog-max-len active-defrag-cycle-max active-defrag-cycle-min active-defrag-cycle-us',
    'active-defrag-ignore-bytes active-defrag-max-scan-fields active-defrag-threshold-lower active-defrag-threshold-upper',
    'active-expire-effort activedefrag activerehashing always-show-logo aof-disable-auto-gc aof-load-corrupt-tail-max-size',
    'aof-load-truncated aof-rewrite-cpulist aof-rewrite-incremental-fsync aof-timestamp-enabled aof-use-rdb-preamble',
    'aof_rewrite_cpulist appenddirname appendfilename appendfsync appendonly auto-aof-rewrite-min-size',
    'auto-aof-rewrite-percentage availability-zone bgsave-cpulist bgsave_cpulist bind bind-source-addr bio-cpulist bio_cpulist',
    'busy-reply-threshold client-default-resp client-output-buffer-limit client-query-buffer-limit',
    'close-on-oom close-on-replica-write cluster-allow-pubsubshard-when-down cluster-allow-reads-when-down',
    'cluster-allow-replica-migration cluster-announce-bus-port cluster-announce-client-ipv4 cluster-announce-client-ipv6',
    'cluster-announce-client-port cluster-announce-client-tls-port cluster-announce-hostname cluster-announce-human-nodename',
    'cluster-announce-ip cluster-announce-port cluster-announce-tls-port cluster-blacklist-ttl cluster-compatibility-sample-ratio',
    'cluster-config-file cluster-config-save-behavior cluster-databases cluster-enabled cluster-link-sendbuf-limit',
    'cluster-manual-failover-timeout cluster-migration-barrier cluster-node-timeout cluster-ping-interval cluster-port',
    'cluster-preferred-endpoint-type cluster-replica-no-failover cluster-replica-validity-factor cluster-require-full-coverage',
    'cluster-slave-no-failover cluster-slave-validity-factor cluster-slot-migration-handoff-max-lag-bytes',
    'cluster-slot-migration-log-max-len cluster-slot-migration-write-pause-timeout cluster-slot-stats-enabled',
    'commandlog-execution-slower-than commandlog-large-reply-max-len commandlog-large-request-max-len commandlog-reply-larger-than',
    'commandlog-request-larger-than commandlog-slow-execution-max-len crash-log-enabled crash-memcheck-enabled daemonize databases',
    'dbfilename debug-context dir disable-thp dual-channel-replication-enabled dynamic-hz enable-debug-assert enable-debug-command',
    'enable-module-command enable-protected-configs extended-redis-compatibility gopher-enabled hash-max-listpack-entries',
    'hash-max-listpack-value hash-max-ziplist-entries hash-max-ziplist-value hash-seed hide-user-data-from-log hll-sparse-max-bytes',
    'hz ignore-warnings import-mode include io-threads io-threads-do-reads io-threads-always-active jemalloc-bg-thread',
    'key-load-delay key-memory-histograms latency-monitor-threshold latency-tracking latency-tracking-info-percentiles',
    'lazyexpire-nested-arbitrary-keys lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del lazyfree-lazy-user-del',
    'lazyfree-lazy-user-flush lfu-decay-time lfu-log-factor list-compress-depth list-max-listpack-size list-max-ziplist-entries',
    'list-max-ziplist-size list-max-ziplist-value loadmodule loading-process-events-interval-bytes locale-collate log-format',
    'log-timestamp-format logfile loglevel lookahead lua-enable-deprecated-api lua-enable-insecure-api lua-replicate-commands',
    'lua-time-limit masterauth masteruser max-new-connections-per-cycle max-new-tls-connections-per-cycle maxclients maxmemory',
    'maxmemory-clients maxmemory-eviction-tenacity maxmemory-policy maxmemory-samples min-replicas-max-lag min-replicas-to-write',
    'min-slaves-max-lag min-slaves-to-write min-string-size-avoid-copy-reply mptcp no-appendfsync-on-rewrite notify-keyspace-events',
    'oom-score-adj oom-score-adj-values pidfile port prefetch-batch-max-size primaryauth primaryuser proc-title-template',
    'propagation-error-behavior protected-mode proto-max-bulk-len rdb-del-sync-files rdb-key-save-delay rdb-save-incremental-fsync',
    'rdb-version-check rdbchecksum rdbcompression rdma-bind rdma-completion-vector rdma-port rdma-rx-size rename-command',
    'repl-backlog-size repl-backlog-ttl repl-disable-tcp-nodelay repl-diskless-load repl-diskless-sync repl-diskless-sync-delay',
    'repl-diskless-sync-max-replicas repl-diskless-sync-period repl-mptcp repl-ping-replica-period repl-ping-slave-period',
    'repl-rdb-channel repl-timeout replica-announce-ip replica-announce-port replica-announced replica-full-sync-buffer-limit',
    'replica-ignore-disk-write-errors replica-ignore-maxmemory replica-lazy-flush replica-priority replica-read-only',
    'replica-serve-stale-data replicaof requirepass resolve-hostnames sanitize-dump-payload save sentinel server-cpulist',
    'server_cpulist set-max-intset-entries set-max-listpack-entries set-max-listpack-value set-proc-title shutdown-on-sigint',
    'shutdown-on-sigterm shutdown-timeout slave-announce-ip slave-announce-port slave-ignore-maxmemory slave-lazy-flush',
    'slave-priority slave-read-only slave-serve-stale-data slaveof slot-migration-max-failover-repl-bytes slowlog-log-slower-than',
    'slowlog-max-len socket-mark-id stop-writes-on-bgsave-error stream-idmp-duration stream-idmp-maxsize stream-node-max-bytes',
    'stream-node-max-entries supervised syslog-enabled syslog-facility syslog-ident tcp-backlog tcp-keepalive timeout',
    'tls-auth-clients tls-auth-clients-user tls-auto-reload-interval tls-ca-cert-dir tls-ca-cert-file tls-cert-file tls-ciphers',
    'tls-ciphersuites tls-client-cert-file tls-client-key-file tls-client-key-file-pass tls-cluster tls-dh-params-file',
    'tls-key-file tls-key-file-pass tls-port tls-prefer-server-ciphers tls-protocols tls-replication tls-session-cache-size',
    'tls-session-cache-timeout tls-session-caching tracking-table-max-keys unixsocket unixsocketgroup unixsocketperm use-exit-on-panic',
    'user watchdog-period zset-max-listpack-entries zset-max-listpack-value zset-max-ziplist-entries zset-max-ziplist-value',
  ].flatMap((line) => line.split(' ')),
)

/** Modules bring directives of their own: `search-timeout` and the like those of Redis 8, `name.parameter` others. */
const OF_MODULES = /^[\w-]+\..|^(?:bf|cf|json|search|ts|vset)-/

/** Whether any version, or a module, may have this directive. */
export function isDirective(name: string): boolean {
  return KNOWN.has(name) || OF_MODULES.test(name)
}

export const KNOWN_DIRECTIVES: Iterable<string> = KNOWN
