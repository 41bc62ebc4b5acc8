import { z } from 'zod'
import { numberOf } from '../../../redis/info.js'
import { formatNumber, trim } from '../../../core/units.js'
import { defineRule } from '../../rule.js'
import { countOption } from '../../rule-options.js'
import { counted, countedSince } from '../wording.js'

export const rule = defineRule({
  id: 'cmd/no-pipelining',
  severity: 'note',
  summary: 'Few clients send many commands one at a time, and wait a round trip for each',
  scope: 'node',
  needs: ['counters', 'info'],
  options: z.strictObject({
    rate: countOption(5000, 'commands per second from which it is reported'),
    per_client: countOption(500, 'and commands per second and client from which it is'),
    per_read: countOption(1.2, 'and commands per read from a socket up to which it is'),
  }),
  check({ counters, info }, { rate, per_client, per_read }) {
    const perSecond = numberOf(info, 'instantaneous_ops_per_sec') ?? 0
    const clients = Math.max(1, numberOf(info, 'connected_clients') ?? 0)
    const [commands, reads] = [counters.grown('total_commands_processed'), counters.grown('total_reads_processed')]
    if (perSecond < rate || perSecond / clients < per_client || reads === 0 || commands / reads > per_read) return []
    return [
      {
        about: 'pipelining',
        message:
          `${formatNumber(perSecond)} commands/s come from ${counted(clients, 'client')}, ` +
          `${trim(commands / reads, 3)} with each read from a socket ${countedSince(counters)}`,
        evidence: { commandsPerSecond: perSecond, clients, commandsPerRead: commands / reads, countedSeconds: counters.seconds },
        remedy:
          'Pipeline what does not depend on the reply before, or use the commands for many keys (MGET, HMGET, ZADD with several members): ' +
          'a read and a write call per command cost the server more than most commands do.',
        commands: ['redis-cli INFO stats | grep -E "total_(commands|reads)_processed"'],
      },
    ]
  },
})
