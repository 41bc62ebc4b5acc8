import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { defineRule } from '../../rule.js'
import { durationOption } from '../../rule-options.js'
import { isLate } from '../slow-commands.js'
import { ago } from '../wording.js'

interface Kind {
  /** What the server was doing. */
  what: string
  remedy: string
  command?: string
}

const DISK: Kind = {
  what: 'writing the AOF',
  remedy:
    'Look for who else uses this disk, move the AOF to a faster one, and set no-appendfsync-on-rewrite yes if up to 30 seconds of writes may be lost during a rewrite.',
  command: 'redis-cli INFO persistence | grep aof_',
}

const EVICTION: Kind = {
  what: 'evicting keys',
  remedy:
    'Set lazyfree-lazy-eviction yes, lower maxmemory-eviction-tenacity, and give it more memory: see evict/active and mem/big-collection.',
  command: 'redis-cli CONFIG SET lazyfree-lazy-eviction yes',
}

const EXPIRY: Kind = {
  what: 'removing expired keys',
  remedy: 'Add jitter to TTLs that end together (ttl/stampede), set lazyfree-lazy-expire yes, and keep active-expire-effort at 1.',
  command: 'redis-cli CONFIG SET lazyfree-lazy-expire yes',
}

const CLUSTER_FILE: Kind = {
  what: 'writing the cluster’s configuration file',
  remedy: 'Put the server’s directory on a local disk that nobody else keeps busy: every change of the cluster is synced to nodes.conf.',
}

/** Event kinds of the latency monitor (https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor/). */
const KINDS: Record<string, Kind> = {
  command: {
    what: 'running a slow command',
    remedy: 'Find it in the slow log and see the findings of cmd/* and lua/slow about it; what walks over whole keys belongs in pages.',
    command: 'redis-cli SLOWLOG GET 25',
  },
  'fast-command': {
    what: 'running an O(1) or O(log N) command',
    remedy:
      'Such a command is slow only when the machine is: measure on the server’s own machine, and look for CPU steal, swapping (mem/swapping), huge pages (cfg/os) and a busy host.',
    command: 'redis-cli --intrinsic-latency 30',
  },
  'command-unblocking': {
    what: 'serving a client that had been blocked',
    remedy: 'Bound what a blocked client gets at once (COUNT of XREAD, BLMPOP and the like), and look at the slow log.',
    command: 'redis-cli SLOWLOG GET 25',
  },
  fork: {
    what: 'forking for a snapshot, an AOF rewrite or a replica',
    remedy:
      'Switch transparent huge pages off, split the dataset over smaller servers, and save and rewrite on replicas or at quiet times (cfg/os).',
    command: "redis-cli INFO | grep -E 'latest_fork_usec|used_memory_rss:'",
  },
  'rdb-unlink-temp-file': {
    what: 'deleting the temporary file of a cancelled snapshot',
    remedy:
      'Find out why snapshots are cancelled (SHUTDOWN, FLUSHALL, a killed child), and use a file system that deletes large files fast (XFS rather than ext3).',
    command: 'redis-cli INFO persistence | grep rdb_last',
  },
  'aof-fsync-always': {
    what: 'waiting for the disk at each write',
    remedy:
      'Use appendfsync everysec unless each write has to be on disk before it is answered, or move the AOF to a disk with a protected write cache.',
    command: 'redis-cli CONFIG SET appendfsync everysec',
  },
  'aof-write': DISK,
  'aof-write-alone': DISK,
  'aof-write-pending-fsync': {
    ...DISK,
    what: 'writing the AOF while an fsync was going on',
  },
  'aof-write-active-child': {
    ...DISK,
    what: 'writing the AOF while a child was saving',
    remedy:
      'The child and the AOF share a disk: set no-appendfsync-on-rewrite yes if up to 30 seconds of writes may be lost then, or give them a faster disk.',
  },
  'aof-fstat': DISK,
  'aof-rename': { ...DISK, what: 'renaming the AOF after a rewrite' },
  'aof-rewrite-diff-write': {
    what: 'appending what was written during an AOF rewrite',
    remedy:
      'Rewrite at quiet times (BGREWRITEAOF from cron, auto-aof-rewrite-percentage 0), or upgrade to Redis 7.0, which does without this step.',
  },
  'active-defrag-cycle': {
    what: 'defragmenting memory',
    remedy: 'Lower active-defrag-cycle-max (25 percent of a core by default), and raise active-defrag-threshold-lower.',
    command: 'redis-cli CONFIG SET active-defrag-cycle-max 10',
  },
  'expire-cycle': EXPIRY,
  'expire-del': { ...EXPIRY, what: 'freeing a large key that had expired' },
  'eviction-cycle': EVICTION,
  'eviction-del': { ...EVICTION, what: 'freeing a large key that was evicted' },
  'eviction-lazyfree': {
    ...EVICTION,
    what: 'waiting for another thread to free what was evicted',
    remedy: 'Writes need memory faster than it is freed: give it more memory, or write less at once.',
  },
  'while-blocked-cron': {
    what: 'doing its chores while a script, a load or a module kept it busy',
    remedy: 'Find what kept it busy: a long script (lua/slow), loading, or a module.',
    command: 'redis-cli SLOWLOG GET 25',
  },
  'module-acquire-GIL': {
    what: 'waiting for a thread of a module',
    remedy: 'A module’s thread held the server’s lock: look into the module’s own settings for background work.',
    command: 'redis-cli MODULE LIST',
  },
}

export const rule = defineRule({
  id: 'latency/spike',
  severity: 'warning',
  summary: 'The server itself recorded moments in which it kept everybody waiting',
  scope: 'node',
  needs: ['latency', 'now'],
  options: z.strictObject({
    spike: durationOption('100ms', 'time of an event from which it is reported'),
    within: durationOption('7d', 'and how recently the last one of its kind was'),
  }),
  blind({ latency: { thresholdMs = 1 } }, { spike }) {
    if (thresholdMs > 0 && thresholdMs <= spike) return undefined
    const what = thresholdMs === 0 ? 'nothing is recorded any more' : 'shorter events are not recorded'
    return { kind: 'not assessed', why: `${what}: latency-monitor-threshold is ${thresholdMs}` }
  },
  check: ({ latency, now }, { spike, within }) =>
    latency.events
      .filter((event) => event.maxMs >= spike && isLate(event, now, within))
      .map(({ event, at, latestMs, maxMs }) => {
        const { what, remedy, command } = kindOf(event)
        const last = latestMs < maxMs ? `, the last time ${formatDuration(latestMs)}` : ''
        return {
          about: event,
          message: `took up to ${formatDuration(maxMs)}${last}, ${ago(now - at)}: ${what}`,
          evidence: { maxSeconds: maxMs / 1000, latestSeconds: latestMs / 1000, agoSeconds: Math.max(0, now - at) },
          remedy,
          commands: [
            `redis-cli LATENCY HISTORY ${/^[\w-]+$/.test(event) ? event : '<event>'}`,
            ...(command === undefined ? [] : [command]),
          ],
        }
      }),
})

function kindOf(event: string): Kind {
  if (Object.hasOwn(KINDS, event)) return KINDS[event]!
  if (event.startsWith('cluster-config-')) return CLUSTER_FILE
  return {
    what: 'an event of its own kind',
    remedy: 'Ask the server for its own advice, and look at when it happens.',
    command: 'redis-cli LATENCY DOCTOR',
  }
}
