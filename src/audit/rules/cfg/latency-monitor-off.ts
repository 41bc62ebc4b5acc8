import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { durationOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { numberParameter, unreadable } from '../parameters.js'

const NAME = 'latency-monitor-threshold'

export const rule = defineRule({
  id: 'cfg/latency-monitor-off',
  severity: 'note',
  summary: 'The latency monitor is off: pauses by forks, disks and expiry leave no trace',
  scope: 'node',
  needs: ['config'],
  options: z.strictObject({ slowest: durationOption('1s', 'threshold of the monitor from which it is as good as off') }),
  check({ config }, { slowest }) {
    const value = numberParameter(config, NAME, 0)
    if (value === undefined || (value > 0 && value < slowest)) return []
    return [
      {
        about: NAME,
        message: value > 0 ? `lets pauses of up to ${formatDuration(value)} pass unnoticed` : 'is 0: pauses of the server are not recorded',
        evidence: { thresholdSeconds: value / 1000 },
        remedy: 'Set it to 100 (milliseconds): it records forks, slow disks, expiry and eviction, which the slow log never shows.',
        commands: [`redis-cli CONFIG SET ${NAME} 100`, 'redis-cli CONFIG REWRITE'],
        at: { parameter: NAME },
      },
    ]
  },
  blind: ({ config }) => unreadable(config, NAME),
})
