import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { defineRule } from '../../rule.js'
import { countOption, durationOption } from '../../rule-options.js'
import { grouped, isScriptCall, occurrences, senders, slowestMs, slowLately, unlogged } from '../slow-commands.js'

export const rule = defineRule({
  id: 'lua/slow',
  severity: 'warning',
  summary: 'A script or function runs long, and nobody else is served meanwhile',
  scope: 'node',
  needs: ['slowlog', 'now'],
  wants: ['config'],
  options: z.strictObject({
    slow: durationOption('10ms', 'time of a call from which it is slow'),
    times: countOption(5, 'slow calls of one script from which it is reported'),
    severe: durationOption('100ms', 'time from which one call is enough'),
    within: durationOption('7d', 'how far back entries of the slow log count'),
  }),
  check({ slowlog, now }, { times, severe, ...bounds }) {
    const slow = slowLately(slowlog.entries, now, bounds).filter(isScriptCall)
    return [...grouped(slow, ({ shape }) => shape)]
      .filter(([, group]) => group.length >= times || slowestMs(group) >= severe)
      .map(([shape, group]) => {
        const ms = slowestMs(group)
        const clients = senders(group)
        return {
          about: shape,
          message:
            `took ${group.length > 1 ? 'up to ' : ''}${formatDuration(ms)} ${occurrences(group, now)}` +
            (clients === undefined ? '' : `; from ${clients}`),
          evidence: { entries: group.length, slowestSeconds: ms / 1000, ...(clients === undefined ? {} : { clients }) },
          remedy:
            'Bound its loops (LIMIT, COUNT, a maximum of elements in ARGV), call it more often with less, and never KEYS or whole collections in it.',
          commands: ['redis-cli SLOWLOG GET 25'],
          examples: [...new Set(group.flatMap(({ shownKeys }) => shownKeys.slice(0, 1)))].slice(0, 3),
        }
      })
  },
  blind: ({ config }, options) => unlogged(config, options),
})
