import { z } from 'zod'
import { formatNumber, formatDuration } from '../../../core/units.js'
import { countOption, durationOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { counted, percent } from '../wording.js'

/** Connections that nobody uses and nobody closes pile up until maxclients is reached. */
export const rule = defineRule({
  id: 'client/leak',
  severity: 'warning',
  summary: 'Many connections have been idle for long, and nothing closes them',
  needs: ['clients'],
  wants: ['config'],
  scope: 'node',
  options: z.strictObject({
    connections: countOption(100, 'idle connections from which they are reported'),
    share: shareOption(0.2, 'share of all connections that they must be'),
    idle: durationOption('1h', 'how long a connection must have sent nothing'),
  }),
  check({ clients, config }, { connections, share, idle }) {
    // Those are closed in time.
    if (Number(config?.get('timeout') ?? 0) > 0) return []
    const idleClients = clients.idleSeconds.filter((seconds) => seconds * 1000 >= idle)
    if (idleClients.length === 0 || idleClients.length < connections || idleClients.length < share * clients.total) return []
    const longest = idleClients.at(-1)!
    return [
      {
        about: 'idle connections',
        message: `${formatNumber(idleClients.length)} of ${counted(clients.total, 'connection')} (${percent(
          idleClients.length / clients.total,
        )}) have sent nothing for ${formatDuration(idle)}, the longest for ${formatDuration(longest * 1000)}`,
        evidence: { idleConnections: idleClients.length, of: clients.total, longestIdleSeconds: longest },
        remedy: 'Close connections where they are opened, limit the idle part of pools, and let the server close what is forgotten.',
        commands: ['redis-cli CLIENT LIST', 'redis-cli CONFIG SET timeout 3600'],
      },
    ]
  },
})
