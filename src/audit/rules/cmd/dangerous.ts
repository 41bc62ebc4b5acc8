import { z } from 'zod'
import type { Severity } from '../../../schema/audit.js'
import { defineRule } from '../../rule.js'
import { countOption } from '../../rule-options.js'
import { senders } from '../slow-commands.js'
import { countedSince, times } from '../wording.js'

interface Danger {
  severity: Severity
  /** As people write it. */
  name: string
  effect: string
  remedy: string
  command: string
}

/** By name in INFO commandstats. Before 7.0 CONFIG SET is counted as `config`, together with CONFIG GET: nothing is said of that. */
const DANGERS: Record<string, Danger> = {
  flushall: {
    severity: 'warning',
    name: 'FLUSHALL',
    effect: 'it deletes every key of every database',
    remedy: 'Take it from all users but an operator; delete by pattern with SCAN and UNLINK, or give each application a server of its own.',
    command: "redis-cli ACL SETUSER '<user>' -flushall -flushdb",
  },
  flushdb: {
    severity: 'warning',
    name: 'FLUSHDB',
    effect: 'it deletes every key of a database',
    remedy: 'Take it from all users but an operator; delete by pattern with SCAN and UNLINK, and empty a cache with FLUSHDB ASYNC.',
    command: "redis-cli ACL SETUSER '<user>' -flushall -flushdb",
  },
  debug: {
    severity: 'warning',
    name: 'DEBUG',
    effect: 'it can stop, crash or corrupt a server',
    remedy: 'Switch it off (enable-debug-command no, the default from Redis 7.0 on), and take it from all users before.',
    command: "redis-cli ACL SETUSER '<user>' -debug",
  },
  monitor: {
    severity: 'warning',
    name: 'MONITOR',
    effect: 'every command is copied to whoever watches, which can halve throughput and shows values',
    remedy: 'Watch through SLOWLOG, LATENCY and commandstats instead, and end MONITOR sessions within seconds.',
    command: 'redis-cli CLIENT LIST | grep cmd=monitor',
  },
  'config|set': {
    severity: 'note',
    name: 'CONFIG SET',
    effect: 'the running configuration may differ from the file, and be lost with a restart',
    remedy: 'Write the same into redis.conf (CONFIG REWRITE), and take CONFIG from applications.',
    command: 'redis-cli CONFIG REWRITE',
  },
  save: {
    severity: 'warning',
    name: 'SAVE',
    effect: 'nobody is served until the whole dataset is on disk',
    remedy: 'Use BGSAVE.',
    command: 'redis-cli BGSAVE',
  },
  shutdown: {
    severity: 'note',
    name: 'SHUTDOWN',
    effect: 'it was tried and did not succeed',
    remedy: 'Let the service manager stop the server, take SHUTDOWN from applications, and look into the log for why it failed.',
    command: "redis-cli ACL SETUSER '<user>' -shutdown",
  },
}

export const rule = defineRule({
  id: 'cmd/dangerous',
  severity: 'warning',
  summary: 'Commands that can hurt the server or everybody’s data were used (FLUSHALL, DEBUG, MONITOR, SAVE ...)',
  scope: 'node',
  needs: ['counters'],
  wants: ['slowlog'],
  options: z.strictObject({ calls: countOption(1, 'calls of one command from which it is reported') }),
  check: ({ counters, slowlog }, { calls: fewest }) =>
    Object.entries(DANGERS).flatMap(([command, { severity, name, effect, remedy, command: line }]) => {
      const { calls, rejected } = counters.commands.get(command) ?? { calls: 0, rejected: 0 }
      if (calls < Math.max(1, fewest)) return []
      const clients = senders(slowlog?.entries.filter((entry) => entry.command === command.replace('|', ' ')) ?? [])
      return [
        {
          about: name,
          severity,
          message: `was called ${times(calls)} ${countedSince(counters)}${clients === undefined ? '' : `, by ${clients}`}: ${effect}`,
          evidence: { calls, rejectedCalls: rejected, countedSeconds: counters.seconds, ...(clients === undefined ? {} : { clients }) },
          remedy,
          commands: [line],
        },
      ]
    }),
})
