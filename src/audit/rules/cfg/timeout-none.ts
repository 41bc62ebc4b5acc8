import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { countOption, durationOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { numberParameter, unreadable } from '../parameters.js'
import { counted, percent } from '../wording.js'

export const rule = defineRule({
  id: 'cfg/timeout-none',
  severity: 'note',
  summary: 'Connections are never closed for being idle, and many are',
  scope: 'node',
  needs: ['config', 'clients'],
  options: z.strictObject({
    idle: durationOption('1h', 'time without a command from which a connection is idle'),
    share: shareOption(0.2, 'share of idle connections from which it is reported'),
    clients: countOption(20, 'and idle connections from which it is'),
  }),
  check({ config, clients }, { idle, share, clients: fewest }) {
    const timeout = numberParameter(config, 'timeout', 0)
    const idling = clients.idleSeconds.filter((seconds) => seconds * 1000 >= idle).length
    if (timeout !== 0 || idling === 0 || idling < fewest || idling < share * clients.total) return []
    return [
      {
        about: 'timeout',
        message: `is 0, and ${counted(idling, 'connection')} (${percent(idling / clients.total)}) have sent nothing for ${formatDuration(idle)} or longer`,
        evidence: {
          idle: idling,
          connections: clients.total,
          share: idling / clients.total,
          longestIdleSeconds: clients.idleSeconds.at(-1) ?? 0,
        },
        remedy:
          'Set it to a multiple of the pools’ own idle time once their clients reconnect by themselves; ' +
          'clients that block or subscribe are not closed by it.',
        commands: ['redis-cli CONFIG SET timeout 3600', 'redis-cli CONFIG REWRITE'],
        at: { parameter: 'timeout' },
      },
    ]
  },
  blind: ({ config }) => unreadable(config, 'timeout'),
})
