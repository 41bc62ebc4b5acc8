import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { durationOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { numberParameter, unreadable } from '../parameters.js'

const NAME = 'tcp-keepalive'

export const rule = defineRule({
  id: 'cfg/tcp-keepalive',
  severity: 'note',
  summary: 'Connections whose other end is gone are noticed late or never: tcp-keepalive is off or long',
  scope: 'node',
  needs: ['config'],
  options: z.strictObject({ longest: durationOption('10m', 'tcp-keepalive above which it is reported') }),
  check({ config }, { longest }) {
    const value = numberParameter(config, NAME, 300)
    if (value === undefined || (value > 0 && value * 1000 <= longest)) return []
    return [
      {
        about: NAME,
        severity: value > 0 ? 'note' : 'warning',
        message:
          value > 0
            ? `is ${formatDuration(value * 1000)}: firewalls and load balancers forget an idle connection before it is probed`
            : 'is 0: connections whose other end is gone stay, and count against maxclients',
        evidence: { seconds: value },
        remedy: 'Set it to 300 seconds, or to less than the idle timeout of what stands between clients and server.',
        commands: [`redis-cli CONFIG SET ${NAME} 300`, 'redis-cli CONFIG REWRITE'],
        at: { parameter: NAME },
      },
    ]
  },
  blind: ({ config }) => unreadable(config, NAME),
})
